import Catalog
import SQLSyntax

/// Extensions.
struct ExtensionRule: KindRule {
    let kinds: Set<CatalogKind> = [.extension]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        var sql = "CREATE EXTENSION \(object.identity.qualifiedName)"
        if let schema = object.text(.schema) { sql += " SCHEMA \(Identifier.quote(schema))" }
        if let version = object.text(.version) { sql += " VERSION \(StringLiteral.quote(version))" }
        return [PlanStatement(sql)]
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [
            PlanStatement(
                "DROP \(object.identity.sqlTarget)",
                hazards: [
                    Hazard(.deletesData, "\(object.identity) goes with the rows of its own tables"),
                    Hazard(.extensionVersionChange, "\(object.identity) is taken out of the database"),
                ]
            )
        ]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let after = change.after else { return .rebuild }
        // Extensions have scripts that lead to later versions, and hardly ever back.
        if let version = after.text(.version), let before = change.before?.text(.version),
            Self.isVersion(version, before: before)
        {
            return .rebuild
        }
        var statements: [PlanStatement] = []
        for name in change.differing.sorted() {
            switch name {
            case .schema:
                let schema = Identifier.quote(after.text(.schema) ?? "")
                statements.append(
                    PlanStatement(
                        "ALTER \(change.identity.sqlTarget) SET SCHEMA \(schema)",
                        hazards: [Hazard(.correctness, "what names the objects of \(change.identity) by schema breaks")]
                    )
                )
            default:
                let version = StringLiteral.quote(after.text(.version) ?? "")
                let from = change.before?.text(.version) ?? "?"
                statements.append(
                    PlanStatement(
                        "ALTER \(change.identity.sqlTarget) UPDATE TO \(version)",
                        hazards: [
                            Hazard(
                                .extensionVersionChange,
                                "\(change.identity) goes from \(from) to \(after.text(.version) ?? "?")"
                            )
                        ]
                    )
                )
            }
        }
        return .inPlace(statements)
    }

    private static func isVersion(_ left: String, before right: String) -> Bool {
        func numbers(_ version: String) -> [Int] { version.split { !$0.isNumber }.compactMap { Int($0) } }
        return numbers(left).lexicographicallyPrecedes(numbers(right))
    }
}
