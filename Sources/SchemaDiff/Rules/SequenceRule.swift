import Catalog
import SQLSyntax

/// Sequences that are no identity column's.
struct SequenceRule: KindRule {
    let kinds: Set<CatalogKind> = [.sequence]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        var sql = "CREATE \(object.flag(.unlogged) ? "UNLOGGED " : "")SEQUENCE \(object.identity.qualifiedName)"
        if let type = object.text(.type) { sql += " AS \(type)" }
        for option in object.list(.sequenceOptions) { sql += " \(option)" }
        if let owner = object.text(.ownedBy) { sql += " OWNED BY \(owner)" }
        return [PlanStatement(sql)]
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [
            PlanStatement(
                "DROP SEQUENCE \(object.identity.qualifiedName)",
                hazards: [Hazard(.deletesData, "where \(object.identity) has counted to is lost")],
                lock: .accessExclusive
            )
        ]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let before = change.before, let after = change.after else { return .rebuild }
        let alter = "ALTER SEQUENCE \(change.identity.qualifiedName)"
        var statements: [PlanStatement] = []
        var actions: [String] = []
        if before.text(.type) != after.text(.type) { actions.append("AS \(after.text(.type) ?? "bigint")") }
        let narrowing = SequenceNarrowing(
            from: SequenceLimits(before.list(.sequenceOptions), type: before.text(.type)),
            to: SequenceLimits(after.list(.sequenceOptions), type: before.text(.type)),
            of: change.identity.qualifiedName
        )
        actions += SequenceOptions(before.list(.sequenceOptions)).actions(
            to: SequenceOptions(after.list(.sequenceOptions)),
            within: SequenceLimits(after.list(.sequenceOptions), type: after.text(.type)),
            settingLimits: narrowing.widensFirst || before.text(.type) != after.text(.type)
        )
        if !actions.isEmpty {
            statements += narrowing.statements { "\(alter) \($0.joined(separator: " "))" }
            statements.append(
                PlanStatement("\(alter) \(actions.joined(separator: " "))", lock: .shareRowExclusive)
            )
        }
        // A table that is logged from now on, or no longer, has taken the sequences along that stay its own.
        let isTaken =
            OwnedSequences.table(of: before, in: context.from).map { table in
                guard let old = context.from[table], let new = context.to[table], !context.isNew(table),
                    OwnedSequences.table(of: after, in: context.to) == table
                else { return false }
                return old.flag(.unlogged) != new.flag(.unlogged)
            } ?? false
        if before.flag(.unlogged) != after.flag(.unlogged), !isTaken {
            statements.append(
                PlanStatement("\(alter) SET \(after.flag(.unlogged) ? "UNLOGGED" : "LOGGED")", lock: .accessExclusive)
            )
        }
        if before.text(.ownedBy) != after.text(.ownedBy) {
            statements += handingOver(from: before, to: after, alter)
            statements.append(
                PlanStatement("\(alter) OWNED BY \(after.text(.ownedBy) ?? "NONE")", lock: .shareRowExclusive)
            )
        }
        return .inPlace(statements)
    }

    /// Gives a sequence to the owner of the table that it is to belong to: the server links only what one role owns.
    private func handingOver(from before: CatalogObject, to after: CatalogObject, _ alter: String) -> [PlanStatement] {
        guard after.text(.ownedBy) != nil, let owner = after.text(.owner), let former = before.text(.owner),
            owner != former
        else { return [] }
        let release = PlanStatement("\(alter) OWNED BY NONE", lock: .shareRowExclusive)
        let hazard = Hazard(.authorisationChange, "\(after.identity) changes hands from \(former) to \(owner)")
        return (before.text(.ownedBy) == nil ? [] : [release]) + [
            PlanStatement(
                "\(alter) OWNER TO \(Identifier.quote(owner))",
                hazards: [hazard],
                lock: .accessExclusive
            )
        ]
    }
}
