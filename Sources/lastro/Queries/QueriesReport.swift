import Postgres
import QueryContract
import SourceText

/// How the application's queries stand.
struct QueriesReport: Report {
    let against: String
    let queries: [Row]

    /// One query.
    struct Row: Encodable {
        let name: String
        let file: String
        let line: Int
        let state: String
        let findings: [Finding]
    }

    /// One thing that is said of a query.
    struct Finding: Encodable {
        let kind: String
        let file: String
        let line: Int
        let column: Int
        let message: String
        let sqlstate: String?
        let migration: String?
        let next: String
        private let isBreaking: Bool

        var isError: Bool { isBreaking }
        var place: String { "\(file):\(line):\(column)" }

        init(_ finding: QueryFinding) {
            kind = finding.kind.rawValue
            file = finding.location.file
            line = finding.location.position?.line ?? 1
            column = finding.location.position?.column ?? 1
            message = finding.message
            sqlstate = finding.sqlState?.rawValue
            migration = finding.migration
            next = finding.next
            isBreaking = finding.isBreaking
        }

        // Every key is always there, null where there is no value.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(kind, forKey: .kind)
            try container.encode(file, forKey: .file)
            try container.encode(line, forKey: .line)
            try container.encode(column, forKey: .column)
            try container.encode(message, forKey: .message)
            try container.encode(sqlstate, forKey: .sqlstate)
            try container.encode(migration, forKey: .migration)
            try container.encode(next, forKey: .next)
        }

        private enum CodingKeys: CodingKey {
            case kind, file, line, column, message, sqlstate, migration, next
        }
    }

    init(_ results: [QueryResult], against: QueriesCommand.Against) {
        self.against = against.rawValue
        queries = results.map { result in
            Row(
                name: result.query.name,
                file: result.query.location.file,
                line: result.query.location.position?.line ?? 1,
                state: result.state.rawValue,
                findings: result.findings.map(Finding.init)
            )
        }
    }

    /// How many queries would fail.
    var broken: Int { queries.count { $0.state == QueryResult.State.broken.rawValue } }

    func text(style: TextStyle) -> String {
        var lines: [String] = []
        for query in queries {
            for finding in query.findings {
                let state = finding.sqlstate.map { " (SQLSTATE \($0))" } ?? ""
                let word = finding.isError ? style.bad("broken") : style.warning("not checkable")
                lines.append(
                    "\(word)  \(query.name.printableLine)\n"
                        + "  \(finding.place): \(finding.message)\(state)\n  next:  \(finding.next)".printable
                )
            }
        }
        return (lines + [summary]).joined(separator: "\n")
    }

    /// `3 queries checked against the migrations: 1 broken, 1 not checkable`.
    private var summary: String {
        let unjudged = queries.count { $0.state == QueryResult.State.notCheckable.rawValue }
        let count = queries.count == 1 ? "1 query" : "\(queries.count) queries"
        let words = "\(count) checked against the \(against): \(broken) broken"
        return unjudged == 0 ? words : words + ", \(unjudged) not checkable"
    }

    func text(in format: OutputFormat) -> String? {
        switch format {
        case .github: githubText
        case .junit: junitText
        default: nil
        }
    }

    /// Workflow commands of GitHub Actions, which show each finding at its line.
    private var githubText: String {
        let lines = queries.flatMap { query in
            query.findings.map { finding in
                let properties = [
                    ("file", finding.file), ("line", String(finding.line)), ("col", String(finding.column)),
                    ("title", query.name),
                ].map { "\($0)=\($1.escapedForWorkflow(isProperty: true))" }.joined(separator: ",")
                let message = "\(finding.message)\n\(finding.next)".escapedForWorkflow(isProperty: false)
                return "::\(finding.isError ? "error" : "notice") \(properties)::\(message)"
            }
        }
        return (lines + [summary]).joined(separator: "\n")
    }

    /// A suite with one case a query, as test reports show it.
    private var junitText: String {
        let unjudged = queries.count { $0.state == QueryResult.State.notCheckable.rawValue }
        var lines = [
            #"<?xml version="1.0" encoding="UTF-8"?>"#,
            #"<testsuite name="lastro queries check" tests="\#(queries.count)" failures="\#(broken)" skipped="\#(unjudged)">"#,
        ]
        for query in queries {
            let words = query.findings.filter { $0.isError || query.state == QueryResult.State.notCheckable.rawValue }
                .map { "\($0.place): \($0.message)\nnext: \($0.next)" }.joined(separator: "\n")
            let head = #"  <testcase name="\#(query.name.escapedForXML)" classname="\#(query.file.escapedForXML)""#
            let first = (query.findings.first(where: \.isError) ?? query.findings.first)?.message.escapedForXML ?? ""
            switch QueryResult.State(rawValue: query.state) {
            case .broken:
                lines.append(head + #"><failure message="\#(first)">\#(words.escapedForXML)</failure></testcase>"#)
            case .notCheckable: lines.append(head + #"><skipped message="\#(first)"/></testcase>"#)
            default: lines.append(head + "/>")
            }
        }
        return (lines + ["</testsuite>"]).joined(separator: "\n")
    }
}

extension String {
    /// The text as a part of a workflow command.
    fileprivate func escapedForWorkflow(isProperty: Bool) -> String {
        let text = replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
        return isProperty ? text.replacing(":", with: "%3A").replacing(",", with: "%2C") : text
    }

    /// The text as XML shows it; what XML cannot hold is left out.
    fileprivate var escapedForXML: String {
        let text = String(unicodeScalars.filter { $0.value >= 0x20 || $0 == "\n" || $0 == "\t" })
        return text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
