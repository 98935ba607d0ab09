import CPgQuery

/// The statements of which a name or two is all there is to say.
extension TreeReader {
    func createForeignTable(_ create: PgQuery__CreateForeignTableStmt) -> SQLNode {
        create.base_stmt.map { createTable($0.pointee, server: text(create.servername)) }
            ?? .other(kind: "CreateForeignTableStmt")
    }

    func cluster(_ cluster: PgQuery__ClusterStmt) -> ClusterStatement {
        ClusterStatement(table: relation(cluster.relation), indexName: text(cluster.indexname))
    }

    func prepare(_ prepare: PgQuery__PrepareStmt) -> SQLNode {
        .prepare(text(prepare.name) ?? "", prepare.query.map { statement($0.pointee) } ?? .other(kind: "empty"))
    }

    func discard(_ discard: PgQuery__DiscardStmt) -> SQLNode {
        switch discard.target {
        case PG_QUERY__DISCARD_MODE__DISCARD_PLANS: .discard("PLANS")
        case PG_QUERY__DISCARD_MODE__DISCARD_SEQUENCES: .discard("SEQUENCES")
        case PG_QUERY__DISCARD_MODE__DISCARD_TEMP: .discard("TEMP")
        default: .discard("ALL")
        }
    }

    func notify(_ notify: PgQuery__NotifyStmt) -> SQLNode {
        .notify(channel: text(notify.conditionname) ?? "", payload: text(notify.payload))
    }

    func createDatabase(_ create: PgQuery__CreatedbStmt) -> SQLNode {
        .createDatabase(text(create.dbname) ?? "", options: options(create.n_options, create.options))
    }

    func alterDatabase(_ alter: PgQuery__AlterDatabaseStmt) -> SQLNode {
        .alterDatabase(text(alter.dbname) ?? "", options: options(alter.n_options, alter.options))
    }

    func alterDatabase(_ alter: PgQuery__AlterDatabaseSetStmt) -> SQLNode {
        alter.setstmt.map { .alterDatabaseSet(text(alter.dbname) ?? "", setting($0.pointee)) }
            ?? .other(kind: "AlterDatabaseSetStmt")
    }

    func dropDatabase(_ drop: PgQuery__DropdbStmt) -> SQLNode {
        .dropDatabase(text(drop.dbname) ?? "", ifExists: drop.missing_ok != 0)
    }

    func alterSystem(_ alter: PgQuery__AlterSystemStmt) -> SQLNode {
        alter.setstmt.map { .alterSystem(setting($0.pointee)) } ?? .other(kind: "AlterSystemStmt")
    }

    func dropTablespace(_ drop: PgQuery__DropTableSpaceStmt) -> SQLNode {
        .dropTablespace(text(drop.tablespacename) ?? "", ifExists: drop.missing_ok != 0)
    }

    func dropSubscription(_ drop: PgQuery__DropSubscriptionStmt) -> SQLNode {
        .dropSubscription(text(drop.subname) ?? "", ifExists: drop.missing_ok != 0)
    }
}
