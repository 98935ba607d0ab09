import SQLSyntax

/// Files that may run again: each is run a second time in the head, behind itself.
extension Interpreter {
    /// The rules that say themselves what a second run fails of.
    private static let ownRules: Set<String> = Set(
        [
            Rule.missingExistenceGuard, .typeWithoutGuard, .triggerNotOrReplace, .policyNotGuarded, .alterNotRerunnable,
        ].map(\.name)
    )

    /// The rules whose errors say that a statement fails, and not that it does something else than it says.
    private static let failures: Set<String> = Set(
        [
            Rule.objectMayExist, .columnMayNotExist, .tableMayNotExist, .schemaMayNotExist, .typeMayNotExist,
            .indexMayNotExist, .constraintMayNotExist, .triggerMayNotExist, .functionMayNotExist, .enumLabelMayNotExist,
            .referencedKeyMayNotExist, .onConflictNoArbiter, .objectMayNotExist, .wrongKind, .insertWidth,
            .dropNeedsCascade, .replaceViewShape, .dropIfExistsWrongKind,
        ].map(\.name)
    )

    /// Runs the file at hand once more, and reports what fails then and did not the first time.
    func runAgain(_ source: LintSource) {
        guard isJudging, options.runner == .lastro, source.directives.isIdempotent || source.text.isRepeatable,
            schema.opening == nil
        else { return }
        let body = bodyCheck
        let known = (memory, transaction, savepoints)
        schema.mark()
        schema.searchPath = ["public"]
        bodyCheck = BodyCheck()
        for key in touched where key.schema == "pg_temp" { schema.relations.clear(key) }
        for key in temporary {
            schema.routines.clear(key)
            schema.types.clear(key)
        }
        isRunningAgain = true
        beginFile()
        for (place, statement) in source.statements.enumerated() {
            statementIndex = place
            beginStatement()
            if let node = statement.node { apply(node, statement.parsed) }
        }
        endTransaction()
        isRunningAgain = false
        schema.rollBack()
        (memory, transaction, savepoints) = known
        bodyCheck = body
    }

    /// Notes what a first run says of a statement, which a second one need not say again.
    func noteFirstRun(_ rule: Rule, _ level: Severity) {
        if Self.ownRules.contains(rule.name) || rule.category == .existence && level == .error {
            toldOfFirstRun.insert(statementIndex)
        }
    }

    /// Reports what a second run fails of.
    func reportAgain(_ rule: Rule, _ message: String, at offset: Int?, _ level: Severity, next: String?) {
        guard level == .error, !isConditional, Self.failures.contains(rule.name),
            !toldOfFirstRun.contains(statementIndex)
        else { return }
        isRunningAgain = false
        report(.missingExistenceGuard, "a second run fails: \(message)", at: offset, .note, next: next)
        isRunningAgain = true
    }
}
