import Catalog
import SQLSyntax

/// Event triggers.
struct EventTriggerRule: KindRule {
    let kinds: Set<CatalogKind> = [.eventTrigger]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let tags = object.list("tags").map(StringLiteral.quote).joined(separator: ", ")
        let condition = tags.isEmpty ? "" : " WHEN TAG IN (\(tags))"
        return [
            PlanStatement(
                "CREATE \(object.identity.sqlTarget) ON \(object.text("event") ?? "")\(condition) "
                    + "EXECUTE FUNCTION \(object.text("function") ?? "")()"
            )
        ] + (object.text("enabled") == nil ? [] : [enabling(object)])
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let after = change.after, !change.differing.isEmpty else { return .inPlace([]) }
        guard change.differing == [AttributeName(rawValue: "enabled")] else { return .rebuild }
        return .inPlace([enabling(after)])
    }

    private func enabling(_ object: CatalogObject) -> PlanStatement {
        PlanStatement("ALTER \(object.identity.sqlTarget) \(object.text("enabled") ?? "ENABLE")")
    }
}
