/// A statement together with its syntax.
///
/// Sendable without the compiler's help: it points into a tree that nothing writes to, and keeps that tree alive.
public struct ParsedStatement: @unchecked Sendable {
    /// Where the statement lies, and its text.
    public let statement: SQLStatement
    private let parsed: Parsed

    enum Parsed {
        case tree(UnpackedTree, NodeReader.Node?)
        case refused(Refusal)
    }

    init(statement: SQLStatement, parsed: Parsed) {
        self.statement = statement
        self.parsed = parsed
    }

    /// Parses one statement by itself.
    ///
    /// - Throws: ``SQLSyntaxError`` when the parser failed for a reason that is not in the text.
    public init(_ statement: SQLStatement) throws(SQLSyntaxError) {
        self.statement = statement
        switch try UnpackedTree.parse(statement.source[statement.range], base: statement.range.lowerBound) {
        case .refused(let refusal):
            parsed = .refused(refusal)
        case .tree(let tree):
            let nodes = tree.statements
            if nodes.count == 1 {
                parsed = .tree(tree, nodes[0].node)
            } else {
                let message = "read as \(nodes.count) statements by the parser"
                parsed = .refused(Refusal(message: message, offset: statement.range.lowerBound))
            }
        }
    }

    /// The statement as values, or why there are none; read from the tree at each call.
    public var outcome: SyntaxTree.Outcome {
        switch parsed {
        case .tree(let tree, let node?):
            withExtendedLifetime(tree) { .analysed(NodeReader(tree).statement(node)) }
        case .tree(_, nil):
            .notAnalysed(Refusal(message: "no statement", offset: statement.range.lowerBound))
        case .refused(let refusal):
            .notAnalysed(refusal)
        }
    }

    /// The statement as values; nil when it was not analysed.
    public var node: StatementNode? {
        if case .analysed(let node) = outcome { node } else { nil }
    }

    /// Why the statement was not analysed; nil when it was.
    public var refusal: Refusal? {
        if case .refused(let refusal) = parsed { refusal } else { nil }
    }

    /// The root of the statement's syntax, for a look at what ``StatementNode`` does not show; nil if not analysed.
    public var syntax: SyntaxNode? {
        guard case .tree(let tree, let node?) = parsed else { return nil }
        return SyntaxNode(UnsafeRawPointer(node), in: tree)
    }

    /// Calls a closure with every node of the statement, each before what is inside it.
    public func forEachNode(_ body: (SyntaxNode) throws -> Void) rethrows {
        try syntax?.forEachNode(body)
    }
}
