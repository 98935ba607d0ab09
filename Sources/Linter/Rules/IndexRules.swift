import SQLSyntax

/// Building and dropping indexes.
extension Rule {
    static let indexRules = [
        indexNotConcurrent, dropIndexNotConcurrent, reindexNotConcurrent, refreshNotConcurrent, wideIndex,
    ]

    static let indexNotConcurrent = Rule(
        "index-not-concurrent",
        .lock,
        .warning,
        "CREATE INDEX without CONCURRENTLY on a table that is in use",
        page: """
            The build holds a SHARE lock: every write to the table waits until it is done. CONCURRENTLY lets writers through, and cannot run \
            in a transaction; Lastro then runs the file step by step. Partitioned tables have no CONCURRENTLY: make the index ON ONLY the \
            parent, build it on each partition, and attach them. A table that the same file makes has no rows, and is left alone.
            """,
        bad: Example("CREATE INDEX jobs_due_idx ON jobs (due);", after: "CREATE TABLE jobs (due date);"),
        good: Example("CREATE INDEX CONCURRENTLY jobs_due_idx ON jobs (due);", after: "CREATE TABLE jobs (due date);"),
        judge: .statement([.createIndex]) { context in
            guard case .createIndex(let create) = context.node, !create.isConcurrent, !context.isNew(create.table.name)
            else { return }
            guard !context.isSkipped(create) else { return }
            let relation = context.relation(create.table.name)
            if relation?.partitionStrategy != nil {
                guard !create.table.isOnly else { return }
                context.report(
                    "the index is built on every partition of \(create.table.name) while writes to it wait (SHARE lock)",
                    at: create.table.location,
                    next:
                        "make it ON ONLY \(create.table.name), build it CONCURRENTLY on each partition, and attach them"
                )
                return
            }
            context.report(
                "every write to \(create.table.name) waits while the index is built (SHARE lock)",
                at: create.table.location,
                next: "write CREATE INDEX CONCURRENTLY" + context.withoutTransaction,
                fix: .concurrently
            )
        }
    )

    static let dropIndexNotConcurrent = Rule(
        "drop-index-not-concurrent",
        .lock,
        .warning,
        "DROP INDEX without CONCURRENTLY",
        page: """
            It takes ACCESS EXCLUSIVE on the table: it waits for every running query, and every later one waits behind it. CONCURRENTLY \
            cannot run in a transaction; Lastro then runs the file step by step.
            """,
        bad: Example(
            "DROP INDEX jobs_due_idx;",
            after: "CREATE TABLE jobs (due date);\nCREATE INDEX jobs_due_idx ON jobs (due);"
        ),
        good: Example(
            "DROP INDEX CONCURRENTLY jobs_due_idx;",
            after: "CREATE TABLE jobs (due date);\nCREATE INDEX jobs_due_idx ON jobs (due);"
        ),
        judge: .statement([.drop]) { context in
            guard case .drop(let drop) = context.node, drop.kind == .index, !drop.isConcurrent else { return }
            for object in drop.objects {
                let index = context.relation(object.name)
                if let table = index?.index?.table,
                    context.isNew(table) || context.relation(table)?.partitionStrategy != nil
                {
                    continue
                }
                let table = index?.index.map { "\($0.table.shortened)" } ?? "its table"
                context.report(
                    "every query on \(table) waits behind this for as long as it waits for the running ones (ACCESS EXCLUSIVE lock)",
                    next: "write DROP INDEX CONCURRENTLY" + context.withoutTransaction,
                    fix: drop.objects.count == 1 && !drop.cascades ? .concurrently : nil
                )
            }
        }
    )

    static let reindexNotConcurrent = Rule(
        "reindex-not-concurrent",
        .lock,
        .warning,
        "REINDEX without CONCURRENTLY",
        versions: "from 12 on",
        page: """
            Writes wait (SHARE on the table), and so does every query that would look at the index (ACCESS EXCLUSIVE on it). CONCURRENTLY is \
            there from version 12 on, and cannot run in a transaction.
            """,
        bad: Example("REINDEX TABLE jobs;", after: "CREATE TABLE jobs (id int PRIMARY KEY);"),
        good: Example("REINDEX TABLE CONCURRENTLY jobs;", after: "CREATE TABLE jobs (id int PRIMARY KEY);"),
        judge: .statement([.reindex]) { context in
            guard case .reindex(let reindex) = context.node, !reindex.isConcurrent, context.serverMajor >= 12 else {
                return
            }
            if case .system = reindex.target { return }
            context.report(
                "writes wait while the indexes are built anew, and queries that would look at them too",
                next: "write REINDEX … CONCURRENTLY" + context.withoutTransaction,
                fix: .concurrently
            )
        }
    )

    static let refreshNotConcurrent = Rule(
        "refresh-matview-not-concurrent",
        .lock,
        .warning,
        "REFRESH MATERIALIZED VIEW without CONCURRENTLY",
        page: """
            It takes ACCESS EXCLUSIVE: nobody reads the view while its query runs. CONCURRENTLY needs a unique index on columns without a \
            condition, and takes EXCLUSIVE: readers go on.
            """,
        bad: Example("REFRESH MATERIALIZED VIEW totals;", after: "CREATE MATERIALIZED VIEW totals AS SELECT 1 AS id;"),
        good: Example(
            "REFRESH MATERIALIZED VIEW CONCURRENTLY totals;",
            after: "CREATE MATERIALIZED VIEW totals AS SELECT 1 AS id;\nCREATE UNIQUE INDEX totals_id ON totals (id);"
        ),
        judge: .statement([.refresh]) { context in
            guard case .refreshMaterializedView(let refresh) = context.node, !refresh.isConcurrent, refresh.isFilled,
                !context.isNew(refresh.view.name)
            else { return }
            context.report(
                "nobody can read \(refresh.view.name) while its query runs (ACCESS EXCLUSIVE lock)",
                at: refresh.view.location,
                next: "give it a unique index, and write REFRESH MATERIALIZED VIEW CONCURRENTLY"
            )
        }
    )

    static let wideIndex = Rule(
        "wide-index",
        .lock,
        .note,
        isDefault: false,
        "An index on more than three columns",
        page: "Columns behind the third seldom narrow a search, and each makes the index larger and writes slower.",
        bad: Example(
            "CREATE INDEX CONCURRENTLY wide_idx ON wide (a, b, c, d);",
            after: "CREATE TABLE wide (a int, b int, c int, d int);"
        ),
        good: Example(
            "CREATE INDEX CONCURRENTLY wide_idx ON wide (a, b, c);",
            after: "CREATE TABLE wide (a int, b int, c int, d int);"
        ),
        judge: .statement([.createIndex]) { context in
            guard case .createIndex(let create) = context.node, !create.isUnique, create.elements.count > 3 else {
                return
            }
            context.report(
                "the index has \(create.elements.count) columns; those behind the third seldom narrow a search"
            )
        }
    )
}

extension StatementContext {
    /// What has to be said of transactions beside CONCURRENTLY.
    var withoutTransaction: String {
        runner == .lastro ? "" : ", in a file that runs outside of a transaction"
    }

    /// Whether a guarded creation does nothing, as far as the history knows.
    func isSkipped(_ create: CreateIndex) -> Bool {
        guard create.ifNotExists, let name = create.name else { return false }
        guard let table = schema.relationKey(create.table.name) else { return false }
        return schema.relations[QualifiedName(schema: table.schema, name: name)]?.certainty == .sure
    }
}
