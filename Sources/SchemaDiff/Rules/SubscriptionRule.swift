import Catalog
import Postgres
import SQLSyntax

/// Subscriptions.
///
/// No catalog holds the connection string, so a new one is not connected, and has to get it by hand.
struct SubscriptionRule: KindRule {
    let kinds: Set<CatalogKind> = [.subscription]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let publications = object.list("publications").map(Identifier.quote).joined(separator: ", ")
        let options = ["connect = false"] + Self.options(of: object)
        return [
            PlanStatement(
                "CREATE \(object.identity.sqlTarget) CONNECTION '' PUBLICATION \(publications) "
                    + "WITH (\(options.joined(separator: ", ")))",
                hazards: [
                    Hazard(
                        .correctness,
                        "\(object.identity) has no connection string, which is secret: set it with "
                            + "ALTER SUBSCRIPTION … CONNECTION, make its slot, and enable it"
                    )
                ]
            )
        ]
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let alter = "ALTER \(object.identity.sqlTarget)"
        // Without a slot the other server is not asked, which a plan could not do in a transaction.
        let slot = object.text("slot_name")
        return (object.flag("enabled") ? [PlanStatement("\(alter) DISABLE")] : [])
            + (slot == nil ? [] : [PlanStatement("\(alter) SET (slot_name = NONE)")])
            + [
                PlanStatement(
                    "DROP \(object.identity.sqlTarget)",
                    hazards: [Hazard(.irreversible, "its connection string is lost with \(object.identity)")]
                        + (slot.map {
                            [Hazard(.correctness, "slot \($0) stays on the publisher and keeps its log: drop it there")]
                        } ?? [])
                )
            ]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) throws -> Alteration {
        guard let before = change.before, let after = change.after, !change.differing.isEmpty else {
            return .inPlace([])
        }
        guard before.flag("two_phase") == after.flag("two_phase") || context.to.serverVersion.major >= 18 else {
            throw SchemaDiffError.refused(
                change,
                reason: "two_phase cannot be changed",
                byHand: "drop the subscription and create it again with its connection string"
            )
        }
        let alter = "ALTER \(change.identity.sqlTarget)"
        var statements: [PlanStatement] = []
        if before.flag("enabled") && !after.flag("enabled") { statements.append(PlanStatement("\(alter) DISABLE")) }
        if before.list("publications") != after.list("publications") {
            let publications = after.list("publications").map(Identifier.quote).joined(separator: ", ")
            statements.append(
                PlanStatement(
                    "\(alter) SET PUBLICATION \(publications) WITH (refresh = false)",
                    hazards: [Hazard(.correctness, "\(change.identity) has to be refreshed behind it")]
                )
            )
        }
        let settings = Set(Self.options(of: after)).subtracting(Self.options(of: before)).sorted()
        if !settings.isEmpty { statements.append(PlanStatement("\(alter) SET (\(settings.joined(separator: ", ")))")) }
        if !before.flag("enabled") && after.flag("enabled") { statements.append(PlanStatement("\(alter) ENABLE")) }
        return .inPlace(statements)
    }

    private static func options(of object: CatalogObject) -> [String] {
        var list = DefinitionList()
        list.add("slot_name", object.text("slot_name").map(StringLiteral.quote) ?? "NONE")
        list.add("synchronous_commit", quoting: object.text("synchronous_commit"))
        list.add("binary", object.flag("binary") ? "true" : "false")
        list.add("streaming", object.text("streaming") ?? "off")
        if object.flag("two_phase") { list.add("two_phase", "true") }
        list.add("disable_on_error", object.flag("disable_on_error") ? "true" : "false")
        if object.flag("password_not_required") { list.add("password_required", "false") }
        if object.flag("run_as_owner") { list.add("run_as_owner", "true") }
        list.add("origin", object.text("origin"))
        if object.flag("failover") { list.add("failover", "true") }
        return list.entries
    }
}
