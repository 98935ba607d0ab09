/// What differs, as one page that needs nothing else: definitions side by side, then the plan.
struct DiffPage {
    private let report: DiffReport

    init(_ report: DiffReport) {
        self.report = report
    }

    /// How pages of schemas look.
    static let style = """
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1d2329; }
        pre, code { font: 13px/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
        table { border-collapse: collapse; width: 100%; table-layout: fixed; }
        th, td { border: 1px solid #d5dae0; padding: .35rem .6rem; vertical-align: top; text-align: left; }
        th:first-child, td:first-child { width: 10rem; }
        .create { color: #14713d; } .drop { color: #b3261e; } .alter, .rename { color: #8a5a00; } .rebuild { color: #5b6570; }
        .hazard { background: #fff1d6; padding: .1rem .4rem; border-radius: .2rem; }
        td.from { background: #fdf0ef; } td.to { background: #eef8f1; }
        @media (prefers-color-scheme: dark) {
        body { background: #15181c; color: #dfe4ea; } th, td { border-color: #3a424b; }
        .hazard { background: #4a3a12; } td.from { background: #3a2120; } td.to { background: #1b3324; }
        }
        """

    var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>Schema changes</title>
        <style>
        \(Self.style)
        </style>
        </head>
        <body>
        <h1>Schema changes</h1>
        <p>\(report.summary.escapedForMarkup).</p>
        \(report.changes.map(section).joined(separator: "\n"))
        <h2>Plan</h2>
        <pre>\(report.sql.escapedForMarkup)</pre>
        \(report.notCompared.map { "<p>\($0.words.escapedForMarkup)</p>" }.joined(separator: "\n"))
        \(report.notModelled.isEmpty ? "" : "<p>Not modelled: \(report.notModelled.joined(separator: ", ").escapedForMarkup).</p>")
        </body>
        </html>

        """
    }

    private func section(_ change: DiffReport.Change) -> String {
        let rows = change.attributes.map { attribute in
            """
            <tr><td>\(attribute.name.escapedForMarkup)</td><td class="from"><pre>\((attribute.from?.words ?? "").escapedForMarkup)</pre></td>\
            <td class="to"><pre>\((attribute.to?.words ?? "").escapedForMarkup)</pre></td></tr>
            """
        }
        let hazards = Set(change.statements.flatMap(\.hazards)).sorted().map { "<span class=\"hazard\">\($0)</span>" }
        return """
            <section>
            <h3><span class="\(change.change)">\(change.change)</span> \(change.kind.escapedForMarkup) \
            <code>\(change.object.escapedForMarkup)</code></h3>
            \(report.proposals(for: change).map { "<p class=\"alter\">\($0.words.escapedForMarkup)</p>" }.joined())
            \(hazards.isEmpty ? "" : "<p>\(hazards.joined(separator: " "))</p>")
            \(rows.isEmpty ? "" : "<table><tr><th></th><th>is</th><th>wanted</th></tr>\(rows.joined())</table>")
            </section>
            """
    }
}
