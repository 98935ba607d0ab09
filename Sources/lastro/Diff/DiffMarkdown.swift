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
                "| \(change.change) | \(change.kind) | \(code(change.object)) | "
                    + change.attributes.filter { _ in change.change == "alter" }.map(\.name).joined(separator: ", ")
                    + " |"
            }
            parts.append((["| | kind | object | what |", "| --- | --- | --- | --- |"] + rows).joined(separator: "\n"))
            let hazards = report.changes.flatMap(\.statements).filter { !$0.hazards.isEmpty }
            if !hazards.isEmpty {
                parts.append("## Hazards")
                parts.append(
                    hazards.map { "- \($0.hazards.joined(separator: ", ")): \(code(oneLine($0.sql)))" }
                        .joined(separator: "\n")
                )
            }
            parts.append("## Plan")
            parts.append(fenced(report.sql))
        }
        if !report.notModelled.isEmpty {
            parts.append("Not modelled: \(report.notModelled.map(code).joined(separator: ", ")).")
        }
        return parts.joined(separator: "\n\n")
    }

    private func code(_ text: String) -> String {
        let longest = longestRun(in: text)
        let fence = String(repeating: "`", count: longest + 1)
        let space = text.hasPrefix("`") || text.hasSuffix("`") ? " " : ""
        return fence + space + oneLine(text).replacing("|", with: "\\|") + space + fence
    }

    private func fenced(_ sql: String) -> String {
        let fence = String(repeating: "`", count: max(3, longestRun(in: sql) + 1))
        return "\(fence)sql\n\(sql)\(sql.hasSuffix("\n") ? "" : "\n")\(fence)"
    }

    private func longestRun(in text: String) -> Int {
        text.split { $0 != "`" }.map(\.count).max() ?? 0
    }

    private func oneLine(_ text: String) -> String { text.split(whereSeparator: \.isNewline).joined(separator: " ") }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
