import CPgQuery

/// `INSERT`.
public struct InsertStatement: Hashable, Sendable {
    /// What happens to a row whose key is there already.
    public enum Conflict: Hashable, Sendable {
        /// It is an error.
        case error
        /// The row is left out.
        case doNothing
        /// The row that is there is changed.
        case update
    }

    /// The table that gets the rows.
    public let table: RelationReference
    /// The columns named; empty for all in their order.
    public let columns: [String]
    /// What happens to a row whose key is there already.
    public let onConflict: Conflict
    /// Whether the rows are written out, with `VALUES`, and come from no query.
    public let isValues: Bool
}

/// `UPDATE`.
public struct UpdateStatement: Hashable, Sendable {
    /// The table whose rows change.
    public let table: RelationReference
    /// The columns that get new values.
    public let columns: [String]
    /// Whether `WHERE` limits the rows.
    public let hasWhere: Bool
    /// Whether other tables take part, with `FROM`.
    public let hasFrom: Bool
}

/// `DELETE`.
public struct DeleteStatement: Hashable, Sendable {
    /// The table whose rows go.
    public let table: RelationReference
    /// Whether `WHERE` limits the rows.
    public let hasWhere: Bool
    /// Whether other tables take part, with `USING`.
    public let hasUsing: Bool
}

/// `MERGE`.
public struct MergeStatement: Hashable, Sendable {
    /// The table whose rows change.
    public let table: RelationReference
}

/// `SELECT`, `VALUES` and `TABLE`.
public struct SelectStatement: Hashable, Sendable {
    /// Whether it reads tables or functions, with `FROM`.
    public let hasFrom: Bool
    /// Whether `WHERE` limits the rows.
    public let hasWhere: Bool
    /// Whether `LIMIT` limits the rows.
    public let hasLimit: Bool
    /// Whether it locks rows, with `FOR UPDATE` and the like.
    public let locksRows: Bool
    /// Whether it is made of several queries, with `UNION` and the like; the other properties are then about the whole.
    public let isSetOperation: Bool
}

/// `COPY`.
public struct CopyStatement: Hashable, Sendable {
    /// The other end.
    public enum Endpoint: Hashable, Sendable {
        /// The client: `STDIN` or `STDOUT`.
        case client
        /// A file on the server.
        case file(String)
        /// A program on the server.
        case program(String)
    }

    /// The table; nil where a query gives the rows.
    public let table: RelationReference?
    /// The columns named; empty for all in their order.
    public let columns: [String]
    /// Whether rows go into the table.
    public let isFrom: Bool
    /// The other end.
    public let endpoint: Endpoint
    /// The options, such as `format`.
    public let options: [SQLOption]
}

extension TreeReader {
    func insert(_ insert: PgQuery__InsertStmt) -> SQLNode {
        guard let table = relation(insert.relation) else { return .other(kind: "InsertStmt") }
        let query = insert.select_stmt?.pointee
        let rows =
            query?.node_case == PG_QUERY__NODE__NODE_SELECT_STMT ? query?.select_stmt.pointee.n_values_lists : nil
        let conflict: InsertStatement.Conflict =
            switch insert.on_conflict_clause?.pointee.action {
            case PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_NOTHING: .doNothing
            case PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE: .update
            default: .error
            }
        return .insert(
            InsertStatement(
                table: table,
                columns: targets(insert.n_cols, insert.cols),
                onConflict: conflict,
                isValues: rows ?? 0 > 0
            )
        )
    }

    func update(_ update: PgQuery__UpdateStmt) -> SQLNode {
        guard let table = relation(update.relation) else { return .other(kind: "UpdateStmt") }
        return .update(
            UpdateStatement(
                table: table,
                columns: targets(update.n_target_list, update.target_list),
                hasWhere: update.where_clause != nil,
                hasFrom: update.n_from_clause > 0
            )
        )
    }

    func delete(_ delete: PgQuery__DeleteStmt) -> SQLNode {
        guard let table = relation(delete.relation) else { return .other(kind: "DeleteStmt") }
        return .delete(
            DeleteStatement(table: table, hasWhere: delete.where_clause != nil, hasUsing: delete.n_using_clause > 0)
        )
    }

    func merge(_ merge: PgQuery__MergeStmt) -> SQLNode {
        relation(merge.relation).map { .merge(MergeStatement(table: $0)) } ?? .other(kind: "MergeStmt")
    }

    func select(_ select: PgQuery__SelectStmt) -> SQLNode {
        if let into = firstInto(select), let table = createTableAs(into, ifNotExists: false, isSelectInto: true) {
            return .createTableAs(table)
        }
        return .select(
            SelectStatement(
                hasFrom: select.n_from_clause > 0,
                hasWhere: select.where_clause != nil,
                hasLimit: select.limit_count != nil,
                locksRows: select.n_locking_clause > 0,
                isSetOperation: select.larg != nil
            )
        )
    }

    func copy(_ copy: PgQuery__CopyStmt) -> SQLNode {
        let name = text(copy.filename)
        return .copy(
            CopyStatement(
                table: relation(copy.relation),
                columns: texts(copy.n_attlist, copy.attlist),
                isFrom: copy.is_from != 0,
                endpoint: name.map { copy.is_program != 0 ? .program($0) : .file($0) } ?? .client,
                options: options(copy.n_options, copy.options)
            )
        )
    }

    /// INTO stands with the first of the queries of a UNION.
    private func firstInto(_ select: PgQuery__SelectStmt) -> PgQuery__IntoClause? {
        var select = select
        while select.into_clause == nil, let left = select.larg { select = left.pointee }
        return select.into_clause?.pointee
    }

    private func targets(_ count: Int, _ list: List?) -> [String] {
        nodes(count, list).filter { $0.node_case == PG_QUERY__NODE__NODE_RES_TARGET }.compactMap {
            text($0.res_target.pointee.name)
        }
    }
}
