import CPgQuery

/// `VACUUM` and `ANALYZE`.
public struct VacuumStatement: Hashable, Sendable {
    /// The tables; empty for all.
    public let tables: [RelationReference]
    /// The options by the grammar's names: `full`, `analyze`, `verbose` and so on.
    public let options: [SQLOption]

    /// Whether tables are written anew, which locks them for everything.
    public var isFull: Bool { options.contains { $0.name == "full" && $0.isOn } }
}

/// `REINDEX`.
public struct ReindexStatement: Hashable, Sendable {
    /// What is built anew.
    public enum Target: Hashable, Sendable {
        /// An index.
        case index(RelationReference)
        /// The indexes of a table.
        case table(RelationReference)
        /// The indexes of a schema.
        case schema(String)
        /// The indexes of the system's tables.
        case system(String)
        /// The indexes of the database.
        case database(String)
    }

    /// What is built anew.
    public let target: Target
    /// Whether it does not stop writes.
    public let isConcurrent: Bool
}

/// `CLUSTER`.
public struct ClusterStatement: Hashable, Sendable {
    /// The table; nil for all that were clustered before.
    public let table: RelationReference?
    /// The index by which; nil for the one used before.
    public let indexName: String?
}

/// The strength of a lock on a table, weakest first (PostgreSQL manual, 13.3.1 Table-Level Locks).
public enum LockMode: Int, Comparable, Hashable, Sendable {
    /// `ACCESS SHARE`: reading.
    case accessShare = 1
    /// `ROW SHARE`: locking rows.
    case rowShare = 2
    /// `ROW EXCLUSIVE`: writing.
    case rowExclusive = 3
    /// `SHARE UPDATE EXCLUSIVE`: maintenance that lets others write.
    case shareUpdateExclusive = 4
    /// `SHARE`: nobody writes.
    case share = 5
    /// `SHARE ROW EXCLUSIVE`: nobody else writes.
    case shareRowExclusive = 6
    /// `EXCLUSIVE`: others only read.
    case exclusive = 7
    /// `ACCESS EXCLUSIVE`: nobody else even reads.
    case accessExclusive = 8

    /// Whether the left lock is the weaker one.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// `LOCK TABLE`.
public struct LockStatement: Hashable, Sendable {
    /// The tables.
    public let tables: [RelationReference]
    /// How strong the lock is.
    public let mode: LockMode
    /// Whether it fails at once where it would have to wait.
    public let noWait: Bool
}

/// `TRUNCATE`.
public struct TruncateStatement: Hashable, Sendable {
    /// The tables.
    public let tables: [RelationReference]
    /// Whether their sequences begin anew.
    public let restartsIdentity: Bool
    /// Whether `CASCADE` empties the tables that refer to them too.
    public let isCascade: Bool
}

extension SQLOption {
    /// Whether an option that stands alone or has a truth value is on.
    var isOn: Bool { value.map { ["true", "on", "1"].contains($0) } ?? true }
}

extension TreeReader {
    func vacuum(_ vacuum: PgQuery__VacuumStmt) -> SQLNode {
        let tables = nodes(vacuum.n_rels, vacuum.rels).filter { $0.node_case == PG_QUERY__NODE__NODE_VACUUM_RELATION }
        let work = VacuumStatement(
            tables: tables.compactMap { relation($0.vacuum_relation.pointee.relation) },
            options: options(vacuum.n_options, vacuum.options)
        )
        return vacuum.is_vacuumcmd != 0 ? .vacuum(work) : .analyze(work)
    }

    func reindex(_ reindex: PgQuery__ReindexStmt) -> SQLNode {
        let name = text(reindex.name) ?? ""
        let target: ReindexStatement.Target? =
            switch reindex.kind {
            case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_INDEX: relation(reindex.relation).map { .index($0) }
            case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_TABLE: relation(reindex.relation).map { .table($0) }
            case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SCHEMA: .schema(name)
            case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SYSTEM: .system(name)
            default: .database(name)
            }
        let options = options(reindex.n_params, reindex.params)
        let isConcurrent = options.contains { $0.name == "concurrently" && $0.isOn }
        return target.map { .reindex(ReindexStatement(target: $0, isConcurrent: isConcurrent)) }
            ?? .other(kind: "ReindexStmt")
    }

    func lock(_ lock: PgQuery__LockStmt) -> SQLNode {
        .lock(
            LockStatement(
                tables: relations(lock.n_relations, lock.relations),
                mode: LockMode(rawValue: Int(lock.mode)) ?? .accessExclusive,
                noWait: lock.nowait != 0
            )
        )
    }

    func truncate(_ truncate: PgQuery__TruncateStmt) -> SQLNode {
        .truncate(
            TruncateStatement(
                tables: relations(truncate.n_relations, truncate.relations),
                restartsIdentity: truncate.restart_seqs != 0,
                isCascade: truncate.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE
            )
        )
    }
}
