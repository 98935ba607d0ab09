public import Migrator
import SQLSyntax
import SourceText

/// A file that is judged, or that comes before one.
public struct LintText: Sendable {
    /// The file as the user named it.
    public let path: String
    /// The text.
    public private(set) var bytes: [UInt8]
    /// Its version; nil if it has none.
    public let version: MigrationVersion?
    /// Whether it runs whenever it changes, and so more than once.
    public let isRepeatable: Bool
    /// Whether it asks to run outside a transaction.
    public private(set) var asksForNoTransaction: Bool
    /// Whether it changes its table in parts, each in a transaction of its own.
    public let isBatched: Bool
    private let text: MigrationText?
    /// Reads the file, where that was put off until it is needed.
    private let reading: (@Sendable () throws -> LintText)?
    /// What all that is found in a file follows from that is not read yet.
    private let givenKey: String

    /// A text that is no file of a migrations folder.
    public init(path: String, sql: String) {
        self.path = path
        bytes = Array(sql.utf8)
        content = bytes
        isRepeatable = false
        asksForNoTransaction = sql.split(whereSeparator: \.isNewline).contains {
            $0.trimmingPrefix { $0.isWhitespace }.hasPrefix("-- lastro: no-transaction")
        }
        isBatched = false
        version = MigrationVersion(fileName: path.split(separator: "/").last.map(String.init) ?? path)
        text = nil
        reading = nil
        givenKey = ""
    }

    /// A file that is read only if what it does is not known from an earlier run.
    ///
    /// - Parameters:
    ///   - path: the file as the user named it.
    ///   - version: its version; nil to take it from the file's name.
    ///   - key: what its content and the way to read it follow from.
    ///   - reading: reads it.
    public init(
        unread path: String,
        version: MigrationVersion?,
        key: String,
        _ reading: @escaping @Sendable () throws -> LintText
    ) {
        self.path = path
        self.version = version ?? MigrationVersion(fileName: path.split(separator: "/").last.map(String.init) ?? path)
        bytes = []
        content = []
        isRepeatable = false
        asksForNoTransaction = false
        isBatched = false
        text = nil
        self.reading = reading
        givenKey = key
    }

    /// The text with what stands in the file.
    func read() throws -> LintText { try reading?() ?? self }

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
        content = text.content
        isRepeatable = kind == .repeatable
        asksForNoTransaction = text.asksForNoTransaction
        isBatched = text.directives.batch != nil
        self.text = text
        reading = nil
        givenKey = ""
    }

    /// What all that is found in the text follows from.
    var key: String {
        if reading != nil { return "\(path) \(givenKey)" }
        let flags = [isRepeatable, asksForNoTransaction, isBatched].map { $0 ? "1" : "0" }.joined()
        // Placeholders move columns: the same text may come of another file.
        let file = text.flatMap { $0.placeholders.isEmpty ? nil : " \($0.checksum)" } ?? ""
        return "\(path) \(Checksum(of: bytes)) \(bytes.count) \(flags)\(file)"
    }

    /// The whole file, of which the text may be a part; a byte order mark is left out.
    private(set) var content: [UInt8]
    /// Whether the file has a BEGIN and COMMIT around it that are no part of the text.
    var hidesTransaction: Bool { text?.source.section == .wrapped && content != bytes }

    /// What `lastro migrate` says against the file before it runs anything; nil if nothing.
    var refusal: MigratorError? {
        if let text, text.bytes == bytes { return text.refusal }
        return (try? MigrationText(path: path, content: bytes))?.refusal  // what else is wrong is told elsewhere
    }

    /// Why its text cannot be mended; nil if it can.
    var reasonAgainstFixing: String? {
        text?.placeholders.isEmpty == false ? "the file has placeholders, whose values are not known to it" : nil
    }

    /// Puts something else in the place of a range.
    mutating func replace(_ range: Range<Int>, with new: [UInt8]) {
        bytes.replaceSubrange(range, with: new)
        content.replaceSubrange(range, with: new)
        asksForNoTransaction = asksForNoTransaction || new.starts(with: "-- lastro: no-transaction".utf8)
    }

    /// The file's name without its folder.
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The place in the file of a byte of the text.
    func position(ofByte offset: Int, in lines: LineIndex) -> SourcePosition {
        text?.placeholders.isEmpty == false
            ? text?.filePosition(ofByte: offset) ?? lines.position(ofByte: offset) : lines.position(ofByte: offset)
    }
}
