import Catalog
import SQLSyntax

/// Rewrite rules, but for those that make a view.
struct RewriteRuleRule: KindRule {
    let kinds: Set<CatalogKind> = [.rule]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [PlanStatement(object.text(.definition) ?? "", lock: .accessExclusive)]
            + EnabledState("RULE", of: object).statements(from: nil, to: object)
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [
            PlanStatement(
                "DROP RULE \(Identifier.quote(object.identity.name)) ON \(object.identity.qualifiedParent ?? "")",
                lock: .accessExclusive
            )
        ]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let before = change.before, let after = change.after else { return .rebuild }
        var statements: [PlanStatement] = []
        if let definition = after.text(.definition), definition != before.text(.definition) {
            let words = "CREATE RULE"
            guard definition.hasPrefix(words) else { return .rebuild }
            statements.append(
                PlanStatement("CREATE OR REPLACE RULE" + definition.dropFirst(words.count), lock: .accessExclusive)
            )
        }
        return .inPlace(statements + EnabledState("RULE", of: after).statements(from: before, to: after))
    }
}
