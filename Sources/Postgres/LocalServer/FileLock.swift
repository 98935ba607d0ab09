import Glibc
import SystemPackage

/// A lock on a file, held until this value goes out of scope or its process dies.
///
/// The lock belongs to the open file, so a process that inherits the descriptor holds it as well.
struct FileLock: ~Copyable, Sendable {
    let path: FilePath
    let descriptor: FileDescriptor

    private init(path: FilePath, descriptor: FileDescriptor) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        _ = Glibc.close(descriptor.rawValue)
    }

    /// Takes the lock if nobody holds it; makes the file if there is none.
    static func takeIfFree(_ path: FilePath) throws(Errno) -> FileLock? {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(
                path,
                .readWrite,
                options: [.create, .noFollow, .closeOnExec, .nonBlocking],
                permissions: .ownerReadWrite
            )
        } catch {
            throw error as? Errno ?? .ioError
        }
        let lock = FileLock(path: path, descriptor: descriptor)
        guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            let problem = Errno(rawValue: errno)
            if problem == .wouldBlock { return nil }
            throw problem
        }
        // Whoever held it until now may have removed the file: then this is a lock on nothing.
        guard let named = path.information, try Stat(descriptor).inode == named.inode else { return nil }
        return lock
    }

    /// Whether somebody holds the lock; false where there is no file.
    static func isHeld(_ path: FilePath) -> Bool {
        let options: FileDescriptor.OpenOptions = [.noFollow, .closeOnExec, .nonBlocking]
        // Absent: nobody has ever held it.
        guard let descriptor = try? FileDescriptor.open(path, .readOnly, options: options) else { return false }
        defer { _ = Glibc.close(descriptor.rawValue) }
        // There is no asking, only trying: shared, so that two who try at once do not take each other for the holder.
        return flock(descriptor.rawValue, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    /// Waits for the lock, without holding up a thread.
    static func take(_ path: FilePath) async throws -> FileLock {
        while true {
            if let lock = try takeIfFree(path) { return lock }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Removes the file, then lets go.
    consuming func removeFile() {
        _ = path.withPlatformString { unlink($0) }
    }
}
