/// The syntax of a script: each of its statements parsed with PostgreSQL 15's grammar, or refused by it.
public struct SyntaxTree: Sendable {
    /// The script that was parsed.
    public let script: SQLScript
    /// The script's statements in their order, as many as the script has.
    public let statements: [ParsedStatement]

    /// What came of parsing one statement.
    public enum Outcome: Sendable {
        /// The statement was understood.
        case analysed(StatementNode)
        /// The grammar refuses the statement: it is newer than PostgreSQL 15, or wrong. The server decides.
        case notAnalysed(Refusal)
    }

    /// Parses a script: at once if possible, and statement by statement where the grammar refuses one.
    ///
    /// - Throws: ``SQLSyntaxError`` with code `parser-failure` or `too-complex` when the parser failed for a reason that
    ///   is not in the text; never for a statement that the grammar refuses.
    public init(_ script: SQLScript) throws(SQLSyntaxError) {
        self.script = script
        if let whole = try Self.parseWhole(script) {
            statements = whole
        } else {
            statements = try Self.parseEach(script)
        }
    }

    /// Splits and parses a text.
    ///
    /// - Throws: ``SQLSyntaxError`` for a text that cannot be split, and as ``init(_:)`` for a script does.
    public init(_ sql: String, file: String? = nil) throws(SQLSyntaxError) {
        try self.init(try SQLScript(sql, file: file))
    }

    /// Parses all statements at once; nil when one is refused, or the parser sees other statements than the splitter.
    private static func parseWhole(_ script: SQLScript) throws(SQLSyntaxError) -> [ParsedStatement]? {
        guard script.statements.count > 1 else { return nil }
        guard case .tree(let tree) = try UnpackedTree.parse(script.withoutCopyData[...], base: 0) else { return nil }
        let nodes = tree.statements
        guard nodes.count == script.statements.count else { return nil }
        var previousEnd = 0
        for (statement, node) in zip(script.statements, nodes) {
            guard node.start >= previousEnd, node.start <= statement.range.lowerBound else { return nil }
            previousEnd = statement.range.upperBound
        }
        return zip(script.statements, nodes).map { statement, node in
            ParsedStatement(statement: statement, parsed: .tree(tree, node.node))
        }
    }

    private static func parseEach(_ script: SQLScript) throws(SQLSyntaxError) -> [ParsedStatement] {
        var statements: [ParsedStatement] = []
        for statement in script.statements { statements.append(try ParsedStatement(statement)) }
        return statements
    }
}

extension SQLScript {
    /// The text with blanks in place of what the parser does not read, so that every offset stays what it is.
    fileprivate var withoutCopyData: [UInt8] {
        var text = utf8
        for index in 0..<header.lowerBound { text[index] = .space }
        for (index, statement) in statements.enumerated() {
            guard let data = statement.copyData else { continue }
            // Up to the next statement, so that the line `\.` goes too.
            let next = index + 1 < statements.count ? statements[index + 1].leadingComments : trailer
            for offset in data.lowerBound..<max(data.upperBound, next.lowerBound) { text[offset] = .space }
        }
        return text
    }
}
