import CPgQuery

/// `CREATE FUNCTION` and `CREATE PROCEDURE`.
public struct CreateFunctionStatement: Hashable, Sendable {
    /// A parameter, or a column of the table that a function returns.
    public struct Parameter: Hashable, Sendable {
        /// The way that a value takes.
        public enum Mode: Hashable, Sendable {
            /// Into the function.
            case `in`
            /// Out of the function.
            case out
            /// Both ways.
            case inOut
            /// Into the function, as often as one likes.
            case variadic
            /// Out of the function, as a column: `RETURNS TABLE`.
            case table
        }

        /// Its name, if it has one.
        public let name: String?
        /// Its type.
        public let type: SQLType
        /// The way that its value takes.
        public let mode: Mode
        /// Whether it can be left out.
        public let hasDefault: Bool
    }

    /// The function's name.
    public let name: QualifiedName
    /// Whether it is a procedure.
    public let isProcedure: Bool
    /// Whether it may take the place of one of that name.
    public let replace: Bool
    /// Its parameters, with the columns of `RETURNS TABLE`.
    public let parameters: [Parameter]
    /// What it returns; nil for procedures, and where the parameters say it.
    public let returnType: SQLType?
    /// Its language, in small letters unless it was in quotes; `sql` where the body is in standard SQL.
    public let language: String
    /// The body's text; nil where it is in standard SQL (`BEGIN ATOMIC`, `RETURN`), which is part of the tree.
    public let body: String?
    /// The byte in the script where the body's string begins, with its quotes; nil without such a body.
    public let bodyOffset: Int?
    /// `volatile`, `stable` or `immutable`.
    public let volatility: String
    /// Whether it runs with the rights of its owner.
    public let isSecurityDefiner: Bool
    /// All attributes by the grammar's names, such as `strict`, `parallel`, `cost`, without language and body.
    public let attributes: [SQLOption]
    /// The settings that it runs with.
    public let settings: [SettingChange]

    /// The types that tell it from others of its name, in PostgreSQL's words.
    public var argumentTypes: [String] {
        parameters.filter { $0.mode != .out && $0.mode != .table }.map(\.type.text)
    }
}

/// `DO`.
public struct DoStatement: Hashable, Sendable {
    /// Its language; `plpgsql` if none was written.
    public let language: String
    /// The code.
    public let body: String
    /// The byte in the script where the code's string begins, with its quotes; nil if its place cannot be told.
    public let bodyOffset: Int?
}

extension TreeReader {
    func createFunction(_ create: PgQuery__CreateFunctionStmt) -> SQLNode {
        let definitions = definitions(create.n_options, create.options)
        let options = options(create.n_options, create.options)
        func value(_ name: String) -> String? { options.first { $0.name == name }?.value }
        let code = definitions.first { text($0.defname) == "as" }
        return .createFunction(
            CreateFunctionStatement(
                name: name(create.n_funcname, create.funcname),
                isProcedure: create.is_procedure != 0,
                replace: create.replace != 0,
                parameters: nodes(create.n_parameters, create.parameters).compactMap(parameter),
                returnType: type(create.return_type),
                language: value("language") ?? "sql",
                body: code.flatMap(body),
                bodyOffset: code.flatMap { stringOffset(from: $0.location) },
                volatility: value("volatility") ?? "volatile",
                isSecurityDefiner: value("security") == "true",
                attributes: options.filter { !["as", "language", "set"].contains($0.name) },
                settings: definitions.compactMap(setting)
            )
        )
    }

    func doBlock(_ block: PgQuery__DoStmt) -> SQLNode {
        let definitions = definitions(block.n_args, block.args)
        let code = definitions.first { text($0.defname) == "as" }
        let language = definitions.first { text($0.defname) == "language" }?.arg
        return .doBlock(
            DoStatement(
                language: language.flatMap { word($0.pointee) } ?? "plpgsql",
                body: code.flatMap(body) ?? "",
                bodyOffset: code.flatMap { stringOffset(from: $0.location) }
            )
        )
    }

    /// The code; for a function in C it is a file and a name in it, of which the file comes first.
    private func body(_ definition: PgQuery__DefElem) -> String? {
        guard let node = definition.arg?.pointee else { return nil }
        guard node.node_case == PG_QUERY__NODE__NODE_LIST else { return word(node) }
        return texts(node.list.pointee.n_items, node.list.pointee.items).first
    }

    private func setting(_ definition: PgQuery__DefElem) -> SettingChange? {
        guard let node = definition.arg?.pointee, node.node_case == PG_QUERY__NODE__NODE_VARIABLE_SET_STMT else {
            return nil
        }
        return setting(node.variable_set_stmt.pointee)
    }

    private func stringOffset(from location: Int32) -> Int? {
        guard let start = offset(location) else { return nil }
        var lexer = SQLLexer(statement.bytes)
        lexer.move(to: start)
        while let token = (try? lexer.next()) ?? nil {  // split before: no error left
            if token.kind == .string { return token.range.lowerBound }
        }
        return nil
    }

    private func parameter(_ node: PgQuery__Node) -> CreateFunctionStatement.Parameter? {
        guard node.node_case == PG_QUERY__NODE__NODE_FUNCTION_PARAMETER else { return nil }
        let parameter = node.function_parameter.pointee
        return type(parameter.arg_type).map { type in
            CreateFunctionStatement.Parameter(
                name: text(parameter.name),
                type: type,
                mode: mode(parameter.mode),
                hasDefault: parameter.defexpr != nil
            )
        }
    }

    private func mode(_ mode: PgQuery__FunctionParameterMode) -> CreateFunctionStatement.Parameter.Mode {
        switch mode {
        case PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_OUT: .out
        case PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_INOUT: .inOut
        case PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_VARIADIC: .variadic
        case PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_TABLE: .table
        default: .in
        }
    }
}
