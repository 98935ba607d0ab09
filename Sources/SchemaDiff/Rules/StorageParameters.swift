import SQLSyntax

/// Settings as catalogs hold them, `name=value` in the order in which they were made, and as SQL writes them.
struct StorageParameters {
    private struct Setting: Hashable {
        let name: String
        let value: String

        /// The settings of a TOAST table have an order of their own.
        var isToast: Bool { name.hasPrefix("toast.") }
        var sql: String { "\(quotedName) = \(StringLiteral.quote(value))" }
        var quotedName: String {
            name.split(separator: ".").map { Identifier.quote(String($0)) }.joined(separator: ".")
        }
    }

    private let settings: [Setting]

    init(_ settings: [String]) {
        self.settings = settings.map { setting in
            let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return Setting(name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "true")
        }
    }

    /// The settings between parentheses; nil where there are none.
    var clause: String? { settings.isEmpty ? nil : Self.clause(settings) }

    /// What takes an object from these settings to others, each behind the words of an `ALTER`.
    func actions(to other: StorageParameters) -> [String] {
        guard settings != other.settings else { return [] }
        let new = other.settings.filter { !settings.contains($0) }
        let gone = settings.filter { setting in !other.settings.contains { $0.name == setting.name } }
        // The server appends what is set.
        let result = settings.filter(other.settings.contains) + new
        guard Self.isSame(result, other.settings) else {
            return Self.reset(settings) + Self.set(other.settings)
        }
        return Self.reset(gone) + Self.set(new)
    }

    private static func isSame(_ left: [Setting], _ right: [Setting]) -> Bool {
        left.filter(\.isToast) == right.filter(\.isToast) && left.filter { !$0.isToast } == right.filter { !$0.isToast }
    }

    private static func reset(_ settings: [Setting]) -> [String] {
        settings.isEmpty ? [] : ["RESET (" + settings.map(\.quotedName).joined(separator: ", ") + ")"]
    }

    private static func set(_ settings: [Setting]) -> [String] {
        settings.isEmpty ? [] : ["SET " + clause(settings)]
    }

    private static func clause(_ settings: [Setting]) -> String {
        "(" + settings.map(\.sql).joined(separator: ", ") + ")"
    }
}
