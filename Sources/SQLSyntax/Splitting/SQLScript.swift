public import SourceText
import Synchronization

/// A text of SQL, split into its statements.
///
/// The rules are those of psql and of the server, written down in `docs/sql-splitting.md`. All ranges count bytes
/// from the beginning of the text.
public struct SQLScript: Sendable {
    /// The text, in UTF-8.
    public let utf8: [UInt8]
    /// The name of the file, for messages.
    public let file: String?
    /// The statements in their order; empty ones are dropped.
    public let statements: [SQLStatement]
    /// The blanks and comments before the first token of the text: where a file keeps its directives.
    public let header: Range<Int>
    /// The blanks and comments behind the last statement; behind its semicolon, if it has one.
    public let trailer: Range<Int>
    private let lineIndex = LazyLineIndex()

    /// Splits a text given as UTF-8.
    ///
    /// - Parameters:
    ///   - utf8: the text; a byte order mark at its beginning is skipped.
    ///   - file: the name of the file, for messages.
    /// - Throws: ``SQLSyntaxError`` for a text that no rule can split.
    public init(utf8: [UInt8], file: String? = nil) throws(SQLSyntaxError) {
        let parts: Splitter.Parts
        do {
            parts = try Splitter.split(utf8)
        } catch {
            throw .cannotSplit(error, text: utf8, file: file)
        }
        self.utf8 = utf8
        self.file = file
        statements = parts.statements
        header = parts.header
        trailer = parts.trailer
    }

    /// Splits a text.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - file: the name of the file, for messages.
    /// - Throws: ``SQLSyntaxError`` for a text that no rule can split.
    public init(_ text: String, file: String? = nil) throws(SQLSyntaxError) {
        try self.init(utf8: Array(text.utf8), file: file)
    }

    /// The index of the text's lines, built when it is first asked for.
    public var lines: LineIndex { lineIndex.value(for: utf8) }

    /// The line and column of a byte.
    public func position(ofByte offset: Int) -> SourcePosition {
        lines.position(ofByte: offset)
    }

    /// The text of a range of bytes.
    public func text(in range: Range<Int>) -> String {
        String(decoding: utf8[range], as: UTF8.self)
    }
}

/// A line index that is built at most once, and shared by the copies of a script.
private final class LazyLineIndex: Sendable {
    private let built = Mutex<LineIndex?>(nil)

    func value(for bytes: [UInt8]) -> LineIndex {
        built.withLock { built in
            if let built { return built }
            let index = LineIndex(utf8: bytes)
            built = index
            return index
        }
    }
}
