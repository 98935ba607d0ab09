#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A folder that is open for reading.
///
/// Most of a run with nothing pending is reading files, so a file is three system calls, from the open folder and into
/// one buffer.
final class MigrationFolder {
    /// The folder's path, as the user named it.
    let path: String
    /// What stands before a file's name in messages.
    private let prefix: String
    private let stream: OpaquePointer
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    private var readCount = 0

    /// Opens a folder.
    ///
    /// - Throws: ``MigratorError`` with code `no-directory` or `unreadable-directory`.
    init(path: String) throws(MigratorError) {
        guard let stream = opendir(path.isEmpty ? "." : path) else {
            throw .unusableDirectory(path, errno)
        }
        self.path = path
        prefix = path.isEmpty || path.hasSuffix("/") ? path : path + "/"
        self.stream = stream
    }

    deinit {
        closedir(stream)
    }

    /// The next entry of it; nil behind the last one.
    func nextEntry() -> UnsafeMutablePointer<dirent>? { readdir(stream) }

    /// Whether there is a file of a name in it.
    func hasFile(_ name: String) -> Bool { faccessat(dirfd(stream), name, F_OK, 0) == 0 }

    /// Lends the content of a file in it to a closure, once it is known to be text.
    ///
    /// - Parameters:
    ///   - name: the file's name in this folder, or its path from there.
    ///   - body: reads the content, which is gone afterwards.
    /// - Returns: what the closure returns.
    /// - Throws: ``MigratorError`` if the file cannot be read, is not UTF-8 or holds NUL characters.
    func withContent<Result>(
        of name: String,
        _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(MigratorError) -> Result {
        // On a machine of few processors the server's new process may have been put behind this thread, and would wait
        // out its slice, which is longer than all that is left to do.
        readCount += 1
        if readCount % 16 == 0 { sched_yield() }
        let count = try fill(from: name)
        return try buffer.withUnsafeBufferPointer { buffer throws(MigratorError) in
            let text = UnsafeBufferPointer(rebasing: buffer[..<count])
            let content = UnsafeRawBufferPointer(text)
            guard (try? UTF8Span(validating: text.span)) != nil else {
                throw .notUTF8(self.path(of: name), bytes: Array(text))
            }
            if let nul = content.offset(of: 0) {
                throw .containsNUL(self.path(of: name), bytes: Array(content), offset: nul)
            }
            return body(content)
        }
    }

    /// The content of a file by its path, once it is known to be text.
    static func content(of path: String) throws(MigratorError) -> [UInt8] {
        let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let folder: MigrationFolder
        do {
            folder = try MigrationFolder(path: String(path[..<slash]))
        } catch {
            throw .unreadableFile(path, why: String(cString: strerror(ENOENT)))
        }
        return try folder.withContent(of: String(path[slash...])) { Array($0) }
    }

    private func path(of name: String) -> String { prefix + name }

    /// Reads a file into the buffer, which grows for a large one.
    private func fill(from name: String) throws(MigratorError) -> Int {
        // A link may lead to a pipe, which must not be waited for.
        let file = openat(dirfd(stream), name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .unreadableFile(path(of: name), why: String(cString: strerror(errno))) }
        defer { close(file) }
        var total = 0
        while true {
            let wanted = buffer.count - total
            let count = buffer.withUnsafeMutableBytes { read(file, $0.baseAddress?.advanced(by: total), wanted) }
            guard count >= 0 else { throw .unreadableFile(path(of: name), why: String(cString: strerror(errno))) }
            // Only what seems empty is looked at: a pipe that nobody writes to seems so, too.
            guard total + count > 0 || isRegular(file) else {
                throw .unreadableFile(path(of: name), why: "it is a pipe or a device")
            }
            total += count
            // A regular file gives less than was asked for at its end only.
            if count < wanted { return total }
            // In one go: the pieces of a buffer that grows bit by bit stay with the process.
            var information = stat()
            let size = fstat(file, &information) == 0 ? Int(information.st_size) + 1 : 0
            let kept = buffer[..<total]
            buffer = [UInt8](unsafeUninitializedCapacity: max(size, 2 * total)) { larger, count in
                _ = larger.update(fromContentsOf: kept)
                larger[total...].update(repeating: 0)
                count = larger.count
            }
        }
    }

    private func isRegular(_ file: Int32) -> Bool {
        var status = stat()
        return fstat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
