import SQLSyntax

/// Types of columns.
extension Rule {
    static let typeRules = [
        typeChar, typeVarcharLimit, typeInt, typeSmallint, typeSerial, typeTimestamp, typeTimestampPrecision, typeJSON,
        typeMoney, typeFloat,
        primaryKeyNotBigint, foreignKeyTypeMismatch,
    ]

    private static func type(
        _ name: String,
        _ summary: String,
        isDefault: Bool = false,
        page: String,
        bad: String,
        good: String,
        next: String,
        _ matches: @escaping @Sendable (TypeReference) -> Bool,
        words: @escaping @Sendable (TypeReference) -> String? = { _ in nil }
    ) -> Rule {
        Rule(
            name,
            .type,
            .note,
            isDefault: isDefault,
            summary,
            page: page,
            bad: Example("CREATE TABLE t (c \(bad));"),
            good: Example("CREATE TABLE t (c \(good));"),
            judge: .statement([.createTable, .alterTable]) { context in
                context.forEachColumnType { column, type in
                    guard matches(type) else { return }
                    context.report(
                        "column \(Identifier.quote(column)) is \(type.canonical): \(words(type) ?? summary)",
                        at: type.location,
                        next: next
                    )
                }
            }
        )
    }

    static let typeChar = type(
        "type-char",
        "char(n) pads with blanks",
        isDefault: true,
        page: """
            char(n) is filled up with blanks, which comparisons then ignore, and saves nothing. text with a check does what is meant. \
            `"char"` in quotes is another type, of one byte, which the server's own catalogs use.
            """,
        bad: "char(3)",
        good: "text",
        next: "use text, with a check of its length where that matters",
        { ["bpchar", "char"].contains($0.name.name) && ($0.name.schema == "pg_catalog" || $0.name.schema == nil) },
        words: { $0.name.name == "char" ? "in quotes that is a type of one byte, for the server's own catalogs" : nil }
    )

    static let typeVarcharLimit = type(
        "type-varchar-limit",
        "a limit in the type is hard to change",
        page:
            "A shorter limit rewrites the table, and the limit stands in each function and view. text with a check is as fast, and the check can be changed without a rewrite.",
        bad: "varchar(20)",
        good: "varchar",
        next: "use text, with a check of its length"
    ) { $0.name.name == "varchar" && !$0.modifiers.isEmpty }

    static let typeInt = type(
        "type-int",
        "numbers end at 2147483647",
        page:
            "An int that is too small is found out when an INSERT fails, and changing it to bigint rewrites the table.",
        bad: "integer",
        good: "bigint",
        next: "use bigint"
    ) { $0.element == "int4" }

    static let typeSmallint = type(
        "type-smallint",
        "numbers end at 32767",
        page: "A smallint that is too small is found out when an INSERT fails, and changing it rewrites the table.",
        bad: "smallint",
        good: "bigint",
        next: "use bigint"
    ) { $0.element == "int2" }

    static let typeSerial = type(
        "type-serial",
        "serial has surprises that identity columns do not have",
        page:
            "The sequence of a serial column is an object of its own, with privileges and a default that can be changed apart. GENERATED AS IDENTITY is the standard's way.",
        bad: "serial",
        good: "bigint GENERATED ALWAYS AS IDENTITY",
        next: "write bigint GENERATED ALWAYS AS IDENTITY"
    ) { BuiltInTypes.isSerial($0) }

    static let typeTimestamp = type(
        "type-timestamp",
        "a time without a zone is no moment",
        isDefault: true,
        page:
            "timestamp holds what a clock showed somewhere, and nobody knows where. timestamptz holds a moment, in the same eight bytes.",
        bad: "timestamp",
        good: "timestamptz",
        next: "use timestamptz"
    ) { $0.name.name == "timestamp" }

    static let typeTimestampPrecision = type(
        "type-timestamp-precision",
        "fractions are rounded, also into the future",
        page:
            "timestamptz(0) rounds: a moment may lie in the future by half a second. Keep the fractions, and leave them out where times are shown.",
        bad: "timestamptz(0)",
        good: "timestamptz",
        next: "leave the precision out"
    ) { ["timestamp", "timestamptz", "time", "timetz"].contains($0.name.name) && !$0.modifiers.isEmpty }

    static let typeJSON = type(
        "type-json",
        "json has no equality",
        isDefault: true,
        page:
            "json keeps the text as it came, blanks and double keys included, and has no equality: SELECT DISTINCT and UNION over it fail. jsonb has both, and indexes.",
        bad: "json",
        good: "jsonb",
        next: "use jsonb"
    ) { $0.name.name == "json" }

    static let typeMoney = type(
        "type-money",
        "its fractions depend on lc_monetary",
        isDefault: true,
        page:
            "money has as many fractional digits as a setting of the server says, and no currency. numeric has what is written.",
        bad: "money",
        good: "numeric(12,2)",
        next: "use numeric, or a whole number of cents"
    ) { $0.name.name == "money" }

    static let typeFloat = type(
        "type-float",
        "fractions are not exact",
        page: "0.1 + 0.2 is not 0.3 in binary fractions. Use numeric where sums must be right.",
        bad: "double precision",
        good: "numeric",
        next: "use numeric"
    ) { ["float4", "float8", "real"].contains($0.canonical) }

    static let primaryKeyNotBigint = Rule(
        "pk-not-bigint",
        .type,
        .warning,
        "A primary key of int, smallint or serial",
        page:
            "A key that runs out of numbers stops every INSERT, and changing it rewrites the table and all that refer to it. bigint costs four bytes.",
        bad: Example("CREATE TABLE jobs (id serial PRIMARY KEY);"),
        good: Example("CREATE TABLE jobs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);"),
        judge: .statement([.createTable]) { context in
            guard case .createTable(let create) = context.node, create.persistence != .temporary else { return }
            let keys = create.constraints.filter { $0.kind == .primaryKey }.flatMap(\.columns)
            let isCompound = keys.count > 1
            for column in create.columns {
                guard column.constraint(.primaryKey) != nil || keys.contains(column.name), !isCompound,
                    let type = column.type,
                    ["int4", "int2"].contains(type.canonical)
                else { continue }
                // A key that refers to another one has its type.
                let isReference =
                    column.constraint(.foreignKey) != nil
                    || create.constraints.contains { $0.kind == .foreignKey && $0.columns == [column.name] }
                guard !isReference else { continue }
                let isNumbered = BuiltInTypes.isSerial(type) || column.constraint(.identity) != nil
                context.report(
                    "\(create.table.name) has no more keys after \(type.canonical == "int2" ? "32767" : "2147483647") rows",
                    at: type.location ?? column.location,
                    isNumbered ? .warning : .note,
                    next: "use bigint"
                )
            }
        }
    )

    static let foreignKeyTypeMismatch = Rule(
        "fk-type-mismatch",
        .type,
        .warning,
        "A foreign key whose column has another type than the one that it refers to",
        page:
            "The server allows it where the types can be compared, and casts at each lookup: an index may not be used, and values of the wider type never fit.",
        bad: Example(
            "CREATE TABLE posts (user_id int REFERENCES users (id));",
            after: "CREATE TABLE users (id bigint PRIMARY KEY);"
        ),
        good: Example(
            "CREATE TABLE posts (user_id bigint REFERENCES users (id));",
            after: "CREATE TABLE users (id bigint PRIMARY KEY);"
        ),
        judge: .statement([.createTable, .alterTable]) { context in
            context.forEachForeignKey { key, types in
                guard let reference = key.reference, let other = context.relation(reference.table.name) else { return }
                let columns = reference.columns.isEmpty ? other.primaryKey?.columns ?? [] : reference.columns
                for (type, name) in zip(types, columns) {
                    guard let type, let column = other.column(name), column.definitionCertainty == .sure,
                        let there = column.type,
                        type.canonical != there.canonical
                    else { continue }
                    let (left, right) = (context.base(of: type).canonical, context.base(of: there).canonical)
                    let isText = [left, right].allSatisfy {
                        $0.hasPrefix("varchar") || $0 == "text" || $0.hasPrefix("bpchar")
                    }
                    guard left != right, !isText else { continue }
                    context.report(
                        "\(left) refers to \(reference.table.name).\(name), which is \(right)",
                        at: key.location,
                        next: "give both the same type"
                    )
                }
            }
        }
    )
}

extension TypeReference {
    /// The type of one element of an array, or the type itself.
    fileprivate var element: String { canonical.hasSuffix("[]") ? String(canonical.dropLast(2)) : canonical }
}

extension StatementContext {
    /// Calls a closure with the type of each column that the statement makes or changes.
    func forEachColumnType(_ body: (String, TypeReference) -> Void) {
        // What is written in quotes by mistake is judged as what is meant.
        func judge(_ type: TypeReference, of column: String) {
            body(column, schema.typeKey(type.name) == nil ? type.meant ?? type : type)
        }
        switch node {
        case .createTable(let create):
            for column in create.columns { if let type = column.type { judge(type, of: column.name) } }
        case .alterTable(let alter):
            for action in alter.actions where action.kind == .addColumn || action.kind == .alterColumnType {
                if let type = action.column?.type { judge(type, of: action.name ?? action.column?.name ?? "") }
            }
        default: return
        }
    }

    /// Calls a closure with each foreign key that the statement makes, and the types of its columns.
    func forEachForeignKey(_ body: (ConstraintDefinition, [TypeReference?]) -> Void) {
        switch node {
        case .createTable(let create):
            for (constraint, column) in create.allConstraints where constraint.kind == .foreignKey {
                let names = constraint.columns.isEmpty ? [column].compactMap(\.self) : constraint.columns
                body(constraint, names.map { name in create.columns.first { $0.name == name }?.type })
            }
        case .alterTable(let alter):
            let table = relation(alter.relation.name)
            for action in alter.actions {
                if let constraint = action.constraint, action.kind == .addConstraint, constraint.kind == .foreignKey {
                    body(constraint, constraint.columns.map { table?.column($0)?.type })
                }
                if action.kind == .addColumn, let column = action.column,
                    let constraint = column.constraint(.foreignKey)
                {
                    body(constraint, [column.type])
                }
            }
        default: return
        }
    }

    /// A type without the domain around it.
    func base(of type: TypeReference) -> TypeReference {
        guard let key = schema.typeKey(type.name), case .domain(_, let base?) = schema.types[key]?.definition else {
            return type
        }
        return base
    }
}
