import CPgQuery

/// `CREATE INDEX`.
public struct CreateIndex: Hashable, Sendable {
    /// The index's name; nil where the server chooses one.
    public let name: String?
    /// The table that is indexed.
    public let table: RelationReference
    /// Whether the index forbids duplicates.
    public let isUnique: Bool
    /// Whether it is built CONCURRENTLY.
    public let isConcurrent: Bool
    /// Whether an existing relation of that name is left as it is.
    public let ifNotExists: Bool
    /// The access method, such as `btree`.
    public let method: String
    /// What is indexed, in its order.
    public let elements: [IndexElement]
    /// The columns in `INCLUDE (…)`.
    public let includedColumns: [String]
    /// The condition of a partial index.
    public let condition: Expression?
    /// The options in `WITH (…)`.
    public let options: [StatementOption]
}

/// A column or an expression of an index.
public struct IndexElement: Hashable, Sendable {
    /// The column; nil for an expression.
    public let column: String?
    /// The expression; nil for a column.
    public let expression: Expression?
    /// The operator class, if one is written.
    public let operatorClass: QualifiedName?
    /// Whether the order is descending.
    public let isDescending: Bool
}

extension NodeReader {
    func createIndex(_ statement: PgQuery__IndexStmt) -> CreateIndex? {
        guard let table = relation(statement.relation) else { return nil }
        return CreateIndex(
            name: text(statement.idxname),
            table: table,
            isUnique: statement.unique != 0,
            isConcurrent: statement.concurrent != 0,
            ifNotExists: statement.if_not_exists != 0,
            method: text(statement.access_method) ?? "btree",
            elements: elements(statement.index_params, statement.n_index_params),
            includedColumns: elements(statement.index_including_params, statement.n_index_including_params)
                .compactMap(\.column),
            condition: expression(statement.where_clause),
            options: options(statement.options, statement.n_options)
        )
    }

    private func elements(_ start: NodeList?, _ count: Int) -> [IndexElement] {
        list(start, count).compactMap { node in
            guard node.pointee.node_case == PG_QUERY__NODE__NODE_INDEX_ELEM else { return nil }
            let element = node.pointee.index_elem.pointee
            return IndexElement(
                column: text(element.name),
                expression: expression(element.expr),
                operatorClass: element.n_opclass > 0 ? name(element.opclass, element.n_opclass) : nil,
                isDescending: element.ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC
            )
        }
    }
}
