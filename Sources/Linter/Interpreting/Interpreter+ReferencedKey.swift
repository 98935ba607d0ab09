import SQLSyntax

/// What a foreign key needs at its other end.
extension Interpreter {
    /// Looks up the primary key or unique constraint that a foreign key needs at its other end.
    func needKey(_ columns: [String], of key: QualifiedName, _ definition: ConstraintDefinition, user: String) {
        guard let relation = schema.relations[key], relation.hasColumnList, relation.kind == .table else { return }
        let isOwn = key == tableInMaking
        let wanted = Set(columns)
        // A reference that names no columns is to the primary key, and to no other.
        let isToPrimary = definition.reference?.columns.isEmpty == true
        let keys = relation.constraints.filter {
            ($0.kind == .primaryKey || $0.kind == .unique && !isToPrimary) && Set($0.columns) == wanted
        }
        let indexes = relation.indexes.compactMap { schema.relations[$0]?.index }.filter { index in
            index.isUnique && index.condition == nil && index.constraint == nil && !index.columns.contains(nil)
                && Set(index.columns.compactMap(\.self)) == wanted
        }
        if !columns.isEmpty {
            if keys.contains(where: { min($0.certainty, $0.definitionCertainty) == .sure || isOwn }) { return }
            if !isToPrimary, indexes.contains(where: { $0.certainty == .sure }) { return }
        }
        guard schema.opening == nil, !mayInherit(keyOn: wanted, to: key) else { return }
        let list = columns.isEmpty ? "" : " (\(columns.map(Identifier.quote).joined(separator: ", ")))"
        let failure =
            isToPrimary
            ? "there is no primary key for referenced table \"\(key.name)\""
            : "there is no unique constraint matching given keys for referenced table \"\(key.name)\""
        if let maybe = keys.first, !columns.isEmpty {
            report(
                .referencedKeyMayNotExist,
                "\(user) needs a unique key of \(key.shortened)\(list), which only a guarded statement at "
                    + "\(words(for: maybe.origin)) declares: if \(key.shortened) was there before without it, this fails with "
                    + "`\(failure)`",
                at: definition.location,
                .warning,
                next: "make sure of the key in a block of its own before"
            )
            // With an index of the same columns it is not the key that has to be there.
            if isProving, isToPrimary || indexes.isEmpty,
                let place = relation.constraints.firstIndex(where: { $0.name == maybe.name })
            {
                schema.relations[key]?.constraints[place].certainty = .sure
                schema.relations[key]?.constraints[place].definitionCertainty = .sure
            }
            return
        }
        if columns.contains(where: { relation.column($0)?.definitionCertainty == .unknown }) { return }
        report(
            .referencedKeyMayNotExist,
            "\(user) needs a primary key or unique constraint of \(key.shortened)\(list), and there is none: this fails with "
                + "`\(failure)`",
            at: definition.location,
            next: "add it to \(key.shortened) first"
        )
    }
}
