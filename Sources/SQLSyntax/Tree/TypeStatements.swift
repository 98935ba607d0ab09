import CPgQuery

/// `CREATE TYPE` and `CREATE DOMAIN`.
public struct CreateTypeStatement: Hashable, Sendable {
    /// What kind of type it is, with what makes it up.
    public enum Definition: Hashable, Sendable {
        /// One of several words, in order.
        case enumeration(labels: [String])
        /// Several fields.
        case composite(fields: [ColumnDefinition])
        /// What lies between two bounds, by the options given, such as `subtype`.
        case range(options: [SQLOption])
        /// Another type with constraints.
        case domain(SQLType, constraints: [TableConstraint])
        /// A type of the server's own kind, by the options given; a shell type has none.
        case base(options: [SQLOption])
    }

    /// The type's name.
    public let name: QualifiedName
    /// What makes it up.
    public let definition: Definition
}

/// `ALTER TYPE … ADD VALUE` and `ALTER TYPE … RENAME VALUE`.
public struct AlterEnumStatement: Hashable, Sendable {
    /// What is done to the labels.
    public enum Change: Hashable, Sendable {
        /// A label is added, at the end or beside another.
        case add(String, Place)
        /// A label is renamed.
        case rename(String, to: String)
    }

    /// Where a new label goes.
    public enum Place: Hashable, Sendable {
        /// Behind all others.
        case atEnd
        /// Right before another.
        case before(String)
        /// Right behind another.
        case after(String)
    }

    /// The type's name.
    public let type: QualifiedName
    /// What is done.
    public let change: Change
    /// Whether a label of that name is no error.
    public let ifNotExists: Bool
}

/// `ALTER DOMAIN`.
public struct AlterDomainStatement: Hashable, Sendable {
    /// What is done to a domain.
    public enum Change: Hashable, Sendable {
        /// `SET DEFAULT`; nil for `DROP DEFAULT`.
        case setDefault(SQLExpression?)
        /// `SET NOT NULL`.
        case setNotNull
        /// `DROP NOT NULL`.
        case dropNotNull
        /// `ADD CONSTRAINT`.
        case addConstraint(TableConstraint)
        /// `DROP CONSTRAINT`.
        case dropConstraint(String, ifExists: Bool, isCascade: Bool)
        /// `VALIDATE CONSTRAINT`.
        case validateConstraint(String)
    }

    /// The domain's name.
    public let name: QualifiedName
    /// What is done.
    public let change: Change
}

extension TreeReader {
    func createEnum(_ create: PgQuery__CreateEnumStmt) -> SQLNode {
        let labels = texts(create.n_vals, create.vals)
        return .createType(
            CreateTypeStatement(
                name: name(create.n_type_name, create.type_name),
                definition: .enumeration(labels: labels)
            )
        )
    }

    func createComposite(_ create: PgQuery__CompositeTypeStmt) -> SQLNode {
        guard let name = relation(create.typevar)?.name else { return .other(kind: "CompositeTypeStmt") }
        let fields = columns(nodes(create.n_coldeflist, create.coldeflist))
        return .createType(CreateTypeStatement(name: name, definition: .composite(fields: fields)))
    }

    func createRange(_ create: PgQuery__CreateRangeStmt) -> SQLNode {
        let options = options(create.n_params, create.params)
        return .createType(
            CreateTypeStatement(name: name(create.n_type_name, create.type_name), definition: .range(options: options))
        )
    }

    func createDomain(_ create: PgQuery__CreateDomainStmt) -> SQLNode {
        guard let type = type(create.type_name) else { return .other(kind: "CreateDomainStmt") }
        let constraints = constraints(nodes(create.n_constraints, create.constraints))
        return .createType(
            CreateTypeStatement(
                name: name(create.n_domainname, create.domainname),
                definition: .domain(type, constraints: constraints)
            )
        )
    }

    /// CREATE of what is made from a list of options: types, aggregates, operators, collations, text search objects.
    func define(_ define: PgQuery__DefineStmt) -> SQLNode {
        let name = name(define.n_defnames, define.defnames)
        let kind = ObjectKind(define.kind)
        let options = options(define.n_definition, define.definition)
        guard kind != .type else {
            return .createType(CreateTypeStatement(name: name, definition: .base(options: options)))
        }
        return .other(kind: "DefineStmt")
    }

    func alterEnum(_ alter: PgQuery__AlterEnumStmt) -> SQLNode {
        let label = text(alter.new_val) ?? ""
        let place = text(alter.new_val_neighbor).map { neighbor in
            alter.new_val_is_after != 0 ? AlterEnumStatement.Place.after(neighbor) : .before(neighbor)
        }
        return .alterEnum(
            AlterEnumStatement(
                type: name(alter.n_type_name, alter.type_name),
                change: text(alter.old_val).map { .rename($0, to: label) } ?? .add(label, place ?? .atEnd),
                ifNotExists: alter.skip_if_new_val_exists != 0
            )
        )
    }

    func alterDomain(_ alter: PgQuery__AlterDomainStmt) -> SQLNode {
        guard let change = change(alter) else { return .other(kind: "AlterDomainStmt") }
        return .alterDomain(AlterDomainStatement(name: name(alter.n_type_name, alter.type_name), change: change))
    }

    /// The letters are the server's (`AlterDomainStmt` in its `nodes/parsenodes.h`).
    private func change(_ alter: PgQuery__AlterDomainStmt) -> AlterDomainStatement.Change? {
        let name = text(alter.name) ?? ""
        switch text(alter.subtype) {
        case "T": return .setDefault(expression(alter.def, in: rest(behind: "DEFAULT")))
        case "O": return .setNotNull
        case "N": return .dropNotNull
        case "C": return (alter.def?.pointee).flatMap { constraints([$0]).first }.map { .addConstraint($0) }
        case "X":
            let isCascade = alter.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE
            return .dropConstraint(name, ifExists: alter.missing_ok != 0, isCascade: isCascade)
        case "V": return .validateConstraint(name)
        default: return nil
        }
    }
}
