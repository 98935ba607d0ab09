/// What differs, as one page that needs nothing else: definitions side by side, then the plan.
struct DiffPage {
    private let report: DiffReport

    init(_ report: DiffReport) {
        self.report = report
    }

    var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>Schema changes</title>
        <style>
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1d2329; }
        pre, code { font: 13px/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
        table { border-collapse: collapse; width: 100%; table-layout: fixed; }
        th, td { border: 1px solid #d5dae0; padding: .35rem .6rem; vertical-align: top; text-align: left; }
        th:first-child, td:first-child { width: 10rem; }
        .create { color: #14713d; } .drop { color: #b3261e; } .alter { color: #8a5a00; } .rebuild { color: #5b6570; }
        .hazard { background: #fff1d6; padding: .1rem .4rem; border-radius: .2rem; }
        td.from { background: #fdf0ef; } td.to { background: #eef8f1; }
        @media (prefers-color-scheme: dark) {
        body { background: #15181c; color: #dfe4ea; } th, td { border-color: #3a424b; }
        .hazard { background: #4a3a12; } td.from { background: #3a2120; } td.to { background: #1b3324; }
        }
        </style>
        </head>
        <body>
        <h1>Schema changes</h1>
        <p>\(escaped(report.summary)).</p>
        \(report.changes.map(section).joined(separator: "\n"))
        <h2>Plan</h2>
        <pre>\(escaped(report.sql))</pre>
        \(report.notModelled.isEmpty ? "" : "<p>Not modelled: \(escaped(report.notModelled.joined(separator: ", "))).</p>")
        </body>
        </html>

        """
    }

    private func section(_ change: DiffReport.Change) -> String {
        let rows = change.attributes.map { attribute in
            """
            <tr><td>\(escaped(attribute.name))</td><td class="from"><pre>\(escaped(attribute.from?.words ?? ""))</pre></td>\
            <td class="to"><pre>\(escaped(attribute.to?.words ?? ""))</pre></td></tr>
            """
        }
        let hazards = Set(change.statements.flatMap(\.hazards)).sorted().map { "<span class=\"hazard\">\($0)</span>" }
        return """
            <section>
            <h3><span class="\(change.change)">\(change.change)</span> \(escaped(change.kind)) \
            <code>\(escaped(change.object))</code></h3>
            \(hazards.isEmpty ? "" : "<p>\(hazards.joined(separator: " "))</p>")
            \(rows.isEmpty ? "" : "<table><tr><th></th><th>is</th><th>wanted</th></tr>\(rows.joined())</table>")
            </section>
            """
    }

    private func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
