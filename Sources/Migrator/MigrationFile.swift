import SystemPackage

/// The content of a migration's file: UTF-8 without NUL characters.
struct MigrationFile {
    let path: String
    let bytes: [UInt8]

    /// Reads a file.
    ///
    /// - Throws: ``MigratorError`` if it cannot be read, or is not UTF-8.
    init(path: String) throws(MigratorError) {
        self.path = path
        do {
            bytes = try Self.read(path)
        } catch {
            throw .unreadableFile(path, why: "\(error)")
        }
        guard (try? UTF8Span(validating: bytes.span)) != nil else { throw .notUTF8(path, bytes: bytes) }
        if let nul = bytes[...].firstIndexOfByte(0) { throw .containsNUL(path, bytes: bytes, offset: nul) }
    }

    var checksum: Checksum { Checksum(of: bytes) }

    /// The content as text, without a byte order mark.
    var text: String { String(decoding: bytes.droppingByteOrderMark, as: UTF8.self) }

    private static func read(_ path: String) throws -> [UInt8] {
        let file = try FileDescriptor.open(FilePath(path), .readOnly)
        return try file.closeAfter {
            var bytes: [UInt8] = []
            var capacity = 16 * 1024
            while true {
                let part = try [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                    count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                if bytes.isEmpty { bytes = part } else { bytes += part }
                // A regular file gives less than was asked for at its end only.
                if part.count < capacity { return bytes }
                capacity = min(capacity * 4, 1 << 24)
            }
        }
    }
}
