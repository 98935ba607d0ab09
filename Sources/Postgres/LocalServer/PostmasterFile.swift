import SystemPackage

/// What a server writes into `postmaster.pid` in its data directory, one thing a line.
struct PostmasterFile: Hashable, Sendable {
    let pid: Int32
    /// When it was started, counted from 1970-01-01 00:00 UTC.
    let started: Duration
    /// Whether it takes connections.
    let isReady: Bool

    /// Reads the file in a data directory; nil when there is none, or when it is not written to the end.
    init?(dataFolder: FilePath) {
        guard let text = dataFolder.appending("postmaster.pid").text else { return nil }
        self.init(text: text)
    }

    /// Reads the text of such a file.
    init?(text: String) {
        // The lines are named in the server's source, src/include/utils/pidfile.h: 1 process, 3 start, 8 status.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, let pid = Int32(lines[0]), pid > 1, let started = Int64(lines[2]) else { return nil }
        self.pid = pid
        self.started = .seconds(started)
        isReady = lines.count >= 8 && lines[7].hasPrefix("ready")
    }
}
