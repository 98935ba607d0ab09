import Catalog
import SQLSyntax

/// Foreign-data wrappers and servers.
struct ForeignDataRule: KindRule {
    let kinds: Set<CatalogKind> = [.foreignDataWrapper, .server]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        var sql = "CREATE \(object.identity.sqlTarget)"
        if object.identity.kind == .server {
            if let type = object.text("type") { sql += " TYPE \(StringLiteral.quote(type))" }
            if let version = object.text(.version) { sql += " VERSION \(StringLiteral.quote(version))" }
            sql += " FOREIGN DATA WRAPPER \(Identifier.quote(object.text("wrapper") ?? ""))"
        } else {
            if let handler = object.text("handler") { sql += " HANDLER \(handler)" }
            if let validator = object.text("validator") { sql += " VALIDATOR \(validator)" }
        }
        let options = object.list(.options)
        if !options.isEmpty { sql += " OPTIONS (\(options.joined(separator: ", ")))" }
        return [PlanStatement(sql)]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let before = change.before, let after = change.after, !change.differing.isEmpty else {
            return .inPlace([])
        }
        guard change.differing.isDisjoint(with: [AttributeName(rawValue: "type"), AttributeName(rawValue: "wrapper")])
        else { return .rebuild }
        let alter = "ALTER \(change.identity.sqlTarget)"
        var statements: [PlanStatement] = []
        for keyword in ["handler", "validator"] where before.text(keyword) != after.text(keyword) {
            let word = keyword.uppercased()
            statements.append(
                PlanStatement("\(alter) " + (after.text(keyword).map { "\(word) \($0)" } ?? "NO \(word)"))
            )
        }
        if change.differing.contains(.version) {
            statements.append(
                PlanStatement("\(alter) VERSION \(after.text(.version).map(StringLiteral.quote) ?? "NULL")")
            )
        }
        if let options = ForeignOptions.change(from: before.list(.options), to: after.list(.options)) {
            statements.append(
                PlanStatement(
                    "\(alter) \(options)",
                    hazards: [Hazard(.correctness, "foreign tables reach their data through \(change.identity)")]
                )
            )
        }
        return .inPlace(statements)
    }
}
