import SQLSyntax

/// Partitions.
extension Rule {
    static let partitionRules = [attachPartitionScan, detachNotConcurrent, createPartitionLocks]

    static let attachPartitionScan = Rule(
        "attach-partition-scan",
        .lock,
        .warning,
        "ATTACH PARTITION of a table without a check that proves its bounds",
        versions: "from 10 on",
        page: """
            The server reads the whole table under ACCESS EXCLUSIVE to see whether its rows belong there. With a valid check that implies the \
            bounds, and IS NOT NULL of the key, it does not; drop the check afterwards.
            """,
        bad: Example(
            "ALTER TABLE logs ATTACH PARTITION logs_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
            after: "CREATE TABLE logs (at date) PARTITION BY RANGE (at);\nCREATE TABLE logs_2026 (at date);"
        ),
        good: Example(
            "ALTER TABLE logs ATTACH PARTITION logs_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
            after: """
                CREATE TABLE logs (at date) PARTITION BY RANGE (at);
                CREATE TABLE logs_2026 (at date NOT NULL CHECK (at >= '2026-01-01' AND at < '2027-01-01'));
                """
        ),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node, alter.kind != .index else { return }
            for action in alter.actions where action.kind == .attachPartition {
                guard let child = action.relation, !context.isNew(child.name) else { continue }
                let checks =
                    context.relation(child.name)?.constraints.filter { $0.kind == .check && $0.isValidated } ?? []
                // Whether a check implies the bounds is for the server; that there is one is taken for the intention.
                guard checks.isEmpty else { continue }
                context.report(
                    "all of \(child.name) is read under ACCESS EXCLUSIVE to see whether its rows belong there",
                    at: child.location,
                    next: "add a check with the same bounds and IS NOT NULL first: NOT VALID, then VALIDATE CONSTRAINT"
                )
            }
        }
    )

    static let detachNotConcurrent = Rule(
        "detach-partition-not-concurrent",
        .lock,
        .warning,
        "DETACH PARTITION without CONCURRENTLY",
        versions: "from 14 on",
        page:
            "It takes ACCESS EXCLUSIVE on the parent: every query on any partition waits behind it. CONCURRENTLY is there from version 14 on, and cannot run in a transaction.",
        bad: Example(
            "ALTER TABLE logs DETACH PARTITION logs_2026;",
            after: """
                CREATE TABLE logs (at date) PARTITION BY RANGE (at);
                CREATE TABLE logs_2026 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
                """
        ),
        good: Example(
            "ALTER TABLE logs DETACH PARTITION logs_2026 CONCURRENTLY;",
            after: """
                CREATE TABLE logs (at date) PARTITION BY RANGE (at);
                CREATE TABLE logs_2026 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
                """
        ),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node, context.serverMajor >= 14 else { return }
            for action in alter.actions where action.kind == .detachPartition && !action.isConcurrent {
                context.report(
                    "every query on \(alter.relation.name) and its partitions waits behind this (ACCESS EXCLUSIVE lock)",
                    at: action.relation?.location,
                    next: "write DETACH PARTITION … CONCURRENTLY" + context.withoutTransaction
                )
            }
        }
    )

    static let createPartitionLocks = Rule(
        "create-partition-locks-parent",
        .lock,
        .note,
        "CREATE TABLE … PARTITION OF",
        versions: "from 10 on",
        page:
            "It takes ACCESS EXCLUSIVE on the parent. A table that is made by itself and then attached takes only SHARE UPDATE EXCLUSIVE there.",
        bad: Example(
            "CREATE TABLE logs_2026 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
            after: "CREATE TABLE logs (at date) PARTITION BY RANGE (at);"
        ),
        good: Example(
            """
            CREATE TABLE logs_2026 (LIKE logs);
            ALTER TABLE logs ATTACH PARTITION logs_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
            """,
            after: "CREATE TABLE logs (at date) PARTITION BY RANGE (at);"
        ),
        judge: .statement([.createTable]) { context in
            guard case .createTable(let create) = context.node, let parent = create.partitionOf,
                !context.isNew(parent.name)
            else { return }
            context.report(
                "everybody who uses \(parent.name) waits behind this (ACCESS EXCLUSIVE lock)",
                at: parent.location,
                next: "make the table by itself, and ATTACH PARTITION it"
            )
        }
    )
}
