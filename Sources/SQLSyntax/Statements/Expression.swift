import CPgQuery

/// An expression inside a statement, such as a default or a condition.
public struct Expression: Hashable, Sendable {
    /// The expression in PostgreSQL's words, in one spelling for all ways to write it; empty if it is too large.
    public let sql: String
    /// The kind of its outermost node, such as `A_Const`, `FuncCall` or `TypeCast`.
    public let kind: String
    /// The byte of the script where its first node with a known place begins.
    public let location: Int?
    /// The functions that it calls, the outer before the inner.
    public let functionCalls: [FunctionCall]
    /// The columns that it names.
    public let columns: [ColumnReference]

    /// Whether the expression is a constant, with or without a cast, and neither calls nor reads anything.
    public let isConstant: Bool
}

extension NodeReader {
    func expression(_ node: Node?) -> Expression? {
        guard let node else { return nil }
        let syntax = SyntaxNode(UnsafeRawPointer(node), in: tree)
        var locations: [Int] = []
        var calls: [FunctionCall] = []
        var columns: [ColumnReference] = []
        var isConstant = true
        var count = 0
        syntax.forEachNode { inner in
            count += 1
            if let location = inner.location { locations.append(location) }
            switch inner.kind {
            case "FuncCall": inner.functionCall.map { calls.append($0) }
            case "ColumnRef": inner.columnReference.map { columns.append($0) }
            default: break
            }
            let kinds = ["A_Const", "TypeCast", "TypeName", "String", "Integer", "Float", "Boolean", "BitString"]
            isConstant = isConstant && kinds.contains(inner.kind)
        }
        let nesting = Nesting(nodeCount: count)
        return Expression(
            sql: count <= Nesting.limit ? nesting.onSufficientStack { deparse(node) ?? "" } ?? "" : "",
            kind: syntax.kind,
            location: locations.min(),
            functionCalls: calls,
            columns: columns,
            isConstant: isConstant
        )
    }

    /// Writes an expression with libpg_query, which writes whole statements only: so as `SELECT expression`.
    private func deparse(_ expression: Node) -> String? {
        var target = PgQuery__ResTarget()
        pg_query__res_target__init(&target)
        target.val = expression
        return withUnsafeMutablePointer(to: &target) { target in
            deparse(selecting: wrap(PG_QUERY__NODE__NODE_RES_TARGET) { $0.res_target = target })
        }
    }

    private func deparse(selecting target: PgQuery__Node) -> String? {
        var target = target
        return withUnsafeMutablePointer(to: &target) { target in
            var targets: UnsafeMutablePointer<PgQuery__Node>? = target
            return withUnsafeMutablePointer(to: &targets) { targets in
                var select = PgQuery__SelectStmt()
                pg_query__select_stmt__init(&select)
                select.n_target_list = 1
                select.target_list = targets
                select.limit_option = PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_DEFAULT
                select.op = PG_QUERY__SET_OPERATION__SETOP_NONE
                return withUnsafeMutablePointer(to: &select) { select in
                    deparse(wrap(PG_QUERY__NODE__NODE_SELECT_STMT) { $0.select_stmt = select })
                }
            }
        }
    }

    private func deparse(_ statement: PgQuery__Node) -> String? {
        var statement = statement
        return withUnsafeMutablePointer(to: &statement) { statement in
            var raw = PgQuery__RawStmt()
            pg_query__raw_stmt__init(&raw)
            raw.stmt = statement
            return withUnsafeMutablePointer(to: &raw) { raw in
                var statements: UnsafeMutablePointer<PgQuery__RawStmt>? = raw
                return withUnsafeMutablePointer(to: &statements) { statements in
                    var result = PgQuery__ParseResult()
                    pg_query__parse_result__init(&result)
                    result.n_stmts = 1
                    result.stmts = statements
                    return deparse(&result)
                }
            }
        }
    }

    private func deparse(_ result: inout PgQuery__ParseResult) -> String? {
        let size = pg_query__parse_result__get_packed_size(&result)
        let packed = UnsafeMutablePointer<UInt8>.allocate(capacity: max(size, 1))
        defer { packed.deallocate() }
        pg_query__parse_result__pack(&result, packed)
        let deparsed = packed.withMemoryRebound(to: CChar.self, capacity: size) { data in
            pg_query_deparse_protobuf(PgQueryProtobuf(len: size, data: data))
        }
        defer { pg_query_free_deparse_result(deparsed) }
        guard deparsed.error == nil, let query = deparsed.query else { return nil }
        let sql = String(cString: query)
        return sql.hasPrefix("SELECT ") ? String(sql.dropFirst("SELECT ".count)) : nil
    }

    private func wrap(_ kind: PgQuery__Node__NodeCase, _ set: (inout PgQuery__Node) -> Void) -> PgQuery__Node {
        var node = PgQuery__Node()
        pg_query__node__init(&node)
        node.node_case = kind
        set(&node)
        return node
    }
}
