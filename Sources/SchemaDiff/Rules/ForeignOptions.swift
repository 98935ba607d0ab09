import SQLSyntax

/// `OPTIONS` of foreign-data objects, whose entries read `name 'value'`.
enum ForeignOptions {
    /// The clause that makes one list of options another; nil where nothing differs.
    static func change(from: [String], to: [String]) -> String? {
        let before = Dictionary(uniqueKeysWithValues: from.map(NamedText.init).map { ($0.name, $0.text) })
        let after = Dictionary(uniqueKeysWithValues: to.map(NamedText.init).map { ($0.name, $0.text) })
        let actions = Set(before.keys).union(after.keys).sorted().compactMap { name -> String? in
            let quoted = Identifier.quote(name)
            return switch (before[name], after[name]) {
            case (nil, let value?): "ADD \(quoted) \(value)"
            case (_?, nil): "DROP \(quoted)"
            case (let old?, let value?) where old != value: "SET \(quoted) \(value)"
            default: nil
            }
        }
        return actions.isEmpty ? nil : "OPTIONS (\(actions.joined(separator: ", ")))"
    }
}
