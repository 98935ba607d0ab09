/// Drift for the machines that run checks.
struct DriftAnnotations {
    private let report: DriftReport

    init(_ report: DriftReport) {
        self.report = report
    }

    /// A workflow command of GitHub's for each object, at the statement that last named it.
    var github: String {
        guard !report.differing.isEmpty else { return "::notice title=Drift::\(data(report.summary))" }
        return report.differing.map { change in
            var properties: [String] = []
            if let definition = change.lastDefined {
                properties.append("file=\(property(definition.file))")
                if let line = definition.line { properties.append("line=\(line)") }
                if let column = definition.column { properties.append("col=\(column)") }
            }
            properties.append("title=Drift")
            return "::error \(properties.joined(separator: ","))::\(data(words(of: change)))"
        }.joined(separator: "\n") + report.proposedRenames.map { "\n::notice title=Drift::\(data($0.words))" }.joined()
    }

    /// A suite with a failed case for each object, or one passed case, and what may be a rename as its output.
    var junit: String {
        let cases =
            report.differing.isEmpty
            ? ["  <testcase classname=\"drift\" name=\"schema\"/>"]
            : report.differing.map { change in
                let name = "\(change.difference.kind) \(change.difference.object)"
                return """
                      <testcase classname="drift" name="\(attribute(name))">
                        <failure message="\(attribute(change.words))">\(words(of: change).escapedForMarkup)</failure>
                      </testcase>
                    """
            }
        let renames = report.proposedRenames.map(\.words).joined(separator: "\n")
        let output = renames.isEmpty ? [] : ["  <system-out>\(renames.escapedForMarkup)</system-out>"]
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuite name="lastro drift" tests="\(cases.count)" failures="\(report.differing.count)">
            \((cases + output).joined(separator: "\n"))
            </testsuite>
            """
    }

    private func words(of change: DriftReport.Change) -> String {
        change.words + (report.explanation(of: change).map { "\n\($0)" } ?? "")
    }

    private func attribute(_ text: String) -> String { text.escapedForMarkup.replacing("\n", with: "&#10;") }

    /// A message's text as workflow commands take it.
    private func data(_ text: String) -> String {
        text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    /// A property's text as workflow commands take it.
    private func property(_ text: String) -> String {
        data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
    }
}
