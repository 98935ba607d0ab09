import SQLSyntax

extension SkipJudge {
    /// Looks for a constraint as it is declared.
    ///
    /// One with a name has to be there under that name; of one without, the server chose the name.
    mutating func judge(_ constraint: ConstraintDefinition, columns: [String]? = nil, of found: RelationFacts) {
        guard let letter = constraint.letter else { return }
        let columns = columns ?? constraint.columns
        let candidates = found.constraints.filter { $0.kind == letter }
        let words = constraint.words(columns)
        let remedy = "ALTER TABLE \(found.sqlName) ADD \(words)"
        if constraint.kind == .exclusion {
            let isThere = candidates.contains { constraint.name == nil || $0.name == constraint.name }
            if isThere { cannotTell("the elements of an exclusion constraint") } else { differs("it lacks \(words)") }
            return
        }
        if let name = constraint.name, let existing = candidates.first(where: { $0.name == name }) {
            if let outcome = compare(constraint, columns, existing, found) {
                note(outcome, "constraint \(Identifier.quote(name))", existing, found)
            }
            return
        }
        // Every candidate is looked at, so that all questions are asked at once.
        let outcomes = candidates.map { ($0, compare(constraint, columns, $0, found)) }
        guard outcomes.allSatisfy({ $0.1 != nil }) else { return }
        let equal = outcomes.first { $0.1?.differences.isEmpty == true && $0.1?.unknown.isEmpty == true }
        if let name = constraint.name {
            let note = equal.map { ", and \(Identifier.quote($0.0.name)) is the same under another name" } ?? ""
            let rename = equal.map {
                "ALTER TABLE \(found.sqlName) RENAME CONSTRAINT \(Identifier.quote($0.0.name)) TO \(Identifier.quote(name))"
            }
            differs("it lacks \(words)\(note)", rename ?? remedy)
            return
        }
        guard equal == nil else { return }
        if let near = outcomes.first(where: { $0.1?.differences.isEmpty == true }), let outcome = near.1 {
            note(outcome, "constraint \(Identifier.quote(near.0.name))", near.0, found)
        } else if let near = outcomes.first(where: { $0.0.isAbout(columns, constraint.kind) }), let outcome = near.1 {
            note(outcome, "constraint \(Identifier.quote(near.0.name))", near.0, found)
        } else {
            differs("it lacks \(words)", remedy)
        }
    }

    private mutating func note(
        _ outcome: Outcome,
        _ name: String,
        _ existing: RelationFacts.Constraint,
        _ found: RelationFacts
    ) {
        for difference in outcome.differences {
            let isUnproved = difference == Outcome.notValid
            differs(
                "\(name) \(difference): \(existing.definition)",
                isUnproved
                    ? "ALTER TABLE \(found.sqlName) VALIDATE CONSTRAINT \(Identifier.quote(existing.name))" : nil
            )
        }
        for part in outcome.unknown { cannotTell("\(part) of \(name)") }
    }

    /// What one constraint lacks of another.
    private struct Outcome {
        static let notValid = "is NOT VALID"

        var differences: [String] = []
        var unknown: [String] = []
    }

    /// Compares two constraints; nil while a question is open.
    private mutating func compare(
        _ constraint: ConstraintDefinition,
        _ columns: [String],
        _ existing: RelationFacts.Constraint,
        _ found: RelationFacts
    ) -> Outcome? {
        let syntax = constraintSyntax(constraint)
        var outcome = Outcome()
        func expect(_ holds: Bool, _ words: String) {
            if !holds { outcome.differences.append(words) }
        }
        if constraint.kind != .check { expect(existing.columns == columns, "is about other columns") }
        switch constraint.kind {
        case .primaryKey, .unique:
            let included = syntax?.children("including").compactMap { $0.text("sval") } ?? []
            expect(existing.included == included, "includes other columns")
            if constraint.kind == .unique {
                let areEqual = syntax?.isSet("nulls_not_distinct") ?? false
                expect(existing.nullsAreEqual == areEqual, "treats nulls otherwise")
            }
        case .foreignKey:
            guard let reference = constraint.reference else { break }
            guard case .known(let target) = relation(reference.table.name) else { return nil }
            expect(existing.table == target?.oid ?? -1, "refers to another table")
            let referenced = reference.columns.isEmpty ? target?.primaryKey ?? [] : reference.columns
            expect(existing.referenced == referenced, "refers to other columns")
            expect(existing.onDelete == reference.onDelete.rawValue, "acts otherwise ON DELETE")
            expect(existing.onUpdate == reference.onUpdate.rawValue, "acts otherwise ON UPDATE")
            expect(existing.match == syntax?.text("fk_matchtype") ?? "s", "matches otherwise")
            let set = syntax?.children("fk_del_set_cols").compactMap { $0.text("sval") } ?? []
            expect(existing.setColumns == set.sorted(), "sets other columns ON DELETE")
        case .check:
            expect(existing.isNotInherited == (syntax?.isSet("is_no_inherit") ?? false), "is inherited otherwise")
            let likeness = likeness(
                constraint.expression?.sql ?? "",
                existing.expression ?? "",
                over: found.oid,
                isTrusted: existing.isTrusted
            )
            switch likeness {
            case .open: return nil
            case .different: expect(false, "demands something else than \(constraint.words(columns))")
            case .unknown: outcome.unknown.append("the condition")
            case .same: break
            }
        default: break
        }
        expect(existing.isDeferrable == constraint.isDeferrable, "is deferrable otherwise")
        expect(existing.isDeferred == constraint.isInitiallyDeferred, "is deferred otherwise")
        if !constraint.isNotValid, outcome.differences.isEmpty { expect(existing.isValid, Outcome.notValid) }
        expect(existing.isEnforced, "is not enforced")
        return outcome
    }
}

extension RelationFacts.Constraint {
    /// Whether it is likely to be meant by a declaration about these columns.
    fileprivate func isAbout(_ columns: [String], _ kind: ConstraintDefinition.Kind) -> Bool {
        kind == .primaryKey || kind != .check && Set(self.columns) == Set(columns)
    }
}

extension ConstraintDefinition {
    /// The letter that `pg_constraint` has for the kind; nil for what is no row there.
    fileprivate var letter: String? {
        switch kind {
        case .primaryKey: "p"
        case .unique: "u"
        case .foreignKey: "f"
        case .check: "c"
        case .exclusion: "x"
        default: nil
        }
    }

    /// The constraint as a table's statement writes it.
    func words(_ columns: [String]) -> String {
        let list = "(\(columns.map(Identifier.quote).joined(separator: ", ")))"
        let body: String =
            switch kind {
            case .primaryKey: "PRIMARY KEY \(list)"
            case .unique: "UNIQUE \(list)"
            case .check: "CHECK (\(expression?.sql ?? ""))"
            case .exclusion: "EXCLUDE …"
            case .foreignKey: "FOREIGN KEY \(list) \(reference?.words ?? "")"
            default: ""
            }
        return (name.map { "CONSTRAINT \(Identifier.quote($0)) " } ?? "") + body
            + (isInitiallyDeferred ? " DEFERRABLE INITIALLY DEFERRED" : isDeferrable ? " DEFERRABLE" : "")
    }
}

extension ForeignKeyReference {
    fileprivate var words: String {
        var words = "REFERENCES \(table.name)"
        if !columns.isEmpty { words += " (\(columns.map(Identifier.quote).joined(separator: ", ")))" }
        for (action, clause) in [(onDelete, "ON DELETE"), (onUpdate, "ON UPDATE")] where action != .noAction {
            words += " \(clause) \(action.words)"
        }
        return words
    }
}

extension ForeignKeyReference.Action {
    fileprivate var words: String {
        switch self {
        case .noAction: "NO ACTION"
        case .restrict: "RESTRICT"
        case .cascade: "CASCADE"
        case .setNull: "SET NULL"
        case .setDefault: "SET DEFAULT"
        }
    }
}
