import CPgQuery

/// `CREATE VIEW`.
public struct CreateView: Hashable, Sendable {
    /// The view.
    public let view: RelationReference
    /// Whether an existing view is replaced.
    public let orReplace: Bool
    /// The names given to its columns; empty where the query names them.
    public let columns: [String]
    /// The options in `WITH (…)`.
    public let options: [StatementOption]
    /// The relations that the query reads.
    public let reads: [RelationReference]
}

/// `CREATE TABLE … AS` and `CREATE MATERIALIZED VIEW`.
public struct CreateTableAs: Hashable, Sendable {
    /// The new relation.
    public let relation: RelationReference
    /// Whether it is a materialized view.
    public let isMaterializedView: Bool
    /// How long the relation lives.
    public let persistence: Persistence
    /// Whether an existing relation of that name is left as it is.
    public let ifNotExists: Bool
    /// Whether the query is run at once; false for `WITH NO DATA`.
    public let isFilled: Bool
    /// The relations that the query reads.
    public let reads: [RelationReference]
}

/// `REFRESH MATERIALIZED VIEW`.
public struct RefreshMaterializedView: Hashable, Sendable {
    /// The view.
    public let view: RelationReference
    /// Whether readers are let in meanwhile.
    public let isConcurrent: Bool
    /// Whether the query is run; false for `WITH NO DATA`.
    public let isFilled: Bool
}

extension NodeReader {
    func createView(_ statement: PgQuery__ViewStmt) -> CreateView? {
        guard let view = relation(statement.view) else { return nil }
        return CreateView(
            view: view,
            orReplace: statement.replace != 0,
            columns: strings(statement.aliases, statement.n_aliases),
            options: options(statement.options, statement.n_options),
            reads: relationsRead(by: statement.query)
        )
    }

    func createTableAs(_ statement: PgQuery__CreateTableAsStmt) -> CreateTableAs? {
        guard let into = statement.into?.pointee, let relation = relation(into.rel) else { return nil }
        return CreateTableAs(
            relation: relation,
            isMaterializedView: statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW,
            persistence: Persistence(into.rel),
            ifNotExists: statement.if_not_exists != 0,
            isFilled: into.skip_data == 0,
            reads: relationsRead(by: statement.query)
        )
    }

    func refresh(_ statement: PgQuery__RefreshMatViewStmt) -> RefreshMaterializedView? {
        guard let view = relation(statement.relation) else { return nil }
        return RefreshMaterializedView(
            view: view,
            isConcurrent: statement.concurrent != 0,
            isFilled: statement.skip_data == 0
        )
    }

    /// The relations anywhere in a query, without the names of its own WITH queries.
    func relationsRead(by query: Node?) -> [RelationReference] {
        guard let query else { return [] }
        var relations: [RelationReference] = []
        var local: Set<String> = []
        SyntaxNode(UnsafeRawPointer(query), in: tree).forEachNode { node in
            if let relation = node.relation { relations.append(relation) }
            if node.kind == "CommonTableExpr", let name = node.text("ctename") { local.insert(name) }
        }
        return relations.filter { $0.name.schema != nil || !local.contains($0.name.name) }
    }
}
