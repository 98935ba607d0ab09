import Catalog
import SQLSyntax

/// Publications, with the tables and schemas in them.
struct PublicationRule: KindRule {
    let kinds: Set<CatalogKind> = [.publication]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let members = Self.members(of: object)
        let content = object.flag("all_tables") ? " FOR ALL TABLES" : members.isEmpty ? "" : " FOR \(members)"
        return [
            PlanStatement("CREATE \(object.identity.sqlTarget)\(content) WITH (\(Self.settings(of: object)))")
        ]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let before = change.before, let after = change.after, !change.differing.isEmpty else {
            return .inPlace([])
        }
        let members = Self.members(of: after)
        let alter = "ALTER \(change.identity.sqlTarget)"
        guard before.flag("all_tables") == after.flag("all_tables") else { return .rebuild }
        var statements: [PlanStatement] = []
        if Self.settings(of: before) != Self.settings(of: after) {
            statements.append(
                PlanStatement("\(alter) SET (\(Self.settings(of: after)))", hazards: Self.hazards(change.identity))
            )
        }
        if Self.members(of: before) != members {
            // To set to nothing is not in the grammar.
            guard !members.isEmpty else { return .rebuild }
            statements.append(
                PlanStatement("\(alter) SET \(members)", hazards: Self.hazards(change.identity))
            )
        }
        return .inPlace(statements)
    }

    private static func members(of object: CatalogObject) -> String {
        let tables = object.list("tables")
        let schemas = object.list("schemas")
        return [
            tables.isEmpty ? nil : "TABLE \(tables.map { "ONLY \($0)" }.joined(separator: ", "))",
            schemas.isEmpty ? nil : "TABLES IN SCHEMA \(schemas.joined(separator: ", "))",
        ].compactMap(\.self).joined(separator: ", ")
    }

    private static func settings(of object: CatalogObject) -> String {
        let operations = StringLiteral.quote(object.list("publish").joined(separator: ", "))
        let viaRoot = object.flag("via_root") ? "true" : "false"
        let generated = object.text("generated_columns").map { ", publish_generated_columns = \($0)" } ?? ""
        return "publish = \(operations), publish_via_partition_root = \(viaRoot)\(generated)"
    }

    private static func hazards(_ identity: ObjectIdentity) -> [Hazard] {
        [Hazard(.correctness, "subscribers of \(identity) get other rows from now on, until they refresh")]
    }
}
