import Catalog

/// Extended statistics.
struct StatisticsRule: KindRule {
    let kinds: Set<CatalogKind> = [.statistics]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let kinds = object.list(.kinds)
        let subjects = object.list(.columns) + object.list(.expressions).map { "(\($0))" }
        let sql =
            "CREATE STATISTICS \(object.identity.qualifiedName)"
            + (kinds.isEmpty ? "" : " (\(kinds.joined(separator: ", ")))")
            + " ON \(subjects.joined(separator: ", ")) FROM \(object.text(.table) ?? "")"
        return [PlanStatement(sql, lock: .shareUpdateExclusive)] + target(object, from: nil)
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [
            PlanStatement(
                "DROP STATISTICS \(object.identity.qualifiedName)",
                hazards: [Hazard(.impactsPerformance, "the planner no longer knows what \(object.identity) told it")]
            )
        ]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let before = change.before, let after = change.after,
            [AttributeName.table, .kinds, .columns, .expressions].allSatisfy({
                before.attributes[$0] == after.attributes[$0]
            })
        else { return .rebuild }
        return .inPlace(target(after, from: before))
    }

    private func target(_ object: CatalogObject, from before: CatalogObject?) -> [PlanStatement] {
        guard object.number(.statistics) != before?.number(.statistics) else { return [] }
        let target = object.number(.statistics) ?? -1
        return [PlanStatement("ALTER STATISTICS \(object.identity.qualifiedName) SET STATISTICS \(target)")]
    }
}
