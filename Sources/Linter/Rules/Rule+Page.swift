extension Rule {
    /// The rule's page, in Markdown.
    public var markdown: String {
        var parts = [
            "# \(name)", "\(summary).",
            """
            - category: \(category.rawValue)
            - severity: \(severity.rawValue)\(isDefault ? "" : ", off unless configured on")
            - versions: \(versions)
            """,
            page,
        ]
        for (title, example) in [("Reported", bad), ("Left alone", good)] where !example.sql.isEmpty {
            parts.append("## \(title)")
            if !example.history.isEmpty { parts.append(Self.code("-- before", example.history)) }
            parts.append(Self.code(nil, example.sql))
            if !example.down.isEmpty { parts.append(Self.code("-- down", example.down)) }
            if let refusal = example.refusal { parts.append("A server of version 15 refuses it: `\(refusal)`.") }
        }
        return parts.joined(separator: "\n\n")
    }

    private static func code(_ comment: String?, _ sql: String) -> String {
        let lines = ["```sql", comment, sql.hasSuffix("\n") ? String(sql.dropLast()) : sql, "```"]
        return lines.compactMap(\.self).joined(separator: "\n")
    }

    /// The pages as files of a folder, by their names; beside them stands ``index``.
    public static var pages: [String: String] {
        Dictionary(uniqueKeysWithValues: all.map { ("\($0.name).md", $0.markdown + "\n") })
    }

    /// All rules by what they are about, each with a link to its page in the folder `rules`.
    public static var index: String {
        var parts = [
            "# Rules",
            """
            What `lastro lint` asks, by category. A rule that is *off* is asked when `lastro.yaml` turns it on, and with `--all-rules`. \
            `lastro lint --explain RULE` prints a page. This file and the pages are made from the rules themselves; their examples are run \
            on a server by the tests.
            """,
        ]
        for category in Category.allCases {
            let rules = all.filter { $0.category == category }.sorted { $0.name < $1.name }
            parts.append("## \(category.rawValue)")
            let rows = rules.map {
                "| [\($0.name)](rules/\($0.name).md) | \($0.isDefault ? $0.severity.rawValue : "off") | \($0.summary) |"
            }
            parts.append(
                (["| rule | severity | what it catches |", "| --- | --- | --- |"] + rows).joined(separator: "\n")
            )
        }
        return parts.joined(separator: "\n\n") + "\n"
    }
}
