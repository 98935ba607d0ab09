import SQLSyntax

/// Settings as catalogs hold them, `name=value`, and as SQL writes them.
struct StorageParameters {
    private let values: [String: String]

    init(_ settings: [String]) {
        values = Dictionary(
            settings.map { setting in
                let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "true")
            },
            uniquingKeysWith: { $1 }
        )
    }

    /// The settings between parentheses; nil where there are none.
    var clause: String? { values.isEmpty ? nil : Self.clause(values) }

    /// What takes an object from these settings to others, each behind the words of an `ALTER`.
    func actions(to other: StorageParameters) -> [String] {
        let set = other.values.filter { values[$0.key] != $0.value }
        let reset = values.keys.filter { other.values[$0] == nil }.sorted()
        var actions: [String] = []
        if !reset.isEmpty { actions.append("RESET (" + reset.map(Self.quote).joined(separator: ", ") + ")") }
        if !set.isEmpty { actions.append("SET " + Self.clause(set)) }
        return actions
    }

    private static func clause(_ values: [String: String]) -> String {
        let settings = values.sorted { $0.key < $1.key }.map { quote($0.key) + " = " + StringLiteral.quote($0.value) }
        return "(" + settings.joined(separator: ", ") + ")"
    }

    private static func quote(_ name: String) -> String {
        name.split(separator: ".").map { Identifier.quote(String($0)) }.joined(separator: ".")
    }
}
