import SQLSyntax

/// Limits of time.
extension Rule {
    static let timeoutRules = [missingLockTimeout, missingStatementTimeout, missingIdleTimeout, lockTimeoutTooLong]

    private static let runner = """
        Lastro sets a lock timeout of five seconds for every migration and tries again, so this is asked only for other runners, and when it is \
        configured on.
        """

    static let missingLockTimeout = timeout(
        "missing-lock-timeout",
        "lock_timeout",
        \.lockTimeout,
        page: """
            A statement that waits for a lock makes every later one wait behind it: one long query, and the table stands still. With a \
            lock_timeout it gives up instead. It is a note where nobody but the migration waits, with all that it has locked before (COMMENT, \
            CREATE TYPE, LOCK in a weak mode). A statement_timeout ends the waiting, too. With `--all-rules` it is a note where that is the only \
            limit, and for VACUUM; tables that the file makes count as seen by others, if nothing says that one transaction does it all. \(runner)
            """
    )

    static let missingStatementTimeout = timeout(
        "missing-statement-timeout",
        "statement_timeout",
        \.statementTimeout,
        page:
            "Without a statement_timeout a statement that takes much longer than thought holds its locks all the while. \(runner)"
    )

    static let missingIdleTimeout = timeout(
        "missing-idle-timeout",
        "idle_in_transaction_session_timeout",
        \.idleTimeout,
        page:
            "A runner that dies without closing its connection leaves the transaction open, and its locks with it, until this timeout. \(runner)"
    )

    private static func timeout(
        _ name: String,
        _ setting: String,
        _ path: any KeyPath<TransactionState, TransactionState.TimeoutSetting?> & Sendable,
        page: String
    ) -> Rule {
        Rule(
            name,
            .lock,
            .warning,
            isDefault: false,
            "A statement with a strong lock and no \(setting)",
            page: page,
            bad: Example("ALTER TABLE jobs ADD COLUMN due date;", after: "CREATE TABLE jobs (id int);"),
            good: Example(
                "SET \(setting) = '2s';\nALTER TABLE jobs ADD COLUMN due date;",
                after: "CREATE TABLE jobs (id int);"
            ),
            judge: .statement([
                .alterTable, .createIndex, .drop, .rename, .truncate, .createTrigger, .createPolicy, .alterPolicy,
                .refresh, .cluster,
                .reindex, .vacuum, .createTable, .changeSchema, .createRule, .lock, .comment, .createType,
            ]) { context in
                guard context.transaction[keyPath: path] == nil, !context.interpreter.hasReported(name) else { return }
                // A limit on the statement limits its waiting, too.
                let isLimited = path == \.lockTimeout && context.transaction.statementTimeout != nil
                if isLimited, !context.isStrict { return }
                guard let (table, lock) = context.waits.max(by: { $0.lock < $1.lock }) else {
                    guard case .createType(let create) = context.node, path != \.idleTimeout else { return }
                    return context.report(
                        "no \(setting) is set, and this waits for whoever makes a type \(create.name) just then",
                        .note,
                        next:
                            "put SET \(context.transaction.isOpen ? "LOCAL " : "")\(setting) = '\(LintFix.value(of: setting))' before it",
                        fix: .limit(setting: setting, isLocal: context.transaction.isOpen)
                    )
                }
                if lock.blocksWriters { context.interpreter.note(reported: name) }
                context.report(
                    "no \(setting) is set, and this waits for a \(lock.rawValue) lock on \(table)"
                        + (isLimited ? " until the statement_timeout, which has to leave time for the work" : ""),
                    lock.blocksWriters && !isLimited ? .warning : .note,
                    next:
                        "put SET \(context.transaction.isOpen ? "LOCAL " : "")\(setting) = '\(LintFix.value(of: setting))' before it",
                    fix: .limit(setting: setting, isLocal: context.transaction.isOpen)
                )
            }
        )
    }

    static let lockTimeoutTooLong = Rule(
        "lock-timeout-too-long",
        .lock,
        .warning,
        "A lock_timeout of zero, or of more than a minute",
        page:
            "Zero turns the limit off. While a statement waits for a lock, everybody who comes later waits behind it: some seconds are what users bear.",
        bad: Example(
            "SET LOCAL lock_timeout = 0;\nALTER TABLE jobs ADD COLUMN x int;",
            after: "CREATE TABLE jobs (id int);"
        ),
        good: Example(
            "SET LOCAL lock_timeout = '2s';\nALTER TABLE jobs ADD COLUMN x int;",
            after: "CREATE TABLE jobs (id int);"
        ),
        judge: .statement([.set]) { context in
            guard case .set(let set) = context.node, set.name == "lock_timeout", set.kind == .value,
                let milliseconds = set.values.first.flatMap(Interpreter.milliseconds)
            else { return }
            if milliseconds == 0 {
                context.report(
                    "zero turns the limit off: the next statement waits for its lock as long as it takes, and everybody behind it"
                )
            } else if milliseconds > 60_000 {
                context.report(
                    "everybody who needs the table waits up to \(set.values.first ?? "") behind a statement that waits for its lock"
                )
            }
        }
    )
}

extension StatementContext {
    /// The locks that the statement may have to wait for: those on tables that others can use.
    ///
    /// What cannot run in a transaction and lets writers through is left out: it holds up nobody while it waits. With every
    /// rule VACUUM is not, which can give up without leaving something half done; and a dump may read what the file has made.
    fileprivate var waits: [(relation: QualifiedName, lock: LockLevel)] {
        let isAlone = if case .cannotRunInTransaction = node.transactionBehavior { true } else { false }
        let isVacuum = if case .vacuum = node { isStrict } else { false }
        let isSeen = isStrict && runner == .unknown && !transaction.isOpen
        var waits = node.locks.filter { relation, lock in
            guard !isAlone || isVacuum || lock.blocksWriters else { return false }
            if isSeen, lock == .accessExclusive { return schema.relation(relation)?.persistence != .temporary }
            return !isNew(relation)
        }
        if case .createTable(let create) = node { waits.removeAll { $0.relation == create.table.name } }
        return waits
    }
}
