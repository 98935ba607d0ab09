import Migrator
import SQLSyntax
import SourceText

/// Transactions, and what runs at the same time.
extension Rule {
    static let transactionRules = [
        concurrentInTransaction, transactionNesting, uncommittedTransaction, commitInBlock, savepointMayNotExist,
        refusedByMigrate, statementAfterAccessExclusive, wideLockWindow,
    ]

    static let concurrentInTransaction = Rule(
        "concurrent-in-transaction",
        .transaction,
        .error,
        "CONCURRENTLY, VACUUM and the like inside a transaction",
        page: """
            The server refuses them there. Lastro runs a file with such a statement step by step, so nothing need be written; between BEGIN and \
            COMMIT, and for a runner that wraps each file, it fails.
            """,
        bad: Example(
            "BEGIN;\nCREATE INDEX CONCURRENTLY jobs_idx ON jobs (id);\nCOMMIT;",
            after: "CREATE TABLE jobs (id int);",
            refusal: "CREATE INDEX CONCURRENTLY cannot run inside a transaction block"
        ),
        good: Example("CREATE INDEX CONCURRENTLY jobs_idx ON jobs (id);", after: "CREATE TABLE jobs (id int);"),
        judge: .statement(Set(StatementKind.allCases)) { context in
            guard case .cannotRunInTransaction(let command) = context.node.transactionBehavior,
                context.transaction.isOpen
            else { return }
            context.report(
                "this fails with `\(command) cannot run inside a transaction block`",
                next: context.runner == .lastro
                    ? "take BEGIN and COMMIT out" : "put it into a file of its own that runs outside of a transaction"
            )
        }
    )

    static let transactionNesting = Rule(
        "transaction-nesting",
        .transaction,
        .warning,
        "BEGIN inside a transaction, or COMMIT outside of one",
        page: """
            BEGIN inside a transaction does nothing but warn, and the COMMIT behind it ends the outer one: what follows is not taken back with it. \
            Lastro refuses such a file, but for one BEGIN and COMMIT around the whole, which it leaves out.
            """,
        bad: Example("BEGIN;\nBEGIN;\nCREATE TABLE t (id int);\nCOMMIT;\nCREATE TABLE u (id int);"),
        good: Example("BEGIN;\nCREATE TABLE t (id int);\nCOMMIT;"),
        judge: .statement([.transaction]) { context in
            guard case .transaction(let statement) = context.node else { return }
            switch statement.control {
            case .begin where context.transaction.isExplicit:
                context.report(
                    "a transaction is open already: this BEGIN does nothing, and the next COMMIT ends the outer one"
                )
            case .begin where context.runner == .wrapping:
                context.report(
                    "the runner has a transaction open: this BEGIN does nothing, and the next COMMIT ends that one"
                )
            case .commit where !context.transaction.isExplicit && context.runner == .unknown,
                .rollback where !context.transaction.isExplicit && context.runner == .unknown:
                context.report("no transaction is open that this could end")
            default: return
            }
        }
    )

    static let uncommittedTransaction = Rule(
        "uncommitted-transaction",
        .transaction,
        .error,
        "BEGIN without a COMMIT",
        page: "The work is lost when the session ends, or taken along into the next file.",
        bad: Example("BEGIN;\nCREATE TABLE t (id int);"),
        good: Example("BEGIN;\nCREATE TABLE t (id int);\nCOMMIT;"),
        judge: .file { context in
            var open: Int?
            for (index, statement) in context.source.statements.enumerated() {
                guard case .transaction(let control) = statement.node else { continue }
                switch control.control {
                case .begin: open = open ?? index
                case .commit, .rollback, .prepare: open = control.chains ? index : nil
                default: continue
                }
            }
            if let open {
                context.report(
                    "no COMMIT ends this transaction: its work is lost",
                    atStatement: open,
                    next: "add COMMIT, or take BEGIN out"
                )
            }
        }
    )

    static let commitInBlock = Rule(
        "commit-in-block",
        .transaction,
        .error,
        "COMMIT or ROLLBACK in a DO block or a procedure that is called inside a transaction",
        page: """
            A block may end the transaction that it runs in only if nobody has begun that one. Lastro runs each file, and each step of one \
            without a transaction, in a transaction with its record, so the statement fails. It is a warning behind a condition, and for CALL of \
            a procedure that the history makes.
            """,
        bad: Example("DO $$ BEGIN DELETE FROM jobs; COMMIT; END $$;", after: "CREATE TABLE jobs (id int);"),
        good: Example("DO $$ BEGIN DELETE FROM jobs; END $$;", after: "CREATE TABLE jobs (id int);")
    )

    static let savepointMayNotExist = Rule(
        "savepoint-may-not-exist",
        .transaction,
        .error,
        "RELEASE of, or ROLLBACK TO, a savepoint that is not there",
        page:
            "The statement fails, and with it the transaction. A savepoint goes with the one before it, and with its transaction.",
        bad: Example(
            "BEGIN;\nSAVEPOINT one;\nRELEASE one;\nROLLBACK TO one;\nCOMMIT;",
            refusal: "savepoint \"one\" does not exist"
        ),
        good: Example("BEGIN;\nSAVEPOINT one;\nROLLBACK TO one;\nRELEASE one;\nCOMMIT;")
    )

    static let refusedByMigrate = Rule(
        "refused-by-migrate",
        .transaction,
        .error,
        "A file that `lastro migrate` refuses before it runs anything",
        page: """
            Lastro runs a file in one transaction together with its row in the history, so a BEGIN, COMMIT, ROLLBACK or SET TRANSACTION inside \
            of it could leave half of it behind: one BEGIN and COMMIT around the whole are left out, anything else is refused. In a file that runs \
            step by step, blocks from BEGIN to COMMIT are steps, and what needs the session to go on is refused. So are a change of Lastro's own \
            tables, and a batch that cannot be cut. The words are those of `lastro migrate`; `lastro verify --offline` tells them as well.
            """,
        bad: Example("CREATE TABLE jobs (id int);\nCOMMIT;"),
        good: Example("BEGIN;\nCREATE TABLE jobs (id int);\nCOMMIT;"),
        judge: .file { context in
            guard context.interpreter.options.runner == .lastro, context.source.mayBeRefused,
                let refusal = context.source.text.refusal
            else { return }
            let position = refusal.location?.position
            if let position, context.hasError(.transaction, at: position) { return }
            let statement = context.source.statements.lastIndex { statement in
                position.map { context.source.position(ofByte: statement.range.lowerBound) <= $0 } ?? false
            }
            context.report(refusal.message, atStatement: statement ?? 0, position: position, next: refusal.next)
        }
    )

    static let statementAfterAccessExclusive = Rule(
        "statement-after-access-exclusive",
        .transaction,
        .warning,
        "Slow work while a lock of the same transaction keeps others out",
        page: """
            ACCESS EXCLUSIVE is held until the transaction ends. Building an index, changing rows, validating or refreshing behind it makes \
            everybody wait for that as well. Put it before, or into a migration of its own.
            """,
        bad: Example(
            "ALTER TABLE jobs ADD COLUMN due date;\nUPDATE jobs SET due = now() WHERE id > 5;",
            after: "CREATE TABLE jobs (id int);"
        ),
        good: Example(
            "UPDATE jobs SET id = 0 WHERE id IS NULL;\nALTER TABLE jobs ADD COLUMN due date;",
            after: "CREATE TABLE jobs (id int);"
        ),
        judge: .statement([.createIndex, .change, .select, .refresh, .alterTable, .copy, .truncate, .createTableAs]) {
            context in
            guard context.isInOneTransaction else { return }
            guard let first = context.transaction.locks.exclusive.first, first.statement < context.index,
                let work = context.slowWork
            else { return }
            context.report(
                "\(first.table.shortened) has been locked since statement \(first.statement + 1) (ACCESS EXCLUSIVE), and everybody waits for "
                    + "\(work) as well",
                next: "put it before the lock, or into a migration of its own"
            )
        }
    )

    static let wideLockWindow = Rule(
        "wide-lock-window",
        .transaction,
        .note,
        "Strong locks on several tables in one transaction",
        page:
            "Two transactions that take the locks in another order wait for each other, and while one lock is waited for, the others are held. A migration for each table keeps each lock short.",
        bad: Example(
            "ALTER TABLE a ADD COLUMN x int;\nALTER TABLE b ADD COLUMN x int;",
            after: "CREATE TABLE a (id int);\nCREATE TABLE b (id int);"
        ),
        good: Example(
            "ALTER TABLE a ADD COLUMN x int;\nALTER TABLE a ADD COLUMN y int;",
            after: "CREATE TABLE a (id int);"
        ),
        judge: .statement([.alterTable, .drop, .truncate, .rename, .lock, .createPolicy]) { context in
            guard context.isInOneTransaction else { return }
            let strong = context.node.locks.first { $0.lock == .accessExclusive && !context.isNew($0.relation) }
            guard let table = strong.map({ context.schema.lockedTable(of: context.schema.key(of: $0.relation)) }) else {
                return
            }
            let held = context.transaction.locks
            let others = held.exclusive.lazy.filter { $0.table != table && $0.statement < context.index }.prefix(2)
            guard let other = others.first?.table, others.count == 1 || held[table] == nil else { return }
            context.report(
                "\(table.shortened) is locked while \(other.shortened) is (both ACCESS EXCLUSIVE): whoever needs both may deadlock with this"
            )
        }
    )
}

extension StatementContext {
    /// Whether the statement shares a transaction with others, or may.
    var isInOneTransaction: Bool { interpreter.mayShareTransaction }

    /// What takes as long as a table is large; nil for work of a moment.
    var slowWork: String? {
        switch node {
        case .createIndex(let create) where !create.isConcurrent && !isNew(create.table.name) && !isSkipped(create):
            "the build of an index"
        case .change(let change)
        where !isNew(change.target.name)
            && (change.kind != .insert || parsed.syntax?.child("select_stmt")?.children("values_lists").isEmpty == true):
            "changes of rows"
        case .select where runner == .unknown: "a query"
        case .refreshMaterializedView: "a refresh"
        case .createTableAs: "a query"
        case .copy(let copy) where copy.isFrom: "a COPY"
        case .alterTable(let alter) where !isNew(alter.relation.name):
            rewrites(alter)
                ? "the rewriting of a whole table"
                : alter.actions.contains {
                    $0.kind == .validateConstraint || $0.kind == .setNotNull
                        || $0.kind == .addConstraint && $0.constraint?.isNotValid == false
                            && $0.constraint?.index == nil
                }
                    ? "the reading of a whole table" : nil
        default: nil
        }
    }
}
