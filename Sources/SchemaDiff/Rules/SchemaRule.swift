import Catalog
import SQLSyntax

/// Schemas.
struct SchemaRule: KindRule {
    let kinds: Set<CatalogKind> = [.schema]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [PlanStatement("CREATE SCHEMA \(Identifier.quote(object.identity.name))")]
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [PlanStatement("DROP SCHEMA \(Identifier.quote(object.identity.name))")]
    }

    /// All that is said of a schema is common to every kind.
    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration { .inPlace([]) }
}
