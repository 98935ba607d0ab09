import Catalog
import SQLSyntax

/// Operators.
struct OperatorRule: KindRule {
    let kinds: Set<CatalogKind> = [.operator]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let operands = (object.identity.signature ?? "").splitOperands
        var list = DefinitionList()
        list.add("FUNCTION", object.text("function"))
        list.add("LEFTARG", operands.left)
        list.add("RIGHTARG", operands.right)
        list.add("COMMUTATOR", object.text("commutator"))
        list.add("NEGATOR", object.text("negator"))
        list.add("RESTRICT", object.text("restrict"))
        list.add("JOIN", object.text("join"))
        list.add("HASHES", if: object.flag("hashes"))
        list.add("MERGES", if: object.flag("merges"))
        let schema = object.identity.schema.map { Identifier.quote($0) + "." } ?? ""
        return [PlanStatement("CREATE OPERATOR \(schema)\(object.identity.name) \(list.sql)")]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let after = change.after, !change.differing.isEmpty else { return .inPlace([]) }
        let estimators: Set<AttributeName> = [AttributeName(rawValue: "restrict"), AttributeName(rawValue: "join")]
        guard change.differing.isSubset(of: estimators) else { return .rebuild }
        let settings = change.differing.sorted().map { name in
            "\(name.rawValue.uppercased()) = \(after.text(name) ?? "NONE")"
        }
        return .inPlace([
            PlanStatement("ALTER \(change.identity.sqlTarget) SET (\(settings.joined(separator: ", ")))")
        ])
    }
}

extension String {
    /// The operands of an operator's signature; names of types may hold commas in quotes and in parentheses.
    fileprivate var splitOperands: (left: String?, right: String?) {
        var depth = 0
        var isQuoted = false
        for (index, character) in zip(indices, self) {
            switch character {
            case "\"": isQuoted.toggle()
            case "(" where !isQuoted: depth += 1
            case ")" where !isQuoted: depth -= 1
            case "," where !isQuoted && depth == 0:
                let left = String(self[..<index])
                return (left == "NONE" ? nil : left, String(self[self.index(after: index)...].drop { $0 == " " }))
            default: break
            }
        }
        return (nil, self)
    }
}
