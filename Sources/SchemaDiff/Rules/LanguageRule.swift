import Catalog
import SQLSyntax

/// Languages.
struct LanguageRule: KindRule {
    let kinds: Set<CatalogKind> = [.language]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [PlanStatement(Self.statement("CREATE", object))]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let after = change.after, !change.differing.isEmpty else { return .inPlace([]) }
        // What was granted on a trusted language cannot be taken back once it is none.
        if change.differing.contains(AttributeName(rawValue: "trusted")) { return .rebuild }
        return .inPlace([PlanStatement(Self.statement("CREATE OR REPLACE", after))])
    }

    private static func statement(_ verb: String, _ object: CatalogObject) -> String {
        var sql = "\(verb)\(object.flag("trusted") ? " TRUSTED" : "") \(object.identity.sqlTarget)"
        for keyword in ["handler", "inline", "validator"] {
            if let function = object.text(keyword) { sql += " \(keyword.uppercased()) \(function)" }
        }
        return sql
    }
}

/// Access methods.
struct AccessMethodRule: KindRule {
    let kinds: Set<CatalogKind> = [.accessMethod]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let type = object.text("type") ?? "TABLE"
        return [
            PlanStatement("CREATE \(object.identity.sqlTarget) TYPE \(type) HANDLER \(object.text("handler") ?? "")")
        ]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        change.differing.isEmpty ? .inPlace([]) : .rebuild
    }
}
