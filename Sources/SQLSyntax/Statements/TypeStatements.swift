import CPgQuery

/// `CREATE TYPE`.
public struct CreateType: Hashable, Sendable {
    /// What kind of type it is.
    public enum Definition: Hashable, Sendable {
        /// An enumeration with these values.
        case enumeration([String])
        /// A row with these columns.
        case composite([ColumnDefinition])
        /// A range, with the options in parentheses.
        case range([StatementOption])
        /// A base type written in C, or a shell of one.
        case base
    }

    /// The type's name.
    public let name: QualifiedName
    /// What kind of type it is.
    public let definition: Definition
}

/// `ALTER TYPE … ADD VALUE` and `ALTER TYPE … RENAME VALUE`.
public struct AlterEnum: Hashable, Sendable {
    /// What is done to the values.
    public enum Change: Hashable, Sendable {
        /// A value is added, next to another one or at the end.
        case add(value: String, ifNotExists: Bool, place: Place)
        /// A value gets another name.
        case rename(from: String, to: String)
    }

    /// Where a new value stands.
    public enum Place: Hashable, Sendable {
        /// Behind all others.
        case last
        /// Directly before this one.
        case before(String)
        /// Directly behind this one.
        case after(String)
    }

    /// The enumeration.
    public let type: QualifiedName
    /// What is done.
    public let change: Change
}

/// `CREATE DOMAIN`.
public struct CreateDomain: Hashable, Sendable {
    /// The domain's name.
    public let name: QualifiedName
    /// The type that it restricts.
    public let type: TypeReference?
    /// Its constraints and its default.
    public let constraints: [ConstraintDefinition]
}

/// `ALTER DOMAIN`.
public struct AlterDomain: Hashable, Sendable {
    /// The domain's name.
    public let name: QualifiedName
    /// What is done, by the letter that PostgreSQL has for it: T default, N drop or O set NOT NULL, C add, X drop, V
    /// validate a constraint.
    public let action: String
    /// The constraint that is dropped or validated.
    public let constraintName: String?
    /// The constraint that is added.
    public let constraint: ConstraintDefinition?
}

extension NodeReader {
    func alterEnum(_ statement: PgQuery__AlterEnumStmt) -> AlterEnum {
        let new = statement.new_val.map { String(cString: $0) } ?? ""
        let change: AlterEnum.Change
        if let old = text(statement.old_val) {
            change = .rename(from: old, to: new)
        } else {
            let place: AlterEnum.Place =
                if let neighbor = text(statement.new_val_neighbor) {
                    statement.new_val_is_after != 0 ? .after(neighbor) : .before(neighbor)
                } else {
                    .last
                }
            change = .add(value: new, ifNotExists: statement.skip_if_new_val_exists != 0, place: place)
        }
        return AlterEnum(type: name(statement.type_name, statement.n_type_name), change: change)
    }

    func createComposite(_ statement: PgQuery__CompositeTypeStmt) -> CreateType? {
        guard let name = relation(statement.typevar)?.name else { return nil }
        let columns = list(statement.coldeflist, statement.n_coldeflist)
            .filter { $0.pointee.node_case == PG_QUERY__NODE__NODE_COLUMN_DEF }
        return CreateType(name: name, definition: .composite(columns.map { column($0.pointee.column_def.pointee) }))
    }

    func createDomain(_ statement: PgQuery__CreateDomainStmt) -> CreateDomain {
        CreateDomain(
            name: name(statement.domainname, statement.n_domainname),
            type: type(statement.type_name),
            constraints: constraints(list(statement.constraints, statement.n_constraints))
        )
    }

    func alterDomain(_ statement: PgQuery__AlterDomainStmt) -> AlterDomain {
        let definition = statement.def.flatMap { constraints([$0]).first }
        return AlterDomain(
            name: name(statement.type_name, statement.n_type_name),
            action: text(statement.subtype) ?? "",
            constraintName: text(statement.name),
            constraint: definition
        )
    }
}
