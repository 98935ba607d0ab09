import CPgQuery

/// `INSERT`, `UPDATE`, `DELETE` and `MERGE`.
public struct DataChange: Hashable, Sendable {
    /// Which of them it is.
    public enum Kind: String, Hashable, Sendable {
        /// `INSERT`.
        case insert
        /// `UPDATE`.
        case update
        /// `DELETE`.
        case delete
        /// `MERGE`.
        case merge
    }

    /// What it does.
    public let kind: Kind
    /// The relation that is written to.
    public let target: RelationReference
    /// The columns that are written, as far as the statement names them.
    public let columns: [String]
    /// The condition of an UPDATE or a DELETE; nil where every row is meant, and for INSERT and MERGE.
    public let condition: Expression?
}

/// `SELECT`, `VALUES` and `TABLE`.
public struct Select: Hashable, Sendable {
    /// The table that `SELECT … INTO` creates.
    public let into: RelationReference?
    /// The relations anywhere in the query, without those that its WITH queries define.
    public let reads: [RelationReference]
}

/// `COPY`.
public struct Copy: Hashable, Sendable {
    /// The relation; nil where a query is copied.
    public let relation: RelationReference?
    /// Whether data go into the relation, rather than out of it.
    public let isFrom: Bool
    /// Whether they come from, or go to, the client: STDIN or STDOUT.
    public let isThroughClient: Bool
    /// Whether a program on the server is at the other end.
    public let isProgram: Bool
    /// The file or the program on the server.
    public let file: String?
    /// The columns; empty for all.
    public let columns: [String]
    /// The options, such as `format`.
    public let options: [StatementOption]
}

/// `LOCK TABLE`.
public struct LockTable: Hashable, Sendable {
    /// The relations.
    public let relations: [RelationReference]
    /// The lock, in the words of the manual, such as `ACCESS EXCLUSIVE`.
    public let mode: String
    /// Whether it fails rather than waits.
    public let isNoWait: Bool
}

/// `TRUNCATE`.
public struct Truncate: Hashable, Sendable {
    /// The tables.
    public let tables: [RelationReference]
    /// Whether their sequences start again.
    public let restartsIdentity: Bool
    /// Whether the tables that refer to them are emptied too.
    public let cascades: Bool
}

extension NodeReader {
    func insert(_ statement: PgQuery__InsertStmt) -> DataChange? {
        change(.insert, statement.relation, columns: targets(statement.cols, statement.n_cols), condition: nil)
    }

    func update(_ statement: PgQuery__UpdateStmt) -> DataChange? {
        let columns = targets(statement.target_list, statement.n_target_list)
        return change(.update, statement.relation, columns: columns, condition: statement.where_clause)
    }

    func delete(_ statement: PgQuery__DeleteStmt) -> DataChange? {
        change(.delete, statement.relation, columns: [], condition: statement.where_clause)
    }

    func merge(_ statement: PgQuery__MergeStmt) -> DataChange? {
        change(.merge, statement.relation, columns: [], condition: nil)
    }

    private func change(
        _ kind: DataChange.Kind,
        _ target: UnsafeMutablePointer<PgQuery__RangeVar>?,
        columns: [String],
        condition: Node?
    ) -> DataChange? {
        relation(target).map {
            DataChange(kind: kind, target: $0, columns: columns, condition: expression(condition))
        }
    }

    private func targets(_ start: NodeList?, _ count: Int) -> [String] {
        list(start, count).compactMap { node in
            guard node.pointee.node_case == PG_QUERY__NODE__NODE_RES_TARGET else { return nil }
            return text(node.pointee.res_target.pointee.name)
        }
    }

    func select(_ node: Node) -> Select {
        let into = relation(node.pointee.select_stmt.pointee.into_clause?.pointee.rel)
        return Select(into: into, reads: relationsRead(by: node).filter { $0 != into })
    }

    func copy(_ statement: PgQuery__CopyStmt) -> Copy {
        let file = text(statement.filename)
        return Copy(
            relation: relation(statement.relation),
            isFrom: statement.is_from != 0,
            isThroughClient: file == nil && statement.is_program == 0,
            isProgram: statement.is_program != 0,
            file: file,
            columns: strings(statement.attlist, statement.n_attlist),
            options: options(statement.options, statement.n_options)
        )
    }

    func lock(_ statement: PgQuery__LockStmt) -> LockTable {
        // PostgreSQL's lockdefs.h, from 1.
        let modes = [
            "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE",
            "EXCLUSIVE", "ACCESS EXCLUSIVE",
        ]
        let mode = Int(statement.mode) - 1
        return LockTable(
            relations: relations(statement.relations, statement.n_relations),
            mode: modes.indices.contains(mode) ? modes[mode] : "",
            isNoWait: statement.nowait != 0
        )
    }

    func truncate(_ statement: PgQuery__TruncateStmt) -> Truncate {
        Truncate(
            tables: relations(statement.relations, statement.n_relations),
            restartsIdentity: statement.restart_seqs != 0,
            cascades: statement.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE
        )
    }
}
