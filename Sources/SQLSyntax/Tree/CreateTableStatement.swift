import CPgQuery

/// How long a relation lives, and whether it survives a crash.
public enum Persistence: String, Hashable, Sendable {
    /// Until it is dropped.
    case permanent = "p"
    /// Until it is dropped, but emptied by a crash.
    case unlogged = "u"
    /// As long as the session.
    case temporary = "t"
}

/// `CREATE TABLE` and `CREATE FOREIGN TABLE`.
public struct CreateTableStatement: Hashable, Sendable {
    /// How rows are spread over partitions.
    public struct PartitionKey: Hashable, Sendable {
        /// `list`, `range` or `hash`.
        public let strategy: String
        /// The columns; nil stands for an expression.
        public let columns: [String?]
    }

    /// The table.
    public let table: RelationReference
    /// Whether a table of that name is no error.
    public let ifNotExists: Bool
    /// How long it lives.
    public let persistence: Persistence
    /// Its columns.
    public let columns: [ColumnDefinition]
    /// The constraints that stand for themselves; those of columns are with these.
    public let constraints: [TableConstraint]
    /// The tables from which it inherits.
    public let inherits: [RelationReference]
    /// The tables after which it is made, with `LIKE`.
    public let like: [RelationReference]
    /// How it is partitioned, with `PARTITION BY`.
    public let partitionKey: PartitionKey?
    /// The table of which it is a partition, with `PARTITION OF`.
    public let partitionOf: RelationReference?
    /// The composite type that it is of, with `OF`.
    public let ofType: SQLType?
    /// The storage parameters, with `WITH`, and what they are set to.
    public let options: [SQLOption]
    /// The foreign server that has its rows, with `CREATE FOREIGN TABLE`.
    public let foreignServer: String?

    /// All constraints, those of columns too.
    public var allConstraints: [TableConstraint] { columns.flatMap(\.constraints) + constraints }
}

extension TreeReader {
    func createTable(_ create: PgQuery__CreateStmt, server: String? = nil) -> SQLNode {
        guard let table = relation(create.relation) else { return .other(kind: "CreateStmt") }
        let elements = nodes(create.n_table_elts, create.table_elts)
        let parents = relations(create.n_inh_relations, create.inh_relations)
        return .createTable(
            CreateTableStatement(
                table: table,
                ifNotExists: create.if_not_exists != 0,
                persistence: persistence(create.relation),
                columns: columns(elements),
                constraints: constraints(elements),
                inherits: create.partbound == nil ? parents : [],
                like: elements.filter { $0.node_case == PG_QUERY__NODE__NODE_TABLE_LIKE_CLAUSE }
                    .compactMap { relation($0.table_like_clause.pointee.relation) },
                partitionKey: create.partspec.map { partitionKey($0.pointee) },
                partitionOf: create.partbound == nil ? nil : parents.first,
                ofType: type(create.of_typename),
                options: options(create.n_options, create.options),
                foreignServer: server
            )
        )
    }

    func relations(_ count: Int, _ list: List?) -> [RelationReference] {
        nodes(count, list).filter { $0.node_case == PG_QUERY__NODE__NODE_RANGE_VAR }.compactMap {
            relation($0.range_var)
        }
    }

    func persistence(_ relation: UnsafeMutablePointer<PgQuery__RangeVar>?) -> Persistence {
        (relation?.pointee.relpersistence).flatMap { text($0) }.flatMap(Persistence.init) ?? .permanent
    }

    private func partitionKey(_ key: PgQuery__PartitionSpec) -> CreateTableStatement.PartitionKey {
        CreateTableStatement.PartitionKey(
            strategy: text(key.strategy) ?? "",
            columns: nodes(key.n_part_params, key.part_params).map { element in
                element.node_case == PG_QUERY__NODE__NODE_PARTITION_ELEM
                    ? text(element.partition_elem.pointee.name) : nil
            }
        )
    }
}
