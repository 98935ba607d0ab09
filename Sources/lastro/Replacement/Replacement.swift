import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The program that takes this one's place: same process, its own signals, streams and end.
struct Replacement {
    private let words: [String]
    private let inherited: Set<Int32>

    /// Looks the program up as a shell would.
    ///
    /// - Parameter words: its name or path, and its arguments.
    /// - Throws: ``ReplacementError`` if it is not there or cannot be run.
    init(_ words: [String]) throws(ReplacementError) {
        self.words = words
        inherited = Set(OpenFiles.all.filter { !OpenFiles.isClosedByExec($0) })
        let name = words.first ?? ""
        // Without PATH, execvp looks there.
        let path = getenv("PATH").map { String(cString: $0) } ?? "/bin:/usr/bin"
        let folders = path.split(separator: ":", omittingEmptySubsequences: false)
        let candidates = name.contains("/") ? [name] : folders.map { $0.isEmpty ? "./\(name)" : "\($0)/\(name)" }
        let shown = name.isEmpty ? "\"\"" : name
        var problem = ReplacementError.notFound(shown, path: name.contains("/") ? nil : path)
        for candidate in candidates {
            guard !name.isEmpty, let file = FileKind(of: candidate) else { continue }
            if file == .executable { return }
            problem = .notExecutable(name, path: candidate, isFolder: file == .folder)
        }
        throw problem
    }

    /// Takes this program's place; it comes back only with an error.
    ///
    /// What the process was started with the new program gets as it was: environment, folder, streams, descriptors that
    /// somebody passed on (a socket of the service manager's, say), the signal mask, the signals that were ignored. What
    /// Lastro itself opened is closed.
    ///
    /// - Throws: ``Interruption`` if a signal came before; ``ReplacementError``.
    func takeOver() throws {
        for file in OpenFiles.all where !inherited.contains(file) { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { (word: String) in strdup(word) } + [nil]
        defer { arguments.forEach { free($0) } }
        let mask = Self.signalMask
        Interruptions.shared.handOver()
        if let signal = Interruptions.shared.received { throw Interruption(signal: signal, cause: CancellationError()) }
        mask.restore()
        execvp(words.first ?? "", &arguments)
        throw ReplacementError.cannotRun(words.first ?? "", Errno(rawValue: errno))
    }

    /// The signal mask that the program was started with.
    private static let signalMask = SignalMask()

    /// Notes the signal mask of the thread that calls; the first call counts.
    static func noteSignalMask() { _ = signalMask }
}

/// What a path leads to.
private enum FileKind {
    case executable
    case folder
    case other

    /// Looks; nil if nothing is there.
    init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        if status.st_mode & S_IFMT == S_IFDIR {
            self = .folder
        } else {
            self = access(path, X_OK) == 0 ? .executable : .other
        }
    }
}
