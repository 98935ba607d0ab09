public import Migrator
import SQLSyntax
import SourceText

/// A file that is judged, or that comes before one.
public struct LintText: Sendable {
    /// The file as the user named it.
    public let path: String
    /// The text.
    public let bytes: [UInt8]
    /// Its version; nil if it has none.
    public let version: MigrationVersion?
    /// Whether it runs whenever it changes, and so more than once.
    public let isRepeatable: Bool
    /// Whether it asks to run outside a transaction.
    public let asksForNoTransaction: Bool
    /// Whether it changes its table in parts, each in a transaction of its own.
    public let isBatched: Bool
    private let text: MigrationText?

    /// A text that is no file of a migrations folder.
    public init(path: String, sql: String) {
        self.path = path
        bytes = Array(sql.utf8)
        isRepeatable = false
        asksForNoTransaction = sql.split(whereSeparator: \.isNewline).contains {
            $0.trimmingPrefix { $0.isWhitespace }.hasPrefix("-- lastro: no-transaction")
        }
        isBatched = false
        version = MigrationVersion(fileName: path.split(separator: "/").last.map(String.init) ?? path)
        text = nil
    }

    /// A file as its migration runs it.
    ///
    /// - Parameters:
    ///   - text: the file.
    ///   - kind: how often it runs.
    ///   - version: its version; nil to take it from the file's name.
    public init(_ text: MigrationText, kind: MigrationKind = .versioned, version: MigrationVersion? = nil) {
        path = text.source.path
        self.version = version ?? MigrationVersion(fileName: path.split(separator: "/").last.map(String.init) ?? path)
        bytes = text.bytes
        isRepeatable = kind == .repeatable
        asksForNoTransaction = text.asksForNoTransaction
        isBatched = text.directives.batch != nil
        self.text = text
    }

    /// What all that is found in the text follows from.
    var key: String {
        let flags = [isRepeatable, asksForNoTransaction, isBatched].map { $0 ? "1" : "0" }.joined()
        // Placeholders move columns: the same text may come of another file.
        let file = text.flatMap { $0.placeholders.isEmpty ? nil : " \($0.checksum)" } ?? ""
        return "\(path) \(Checksum(of: bytes)) \(bytes.count) \(flags)\(file)"
    }

    /// The file's name without its folder.
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The place in the file of a byte of the text.
    func position(ofByte offset: Int, in lines: LineIndex) -> SourcePosition {
        text?.placeholders.isEmpty == false
            ? text?.filePosition(ofByte: offset) ?? lines.position(ofByte: offset) : lines.position(ofByte: offset)
    }
}
