import Catalog
import SQLSyntax

/// Operator classes.
struct OperatorClassRule: KindRule {
    let kinds: Set<CatalogKind> = [.operatorClass]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let identity = object.identity
        let schema = identity.schema.map { Identifier.quote($0) + "." } ?? ""
        let type = object.text("type") ?? ""
        let isDefault = object.flag("is_default") ? " DEFAULT" : ""
        // A class has to have something in it; its own type as storage says nothing.
        let members =
            (object.text("storage").map { ["STORAGE \($0)"] } ?? []) + object.list("operators")
            + object.list("functions")
        let items = members.isEmpty ? "STORAGE \(type)" : members.joined(separator: ", ")
        return [
            PlanStatement(
                "CREATE OPERATOR CLASS \(schema)\(Identifier.quote(identity.name))\(isDefault) FOR TYPE \(type) "
                    + "USING \(Identifier.quote(identity.signature ?? "")) FAMILY \(object.text("family") ?? "") AS \(items)"
            )
        ]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        change.differing.isEmpty ? .inPlace([]) : .rebuild
    }
}

/// Operator families, with the members that belong to no class.
struct OperatorFamilyRule: KindRule {
    let kinds: Set<CatalogKind> = [.operatorFamily]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [PlanStatement("CREATE \(object.identity.sqlTarget)")]
            + addition(of: object.list("operators") + object.list("functions"), to: object.identity)
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let before = change.before, let after = change.after else { return .rebuild }
        let from = before.list("operators") + before.list("functions")
        let to = after.list("operators") + after.list("functions")
        let gone = from.filter { !to.contains($0) }.map(Self.withoutName)
        var statements: [PlanStatement] = []
        if !gone.isEmpty {
            statements.append(
                PlanStatement("ALTER \(change.identity.sqlTarget) DROP \(gone.joined(separator: ", "))")
            )
        }
        return .inPlace(statements + addition(of: to.filter { !from.contains($0) }, to: change.identity))
    }

    private func addition(of members: [String], to family: ObjectIdentity) -> [PlanStatement] {
        guard !members.isEmpty else { return [] }
        return [PlanStatement("ALTER \(family.sqlTarget) ADD \(members.joined(separator: ", "))")]
    }

    /// `DROP` names a member by its number and its types alone.
    private static func withoutName(_ member: String) -> String {
        let words = member.split(separator: " ", maxSplits: 2).map(String.init)
        guard words.count == 3, let open = words[2].firstIndex(of: "("),
            let close = words[2][open...].firstIndex(of: ")")
        else { return member }
        return "\(words[0]) \(words[1]) \(words[2][open...close])"
    }
}
