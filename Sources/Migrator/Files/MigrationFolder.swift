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
    private let stream: OpaquePointer
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)

    /// Opens a folder.
    ///
    /// - Throws: ``MigratorError`` with code `no-directory`.
    init(path: String) throws(MigratorError) {
        guard let stream = opendir(path) else { throw .noDirectory(path) }
        self.path = path
        self.stream = stream
    }

    deinit {
        closedir(stream)
    }

    /// The names of all that is in it, in no order.
    func names() -> [String] {
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        return names
    }

    /// Lends the content of a file in it to a closure, once it is known to be text.
    ///
    /// - Parameters:
    ///   - name: the file's name in this folder.
    ///   - path: the file's path, for errors.
    ///   - body: reads the content, which is gone afterwards.
    /// - Returns: what the closure returns.
    /// - Throws: ``MigratorError`` if the file cannot be read, is not UTF-8 or holds NUL characters.
    func withContent<Result>(
        of name: String,
        at path: String,
        _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(MigratorError) -> Result {
        let count = try fill(from: name, at: path)
        return try buffer.withUnsafeBufferPointer { buffer throws(MigratorError) in
            let text = UnsafeBufferPointer(rebasing: buffer[..<count])
            let content = UnsafeRawBufferPointer(text)
            guard (try? UTF8Span(validating: text.span)) != nil else { throw .notUTF8(path, bytes: Array(text)) }
            if let nul = content.offset(of: 0) { throw .containsNUL(path, bytes: Array(content), offset: nul) }
            return body(content)
        }
    }

    /// Reads a file into the buffer, which grows for a large one.
    private func fill(from name: String, at path: String) throws(MigratorError) -> Int {
        let file = openat(dirfd(stream), name, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .unreadableFile(path, why: String(cString: strerror(errno))) }
        defer { close(file) }
        var total = 0
        while true {
            let wanted = buffer.count - total
            let count = buffer.withUnsafeMutableBytes { read(file, $0.baseAddress?.advanced(by: total), wanted) }
            guard count >= 0 else { throw .unreadableFile(path, why: String(cString: strerror(errno))) }
            total += count
            // A regular file gives less than was asked for at its end only.
            if count < wanted { return total }
            buffer.append(contentsOf: [UInt8](repeating: 0, count: buffer.count))
        }
    }
}
