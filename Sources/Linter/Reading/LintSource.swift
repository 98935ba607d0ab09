import Migrator
import SQLSyntax
import SourceText

/// A file as the interpreter reads it: split, parsed, and with what its comments allow.
struct LintSource: Sendable {
    /// One statement.
    struct Statement: Sendable {
        let parsed: ParsedStatement
        let node: StatementNode?
        let kind: StatementKind
        /// Its body in PL/pgSQL, or why there is none; nil where it has none or it has not been read.
        private(set) var body: Result<ProceduralBody, ProceduralBody.Failure>?

        init(parsed: ParsedStatement, node: StatementNode?, kind: StatementKind) {
            self.parsed = parsed
            self.node = node
            self.kind = kind
        }

        fileprivate mutating func readBody() {
            let language: String
            switch node {
            case .createRoutine(let routine): language = routine.language
            case .doBlock(let block): language = block.language
            default: return
            }
            guard language.lowercased() == "plpgsql" else { return }
            body = Result { () throws(ProceduralBody.Failure) in try ProceduralBody(of: parsed) }
        }

        var range: Range<Int> { parsed.statement.range }
    }

    let text: LintText
    /// The file's text, split; nil where it cannot be.
    let script: SQLScript?
    let failure: SQLSyntaxError?
    private(set) var statements: [Statement]
    let directives: LintDirectives
    /// Whether its statements run one by one, each in a transaction of its own or in none.
    let runsInSteps: Bool
    /// Whether the file itself begins or ends transactions.
    let hasTransactionControl: Bool
    /// Whether it has anything for which `lastro migrate` refuses files.
    let mayBeRefused: Bool

    init(_ text: LintText, runner: LintOptions.Runner) throws {
        let text = try text.read()
        self.text = text
        let script: SQLScript
        do {
            script = try SQLScript(utf8: text.bytes, file: text.path)
        } catch {
            self.script = nil
            failure = error
            statements = []
            directives = LintDirectives()
            runsInSteps = false
            hasTransactionControl = false
            mayBeRefused = false
            return
        }
        self.script = script
        failure = nil
        statements = try SyntaxTree(script).statements.map { parsed in
            let node = parsed.node
            return Statement(parsed: parsed, node: node, kind: StatementKind(node))
        }
        directives = LintDirectives(of: script)
        hasTransactionControl = statements.contains { $0.kind == .transaction }
        let behaviors = statements.map { $0.node?.transactionBehavior ?? .transactional }
        runsInSteps = text.isBatched || text.asksForNoTransaction || script.needsSteps(behaviors)
        // Reading it once more, as a run does, is for files of which something could be refused.
        let controlsTransaction = behaviors.contains { if case .controlsTransaction = $0 { true } else { false } }
        mayBeRefused = controlsTransaction || runsInSteps || MigrationText.namesOwnTables(text.bytes)
    }

    /// A file that is not split, as all that it does is known.
    init(unread text: LintText) {
        self.text = text
        script = nil
        failure = nil
        statements = []
        directives = LintDirectives()
        runsInSteps = false
        hasTransactionControl = false
        mayBeRefused = false
    }

    /// Reads the bodies of functions and blocks, of which the parser makes much work, before they are asked for.
    mutating func readBodies() { for index in statements.indices { statements[index].readBody() } }

    /// Lets go of the syntax: what is left tells where things stand.
    mutating func release() { statements = [] }

    /// Reads files, several at a time, in their order.
    static func read(_ texts: [LintText], options: LintOptions) async throws -> [LintSource] {
        let runner = options.runner
        let width = 2
        let share = (texts.count + width - 1) / width
        guard texts.count > 8 else { return try texts.map { try LintSource($0, runner: runner) } }
        return try await withThrowingTaskGroup(of: (Int, [LintSource]).self) { group in
            for part in 0..<width {
                let slice = texts[min(part * share, texts.count)..<min((part + 1) * share, texts.count)]
                group.addTask { (part, try slice.map { try LintSource($0, runner: runner) }) }
            }
            var parts: [Int: [LintSource]] = [:]
            for try await (part, sources) in group { parts[part] = sources }
            return (0..<width).flatMap { parts[$0] ?? [] }
        }
    }

    /// The place in the file of a byte.
    func position(ofByte offset: Int) -> SourcePosition {
        if failure != nil { return SourcePosition(line: 1, column: 1) }
        if let script { return text.position(ofByte: offset, in: script.lines) }
        // Gone since it was listed: its place is no longer of use.
        let text = (try? text.read()) ?? text
        return text.position(ofByte: offset, in: LineIndex(utf8: text.bytes))
    }
}
