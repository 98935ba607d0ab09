public import SourceText

/// A text of SQL, split into its statements by PostgreSQL's lexical rules (manual, 4.1 Lexical Structure).
///
/// Splitting needs no grammar: it knows strings, quoted names, dollar quotes, comments, parentheses, the bodies of
/// functions in standard SQL and the data behind a COPY, so it also works for statements of servers newer than the parser.
/// What a statement says is a matter for ``SyntaxTree``.
public struct SQLScript: Sendable {
    /// The text in UTF-8.
    public let bytes: [UInt8]
    /// The statements, in order; empty ones are left out.
    public let statements: [SQLStatement]

    /// Splits a text given as UTF-8.
    ///
    /// - Throws: ``SQLSyntaxError`` at the place of what does not end or does not belong into SQL.
    public init(utf8 bytes: [UInt8]) throws(SQLSyntaxError) {
        self.bytes = bytes
        var splitter = StatementSplitter(bytes)
        statements = try splitter.statements()
    }

    /// Splits a text.
    ///
    /// - Throws: ``SQLSyntaxError`` at the place of what does not end or does not belong into SQL.
    public init(_ text: String) throws(SQLSyntaxError) {
        try self.init(utf8: Array(text.utf8))
    }

    /// The comments and blanks before the first statement.
    public var head: Range<Int> { 0..<(statements.first?.range.lowerBound ?? bytes.count) }

    /// The place of a byte.
    ///
    /// Makes an index of all lines: for many places, keep a `LineIndex`.
    public func position(ofByte offset: Int) -> SourcePosition { LineIndex(utf8: bytes).position(ofByte: offset) }
}

/// One statement of a script.
public struct SQLStatement: Sendable {
    /// Where it stands in the script, in bytes: from its first word to before its semicolon.
    public let range: Range<Int>
    /// The data behind a `COPY … FROM STDIN`, without the line `\.` that ends it; nil for other statements.
    public let copyData: Range<Int>?
    /// The statement in UTF-8; its indices are those of the script.
    public let bytes: ArraySlice<UInt8>

    /// The statement's text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The first words, in capitals, up to a limit or to the first thing that is no plain word.
    ///
    /// `create or replace function f(…)` gives `CREATE`, `OR`, `REPLACE`, `FUNCTION`, `F`.
    public func leadingWords(_ limit: Int = 6) -> [String] {
        var words: [String] = []
        var lexer = SQLLexer(bytes)
        while words.count < limit, let token = try? lexer.next(), token.kind == .word {  // split before: no error left
            words.append(lexer.uppercased(token.range))
        }
        return words
    }

    /// Whether a word, given in capitals, stands in the statement outside of strings, quoted names and comments.
    public func contains(word: StaticString) -> Bool {
        var lexer = SQLLexer(bytes)
        while let token = try? lexer.next() {  // split before: no error left
            if token.kind == .word, lexer.matches(token.range, word) { return true }
        }
        return false
    }
}
