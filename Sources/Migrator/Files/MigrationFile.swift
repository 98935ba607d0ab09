/// The content of a migration's file: UTF-8 without NUL characters.
struct MigrationFile {
    let path: String
    /// The content, without a byte order mark.
    let bytes: [UInt8]
    let checksum: Checksum

    /// Reads a file.
    ///
    /// - Throws: ``MigratorError`` if it cannot be read, or is not UTF-8.
    init(path: String) throws(MigratorError) {
        self.path = path
        let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let folder = try MigrationFolder(path: slash == path.startIndex ? "." : String(path[..<slash]))
        (bytes, checksum) = try folder.withContent(of: String(path[slash...]), at: path) { content in
            (Array(content.starts(with: byteOrderMark) ? content.dropFirst(3) : content[...]), Checksum(of: content))
        }
    }

    /// The content as text.
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
