extension EntityDiagram {
    /// The diagram in Mermaid's language.
    public var mermaid: String {
        var lines = ["erDiagram"]
        for entity in entities {
            lines.append("    \(Self.quoted(entity.name)) {")
            for column in entity.columns {
                let name = Self.word(column.name)
                let keys = [
                    column.isPrimaryKey ? "PK" : nil, column.isForeignKey ? "FK" : nil, column.isUnique ? "UK" : nil,
                ].compactMap(\.self).joined(separator: ", ")
                var line = "        \(Self.word(column.type)) \(name)"
                if !keys.isEmpty { line += " \(keys)" }
                if name != column.name { line += " \(Self.quoted(column.name))" }
                lines.append(line)
            }
            lines.append("    }")
        }
        for reference in references {
            let one = reference.isOptional ? "|o" : "||"
            let many = reference.isUnique ? "o|" : "o{"
            lines.append(
                "    \(Self.quoted(entities[reference.to].name)) \(one)--\(many) "
                    + "\(Self.quoted(entities[reference.from].name)) : "
                    + Self.quoted(reference.columns.joined(separator: ", "))
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Mermaid has no way to write a quote within quotes.
    private static func quoted(_ text: String) -> String {
        "\"" + String(text.map { $0 == "\"" ? "'" : $0.isNewline ? " " : $0 }) + "\""
    }

    /// Types and names of attributes are words: letters first, then digits, underscores, hyphens and brackets too.
    private static func word(_ text: String) -> String {
        let word = String(text.map { $0.isLetter || $0.isNumber || "_-()[]".contains($0) ? $0 : "_" })
        return word.first?.isLetter == true ? word : "_" + word
    }
}
