import Linter
import SourceText

/// What a lint run found, in all formats.
struct LintReporter: Report {
    static let formats: [OutputFormat] = [.text, .json, .github, .gitlab, .sarif, .markdown, .junit]

    let findings: [Row]
    let files: Int
    let statements: Int
    let allowed: Int
    let baseline: Int
    private let works: [FileWork]
    private let rules: [Rule]

    private enum CodingKeys: CodingKey { case findings, files, statements, allowed, baseline }

    /// One finding.
    struct Row: Encodable {
        let rule: String
        let category: String
        let severity: String
        let file: String
        let line: Int
        let column: Int
        let endLine: Int
        let message: String
        let next: String?
        let fingerprint: String
        fileprivate let excerpt: String

        init(_ finding: LintFinding) {
            rule = finding.rule
            category = finding.category.rawValue
            severity = finding.severity.rawValue
            file = finding.file
            line = finding.position.line
            column = finding.position.column
            endLine = finding.endLine
            message = finding.message
            next = finding.next
            fingerprint = finding.fingerprint
            excerpt = finding.excerpt
        }

        // Every key is always there, null where there is no value.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(rule, forKey: .rule)
            try container.encode(category, forKey: .category)
            try container.encode(severity, forKey: .severity)
            try container.encode(file, forKey: .file)
            try container.encode(line, forKey: .line)
            try container.encode(column, forKey: .column)
            try container.encode(endLine, forKey: .endLine)
            try container.encode(message, forKey: .message)
            try container.encode(next, forKey: .next)
            try container.encode(fingerprint, forKey: .fingerprint)
        }

        private enum CodingKeys: CodingKey {
            case rule, category, severity, file, line, column, endLine, message, next, fingerprint
        }

        /// `file:line:column`.
        var place: String { "\(file):\(line):\(column)" }

        /// The message with what to do.
        var words: String { message + (next.map { "\nnext: \($0)" } ?? "") }
    }

    init(_ report: LintReport) {
        findings = report.findings.map(Row.init)
        files = report.fileCount
        statements = report.statementCount
        allowed = report.allowedCount
        baseline = report.baselineCount
        works = report.works
        rules = report.rules
    }

    // MARK: For people

    func text(style: TextStyle) -> String {
        (findings.map { text(of: $0, style: style) } + [summary]).joined(separator: "\n")
    }

    private func text(of row: Row, style: TextStyle) -> String {
        let word: String
        switch row.severity {
        case "error": word = style.bad("error")
        case "warning": word = style.warning("warning")
        default: word = style.faint("note")
        }
        // As in the message of a compiler: the line, and a mark below the word. Of a long line the part around the word.
        let width = 160
        var line = Array(row.excerpt)
        var column = max(0, row.column - 1)
        if column >= width, column < line.count {
            let start = column - width / 2
            line = ["…"] + line[start...]
            column -= start - 1
        }
        line = Array(line.prefix(width))
        let blanks = String(line.prefix(column).map { $0 == "\t" ? "\t" : " " })
        let number = "\(row.line)"
        let margin = String(repeating: " ", count: number.count)
        var lines = [
            "\(row.place.printableLine): \(word)[\(row.rule)]: \(row.message.printable)",
            "  \(style.faint(number + " |")) \(String(line).printableLine)",
        ]
        if column < line.count { lines.append("  \(style.faint(margin + " |")) \(blanks)\(style.strong("^"))") }
        if let next = row.next { lines.append("  next:  \(next.printable)") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `13 files, 412 statements: 2 errors, 1 warning, 0 notes; 3 allowed`.
    var summary: String {
        func count(_ severity: String) -> Int { findings.count { $0.severity == severity } }
        var words =
            "\(Words.count(files, "file")), \(Words.count(statements, "statement")): \(Words.count(count("error"), "error")), "
            + "\(Words.count(count("warning"), "warning")), \(Words.count(count("note"), "note"))"
        if allowed > 0 { words += "; \(allowed) allowed" }
        if baseline > 0 { words += "; \(baseline) in the baseline" }
        return words
    }

    // MARK: For machines

    func text(in format: OutputFormat) -> String? {
        switch format {
        case .github: githubText
        case .gitlab: LintMachineFormats.gitlab(findings, CheckoutPaths())
        case .sarif: LintMachineFormats.sarif(findings, CheckoutPaths(), rules: rules)
        case .junit: junitText
        case .markdown: markdownText
        default: nil
        }
    }

    /// Workflow commands of GitHub Actions, which show each finding at its line.
    private var githubText: String {
        let paths = CheckoutPaths()
        let lines = findings.map { row in
            let command = row.severity == "note" ? "notice" : row.severity
            let properties = [
                ("file", paths.path(row.file)), ("line", String(row.line)), ("endLine", String(row.endLine)),
                ("col", String(row.column)),
                ("title", row.rule),
            ].map { "\($0)=\($1.escapedForWorkflow(isProperty: true))" }.joined(separator: ",")
            return "::\(command) \(properties)::\(row.words.escapedForWorkflow(isProperty: false))"
        }
        return (lines + [summary]).joined(separator: "\n")
    }

    /// A suite with one case a finding that is no note, or one passed case.
    private var junitText: String {
        let failures = findings.filter { $0.severity != "note" }
        let cases =
            failures.isEmpty
            ? ["  <testcase classname=\"lint\" name=\"migrations\"/>"]
            : failures.map { row in
                let message = row.message.escapedForMarkup.replacing("\n", with: "&#10;")
                return """
                      <testcase classname="\(row.file.escapedForMarkup)" name="\(row.rule) at line \(row.line)">
                        <failure type="\(row.severity)" message="\(message)">\("\(row.place): \(row.words)".escapedForMarkup)</failure>
                      </testcase>
                    """
            }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuite name="lastro lint" tests="\(cases.count)" failures="\(failures.count)">
            \(cases.joined(separator: "\n"))
            </testsuite>
            """
    }

    /// A comment on a pull request.
    private var markdownText: String {
        // What services take has an end, and errors come before it.
        let (mostRows, mostNotes) = (100, 50)
        let grave = findings.filter { $0.severity == "error" } + findings.filter { $0.severity == "warning" }
        let shown = grave.count > mostRows ? Array(grave.prefix(mostRows)) : findings.filter { $0.severity != "note" }
        let rows = shown.map { row in
            let next = row.next.map { "<br>→ \($0.asCell)" } ?? ""
            return
                "| \(row.severity) | \("\(row.file):\(row.line)".asMarkdownCode) | \(row.rule.asMarkdownCode) | \(row.message.asCell)\(next) |"
        }
        let allNotes = findings.filter { $0.severity == "note" }
        let notes = allNotes.prefix(mostNotes).map { row in
            "- \("\(row.file):\(row.line)".asMarkdownCode) \(row.rule.asMarkdownCode): \(row.message.asCell)"
        }
        var parts = ["**lastro lint**: \(summary)"]
        if !rows.isEmpty {
            parts.append((["| | where | rule | what |", "| --- | --- | --- | --- |"] + rows).joined(separator: "\n"))
        }
        if grave.count > mostRows {
            parts.append("… and \(grave.count - mostRows) more: `lastro lint` prints them all.")
        }
        if !notes.isEmpty {
            let more = allNotes.count > mostNotes ? "\n- … and \(allNotes.count - mostNotes) more" : ""
            parts.append(
                "<details><summary>\(Words.count(allNotes.count, "note"))</summary>\n\n\(notes.joined(separator: "\n"))\(more)\n\n</details>"
            )
        }
        let limit = 50
        parts += works.prefix(limit).map(\.markdown)
        if works.count > limit { parts.append("… and \(Words.count(works.count - limit, "file")) more.") }
        return parts.joined(separator: "\n\n")
    }
}

extension FileWork {
    /// What the file does, as a list.
    fileprivate var markdown: String {
        let limit = 20
        var lines = deeds.prefix(limit).map { "- \($0.asText)" }
        if deeds.count > limit { lines.append("- … and \(deeds.count - limit) more") }
        lines += locks.map { "- lock on \($0.asText)" }
        let name = file.split(separator: "/").last.map(String.init) ?? file
        let way = isInOneTransaction ? "in one transaction" : "step by step"
        return "\(name.asMarkdownCode), \(way):\n\n" + (lines.isEmpty ? "- nothing" : lines.joined(separator: "\n"))
    }
}

extension String {
    /// The text in a cell of a table of Markdown.
    fileprivate var asCell: String {
        escapedForMarkup.replacing("|", with: "\\|").split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// The text in a line of Markdown, with no mark in it that means something there.
    fileprivate var asText: String {
        escapedForMarkup.split(whereSeparator: \.isNewline).joined(separator: " ")
            .reduce(into: "") { $0 += "\\`*_[]~".contains($1) ? "\\\($1)" : String($1) }
    }

    /// The text as a part of a workflow command.
    fileprivate func escapedForWorkflow(isProperty: Bool) -> String {
        let text = replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
        return isProperty ? text.replacing(":", with: "%3A").replacing(",", with: "%2C") : text
    }
}
