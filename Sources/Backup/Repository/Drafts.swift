import Synchronization
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A folder for files that are being written: each process has one below it, which is its own while it lives.
final class Drafts: Sendable {
    private let root: FilePath
    private let state = Mutex(State())

    private struct State {
        /// Ours, made with the first file, with the lock on it.
        var own: (path: FilePath, lock: FileDescriptor)?
        var count = 0
    }

    init(in root: FilePath) {
        self.root = root
    }

    deinit {
        state.withLock { state in
            guard let own = state.own else { return }
            Self.remove(own.path)
            try? own.lock.close()  // only a lock
        }
    }

    /// A path under which nothing is.
    func newPath() throws -> String {
        try state.withLock { state in
            let own = try state.own ?? begin()
            state.own = own
            state.count += 1
            return "\(own.path.string)/\(state.count)"
        }
    }

    /// Makes a folder of our own, after what killed processes have left was taken away.
    private func begin() throws(Errno) -> (path: FilePath, lock: FileDescriptor) {
        try makeFolder(root)
        for name in try entries(of: root.string) {
            let path = root.appending(name)
            guard let lock = try? lock(path) else { continue }  // somebody lives, or has taken it away
            Self.remove(path)
            try? lock.close()  // only a lock
        }
        while true {
            let path = root.appending("\(getpid())-\(UInt32.random(in: .min ... .max))")
            try makeFolder(path)
            // Another process may have taken it for a dead one's before it was locked.
            if let lock = try? lock(path), path.withPlatformString({ access($0, F_OK) }) == 0 { return (path, lock) }
        }
    }

    private func makeFolder(_ path: FilePath) throws(Errno) {
        guard path.withPlatformString({ mkdir($0, 0o700) }) != 0, errno != EEXIST else { return }
        throw Errno(rawValue: errno)
    }

    private func lock(_ path: FilePath) throws -> FileDescriptor {
        let folder = try FileDescriptor.open(path, .readOnly, options: [.directory, .noFollow, .closeOnExec])
        guard flock(folder.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            let problem = Errno(rawValue: errno)
            try? folder.close()  // the lock is what failed
            throw problem
        }
        return folder
    }

    private static func remove(_ path: FilePath) {
        for name in (try? entries(of: path.string)) ?? [] {  // what stays is taken away by the next process
            _ = path.appending(name).withPlatformString { unlink($0) }
        }
        _ = path.withPlatformString { rmdir($0) }
    }
}
