import CPgQuery

/// `CREATE VIEW`.
public struct CreateViewStatement: Hashable, Sendable {
    /// The view.
    public let view: RelationReference
    /// Whether it may take the place of one of that name.
    public let replace: Bool
    /// How long it lives.
    public let persistence: Persistence
    /// Its columns' names, where they are given apart from the query.
    public let columns: [String]
    /// The options, with `WITH`.
    public let options: [SQLOption]
}

/// `CREATE TABLE AS`, `SELECT INTO` and `CREATE MATERIALIZED VIEW`.
public struct CreateTableAsStatement: Hashable, Sendable {
    /// The table or materialized view.
    public let table: RelationReference
    /// Whether one of that name is no error.
    public let ifNotExists: Bool
    /// How long it lives.
    public let persistence: Persistence
    /// Its columns' names, where they are given apart from the query.
    public let columns: [String]
    /// Whether it gets the query's rows; false with `WITH NO DATA`.
    public let withData: Bool
    /// Whether it is written as `SELECT INTO`.
    public let isSelectInto: Bool
    /// The storage parameters, with `WITH`.
    public let options: [SQLOption]
}

/// `REFRESH MATERIALIZED VIEW`.
public struct RefreshMaterializedViewStatement: Hashable, Sendable {
    /// The materialized view.
    public let view: RelationReference
    /// Whether it can be read meanwhile.
    public let isConcurrent: Bool
    /// Whether it gets the query's rows; false with `WITH NO DATA`.
    public let withData: Bool
}

extension TreeReader {
    func createView(_ create: PgQuery__ViewStmt) -> SQLNode {
        guard let view = relation(create.view) else { return .other(kind: "ViewStmt") }
        return .createView(
            CreateViewStatement(
                view: view,
                replace: create.replace != 0,
                persistence: persistence(create.view),
                columns: texts(create.n_aliases, create.aliases),
                options: options(create.n_options, create.options)
            )
        )
    }

    func createTableAs(_ create: PgQuery__CreateTableAsStmt) -> SQLNode {
        guard let table = create.into.flatMap({ createTableAs($0.pointee, ifNotExists: create.if_not_exists != 0) })
        else {
            return .other(kind: "CreateTableAsStmt")
        }
        return ObjectKind(create.objtype) == .materializedView ? .createMaterializedView(table) : .createTableAs(table)
    }

    func createTableAs(_ into: PgQuery__IntoClause, ifNotExists: Bool, isSelectInto: Bool = false)
        -> CreateTableAsStatement?
    {
        guard let table = relation(into.rel) else { return nil }
        return CreateTableAsStatement(
            table: table,
            ifNotExists: ifNotExists,
            persistence: persistence(into.rel),
            columns: texts(into.n_col_names, into.col_names),
            withData: into.skip_data == 0,
            isSelectInto: isSelectInto,
            options: options(into.n_options, into.options)
        )
    }

    func refresh(_ refresh: PgQuery__RefreshMatViewStmt) -> SQLNode {
        guard let view = relation(refresh.relation) else { return .other(kind: "RefreshMatViewStmt") }
        return .refreshMaterializedView(
            RefreshMaterializedViewStatement(
                view: view,
                isConcurrent: refresh.concurrent != 0,
                withData: refresh.skip_data == 0
            )
        )
    }
}
