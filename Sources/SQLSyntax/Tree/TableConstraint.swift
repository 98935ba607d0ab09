import CPgQuery

/// A constraint or another rule of a column, a table or a domain.
public struct TableConstraint: Hashable, Sendable {
    /// What it demands or gives.
    public enum Kind: String, Hashable, Sendable {
        /// `NULL`: nothing.
        case null = "NULL"
        /// `NOT NULL`.
        case notNull = "NOT NULL"
        /// `DEFAULT …`.
        case `default` = "DEFAULT"
        /// `GENERATED … AS IDENTITY`.
        case identity = "IDENTITY"
        /// `GENERATED ALWAYS AS (…) STORED`.
        case generated = "GENERATED"
        /// `CHECK (…)`.
        case check = "CHECK"
        /// `PRIMARY KEY`.
        case primaryKey = "PRIMARY KEY"
        /// `UNIQUE`.
        case unique = "UNIQUE"
        /// `EXCLUDE …`.
        case exclusion = "EXCLUDE"
        /// `REFERENCES …`, `FOREIGN KEY …`.
        case foreignKey = "FOREIGN KEY"
    }

    /// What happens to referencing rows when the referenced one goes or changes.
    public enum Action: String, Hashable, Sendable {
        /// `NO ACTION`, the default.
        case noAction = "a"
        /// `RESTRICT`.
        case restrict = "r"
        /// `CASCADE`.
        case cascade = "c"
        /// `SET NULL`.
        case setNull = "n"
        /// `SET DEFAULT`.
        case setDefault = "d"
    }

    /// The rows that a foreign key points to.
    public struct Reference: Hashable, Sendable {
        /// The table.
        public let table: RelationReference
        /// Its columns; empty for its primary key.
        public let columns: [String]
        /// What happens when such a row is deleted.
        public let onDelete: Action
        /// What happens when such a row's key changes.
        public let onUpdate: Action
    }

    /// What it demands or gives.
    public let kind: Kind
    /// Its name; nil if the server makes one up.
    public let name: String?
    /// The columns it is about; empty where it stands with a column and is about that one.
    public let columns: [String]
    /// What a foreign key points to.
    public let reference: Reference?
    /// The index that it takes over, with `USING INDEX`.
    public let indexName: String?
    /// The expression of a default, a check or a generated column.
    public let expression: SQLExpression?
    /// Whether the rows that are there stay unchecked, with `NOT VALID`.
    public let isNotValid: Bool
    /// Whether a transaction may put it off.
    public let isDeferrable: Bool
    /// Whether it is checked at the end of a transaction by default.
    public let isInitiallyDeferred: Bool
    /// Whether tables that inherit do not get it.
    public let isNotInherited: Bool
    /// Whether two nulls are equal, with `NULLS NOT DISTINCT`.
    public let nullsAreEqual: Bool
    /// Whether the identity or generated value is given `ALWAYS`; false for `BY DEFAULT` and other kinds.
    public let isAlways: Bool
    /// The byte in the script where it begins; nil if the parser does not say.
    public let offset: Int?
}

extension TreeReader {
    /// The constraints of a list, in which words such as DEFERRABLE are elements of their own behind the one that they change.
    func constraints(_ list: [PgQuery__Node], before end: Int? = nil) -> [TableConstraint] {
        let all = list.filter { $0.node_case == PG_QUERY__NODE__NODE_CONSTRAINT }.map { $0.constraint.pointee }
        let starts = all.compactMap { offset($0.location) } + (end.map { [$0] } ?? [])
        return all.indices.compactMap { index in
            let words = all[(index + 1)...].prefix { kind($0.contype) == nil }.map(\.contype)
            let start = offset(all[index].location) ?? .max
            return constraint(all[index], words: words, before: starts.filter { $0 > start }.min())
        }
    }

    private func constraint(
        _ constraint: PgQuery__Constraint,
        words: [PgQuery__ConstrType],
        before end: Int?
    ) -> TableConstraint? {
        guard let kind = kind(constraint.contype) else { return nil }
        let isDeferred = constraint.initdeferred != 0 || words.contains(PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED)
        let start = offset(constraint.location)
        let keys =
            kind == .foreignKey
            ? texts(constraint.n_fk_attrs, constraint.fk_attrs) : texts(constraint.n_keys, constraint.keys)
        return TableConstraint(
            kind: kind,
            name: text(constraint.conname),
            columns: keys + exclusionColumns(constraint),
            reference: relation(constraint.pktable).map { table in
                TableConstraint.Reference(
                    table: table,
                    columns: texts(constraint.n_pk_attrs, constraint.pk_attrs),
                    onDelete: action(constraint.fk_del_action),
                    onUpdate: action(constraint.fk_upd_action)
                )
            },
            indexName: text(constraint.indexname),
            expression: expression(constraint.raw_expr, in: range(of: kind, from: start, before: end)),
            isNotValid: constraint.skip_validation != 0,
            isDeferrable: constraint.deferrable != 0 || isDeferred
                || words.contains(PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE),
            isInitiallyDeferred: isDeferred,
            isNotInherited: constraint.is_no_inherit != 0,
            nullsAreEqual: constraint.nulls_not_distinct != 0,
            isAlways: text(constraint.generated_when) == "a",
            offset: start
        )
    }

    /// Where the expression of a constraint stands.
    private func range(of kind: TableConstraint.Kind, from start: Int?, before end: Int?) -> Range<Int>? {
        guard let start else { return nil }
        return switch kind {
        case .default: rest(behind: "DEFAULT", from: start, before: end)
        case .check: parentheses(behind: "CHECK", from: start)
        case .generated: parentheses(behind: "AS", from: start)
        default: nil
        }
    }

    /// The columns of EXCLUDE: pairs of an element and an operator.
    private func exclusionColumns(_ constraint: PgQuery__Constraint) -> [String] {
        nodes(constraint.n_exclusions, constraint.exclusions).compactMap { pair in
            guard pair.node_case == PG_QUERY__NODE__NODE_LIST else { return nil }
            let element = nodes(pair.list.pointee.n_items, pair.list.pointee.items).first
            guard let element, element.node_case == PG_QUERY__NODE__NODE_INDEX_ELEM else { return nil }
            return text(element.index_elem.pointee.name)
        }
    }

    private func action(_ letter: UnsafeMutablePointer<CChar>?) -> TableConstraint.Action {
        text(letter).flatMap(TableConstraint.Action.init) ?? .noAction
    }

    /// The kind of a constraint; nil for the words that change the one before them.
    private func kind(_ kind: PgQuery__ConstrType) -> TableConstraint.Kind? {
        switch kind {
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
        default: nil
        }
    }
}
