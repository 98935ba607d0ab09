import SQLSyntax

/// Statements that lock or rewrite a whole table.
extension Rule {
    static let tableLockRules = [
        setLoggedUnlogged, setAccessMethod, setTablespace, vacuumFullOrCluster, createTriggerLock, dropTriggerLock,
        toggleTrigger,
        policyLock, lockTable,
    ]

    static let setLoggedUnlogged = rewrite(
        "set-logged-unlogged",
        .setUnlogged,
        .setLogged,
        summary: "SET LOGGED or UNLOGGED",
        bad: "ALTER TABLE jobs SET UNLOGGED;"
    )

    static let setAccessMethod = rewrite(
        "set-access-method",
        .setAccessMethod,
        summary: "SET ACCESS METHOD",
        bad: "ALTER TABLE jobs SET ACCESS METHOD heap;"
    )

    static let setTablespace = rewrite(
        "set-tablespace",
        .setTablespace,
        summary: "SET TABLESPACE",
        bad: "ALTER TABLE jobs SET TABLESPACE pg_default;"
    )

    private static func rewrite(
        _ name: String,
        _ kinds: AlterTableAction.Kind...,
        summary: String,
        bad: String
    ) -> Rule {
        Rule(
            name,
            .lock,
            .warning,
            summary,
            page:
                "The whole table is copied under ACCESS EXCLUSIVE, with its indexes. Plan for the time and the space that this takes.",
            bad: Example(bad, after: "CREATE TABLE jobs (id int);"),
            good: Example("ALTER TABLE jobs SET (fillfactor = 70);", after: "CREATE TABLE jobs (id int);"),
            judge: .statement([.alterTable]) { context in
                guard case .alterTable(let alter) = context.node, !context.isNew(alter.relation.name) else { return }
                for action in alter.actions where kinds.contains(action.kind) {
                    context.report(
                        "all of \(alter.relation.name) is copied while nobody can read or write it (ACCESS EXCLUSIVE lock)",
                        at: alter.relation.location
                    )
                }
            }
        )
    }

    static let vacuumFullOrCluster = Rule(
        "vacuum-full-or-cluster",
        .lock,
        .warning,
        "VACUUM FULL or CLUSTER",
        page:
            "The table is written anew while nobody can read or write it. Plain VACUUM lets everybody work; pg_repack needs only short locks.",
        bad: Example("VACUUM FULL jobs;", after: "CREATE TABLE jobs (id int);"),
        good: Example("VACUUM jobs;", after: "CREATE TABLE jobs (id int);"),
        judge: .statement([.vacuum, .cluster]) { context in
            switch context.node {
            case .vacuum(let vacuum) where vacuum.options.contains { $0.name == "full" && $0.isOn }:
                let tables =
                    vacuum.relations.isEmpty
                    ? "every table" : vacuum.relations.map { "\($0.name)" }.joined(separator: ", ")
                context.report(
                    "\(tables) is written anew while nobody can read or write it (ACCESS EXCLUSIVE lock)",
                    next: "use pg_repack, or plain VACUUM"
                )
            case .cluster(let cluster):
                let table = cluster.table.map { "\($0.name)" } ?? "every clustered table"
                context.report(
                    "\(table) is written anew while nobody can read or write it (ACCESS EXCLUSIVE lock)",
                    next: "use pg_repack"
                )
            default: return
            }
        }
    )

    static let createTriggerLock = Rule(
        "create-trigger-lock",
        .lock,
        .note,
        "CREATE TRIGGER on a table that is in use",
        page:
            "Writes to the table wait until the transaction ends (SHARE ROW EXCLUSIVE), and the trigger's work is added to each of them from then on.",
        bad: Example(
            "CREATE TRIGGER stamp BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();",
            after: "CREATE TABLE jobs (id int);"
        ),
        good: Example(
            """
            CREATE TABLE jobs (id int);
            CREATE TRIGGER stamp BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
            """
        ),
        judge: .statement([.createTrigger]) { context in
            guard case .createTrigger(let create) = context.node, !context.isNew(create.table.name) else { return }
            context.report(
                "writes to \(create.table.name) wait until the transaction ends (SHARE ROW EXCLUSIVE lock)",
                at: create.table.location
            )
        }
    )

    static let dropTriggerLock = Rule(
        "drop-trigger",
        .lock,
        .note,
        "DROP TRIGGER",
        page:
            "Everybody waits until the transaction ends (ACCESS EXCLUSIVE), and what the trigger did is not done any more.",
        bad: Example(
            "DROP TRIGGER stamp ON jobs;",
            after: """
                CREATE TABLE jobs (id int);
                CREATE TRIGGER stamp BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
                """
        ),
        good: Example("DROP TABLE IF EXISTS old_jobs;", after: "CREATE TABLE old_jobs (id int);"),
        judge: .statement([.drop]) { context in
            guard case .drop(let drop) = context.node, drop.kind == .trigger else { return }
            for object in drop.objects {
                guard let table = object.relation, !context.isNew(table) else { continue }
                context.report("everybody who uses \(table) waits until the transaction ends (ACCESS EXCLUSIVE lock)")
            }
        }
    )

    static let toggleTrigger = Rule(
        "toggle-trigger",
        .lock,
        .warning,
        "ENABLE or DISABLE TRIGGER",
        page:
            "Writes to the table wait until the transaction ends (SHARE ROW EXCLUSIVE). While a trigger is off, what it guards is not guarded: DISABLE TRIGGER ALL turns foreign keys off, too.",
        bad: Example("ALTER TABLE jobs DISABLE TRIGGER ALL;", after: "CREATE TABLE jobs (id int);"),
        good: Example("ALTER TABLE jobs SET (fillfactor = 70);", after: "CREATE TABLE jobs (id int);"),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node, !context.isNew(alter.relation.name) else { return }
            for action in alter.actions {
                switch action.kind {
                case .enableTrigger, .disableTrigger, .enableTriggerAll, .disableTriggerAll, .enableTriggerUser,
                    .disableTriggerUser,
                    .enableAlwaysTrigger, .enableReplicaTrigger:
                    let turnsOffKeys = action.kind == .disableTriggerAll
                    context.report(
                        turnsOffKeys
                            ? "foreign keys of \(alter.relation.name) are not checked while its triggers are off"
                            : "writes to \(alter.relation.name) wait until the transaction ends (SHARE ROW EXCLUSIVE lock)",
                        turnsOffKeys ? .warning : .note
                    )
                default: continue
                }
            }
        }
    )

    static let policyLock = Rule(
        "policy-lock",
        .lock,
        .note,
        "CREATE or ALTER POLICY, or ENABLE ROW LEVEL SECURITY, on a table that is in use",
        page: "It takes ACCESS EXCLUSIVE: it waits for every running query, and every later one waits behind it.",
        bad: Example("CREATE POLICY own ON jobs USING (id = 1);", after: "CREATE TABLE jobs (id int);"),
        good: Example(
            "CREATE TABLE jobs (id int);\nALTER TABLE jobs ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON jobs USING (id = 1);"
        ),
        judge: .statement([.createPolicy, .alterPolicy, .alterTable]) { context in
            switch context.node {
            case .createPolicy(let policy), .alterPolicy(let policy):
                guard !context.isNew(policy.table.name) else { return }
                context.report(
                    "everybody who uses \(policy.table.name) waits behind this (ACCESS EXCLUSIVE lock)",
                    at: policy.table.location
                )
            case .alterTable(let alter):
                let kinds: Set<AlterTableAction.Kind> = [
                    .enableRowSecurity, .disableRowSecurity, .forceRowSecurity, .noForceRowSecurity,
                ]
                guard !context.isNew(alter.relation.name), alter.actions.contains(where: { kinds.contains($0.kind) })
                else { return }
                context.report(
                    "everybody who uses \(alter.relation.name) waits behind this (ACCESS EXCLUSIVE lock)",
                    at: alter.relation.location
                )
            default: return
            }
        }
    )

    static let lockTable = Rule(
        "lock-table",
        .lock,
        .note,
        "LOCK TABLE in a mode that keeps others out",
        page: "Writers, or everybody, wait until the transaction ends.",
        bad: Example("BEGIN;\nLOCK TABLE jobs;\nCOMMIT;", after: "CREATE TABLE jobs (id int);"),
        good: Example("BEGIN;\nLOCK TABLE jobs IN ROW EXCLUSIVE MODE;\nCOMMIT;", after: "CREATE TABLE jobs (id int);"),
        judge: .statement([.lock]) { context in
            guard case .lock(let lock) = context.node, let level = LockLevel(rawValue: lock.mode), level.blocksWriters
            else { return }
            for table in lock.relations where !context.isNew(table.name) {
                context.report(
                    "others wait for \(table.name) until the transaction ends (\(level.rawValue) lock)",
                    at: table.location
                )
            }
        }
    )
}
