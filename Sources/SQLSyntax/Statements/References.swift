import CPgQuery

/// A relation as a statement names it.
public struct RelationReference: Hashable, Sendable {
    /// The relation's name.
    public let name: QualifiedName
    /// The byte of the script where the name begins.
    public let location: Int?
    /// What the statement calls it, if anything else.
    public let alias: String?
    /// Whether the statement says ONLY, and so leaves out what inherits from the relation.
    public let isOnly: Bool
}

/// One word of a statement that takes a list of options, such as `WITH (fillfactor = 70)`.
public struct StatementOption: Hashable, Sendable {
    /// The option's name, with its namespace if it has one (`toast.autovacuum_enabled`).
    public let name: String
    /// Its value as text; nil where none is given.
    public let value: String?

    /// Whether the option is on, as the server reads truth values: given alone it is.
    public var isOn: Bool { ["true", "on", "1", "yes"].contains(value?.lowercased() ?? "true") }
}

/// A type as a statement writes it.
public struct TypeReference: Hashable, Sendable {
    /// The type's name; a spelling of the SQL standard's own, such as `integer`, is `pg_catalog.int4` here.
    public let name: QualifiedName
    /// What stands in parentheses behind it, such as a length.
    public let modifiers: [String]
    /// How many pairs of brackets follow it.
    public let arrayDimensions: Int
    /// Whether SETOF stands before it.
    public let isSet: Bool
    /// The byte of the script where the type begins.
    public let location: Int?

    /// Makes a type from its parts.
    public init(name: QualifiedName, modifiers: [String], arrayDimensions: Int, isSet: Bool, location: Int?) {
        self.name = name
        self.modifiers = modifiers
        self.arrayDimensions = arrayDimensions
        self.isSet = isSet
        self.location = location
    }
}

extension TypeReference: CustomStringConvertible {
    /// The type in one spelling: without `pg_catalog`, with modifiers and brackets.
    public var description: String {
        // As a type, `varchar` needs no quotes; as a name it does.
        let plain = name.schema == "pg_catalog" ? name.name : name.description
        return (isSet ? "SETOF " : "") + plain
            + (modifiers.isEmpty ? "" : "(\(modifiers.joined(separator: ",")))")
            + String(repeating: "[]", count: arrayDimensions)
    }
}

extension TypeReference {
    /// The type as the server reads it in every place, each name in quotes: `pg_catalog."varchar"(20)`.
    public var sql: String {
        ([name.schema].compactMap(\.self) + [name.name]).map(Identifier.alwaysQuote).joined(separator: ".")
            + (modifiers.isEmpty ? "" : "(\(modifiers.joined(separator: ",")))")
            + String(repeating: "[]", count: arrayDimensions)
    }
}

/// A function that an expression calls.
public struct FunctionCall: Hashable, Sendable {
    /// The function's name.
    public let name: QualifiedName
    /// How many arguments it is given.
    public let argumentCount: Int
    /// The byte of the script where the call begins.
    public let location: Int?
}

/// A column that an expression names.
public struct ColumnReference: Hashable, Sendable {
    /// The parts of the name, such as a table and a column; `*` for all columns.
    public let parts: [String]
    /// The byte of the script where the name begins.
    public let location: Int?
}

extension NodeReader {
    func type(_ pointer: UnsafeMutablePointer<PgQuery__TypeName>?) -> TypeReference? {
        guard let type = pointer?.pointee else { return nil }
        return TypeReference(
            name: name(type.names, type.n_names),
            modifiers: list(type.typmods, type.n_typmods).map { modifier($0) },
            arrayDimensions: type.n_array_bounds,
            isSet: type.setof != 0,
            location: location(type.location)
        )
    }

    /// A type's modifier: a constant, or a word such as the `Point` of `geometry(Point, 4326)`.
    private func modifier(_ node: Node) -> String {
        if node.pointee.node_case == PG_QUERY__NODE__NODE_COLUMN_REF {
            return column(node.pointee.column_ref.pointee).parts.joined(separator: ".")
        }
        return value(of: node) ?? "?"
    }

    func functionCall(_ call: PgQuery__FuncCall) -> FunctionCall {
        FunctionCall(
            name: name(call.funcname, call.n_funcname),
            argumentCount: call.n_args,
            location: location(call.location)
        )
    }

    func column(_ column: PgQuery__ColumnRef) -> ColumnReference {
        ColumnReference(parts: strings(column.fields, column.n_fields), location: location(column.location))
    }
}

extension SyntaxNode {
    /// The relation, if the node is a `RangeVar`.
    public var relation: RelationReference? {
        read("RangeVar", PgQuery__RangeVar.self) { reader, node in reader.relation(node) }
    }

    /// The call, if the node is a `FuncCall`.
    public var functionCall: FunctionCall? {
        read("FuncCall", PgQuery__FuncCall.self) { reader, node in reader.functionCall(node.pointee) }
    }

    /// The column, if the node is a `ColumnRef`.
    public var columnReference: ColumnReference? {
        read("ColumnRef", PgQuery__ColumnRef.self) { reader, node in reader.column(node.pointee) }
    }

    /// The option, if the node is a `DefElem`.
    public var statementOption: StatementOption? {
        read("DefElem", PgQuery__DefElem.self) { reader, node in reader.option(node.pointee) }
    }

    /// The type, if the node is a `TypeName`.
    public var typeReference: TypeReference? {
        read("TypeName", PgQuery__TypeName.self) { reader, node in reader.type(node) }
    }
}

extension TypeReference {
    /// A type by its name alone.
    public init(named name: QualifiedName, at location: Int? = nil) {
        self.init(name: name, modifiers: [], arrayDimensions: 0, isSet: false, location: location)
    }
}
