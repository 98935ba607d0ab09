import SQLSyntax
public import SourceText

/// The text of a migration's source, as it goes to the server.
///
/// What belongs to another part of the file is blanked out and not cut out, so that each line and column of the text
/// is that of the file; placeholders alone move columns, and ``filePosition(of:)`` moves them back.
public struct MigrationText: Sendable {
    /// What was read.
    public let source: MigrationSource
    /// The bytes to send, without a byte order mark.
    public let bytes: [UInt8]
    /// The whole file, without a byte order mark.
    public let content: [UInt8]
    /// The fingerprint of the whole file.
    public let checksum: Checksum
    /// What the comments at its head say.
    public let directives: Directives
    /// The placeholders that were replaced, with their values.
    public let placeholders: [String: String]
    /// Whether a directive, or the layout's own marker, asks to run it outside a transaction.
    public let asksForNoTransaction: Bool
    private let replacements: Replacements?

    /// Reads a source.
    ///
    /// - Parameters:
    ///   - source: the file, or a part of it.
    ///   - placeholders: the values of `${name}`; nil to leave such text as it is.
    /// - Throws: ``MigratorError`` for a file that cannot be read or is no text, a part that is not there, a directive
    ///   or a placeholder that nobody knows.
    public init(of source: MigrationSource, placeholders: [String: String]? = nil) throws(MigratorError) {
        try self.init(of: source, content: MigrationFolder.content(of: source.path), placeholders: placeholders)
    }

    /// Reads a text that is in no file, under a name.
    ///
    /// - Throws: ``MigratorError`` for what is no text, or a directive that nobody knows.
    public init(path: String, content: [UInt8]) throws(MigratorError) {
        try self.init(of: MigrationSource(path: path), content: content, placeholders: nil)
    }

    private init(
        of source: MigrationSource,
        content: [UInt8],
        placeholders: [String: String]?
    ) throws(MigratorError) {
        let path = source.path
        checksum = Checksum(of: content)
        let file = content.starts(with: byteOrderMark) ? Array(content.dropFirst(3)) : content
        self.content = file
        self.source = source
        let section = try SectionText(source.section, of: DumpFrame.blanked(file), path: path)
        var directives = try DirectiveReader(section.header, path: path).directives
        asksForNoTransaction = directives.noTransaction != nil || section.asksForNoTransaction
        if let placeholders {
            try directives.replacePlaceholders(by: placeholders, path: path)
            let replacements = try Replacements(of: placeholders, in: section.bytes, path: path)
            bytes = replacements.bytes
            self.placeholders = replacements.used
            self.replacements = replacements.used.isEmpty ? nil : replacements
        } else {
            bytes = section.bytes
            self.placeholders = [:]
            replacements = nil
        }
        self.directives = directives
    }

    /// The text to send.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The place in the file of a place in the text.
    public func filePosition(of position: SourcePosition) -> SourcePosition {
        guard let replacements else { return position }
        return replacements.filePosition(ofByte: LineIndex(utf8: bytes).byteOffset(of: position))
    }

    /// The place in the file of a byte of the text.
    public func filePosition(ofByte offset: Int) -> SourcePosition {
        guard let replacements else { return LineIndex(utf8: bytes).position(ofByte: offset) }
        return replacements.filePosition(ofByte: offset)
    }
}
