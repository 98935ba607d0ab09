import Catalog
import SQLSyntax

/// Row-level policies.
struct PolicyRule: KindRule {
    let kinds: Set<CatalogKind> = [.policy]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        var sql = "CREATE POLICY \(target(object.identity))"
        if object.flag(.restrictive) { sql += " AS RESTRICTIVE" }
        if let command = object.text(.command) { sql += " FOR \(command)" }
        if !object.list(.roles).isEmpty { sql += " TO \(roles(object))" }
        if let using = object.text(.using) { sql += " USING (\(using))" }
        if let check = object.text(.withCheck) { sql += " WITH CHECK (\(check))" }
        return [statement(sql, on: object.identity, in: context)]
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [statement("DROP POLICY \(target(object.identity))", on: object.identity, in: context)]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let before = change.before, let after = change.after, before.text(.command) == after.text(.command),
            before.flag(.restrictive) == after.flag(.restrictive),
            !isTaken(.using, from: before, after), !isTaken(.withCheck, from: before, after)
        else { return .rebuild }
        var sql = ""
        if before.list(.roles) != after.list(.roles) { sql += " TO \(roles(after))" }
        if let using = after.text(.using), using != before.text(.using) { sql += " USING (\(using))" }
        if let check = after.text(.withCheck), check != before.text(.withCheck) { sql += " WITH CHECK (\(check))" }
        guard !sql.isEmpty else { return .inPlace([]) }
        return .inPlace([
            statement("ALTER POLICY \(target(change.identity))\(sql)", on: change.identity, in: context)
        ])
    }

    private func isTaken(_ name: AttributeName, from before: CatalogObject, _ after: CatalogObject) -> Bool {
        before.text(name) != nil && after.text(name) == nil
    }

    private func target(_ identity: ObjectIdentity) -> String {
        "\(Identifier.quote(identity.name)) ON \(identity.qualifiedParent ?? "")"
    }

    private func roles(_ object: CatalogObject) -> String {
        let roles = object.list(.roles)
        return roles.isEmpty
            ? "PUBLIC" : roles.map { $0 == "public" ? "PUBLIC" : Identifier.quote($0) }.joined(separator: ", ")
    }

    private func statement(_ sql: String, on identity: ObjectIdentity, in context: PlanContext) -> PlanStatement {
        let isNew = context.isNew(ObjectIdentity(.table, schema: identity.schema, identity.parent ?? ""))
        return PlanStatement(
            sql,
            hazards: isNew
                ? []
                : [
                    Hazard(
                        .authorisationChange,
                        "which rows of \(identity.qualifiedParent ?? "") a role reaches changes"
                    )
                ],
            lock: .accessExclusive
        )
    }
}
