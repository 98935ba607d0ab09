extension String {
    /// The text between tags, or as an attribute's value, of HTML or XML.
    var escapedForMarkup: String {
        var result = ""
        for character in unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            // XML has no way at all to write most control characters.
            case "\u{0}"..."\u{8}", "\u{B}", "\u{C}", "\u{E}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// The text on one line as code of Markdown, also in a table.
    var asMarkdownCode: String {
        let fence = String(repeating: "`", count: longestFence + 1)
        let space = hasPrefix("`") || hasSuffix("`") ? " " : ""
        let line = split(whereSeparator: \.isNewline).joined(separator: " ")
        return fence + space + line.replacing("|", with: "\\|") + space + fence
    }

    /// The text as a block of SQL in Markdown.
    var asMarkdownSQL: String {
        let fence = String(repeating: "`", count: max(3, longestFence + 1))
        return "\(fence)sql\n\(self)\(hasSuffix("\n") ? "" : "\n")\(fence)"
    }

    private var longestFence: Int { split { $0 != "`" }.map(\.count).max() ?? 0 }
}
