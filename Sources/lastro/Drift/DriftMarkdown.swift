/// Drift as Markdown for a comment or a page.
struct DriftMarkdown {
    private let report: DriftReport

    init(_ report: DriftReport) {
        self.report = report
    }

    var text: String {
        var parts = ["# Drift", report.summary.prefix(1).uppercased() + report.summary.dropFirst() + "."]
        if !report.differing.isEmpty {
            parts.append(
                (["| object | what differs | explanation |", "| --- | --- | --- |"] + rows).joined(separator: "\n")
            )
            if !report.proposedRenames.isEmpty {
                parts.append(report.proposedRenames.map(rename).joined(separator: "\n"))
            }
            for repair in report.repairs {
                parts.append("## \(repair.title)")
                if !repair.hazards.isEmpty { parts.append("Hazards: \(repair.hazards.joined(separator: ", ")).") }
                parts.append(repair.isSQL ? repair.body.asMarkdownSQL : repair.body.asMarkdownCode)
            }
        }
        if !report.notCompared.isEmpty {
            parts.append(report.notCompared.map { "- \($0.words)" }.joined(separator: "\n"))
        }
        if !report.notModelled.isEmpty {
            parts.append("Not modelled: \(report.notModelled.map(\.asMarkdownCode).joined(separator: ", ")).")
        }
        return parts.joined(separator: "\n\n")
    }

    private func rename(_ proposal: DriftReport.ProposedRename) -> String {
        let ways = [proposal.takingBack, proposal.adopting].map { $0.joined(separator: "; ").asMarkdownCode }
        return "- \(proposal.kind) \(proposal.object.asMarkdownCode) may be what is wanted as "
            + "\(proposal.to.asMarkdownCode): \(ways[0]) takes it back, and \(ways[1]) in a migration adopts it"
    }

    private var rows: [String] {
        report.differing.map { change in
            let difference = change.difference
            let what =
                switch difference.change {
                case "create": "is missing"
                case "drop": "should not be there"
                default:
                    difference.attributes.map { attribute in
                        let (from, to) = (attribute.from?.words ?? "(none)", attribute.to?.words ?? "(none)")
                        return "\(attribute.name): \(from.asMarkdownCode) instead of \(to.asMarkdownCode)"
                    }.joined(separator: "<br>")
                }
            let explanation = report.explanation(of: change)?.replacing("|", with: "\\|") ?? ""
            return "| \(difference.kind) \(difference.object.asMarkdownCode) | \(what) | \(explanation) |"
        }
    }
}
