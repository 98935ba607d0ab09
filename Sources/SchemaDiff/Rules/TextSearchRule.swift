import Catalog
import SQLSyntax

/// Text search parsers, templates, dictionaries and configurations.
struct TextSearchRule: KindRule {
    let kinds: Set<CatalogKind> = [
        .textSearchParser, .textSearchTemplate, .textSearchDictionary, .textSearchConfiguration,
    ]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        var list = DefinitionList()
        for keyword in ["start", "gettoken", "end", "headline", "lextypes", "init", "lexize", "template", "parser"] {
            list.add(keyword.uppercased(), object.text(keyword))
        }
        var entries = list.entries
        if let options = object.text(.options) { entries.append(options) }
        return [PlanStatement("CREATE \(object.identity.sqlTarget) (\(entries.joined(separator: ", ")))")]
            + object.list("mappings").map { addition($0, to: object.identity) }
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let before = change.before, let after = change.after, !change.differing.isEmpty else {
            return .inPlace([])
        }
        switch change.differing {
        case [.options]: return .inPlace(options(of: change.identity, from: before, to: after))
        case [AttributeName(rawValue: "mappings")]: return .inPlace(mappings(from: before, to: after))
        default: return .rebuild
        }
    }

    private func options(of identity: ObjectIdentity, from before: CatalogObject, to after: CatalogObject)
        -> [PlanStatement]
    {
        let from = Set(Self.options(before.text(.options) ?? "").map(\.name))
        let to = Self.options(after.text(.options) ?? "")
        // A name without a value takes the option away.
        let gone = from.subtracting(to.map(\.name)).sorted().map(Identifier.quote)
        let set = to.map { "\(Identifier.quote($0.name)) = \($0.value)" }
        return [
            PlanStatement(
                "ALTER \(identity.sqlTarget) (\((gone + set).joined(separator: ", ")))",
                hazards: [
                    Hazard(.correctness, "what was indexed through \(identity) before keeps its old words")
                ]
            )
        ]
    }

    /// The options of `name = 'value', …`, as the server writes them.
    private static func options(_ text: String) -> [(name: String, value: String)] {
        var options: [(name: String, value: String)] = []
        var start = text.startIndex
        var isQuoted = false
        for (index, character) in zip(text.indices, text) {
            if character == "'" || character == "\"" { isQuoted.toggle() }
            if character == "," && !isQuoted {
                options.append(option(text[start..<index]))
                start = text.index(after: index)
            }
        }
        if start < text.endIndex { options.append(option(text[start...])) }
        return options
    }

    private static func option(_ text: Substring) -> (name: String, value: String) {
        let entry = NamedText(String(text.drop { $0 == " " }))
        return (entry.name, String(entry.text.drop { $0 == "=" || $0 == " " }))
    }

    private func mappings(from before: CatalogObject, to after: CatalogObject) -> [PlanStatement] {
        let from = before.list("mappings")
        let to = after.list("mappings")
        let configuration = after.identity
        let gone = from.filter { !to.contains($0) }.map { NamedText($0).name }
        let hazard = Hazard(.correctness, "what was indexed through \(configuration) before keeps its old words")
        return gone.map {
            PlanStatement(
                "ALTER \(configuration.sqlTarget) DROP MAPPING FOR \(Identifier.quote($0))",
                hazards: [hazard]
            )
        } + to.filter { !from.contains($0) }.map { addition($0, to: configuration) }
    }

    private func addition(_ mapping: String, to configuration: ObjectIdentity) -> PlanStatement {
        let entry = NamedText(mapping)
        return PlanStatement(
            "ALTER \(configuration.sqlTarget) ADD MAPPING FOR \(Identifier.quote(entry.name)) WITH \(entry.text)"
        )
    }
}
