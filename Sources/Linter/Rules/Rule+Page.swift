extension Rule {
    /// The rule's page, in Markdown.
    public var markdown: String {
        var parts = [
            "# \(name)", "\(summary).",
            "\(category.rawValue), \(severity.rawValue)\(isDefault ? "" : ", off unless configured on")", page,
        ]
        for (title, example) in [("Reported", bad), ("Left alone", good)] {
            parts.append("\(title):")
            if !example.history.isEmpty {
                parts.append("```sql\n-- before\n\(example.history.withoutFinalNewline)\n```")
            }
            parts.append("```sql\n\(example.sql.withoutFinalNewline)\n```")
            if !example.down.isEmpty { parts.append("```sql\n-- down\n\(example.down.withoutFinalNewline)\n```") }
        }
        return parts.joined(separator: "\n\n")
    }

    /// All pages in one, by what they are about.
    public static var reference: String {
        var parts = [
            "# Rules",
            """
            What `lastro lint` asks, by category. A rule that is *off* is asked when `lastro.yaml` turns it on, and with `--all-rules`. \
            `lastro lint --explain RULE` prints a page. This file is made from the rules themselves.
            """,
        ]
        for category in Category.allCases {
            let rules = all.filter { $0.category == category }.sorted { $0.name < $1.name }
            parts.append("## \(category.rawValue)")
            let rows = rules.map {
                "| [\($0.name)](#\($0.name)) | \($0.isDefault ? $0.severity.rawValue : "off") | \($0.summary) |"
            }
            parts.append(
                (["| rule | severity | what it catches |", "| --- | --- | --- |"] + rows).joined(separator: "\n")
            )
        }
        parts += all.sorted { $0.name < $1.name }.map { $0.markdown.replacing("# \($0.name)", with: "### \($0.name)") }
        return parts.joined(separator: "\n\n") + "\n"
    }
}

extension String {
    fileprivate var withoutFinalNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
