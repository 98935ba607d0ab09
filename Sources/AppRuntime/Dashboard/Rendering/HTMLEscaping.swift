import Mustache

/// Text as it stands in a page, within elements and within quoted attributes.
///
/// It looks at scalars. Mustache's own escaping looks at characters, and a `"` with a combining accent behind it is another
/// character than `"`: it would pass, and end the attribute in the browser.
struct HTMLEscaping: MustacheContentType {
    /// The name by which templates ask for it.
    static let name = "LASTRO"

    func escapeText(_ text: String) -> String { Self.escaped(text) }

    /// A text without anything that a browser takes for markup, and without what makes text run the other way.
    static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
            case "'": result.append(contentsOf: "&#39;".unicodeScalars)
            case "`": result.append(contentsOf: "&#96;".unicodeScalars)
            // They would turn round what stands behind them, up to the end of the paragraph.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": result.append("\u{FFFD}")
            case "\u{0}"..."\u{8}", "\u{B}", "\u{C}", "\u{E}"..."\u{1F}", "\u{7F}"..."\u{9F}": result.append("\u{FFFD}")
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
