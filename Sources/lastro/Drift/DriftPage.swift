/// Drift as one page that needs nothing else: each object side by side, who explains it, and both repairs.
struct DriftPage {
    private let report: DriftReport

    init(_ report: DriftReport) {
        self.report = report
    }

    var html: String {
        let repairs = report.differing.isEmpty ? [] : report.repairs
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>Drift</title>
            <style>
            \(DiffPage.style)
            </style>
            </head>
            <body>
            <h1>Drift</h1>
            <p>\(report.summary.escapedForMarkup).</p>
            \(report.differing.map(section).joined(separator: "\n"))
            \(report.proposedRenames.map { "<p>\($0.words.escapedForMarkup)</p>" }.joined(separator: "\n"))
            \(repairs.map { "<h2>\($0.title.escapedForMarkup)</h2>\n\(hazards($0.hazards))<pre>\($0.body.escapedForMarkup)</pre>" }
                .joined(separator: "\n"))
            \(report.notCompared.map { "<p>\($0.words.escapedForMarkup)</p>" }.joined(separator: "\n"))
            \(notModelled)
            </body>
            </html>

            """
    }

    private var notModelled: String {
        guard !report.notModelled.isEmpty else { return "" }
        return "<p>Not modelled: \(report.notModelled.joined(separator: ", ").escapedForMarkup).</p>"
    }

    private func hazards(_ names: [String]) -> String {
        names.isEmpty
            ? "" : "<p>\(names.map { "<span class=\"hazard\">\($0)</span>" }.joined(separator: " "))</p>\n"
    }

    private func section(_ change: DriftReport.Change) -> String {
        let difference = change.difference
        let rows = difference.attributes.map { attribute in
            """
            <tr><td>\(attribute.name.escapedForMarkup)</td>\
            <td class="from"><pre>\((attribute.from?.words ?? "").escapedForMarkup)</pre></td>\
            <td class="to"><pre>\((attribute.to?.words ?? "").escapedForMarkup)</pre></td></tr>
            """
        }
        let word =
            switch difference.change {
            case "create": "missing"
            case "drop": "surplus"
            default: "differs"
            }
        return """
            <section>
            <h3><span class="\(difference.change)">\(word)</span> \(difference.kind.escapedForMarkup) \
            <code>\(difference.object.escapedForMarkup)</code></h3>
            \(report.explanation(of: change).map { "<p>\($0.escapedForMarkup)</p>" } ?? "")
            \(rows.isEmpty ? "" : "<table><tr><th></th><th>is</th><th>wanted</th></tr>\(rows.joined())</table>")
            </section>
            """
    }
}
