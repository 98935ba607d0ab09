/// An entry of a list that begins with a name as SQL quotes it: `id bigint`, `"Odd name": text`, `host 'db'`.
struct NamedText {
    let name: String
    /// What follows the name, without the colon and the blanks between.
    let text: String

    init(_ entry: String) {
        var rest = entry[...]
        if rest.first == "\"" {
            var name = ""
            repeat {
                if !name.isEmpty { name += "\"" }
                let part = rest.dropFirst().prefix { $0 != "\"" }
                name += part
                rest = rest[part.endIndex...].dropFirst()
            } while rest.first == "\""
            self.name = name
        } else {
            let name = rest.prefix { $0 != " " && $0 != ":" }
            self.name = String(name)
            rest = rest[name.endIndex...]
        }
        if rest.first == ":" { rest = rest.dropFirst() }
        text = String(rest.drop { $0 == " " })
    }
}
