import CPgQuery

/// `CREATE INDEX`.
public struct CreateIndexStatement: Hashable, Sendable {
    /// What an index is over.
    public enum Element: Hashable, Sendable {
        /// A column.
        case column(String)
        /// An expression.
        case expression(SQLExpression)
    }

    /// The index's name; nil if the server makes one up.
    public let name: String?
    /// The table.
    public let table: RelationReference
    /// The access method, such as `btree`.
    public let method: String
    /// Whether no two rows may be equal in it.
    public let isUnique: Bool
    /// Whether it is built without stopping writes.
    public let isConcurrent: Bool
    /// Whether an index of that name is no error.
    public let ifNotExists: Bool
    /// What it is over.
    public let elements: [Element]
    /// The columns that it only carries, with `INCLUDE`.
    public let including: [String]
    /// Which rows are in it, with `WHERE`; nil for all.
    public let predicate: SQLExpression?
    /// Whether two nulls are equal, with `NULLS NOT DISTINCT`.
    public let nullsAreEqual: Bool
    /// The tablespace, if one was written.
    public let tablespace: String?
    /// The storage parameters, with `WITH`.
    public let options: [SQLOption]

    /// Whether it is over some of the rows only.
    public var hasPredicate: Bool { predicate != nil }

    /// The columns that it is over, without its expressions.
    public var columns: [String] {
        elements.compactMap { if case .column(let name) = $0 { name } else { nil } }
    }
}

extension TreeReader {
    func createIndex(_ index: PgQuery__IndexStmt) -> SQLNode {
        guard let table = relation(index.relation) else { return .other(kind: "IndexStmt") }
        return .createIndex(
            CreateIndexStatement(
                name: text(index.idxname),
                table: table,
                method: text(index.access_method) ?? "btree",
                isUnique: index.unique != 0,
                isConcurrent: index.concurrent != 0,
                ifNotExists: index.if_not_exists != 0,
                elements: indexElements(index.n_index_params, index.index_params).compactMap(element),
                including: indexElements(index.n_index_including_params, index.index_including_params)
                    .compactMap { text($0.name) },
                predicate: expression(index.where_clause, in: rest(behind: "WHERE")),
                nullsAreEqual: index.nulls_not_distinct != 0,
                tablespace: text(index.table_space),
                options: options(index.n_options, index.options)
            )
        )
    }

    private func indexElements(_ count: Int, _ list: List?) -> [PgQuery__IndexElem] {
        nodes(count, list).filter { $0.node_case == PG_QUERY__NODE__NODE_INDEX_ELEM }.map { $0.index_elem.pointee }
    }

    private func element(_ element: PgQuery__IndexElem) -> CreateIndexStatement.Element? {
        text(element.name).map { .column($0) } ?? expression(element.expr, in: nil).map { .expression($0) }
    }
}
