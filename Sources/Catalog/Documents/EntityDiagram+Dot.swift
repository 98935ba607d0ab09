extension EntityDiagram {
    /// The diagram in the language of Graphviz.
    public var dot: String {
        var lines = [
            "digraph schema {", "    rankdir = \"LR\";", "    node [shape = \"plain\", fontname = \"sans-serif\"];",
            "    edge [arrowhead = \"none\", arrowtail = \"crow\", dir = \"both\"];",
        ]
        for (position, entity) in entities.enumerated() {
            var rows = ["<tr><td bgcolor=\"lightgrey\" colspan=\"2\"><b>\(entity.name.markupEscaped)</b></td></tr>"]
            for (index, column) in entity.columns.enumerated() {
                let name = column.name.markupEscaped
                rows.append(
                    "<tr><td align=\"left\" port=\"c\(index)\">\(column.isPrimaryKey ? "<u>\(name)</u>" : name)</td>"
                        + "<td align=\"left\">\(column.type.markupEscaped)\(column.isNullable ? "?" : "")</td></tr>"
                )
            }
            lines.append(
                "    t\(position) [label = <<table border=\"0\" cellborder=\"1\" cellspacing=\"0\">"
                    + rows.joined() + "</table>>];"
            )
        }
        for reference in references {
            let port = entities[reference.from].columns.firstIndex { $0.name == reference.columns.first } ?? 0
            lines.append("    t\(reference.from):c\(port) -> t\(reference.to);")
        }
        return (lines + ["}"]).joined(separator: "\n") + "\n"
    }
}

extension String {
    /// The text with the characters that HTML and XML keep for themselves written out.
    var markupEscaped: String {
        var escaped = ""
        for character in self {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\n": escaped += " "
            // XML has no way at all to write these.
            case "\u{1}"..."\u{1F}": escaped += "\u{FFFD}"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
