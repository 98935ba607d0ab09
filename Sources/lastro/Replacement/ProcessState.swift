#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A thread's signal mask, as it was.
struct SignalMask: @unchecked Sendable {  // a value of C's that nobody changes
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
enum OpenFiles {
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
