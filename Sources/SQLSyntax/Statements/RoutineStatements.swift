import CPgQuery

/// `CREATE FUNCTION` and `CREATE PROCEDURE`.
public struct CreateRoutine: Hashable, Sendable {
    /// The routine's name.
    public let name: QualifiedName
    /// Whether it is a procedure.
    public let isProcedure: Bool
    /// Whether an existing routine is replaced.
    public let orReplace: Bool
    /// Its parameters.
    public let parameters: [RoutineParameter]
    /// What it returns; nil for a procedure, or where the parameters say it.
    public let returns: TypeReference?
    /// Its language; `sql` where none is written, as for a body in SQL.
    public let language: String
    /// The text of its body; nil for a body that is SQL itself (`BEGIN ATOMIC` or `RETURN`).
    public let body: String?
    /// The other options, such as `volatility`, `security` or `set`.
    public let options: [StatementOption]
}

/// A parameter of a routine.
public struct RoutineParameter: Hashable, Sendable {
    /// How a parameter is passed.
    public enum Mode: Hashable, Sendable {
        /// Into the routine.
        case `in`
        /// Out of it.
        case out
        /// Both.
        case inOut
        /// Into it, as many as are given.
        case variadic
        /// Out of it, as a column of `RETURNS TABLE`.
        case table
    }

    /// Its name, if it has one.
    public let name: String?
    /// Its type.
    public let type: TypeReference?
    /// How it is passed.
    public let mode: Mode
    /// Its default, if it has one.
    public let defaultExpression: Expression?
}

/// `DO …`.
public struct DoBlock: Hashable, Sendable {
    /// The language; `plpgsql` where none is written.
    public let language: String
    /// The text of the block.
    public let body: String
}

/// `CREATE TRIGGER`.
public struct CreateTrigger: Hashable, Sendable {
    /// When a trigger fires.
    public enum Timing: Hashable, Sendable {
        /// Before the event.
        case before
        /// After it.
        case after
        /// In its place.
        case insteadOf
    }

    /// What a trigger fires on.
    public enum Event: Hashable, Sendable {
        /// A new row.
        case insert
        /// A changed one.
        case update
        /// A deleted one.
        case delete
        /// The emptying of the table.
        case truncate
    }

    /// The trigger's name.
    public let name: String
    /// The table that it watches.
    public let table: RelationReference
    /// Whether an existing trigger is replaced.
    public let orReplace: Bool
    /// When it fires.
    public let timing: Timing
    /// What it fires on.
    public let events: [Event]
    /// Whether it fires for each row, rather than for each statement.
    public let isForEachRow: Bool
    /// The function that it calls.
    public let function: QualifiedName
}

extension NodeReader {
    func createRoutine(_ statement: PgQuery__CreateFunctionStmt) -> CreateRoutine {
        let options = options(statement.options, statement.n_options)
        return CreateRoutine(
            name: name(statement.funcname, statement.n_funcname),
            isProcedure: statement.is_procedure != 0,
            orReplace: statement.replace != 0,
            parameters: list(statement.parameters, statement.n_parameters).compactMap { node in
                guard node.pointee.node_case == PG_QUERY__NODE__NODE_FUNCTION_PARAMETER else { return nil }
                return parameter(node.pointee.function_parameter.pointee)
            },
            returns: type(statement.return_type),
            language: options.first { $0.name == "language" }?.value ?? "sql",
            body: body(statement.options, statement.n_options),
            options: options.filter { $0.name != "language" && $0.name != "as" }
        )
    }

    func doBlock(_ statement: PgQuery__DoStmt) -> DoBlock {
        let options = options(statement.args, statement.n_args)
        return DoBlock(
            language: options.first { $0.name == "language" }?.value ?? "plpgsql",
            body: options.first { $0.name == "as" }?.value ?? ""
        )
    }

    func createTrigger(_ statement: PgQuery__CreateTrigStmt) -> CreateTrigger? {
        guard let table = relation(statement.relation) else { return nil }
        // The bits are those of PostgreSQL's pg_trigger.tgtype.
        let events: [(bit: Int32, event: CreateTrigger.Event)] = [
            (1 << 2, .insert), (1 << 3, .delete), (1 << 4, .update), (1 << 5, .truncate),
        ]
        return CreateTrigger(
            name: text(statement.trigname) ?? "",
            table: table,
            orReplace: statement.replace != 0,
            timing: statement.timing & 1 << 1 != 0 ? .before : statement.timing & 1 << 6 != 0 ? .insteadOf : .after,
            events: events.filter { statement.events & $0.bit != 0 }.map(\.event),
            isForEachRow: statement.row != 0,
            function: name(statement.funcname, statement.n_funcname)
        )
    }

    private func parameter(_ parameter: PgQuery__FunctionParameter) -> RoutineParameter {
        let mode: RoutineParameter.Mode =
            switch parameter.mode {
            case PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_OUT: .out
            case PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_INOUT: .inOut
            case PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_VARIADIC: .variadic
            case PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_TABLE: .table
            default: .in
            }
        return RoutineParameter(
            name: text(parameter.name),
            type: type(parameter.arg_type),
            mode: mode,
            defaultExpression: expression(parameter.defexpr)
        )
    }

    /// The text behind AS: the first of two for a function in C, where it names the library.
    private func body(_ start: NodeList?, _ count: Int) -> String? {
        for node in list(start, count) where node.pointee.node_case == PG_QUERY__NODE__NODE_DEF_ELEM {
            let element = node.pointee.def_elem.pointee
            guard text(element.defname) == "as", let argument = element.arg else { continue }
            guard argument.pointee.node_case == PG_QUERY__NODE__NODE_LIST else { return value(of: argument) }
            return strings(argument.pointee.list.pointee.items, argument.pointee.list.pointee.n_items).first
        }
        return nil
    }
}
