/// What differs, as Markdown for a comment on a pull request.
struct DiffMarkdown {
    private let report: DiffReport

    init(_ report: DiffReport) {
        self.report = report
    }

    var text: String {
        var parts = ["# Schema changes", report.summary.capitalizedFirst + "."]
        if !report.changes.isEmpty {
            let rows = report.changes.map { change in
                "| \(change.change) | \(change.kind) | \(change.object.asMarkdownCode) | "
                    + words(of: change) + " |"
            }
            parts.append((["| | kind | object | what |", "| --- | --- | --- | --- |"] + rows).joined(separator: "\n"))
            if !report.proposedRenames.isEmpty {
                parts.append("## May be renames")
                parts.append(
                    report.proposedRenames.map { proposal in
                        "- \(proposal.kind) \(proposal.object.asMarkdownCode) may be \(proposal.to.asMarkdownCode): "
                            + proposal.option.asMarkdownCode
                    }.joined(separator: "\n")
                )
            }
            let hazards = report.changes.flatMap(\.statements).filter { !$0.hazards.isEmpty }
            if !hazards.isEmpty {
                parts.append("## Hazards")
                parts.append(
                    hazards.map { "- \($0.hazards.joined(separator: ", ")): \($0.sql.asMarkdownCode)" }
                        .joined(separator: "\n")
                )
            }
            parts.append("## Plan")
            parts.append(report.sql.asMarkdownSQL)
        }
        if !report.notCompared.isEmpty {
            parts.append(report.notCompared.map { "- \($0.words)" }.joined(separator: "\n"))
        }
        if !report.notModelled.isEmpty {
            parts.append("Not modelled: \(report.notModelled.map(\.asMarkdownCode).joined(separator: ", ")).")
        }
        return parts.joined(separator: "\n\n")
    }

    private func words(of change: DiffReport.Change) -> String {
        switch change.change {
        case "alter": change.attributes.map(\.name).joined(separator: ", ")
        case "rename": "to " + (change.attributes.first?.to?.words ?? "").asMarkdownCode
        case "drop" where !report.proposals(for: change).isEmpty: "may be a rename"
        default: ""
        }
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
