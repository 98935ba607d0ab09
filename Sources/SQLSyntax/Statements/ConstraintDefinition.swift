import CPgQuery

/// A constraint of a table, a column or a domain; a column's default, identity and generation are constraints, too.
public struct ConstraintDefinition: Hashable, Sendable {
    /// What a constraint demands.
    public enum Kind: Hashable, Sendable {
        /// `NULL`, which demands nothing.
        case null
        /// `NOT NULL`.
        case notNull
        /// `DEFAULT …`.
        case `default`
        /// `GENERATED … AS IDENTITY`.
        case identity
        /// `GENERATED ALWAYS AS (…) STORED`.
        case generated
        /// `CHECK (…)`.
        case check
        /// `PRIMARY KEY`.
        case primaryKey
        /// `UNIQUE`.
        case unique
        /// `EXCLUDE (…)`.
        case exclusion
        /// `REFERENCES …` or `FOREIGN KEY … REFERENCES …`.
        case foreignKey
        /// What `ALTER CONSTRAINT` changes: only whether the constraint is deferrable.
        case attributes
    }

    /// What the constraint demands.
    public let kind: Kind
    /// The constraint's name, if one is written.
    public let name: String?
    /// The columns that a table's constraint is about; empty for one that is written at its column.
    public let columns: [String]
    /// The condition of a CHECK, the value of a DEFAULT or of a generated column.
    public let expression: Expression?
    /// What a foreign key refers to.
    public let reference: ForeignKeyReference?
    /// The index in `USING INDEX …`.
    public let index: String?
    /// Whether existing rows are left unchecked (`NOT VALID`).
    public let isNotValid: Bool
    /// Whether the check can wait until the end of the transaction.
    public let isDeferrable: Bool
    /// Whether the check waits unless told otherwise.
    public let isInitiallyDeferred: Bool
    /// Whether an identity or a generated column takes no value of the user's (`ALWAYS`).
    public let isAlways: Bool
    /// The sequence that an identity column is told to have.
    public let sequence: QualifiedName?
    /// The byte of the script where the constraint begins.
    public let location: Int?
}

/// What a foreign key refers to.
public struct ForeignKeyReference: Hashable, Sendable {
    /// What happens to the referring rows.
    public enum Action: String, Hashable, Sendable {
        /// Nothing: the statement fails, at the end of the statement or transaction.
        case noAction = "a"
        /// Nothing: the statement fails at once.
        case restrict = "r"
        /// They go, or change, too.
        case cascade = "c"
        /// Their columns become null.
        case setNull = "n"
        /// Their columns get their default.
        case setDefault = "d"
    }

    /// The table that is referred to.
    public let table: RelationReference
    /// Its columns; empty where its primary key is meant.
    public let columns: [String]
    /// What happens when a row that is referred to goes.
    public let onDelete: Action
    /// What happens when its key changes.
    public let onUpdate: Action
}

extension NodeReader {
    /// The constraints in a list, with DEFERRABLE and the like put into the constraint that they stand behind.
    func constraints(_ nodes: [Node]) -> [ConstraintDefinition] {
        let constraints = nodes.filter { $0.pointee.node_case == PG_QUERY__NODE__NODE_CONSTRAINT }
            .compactMap { $0.pointee.constraint?.pointee }
        var definitions: [ConstraintDefinition] = []
        for (index, constraint) in constraints.enumerated() where !isAttribute(constraint.contype) {
            let attributes = constraints[(index + 1)...].prefix { isAttribute($0.contype) }.map(\.contype)
            definitions.append(self.constraint(constraint, attributes: attributes))
        }
        return definitions
    }

    func constraint(
        _ constraint: PgQuery__Constraint,
        attributes: [PgQuery__ConstrType] = []
    ) -> ConstraintDefinition {
        let isDeferred =
            constraint.initdeferred != 0 || attributes.contains(PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED)
        let isForeignKey = constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN
        let columns =
            isForeignKey
            ? strings(constraint.fk_attrs, constraint.n_fk_attrs) : strings(constraint.keys, constraint.n_keys)
        return ConstraintDefinition(
            kind: kind(constraint.contype),
            name: text(constraint.conname),
            columns: columns,
            expression: expression(constraint.raw_expr),
            reference: isForeignKey ? reference(constraint) : nil,
            index: text(constraint.indexname),
            isNotValid: constraint.skip_validation != 0,
            isDeferrable: constraint.deferrable != 0 || isDeferred
                || attributes.contains(PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE),
            isInitiallyDeferred: isDeferred,
            isAlways: text(constraint.generated_when) == "a",
            sequence: sequence(list(constraint.options, constraint.n_options)),
            location: location(constraint.location)
        )
    }

    /// The name in `SEQUENCE NAME …`.
    private func sequence(_ options: [Node]) -> QualifiedName? {
        for option in options where option.pointee.node_case == PG_QUERY__NODE__NODE_DEF_ELEM {
            guard let element = option.pointee.def_elem?.pointee, text(element.defname) == "sequence_name",
                let value = element.arg?.pointee, value.node_case == PG_QUERY__NODE__NODE_LIST,
                let list = value.list?.pointee
            else { continue }
            return name(list.items, list.n_items)
        }
        return nil
    }

    private func reference(_ constraint: PgQuery__Constraint) -> ForeignKeyReference? {
        guard let table = relation(constraint.pktable) else { return nil }
        func action(_ letter: UnsafeMutablePointer<CChar>?) -> ForeignKeyReference.Action {
            text(letter).flatMap { ForeignKeyReference.Action(rawValue: $0) } ?? .noAction
        }
        return ForeignKeyReference(
            table: table,
            columns: strings(constraint.pk_attrs, constraint.n_pk_attrs),
            onDelete: action(constraint.fk_del_action),
            onUpdate: action(constraint.fk_upd_action)
        )
    }

    private func isAttribute(_ type: PgQuery__ConstrType) -> Bool {
        [
            PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE, PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_NOT_DEFERRABLE,
            PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED, PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_IMMEDIATE,
        ].contains(type)
    }

    private func kind(_ type: PgQuery__ConstrType) -> ConstraintDefinition.Kind {
        switch type {
        case PG_QUERY__CONSTR_TYPE__CONSTR_NULL: .null
        case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL: .notNull
        case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT: .default
        case PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY: .identity
        case PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED: .generated
        case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK: .check
        case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY: .primaryKey
        case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE: .unique
        case PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION: .exclusion
        case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN: .foreignKey
        default: .attributes
        }
    }
}
