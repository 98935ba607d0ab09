import SQLSyntax
import SourceText
import Testing

/// The one statement of a text, analysed.
func analysed(_ sql: String, sourceLocation: Testing.SourceLocation = #_sourceLocation) throws -> AnalysedStatement {
    let statements = SyntaxTree(of: try SQLScript(sql)).statements
    try #require(statements.count == 1, sourceLocation: sourceLocation)
    return statements[0]
}

/// What the one statement of a text says.
func node(_ sql: String, sourceLocation: Testing.SourceLocation = #_sourceLocation) throws -> SQLNode {
    try #require(try analysed(sql, sourceLocation: sourceLocation).node, "\(sql)", sourceLocation: sourceLocation)
}

/// A text from a place in it on.
func text(_ sql: String, from offset: Int?) -> String? {
    offset.map { String(decoding: Array(sql.utf8)[$0...], as: UTF8.self) }
}
