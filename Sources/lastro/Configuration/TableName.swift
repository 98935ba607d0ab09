/// The name of a table, as it is written in SQL: `history`, `audit.history`, `audit."History"`.
///
/// The parts are what the server knows: folded to lower case, unless they were in quotes.
struct TableName: SettingValue, Hashable {
    /// The schema; nil where the search path decides.
    let schema: String?
    /// The table's own name.
    let name: String

    static let expectation = #"a table's name as in SQL: history, audit.history, audit."History""#

    init?(configString text: String) {
        var rest = Substring(text)
        var parts: [String] = []
        repeat {
            guard let part = Self.part(of: &rest) else { return nil }
            parts.append(part)
        } while Self.take(".", from: &rest)
        guard rest.isEmpty, let name = parts.last, parts.count <= 2 else { return nil }
        schema = parts.count == 2 ? parts[0] : nil
        self.name = name
    }

    private static func part(of rest: inout Substring) -> String? {
        guard take("\"", from: &rest) else {
            let plain = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "$" }
            guard let first = plain.first, !first.isNumber, first != "$" else { return nil }
            rest = rest[plain.endIndex...]
            return plain.lowercased()
        }
        var name = ""
        while let character = rest.popFirst() {
            if character != "\"" {
                name.append(character)
            } else if take("\"", from: &rest) {
                name.append("\"")
            } else {
                return name.isEmpty ? nil : name
            }
        }
        return nil
    }

    private static func take(_ character: Character, from rest: inout Substring) -> Bool {
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    var description: String { [schema, name].compactMap { $0 }.joined(separator: ".") }
}
