import CPgQuery

/// An expression: a default, a check, a predicate.
public struct SQLExpression: Hashable, Sendable {
    /// The expression as it stands in the script; nil if its place cannot be told.
    public let text: String?
    /// Where it stands in the script, in bytes; nil if its place cannot be told.
    public let range: Range<Int>?
    /// Whether it is a constant, with or without a cast.
    public let isConstant: Bool
    /// Whether it is NULL, with or without a cast.
    public let isNull: Bool
    /// The functions that it calls.
    public let functions: [FunctionReference]
    /// The columns that it names.
    public let columns: [ColumnReference]
    /// Whether it asks a subquery.
    public let hasSubquery: Bool
}

extension TreeReader {
    func expression(_ node: UnsafeMutablePointer<PgQuery__Node>?, in range: Range<Int>?) -> SQLExpression? {
        guard let node else { return nil }
        var functions: [FunctionReference] = []
        var columns: [ColumnReference] = []
        var hasSubquery = false
        var walk = TreeWalk(reader: self) { element in
            switch element {
            case .function(let function): functions.append(function)
            case .column(let column): columns.append(column)
            case .subquery: hasSubquery = true
            default: break
            }
        }
        walk.walk(TreeMessage(pointer: UnsafeMutableRawPointer(node)))
        let constant = constant(node.pointee)
        return SQLExpression(
            text: range.map { String(decoding: statement.bytes[$0], as: UTF8.self) },
            range: range,
            isConstant: constant != nil,
            isNull: constant?.isnull ?? 0 != 0,
            functions: functions,
            columns: columns,
            hasSubquery: hasSubquery
        )
    }

    /// The constant that a node is, under its casts.
    private func constant(_ node: PgQuery__Node) -> PgQuery__AConst? {
        switch node.node_case {
        case PG_QUERY__NODE__NODE_A_CONST: node.a_const.pointee
        case PG_QUERY__NODE__NODE_TYPE_CAST: node.type_cast.pointee.arg.flatMap { constant($0.pointee) }
        default: nil
        }
    }

    func function(_ call: PgQuery__FuncCall) -> FunctionReference {
        let name = name(call.n_funcname, call.funcname)
        return FunctionReference(
            name: name.schema == "pg_catalog" ? QualifiedName(name.name) : name,
            argumentCount: call.n_args,
            offset: offset(call.location)
        )
    }

    func function(_ call: PgQuery__SQLValueFunction) -> FunctionReference {
        FunctionReference(name: QualifiedName(keyword(call.op)), argumentCount: 0, offset: offset(call.location))
    }

    func column(_ column: PgQuery__ColumnRef) -> ColumnReference {
        ColumnReference(parts: texts(column.n_fields, column.fields), offset: offset(column.location))
    }

    /// The word that calls a function without parentheses; `_n` means with a precision.
    private func keyword(_ operation: PgQuery__SQLValueFunctionOp) -> String {
        switch operation {
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE: "current_date"
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME, PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N:
            "current_time"
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP,
            PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N:
            "current_timestamp"
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME, PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N:
            "localtime"
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP,
            PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N:
            "localtimestamp"
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE: "current_role"
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER: "current_user"
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER: "session_user"
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG: "current_catalog"
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA: "current_schema"
        default: "user"
        }
    }
}
