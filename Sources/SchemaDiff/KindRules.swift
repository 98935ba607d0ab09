import Catalog

/// The rules of all kinds.
struct KindRules: Sendable {
    /// Lastro's own, one rule a group of kinds.
    static let standard = KindRules(all)

    private static let all: [any KindRule] = RelationRules.all + ObjectRules.all

    private let byKind: [CatalogKind: any KindRule]

    /// Gathers rules, no two for the same kind.
    init(_ rules: [any KindRule]) {
        byKind = Dictionary(uniqueKeysWithValues: rules.flatMap { rule in rule.kinds.map { ($0, rule) } })
    }

    /// The rule for a kind.
    func rule(for kind: CatalogKind) -> any KindRule {
        guard let rule = byKind[kind] else { preconditionFailure("no rule for \(kind.rawValue)") }
        return rule
    }
}
