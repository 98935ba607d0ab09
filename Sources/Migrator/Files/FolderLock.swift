#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Keeps other processes from changing a folder, as long as it lives.
///
/// Two that look for the next version at once would otherwise find the same one.
public struct FolderLock: ~Copyable {
    private let descriptor: Int32

    private let path: String

    /// Opens the folder.
    ///
    /// - Parameter path: the folder.
    /// - Throws: ``MigratorError`` if it cannot be opened.
    public init(of path: String) throws(MigratorError) {
        descriptor = open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        self.path = path
        guard descriptor >= 0 else { throw .unusableDirectory(path, errno) }
    }

    /// Takes the lock.
    ///
    /// - Throws: ``MigratorError`` if another process keeps it for ten seconds; `CancellationError`.
    public func acquire() async throws {
        let end = ContinuousClock.now + .seconds(10)
        // Where the file system has no such locks, there is nothing to wait for.
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            guard ContinuousClock.now < end else { throw MigratorError.folderIsLocked(path) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
