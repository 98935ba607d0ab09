import Synchronization
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
        Interruptions.shared.restoreIgnored()
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { (word: String) in strdup(word) } + [nil]
        defer { arguments.forEach { free($0) } }
        let mask = Self.signalMask
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

/// A thread's signal mask, as it was.
private struct SignalMask: @unchecked Sendable {  // a value of C's that nobody changes
    private let signals: sigset_t

    init() {
        var signals = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &signals)
        self.signals = signals
    }

    func restore() {
        var signals = signals
        pthread_sigmask(SIG_SETMASK, &signals, nil)
    }
}

/// The open files of this process beyond the standard streams.
private enum OpenFiles {
    static var all: [Int32] {
        guard let folder = opendir("/proc/self/fd") else { return [] }
        defer { closedir(folder) }
        var files: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let file = Int32(name), file > 2, file != dirfd(folder) { files.append(file) }
        }
        return files
    }

    static func isClosedByExec(_ file: Int32) -> Bool { fcntl(file, F_GETFD) & FD_CLOEXEC != 0 }
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

/// Why a program cannot take this one's place.
struct ReplacementError: Error, CustomStringConvertible {
    /// Whether there is no such program.
    let isAbsent: Bool
    private let message: String
    private let state: String
    private let next: String

    var description: String { "\(message)\n  state: \(state)\n  next:  \(next)" }

    static func notFound(_ name: String, path: String?) -> ReplacementError {
        ReplacementError(
            isAbsent: true,
            message: path.map { "\(name) is in no folder of PATH (\($0))" } ?? "\(name) is not there",
            state: "nothing was run",
            next: "give the program's path, or put its folder into PATH"
        )
    }

    static func notExecutable(_ name: String, path: String, isFolder: Bool) -> ReplacementError {
        ReplacementError(
            isAbsent: false,
            message: isFolder ? "\(path) is a folder" : "this user may not execute \(path)",
            state: "nothing was run",
            next: isFolder ? "give the program in it" : "make it executable: chmod +x \(path)"
        )
    }

    static func cannotRun(_ name: String, _ error: Errno) -> ReplacementError {
        ReplacementError(
            isAbsent: error == .noSuchFileOrDirectory,
            message: "\(name) cannot be run: \(error)",
            state: "the database is migrated; \(name) was not started",
            next: "look whether the interpreter that its first line names is there"
        )
    }
}
