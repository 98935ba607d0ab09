import SQLSyntax
import SourceText

/// A statement with what is known before it: what a rule is asked about.
struct StatementContext {
    let interpreter: Interpreter
    let source: LintSource
    let sourceIndex: Int
    let index: Int
    let node: StatementNode
    let parsed: ParsedStatement

    /// The schema before the statement.
    var schema: SimulatedSchema { _read { yield interpreter.schema } }
    var transaction: TransactionState { _read { yield interpreter.transaction } }
    var serverMajor: Int { interpreter.options.serverMajor }
    var runner: LintOptions.Runner { interpreter.options.runner }

    /// Whether what is strict, but not wrong, is said as well.
    var isStrict: Bool { interpreter.options.asksEveryRule }

    /// Reports against the rule that is being asked.
    ///
    /// - Parameters:
    ///   - message: what will happen.
    ///   - offset: the byte of the offending word; nil for the statement's first.
    ///   - severity: nil for the rule's own.
    ///   - next: what to do.
    ///   - fix: what mends it; nil where that needs judgement.
    func report(
        _ message: String,
        at offset: Int? = nil,
        _ severity: Severity? = nil,
        next: String? = nil,
        fix: LintFix? = nil
    ) {
        interpreter.reportCurrent(message, at: offset, severity, next: next, fix: fix)
    }

    /// Whether the statement's table has no rows that anybody else could need: it is made by the same file, or is empty.
    func isNew(_ name: QualifiedName) -> Bool {
        guard let relation = schema.relation(name), !relation.isAssumed else { return false }
        return relation.origin.file == sourceIndex && relation.certainty == .sure && !relation.isGuarded
            || relation.persistence == .temporary
    }

    /// A relation as the schema knows it.
    func relation(_ name: QualifiedName) -> Relation? { schema.relation(name) }
}

/// A file whose statements have all been applied.
struct FileContext {
    let interpreter: Interpreter
    let source: LintSource
    let sourceIndex: Int

    /// The schema behind the file.
    var schema: SimulatedSchema { _read { yield interpreter.schema } }

    /// Whether an error at a place of the file has been found that is about the same.
    func hasError(_ category: Category, at position: SourcePosition) -> Bool {
        interpreter.findings.reversed().prefix { $0.file == source.text.path }.contains {
            $0.category == category && $0.severity == .error && $0.position == position
        }
    }

    /// Reports against the rule that is being asked, at a statement of the file.
    func report(
        _ message: String,
        atStatement index: Int,
        offset: Int? = nil,
        position: SourcePosition? = nil,
        _ severity: Severity? = nil,
        next: String? = nil
    ) {
        interpreter.select(statement: index)
        interpreter.reportCurrent(message, at: offset, severity, next: next, position: position)
    }
}

/// What is known of the transaction that a statement runs in.
struct TransactionState {
    /// Its number, counted over the whole history.
    var number = 0
    /// Whether an explicit BEGIN is open.
    var isExplicit = false
    /// Whether the runner has put one around the file.
    var isImplicit = false
    var locks = HeldLocks()
    var lockTimeout: TimeoutSetting?
    var statementTimeout: TimeoutSetting?
    var idleTimeout: TimeoutSetting?

    /// A timeout as a file sets it.
    struct TimeoutSetting {
        let milliseconds: Int?
        let isLocal: Bool
        let statement: Int
    }

    var isOpen: Bool { isExplicit || isImplicit }
}
