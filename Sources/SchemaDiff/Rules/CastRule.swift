import Catalog
import SQLSyntax

/// Casts.
struct CastRule: KindRule {
    let kinds: Set<CatalogKind> = [.cast]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let context = object.text("context").map { " AS \($0)" } ?? ""
        return [PlanStatement("CREATE \(object.identity.sqlTarget) \(object.text("method") ?? "")\(context)")]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        change.differing.isEmpty ? .inPlace([]) : .rebuild
    }
}

/// Transforms.
struct TransformRule: KindRule {
    let kinds: Set<CatalogKind> = [.transform]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [PlanStatement(Self.statement("CREATE", object))]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let after = change.after, !change.differing.isEmpty else { return .inPlace([]) }
        return .inPlace([PlanStatement(Self.statement("CREATE OR REPLACE", after))])
    }

    private static func statement(_ verb: String, _ object: CatalogObject) -> String {
        let functions = [
            object.text("from_sql").map { "FROM SQL WITH FUNCTION \($0)" },
            object.text("to_sql").map { "TO SQL WITH FUNCTION \($0)" },
        ]
        return "\(verb) \(object.identity.sqlTarget) (\(functions.compactMap(\.self).joined(separator: ", ")))"
    }
}
