import Catalog
import SQLSyntax

/// User mappings.
///
/// No catalog holds the values of their options, so a new one gets empty values, to be set by hand.
struct UserMappingRule: KindRule {
    let kinds: Set<CatalogKind> = [.userMapping]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let names = object.list(.secretOptions)
        let options = names.map { "\(Identifier.quote($0)) ''" }.joined(separator: ", ")
        return [
            PlanStatement(
                "CREATE \(object.identity.sqlTarget)" + (names.isEmpty ? "" : " OPTIONS (\(options))"),
                hazards: Self.toBeSet(names, of: object.identity)
            )
        ]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        let from = (change.before?.list(.secretOptions) ?? []).map { "\(Identifier.quote($0)) ''" }
        let to = (change.after?.list(.secretOptions) ?? []).map { "\(Identifier.quote($0)) ''" }
        guard let options = ForeignOptions.change(from: from, to: to) else { return .inPlace([]) }
        let added = to.filter { !from.contains($0) }.map { NamedText($0).name }
        return .inPlace([
            PlanStatement(
                "ALTER \(change.identity.sqlTarget) \(options)",
                hazards: Self.toBeSet(added, of: change.identity)
            )
        ])
    }

    private static func toBeSet(_ names: [String], of identity: ObjectIdentity) -> [Hazard] {
        guard !names.isEmpty else { return [] }
        return [
            Hazard(
                .correctness,
                "\(identity) gets empty options (\(names.joined(separator: ", "))), for their values are secret: "
                    + "set them with ALTER USER MAPPING"
            )
        ]
    }
}
