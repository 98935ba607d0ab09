import Catalog
import SQLSyntax

/// Collations.
struct CollationRule: KindRule {
    let kinds: Set<CatalogKind> = [.collation]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        var list = DefinitionList()
        list.add("provider", object.text("provider"))
        if object.text("provider") == "libc" {
            list.add("lc_collate", quoting: object.text("lc_collate"))
            list.add("lc_ctype", quoting: object.text("lc_ctype"))
        } else {
            list.add("locale", quoting: object.text("locale") ?? object.text("lc_collate"))
        }
        list.add("rules", quoting: object.text("rules"))
        list.add("deterministic", object.flag("nondeterministic") ? "false" : nil)
        return [PlanStatement("CREATE \(object.identity.sqlTarget) \(list.sql)")]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) throws -> Alteration {
        guard !change.differing.isEmpty else { return .inPlace([]) }
        let holder = context.from.objects.first {
            $0.identity.kind == .column && $0.dependencies.contains(change.identity)
                && context.to[$0.identity] != nil && !context.isNew($0.identity)
        }
        if let holder {
            throw SchemaDiffError.refused(
                change,
                reason: "a collation cannot be altered, and \(holder.identity) is sorted by it",
                byHand:
                    "create a new collation, move the column to it with ALTER COLUMN … TYPE … COLLATE, and drop the old one"
            )
        }
        return .rebuild
    }
}

/// Conversions between encodings.
struct ConversionRule: KindRule {
    let kinds: Set<CatalogKind> = [.conversion]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let isDefault = object.flag("is_default") ? "DEFAULT " : ""
        let from = StringLiteral.quote(object.text("from_encoding") ?? "")
        let to = StringLiteral.quote(object.text("to_encoding") ?? "")
        return [
            PlanStatement(
                "CREATE \(isDefault)\(object.identity.sqlTarget) FOR \(from) TO \(to) FROM \(object.text("function") ?? "")"
            )
        ]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        change.differing.isEmpty ? .inPlace([]) : .rebuild
    }
}
