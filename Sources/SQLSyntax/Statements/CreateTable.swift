import CPgQuery

/// `CREATE TABLE` and `CREATE FOREIGN TABLE`.
public struct CreateTable: Hashable, Sendable {
    /// The table.
    public let table: RelationReference
    /// How long the table and its contents live.
    public let persistence: Persistence
    /// Whether an existing table of that name is left as it is.
    public let ifNotExists: Bool
    /// The columns, each with the constraints written at it.
    public let columns: [ColumnDefinition]
    /// The constraints that stand by themselves.
    public let constraints: [ConstraintDefinition]
    /// The tables in `INHERITS (…)`.
    public let inherits: [RelationReference]
    /// The table that this one is a partition of.
    public let partitionOf: RelationReference?
    /// The rows that it takes as a partition.
    public let partitionBound: PartitionBound?
    /// Whether the table is partitioned itself, and how: `range`, `list` or `hash`.
    public let partitionStrategy: String?
    /// The tables in `LIKE …`.
    public let like: [RelationReference]
    /// The options in `WITH (…)`.
    public let options: [StatementOption]
    /// The server of a foreign table; nil for any other.
    public let foreignServer: String?
}

/// How long a relation and its contents live.
public enum Persistence: String, Hashable, Sendable {
    /// Until it is dropped.
    case permanent = "p"
    /// Until it is dropped; its contents until the server crashes.
    case unlogged = "u"
    /// Until the session ends.
    case temporary = "t"

    init(_ relation: UnsafeMutablePointer<PgQuery__RangeVar>?) {
        self = NodeReader.text(relation?.pointee.relpersistence).flatMap { Persistence(rawValue: $0) } ?? .permanent
    }
}

/// A column as CREATE TABLE or ADD COLUMN defines it.
public struct ColumnDefinition: Hashable, Sendable {
    /// The column's name; empty for the definition in `ALTER COLUMN … TYPE`.
    public let name: String
    /// The column's type; nil for a column of a typed table or of a partition.
    public let type: TypeReference?
    /// The collation, if one is written.
    public let collation: QualifiedName?
    /// The constraints written at the column, in their order; a default counts as one.
    public let constraints: [ConstraintDefinition]
    /// The byte of the script where the definition begins.
    public let location: Int?

    /// The default, if one is written.
    public var defaultExpression: Expression? { constraint(.default)?.expression }
    /// Whether the column may not be null, by NOT NULL, PRIMARY KEY or as an identity.
    public var isNotNull: Bool { constraints.contains { [.notNull, .primaryKey, .identity].contains($0.kind) } }

    /// The first of the column's constraints that is of a kind.
    public func constraint(_ kind: ConstraintDefinition.Kind) -> ConstraintDefinition? {
        constraints.first { $0.kind == kind }
    }
}

extension NodeReader {
    func createTable(_ statement: PgQuery__CreateStmt, server: String? = nil) -> CreateTable? {
        guard let table = relation(statement.relation) else { return nil }
        let elements = list(statement.table_elts, statement.n_table_elts)
        let parents = relations(statement.inh_relations, statement.n_inh_relations)
        let isPartition = statement.partbound != nil
        return CreateTable(
            table: table,
            persistence: Persistence(statement.relation),
            ifNotExists: statement.if_not_exists != 0,
            columns: elements.filter { $0.pointee.node_case == PG_QUERY__NODE__NODE_COLUMN_DEF }
                .map { column($0.pointee.column_def.pointee) },
            constraints: constraints(elements + list(statement.constraints, statement.n_constraints)),
            inherits: isPartition ? [] : parents,
            partitionOf: isPartition ? parents.first : nil,
            partitionBound: partitionBound(statement.partbound),
            partitionStrategy: statement.partspec.flatMap { text($0.pointee.strategy) },
            like: elements.filter { $0.pointee.node_case == PG_QUERY__NODE__NODE_TABLE_LIKE_CLAUSE }
                .compactMap { relation($0.pointee.table_like_clause.pointee.relation) },
            options: options(statement.options, statement.n_options),
            foreignServer: server
        )
    }

    func column(_ column: PgQuery__ColumnDef) -> ColumnDefinition {
        ColumnDefinition(
            name: text(column.colname) ?? "",
            type: type(column.type_name),
            collation: column.coll_clause.map { name($0.pointee.collname, $0.pointee.n_collname) },
            constraints: constraints(list(column.constraints, column.n_constraints)),
            location: location(column.location)
        )
    }
}
