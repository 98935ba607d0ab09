import CPgQuery

/// A column, as CREATE TABLE and ADD COLUMN define it.
public struct ColumnDefinition: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// Its type; nil where a typed table or partition has it from elsewhere.
    public let type: SQLType?
    /// Its constraints, with NOT NULL, defaults, identity and generation, in the order written.
    public let constraints: [TableConstraint]
    /// The collation, if one was written.
    public let collation: QualifiedName?
    /// The byte in the script where it begins; nil if the parser does not say.
    public let offset: Int?

    /// Whether it takes no nulls: by NOT NULL, as primary key or as identity.
    public var isNotNull: Bool { constraints.contains { [.notNull, .primaryKey, .identity].contains($0.kind) } }

    /// Its default, if one was written.
    public var defaultValue: SQLExpression? { constraints.first { $0.kind == .default }?.expression }
}

extension TreeReader {
    /// A column; ALTER COLUMN gives its name apart from the definition.
    func column(_ column: PgQuery__ColumnDef, name: String? = nil) -> ColumnDefinition {
        let collation = column.coll_clause?.pointee
        return ColumnDefinition(
            name: text(column.colname) ?? name ?? "",
            type: type(column.type_name),
            constraints: constraints(
                nodes(column.n_constraints, column.constraints),
                before: collation.flatMap { offset($0.location) }
            ),
            collation: collation.map { self.name($0.n_collname, $0.collname) },
            offset: offset(column.location)
        )
    }

    /// The columns of a list, which may hold other things too.
    func columns(_ list: [PgQuery__Node], name: String? = nil) -> [ColumnDefinition] {
        list.filter { $0.node_case == PG_QUERY__NODE__NODE_COLUMN_DEF }.map {
            column($0.column_def.pointee, name: name)
        }
    }
}
