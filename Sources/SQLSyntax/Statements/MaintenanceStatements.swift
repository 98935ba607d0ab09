import CPgQuery

/// `VACUUM` and `ANALYZE`.
public struct Vacuum: Hashable, Sendable {
    /// Whether it is ANALYZE alone.
    public let isAnalyzeOnly: Bool
    /// The relations; empty for all of the database.
    public let relations: [RelationReference]
    /// The options, such as `full`.
    public let options: [StatementOption]
}

/// `REINDEX`.
public struct Reindex: Hashable, Sendable {
    /// What is indexed anew.
    public enum Target: Hashable, Sendable {
        /// One index.
        case index(RelationReference)
        /// The indexes of one table.
        case table(RelationReference)
        /// Those of a schema.
        case schema(String)
        /// Those of the database.
        case database(String?)
        /// Those of the system catalogs.
        case system(String?)
    }

    /// What is indexed anew.
    public let target: Target
    /// Whether writers are let in meanwhile.
    public let isConcurrent: Bool
}

/// `CLUSTER`.
public struct Cluster: Hashable, Sendable {
    /// The table; nil for all that were clustered before.
    public let table: RelationReference?
    /// The index; nil for the one used before.
    public let index: String?
}

/// `ALTER DATABASE … SET TABLESPACE` and its other options, and `CREATE DATABASE` and `DROP DATABASE`.
public struct DatabaseStatement: Hashable, Sendable {
    /// The database.
    public let name: String
    /// Whether a missing database is no error; for DROP.
    public let ifExists: Bool
    /// The options.
    public let options: [StatementOption]
}

/// `CREATE SUBSCRIPTION`, `ALTER SUBSCRIPTION` and `DROP SUBSCRIPTION`.
public struct SubscriptionStatement: Hashable, Sendable {
    /// What is done.
    public enum Action: Hashable, Sendable {
        /// It is created.
        case create
        /// It is dropped.
        case drop
        /// Its publications are read again.
        case refresh
        /// Its publications are set, added or dropped.
        case setPublications
        /// Something else about it is altered.
        case alter
    }

    /// What is done.
    public let action: Action
    /// The subscription.
    public let name: String
    /// The options in `WITH (…)` or `SET (…)`.
    public let options: [StatementOption]

    /// The value of an option that is on or off; nil where it is not given.
    func isOn(_ name: String) -> Bool? { options.first { $0.name == name }?.isOn }
}

extension NodeReader {
    func vacuum(_ statement: PgQuery__VacuumStmt) -> Vacuum {
        Vacuum(
            isAnalyzeOnly: statement.is_vacuumcmd == 0,
            relations: relations(statement.rels, statement.n_rels),
            options: options(statement.options, statement.n_options)
        )
    }

    func reindex(_ statement: PgQuery__ReindexStmt) -> Reindex? {
        let options = options(statement.params, statement.n_params)
        let relation = relation(statement.relation)
        let target: Reindex.Target?
        switch statement.kind {
        case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_INDEX: target = relation.map { .index($0) }
        case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_TABLE: target = relation.map { .table($0) }
        case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SCHEMA: target = .schema(text(statement.name) ?? "")
        case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_DATABASE: target = .database(text(statement.name))
        case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SYSTEM: target = .system(text(statement.name))
        default: target = nil
        }
        return target.map { target in
            Reindex(target: target, isConcurrent: options.contains { $0.name == "concurrently" && $0.isOn })
        }
    }

    func createSubscription(_ statement: PgQuery__CreateSubscriptionStmt) -> SubscriptionStatement {
        SubscriptionStatement(
            action: .create,
            name: text(statement.subname) ?? "",
            options: options(statement.options, statement.n_options)
        )
    }

    func alterSubscription(_ statement: PgQuery__AlterSubscriptionStmt) -> SubscriptionStatement {
        let action: SubscriptionStatement.Action =
            switch statement.kind {
            case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_REFRESH: .refresh
            case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_SET_PUBLICATION,
                PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_ADD_PUBLICATION,
                PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_DROP_PUBLICATION:
                .setPublications
            default: .alter
            }
        return SubscriptionStatement(
            action: action,
            name: text(statement.subname) ?? "",
            options: options(statement.options, statement.n_options)
        )
    }
}
