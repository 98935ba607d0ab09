public import SourceText

/// A statement, and what it says.
public struct AnalysedStatement: Sendable {
    /// What became of a statement.
    public enum Analysis: Hashable, Sendable {
        /// The grammar knows it.
        case analysed(SQLNode)
        /// The grammar refuses it.
        case notAnalysed(NotAnalysed)
    }

    /// The statement as it stands in the script.
    public let statement: SQLStatement
    /// What it says, or why nothing is known of that.
    public let analysis: Analysis

    /// The parser's tree, for walking; nil if there is none.
    let parsed: ParsedStatement?

    init(_ statement: SQLStatement, _ parsed: ParsedStatement) {
        self.statement = statement
        self.parsed = parsed
        let reader = TreeReader(statement: statement)
        analysis = .analysed(parsed.node.map { reader.statement($0.pointee) } ?? .other(kind: "empty"))
    }

    init(_ statement: SQLStatement, _ refusal: NotAnalysed) {
        self.statement = statement
        parsed = nil
        analysis = .notAnalysed(refusal)
    }

    /// What the statement says; nil if it was not analysed.
    public var node: SQLNode? {
        if case .analysed(let node) = analysis { node } else { nil }
    }
}

/// Why nothing is known of a statement.
public struct NotAnalysed: Hashable, Sendable {
    /// The parser's words.
    public let reason: String
    /// The byte in the script where the parser stopped; the statement's first if it does not say.
    public let offset: Int
    /// The same place as line and column.
    public let position: SourcePosition
}
