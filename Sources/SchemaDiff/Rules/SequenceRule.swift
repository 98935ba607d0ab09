import Catalog

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
        actions += SequenceOptions(before.list(.sequenceOptions)).actions(
            to: SequenceOptions(after.list(.sequenceOptions))
        )
        if !actions.isEmpty {
            statements.append(
                PlanStatement("\(alter) \(actions.joined(separator: " "))", lock: .shareRowExclusive)
            )
        }
        if before.flag(.unlogged) != after.flag(.unlogged) {
            statements.append(
                PlanStatement("\(alter) SET \(after.flag(.unlogged) ? "UNLOGGED" : "LOGGED")", lock: .accessExclusive)
            )
        }
        if before.text(.ownedBy) != after.text(.ownedBy) {
            statements.append(
                PlanStatement("\(alter) OWNED BY \(after.text(.ownedBy) ?? "NONE")", lock: .shareRowExclusive)
            )
        }
        return .inPlace(statements)
    }
}
