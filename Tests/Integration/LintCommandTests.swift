import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("lastro lint")
struct LintCommandTests {
    private let files = [
        "m/0001_jobs.sql": "CREATE TABLE jobs (id bigint PRIMARY KEY);\n",
        "m/0002_due.sql": """
        CREATE TABLE IF NOT EXISTS jobs (id bigint PRIMARY KEY, due timestamptz);
        CREATE INDEX jobs_due_idx ON jobs (due);

        """,
    ]

    @Test("shows the line, the word and what to do")
    func printsText() async throws {
        try await withTemporaryFolder(files) { folder in
            let lastro = LastroProcess(folder: folder.path, environment: ["LASTRO_MIGRATIONS": "m"])
            let run = try await lastro("lint")
            #expect(run.status == 1)
            try expectGolden(run.output, "lint.txt")
            #expect(try await lastro("lint", "m/0001_jobs.sql").status == 0)
            #expect(try await lastro("lint", "--from", "0003").status == 2)
            #expect(try await lastro("lint", "--fail-on", "grave").status == 2)
            let nowhere = try await lastro("lint", "m/0009_no.sql")
            #expect(nowhere.status == 2 && nowhere.errors.contains("m/0009_no.sql: there is no such file"))
            let folder = try await lastro("lint", "m")
            #expect(folder.status == 2 && folder.errors.contains("--migrations m"), "\(folder.text)")
        }
    }

    @Test("shows of a long line the part around the word")
    func printsLongLine() async throws {
        let words = (0..<40).map { "column_\($0) int" }.joined(separator: ", ")
        let long = "CREATE TABLE IF NOT EXISTS a (\(words)); CREATE INDEX i ON a (nothing);\n"
        let column = String(repeating: "x", count: 200)
        let files = ["m/0001_a.sql": "CREATE TABLE a (id int); /* \(column) */ CREATE INDEX i ON a (due);\n" + long]
        try await withTemporaryFolder(files) { folder in
            let lastro = LastroProcess(folder: folder.path, environment: ["LASTRO_MIGRATIONS": "m"])
            let lines = try await lastro("lint").output.split(separator: "\n")
            let place = try #require(lines.firstIndex { $0.contains("error[column-may-not-exist]") })
            #expect(lines[place + 1].hasPrefix("  1 | …xxx"), "\(lines[place + 1])")
            let mark = try #require(lines[place + 2].firstIndex(of: "^"))
            let offset = lines[place + 2].distance(from: lines[place + 2].startIndex, to: mark)
            #expect(lines[place + 1].dropFirst(offset).hasPrefix("a (due);"), "\(lines[place + 1])")
        }
    }

    @Test("prints what machines read")
    func printsFormats() async throws {
        try await withTemporaryFolder(files) { folder in
            let lastro = LastroProcess(folder: folder.path, environment: ["LASTRO_MIGRATIONS": "m"])
            let json = try await lastro("lint", "--format", "json").output
            #expect(json.contains(#""category":"existence","column":30,"end_line":2,"file":"m/0002_due.sql""#))
            let github = try await lastro("lint", "--format", "github").output
            #expect(github.contains("::error file=m/0002_due.sql,line=2,endLine=2,col=30,title=column-may-not-exist::"))
            let sarif = try await lastro("lint", "--format", "sarif").output
            let log = try JSONDecoder().decode(SarifLog.self, from: Data(sarif.utf8))
            #expect(log.version == "2.1.0")
            let run = try #require(log.runs.first)
            for result in run.results { #expect(run.tool.driver.rules[result.ruleIndex].id == result.ruleId) }
            #expect(run.results.contains { $0.ruleId == "column-may-not-exist" && $0.level == "error" })
            let gitlab = try await lastro("lint", "--format", "gitlab").output
            #expect(gitlab.contains(#""check_name" : "column-may-not-exist""#))
            let junit = try await lastro("lint", "--format", "junit").output
            #expect(junit.contains(#"<testcase classname="m/0002_due.sql" name="column-may-not-exist at line 2">"#))
            let markdown = try await lastro("lint", "--format", "markdown").output
            #expect(markdown.contains("| error | `m/0002_due.sql:2` | `column-may-not-exist` |"))
            #expect(markdown.contains("`0001_jobs.sql`, in one transaction:\n\n- creates table jobs (id)"))
            #expect(
                markdown.contains("- builds index jobs\\_due\\_idx on jobs (due)\n- lock on jobs: SHARE (writers wait)")
            )
        }
    }

    @Test("says the same from what it has kept, also where that is damaged")
    func keepsWhatItFound() async throws {
        var many: [String: String] = [:]
        for number in 10..<60 {
            many["m/00\(number)_t.sql"] =
                "CREATE TABLE IF NOT EXISTS t\(number) (id int);\nCREATE INDEX ON t\(number) (due);\n"
        }
        try await withTemporaryFolder(many) { folder in
            let cache = "\(folder.path)/cache"
            let lastro = LastroProcess(
                folder: folder.path,
                environment: ["LASTRO_MIGRATIONS": "m", "LASTRO_CACHE": cache]
            )
            let anew = try await lastro("lint", "--no-cache").output
            #expect(!FileManager.default.fileExists(atPath: cache + "/lint"))
            for _ in 0..<2 { #expect(try await lastro("lint").output == anew) }
            let kept = try FileManager.default.contentsOfDirectory(atPath: cache + "/lint")
            #expect(kept.count == 1)
            let path = URL(filePath: "\(cache)/lint/\(try #require(kept.first))")
            var bytes = try Data(contentsOf: path)
            bytes[bytes.count / 2] ^= 1
            try bytes.write(to: path)
            #expect(try await lastro("lint").output == anew)
            try folder.write("ALTER TABLE t59 ADD COLUMN due date;\n", to: "m/0099_due.sql")
            for options in [[], ["--from", "0099"]] {
                let fresh = try await lastro(["lint", "--no-cache"] + options).output
                #expect(try await lastro(["lint"] + options).output == fresh)
            }
        }
    }

    /// The parts of a SARIF log that are looked at.
    private struct SarifLog: Decodable {
        struct Rule: Decodable { let id: String }
        struct Driver: Decodable { let rules: [Rule] }
        struct Tool: Decodable { let driver: Driver }
        struct Result: Decodable {
            let ruleId: String
            let ruleIndex: Int
            let level: String
        }
        struct Run: Decodable {
            let tool: Tool
            let results: [Result]
        }
        let version: String
        let runs: [Run]
    }

    @Test("takes rules from the configuration, and what is known from a baseline")
    func isConfigured() async throws {
        let configured = files.merging(["lastro.yaml": "lint:\n  off: if-not-exists-differs, column-may-not-exist\n"]) {
            $1
        }
        try await withTemporaryFolder(configured) { folder in
            let lastro = LastroProcess(folder: folder.path, environment: ["LASTRO_MIGRATIONS": "m"])
            #expect(try await lastro("lint").status == 0)
            #expect(try await lastro("lint", "--fail-on", "warning").status == 1)
            #expect(try await lastro("lint", "--write-baseline").status == 0)
            let run = try await lastro("lint", "--fail-on", "note")
            #expect(run.status == 0, "\(run.text)")
            #expect(run.output.contains("in the baseline"))
            try folder.write("lint:\n  off: no-such-rule\n", to: "lastro.yaml")
            #expect(try await lastro("lint").status == 2)
        }
    }

    @Test("takes allowances by path and version from the configuration, and tells of those that nothing needs")
    func readsAllowances() async throws {
        let configuration = """
            lint:
              allow:
                - rule: column-may-not-exist, if-not-exists-differs
                  path: m/0002_*.sql
                  reason: the table is that of the old system
                - rule: drop-table
                  from: 0042
                  reason: nobody uses the old tables
            """
        try await withTemporaryFolder(files.merging(["lastro.yaml": configuration]) { $1 }) { folder in
            let lastro = LastroProcess(folder: folder.path, environment: ["LASTRO_MIGRATIONS": "m"])
            let all = try await lastro("lint", "--fail-on", "warning")
            #expect(all.status == 1)
            #expect(
                all.output.contains(
                    "lastro.yaml:6:7: warning[unused-allow]: drop-table is allowed in versions from 0042 on, and nothing breaks it there"
                ),
                "\(all.text)"
            )
            #expect(!all.output.contains("error["))
            // One file alone says nothing about the others.
            #expect(!(try await lastro("lint", "m/0002_due.sql").output.contains("unused-allow")))
            let mistakes = [
                "{rule: drop-tables, path: x, reason: y}": "did you mean drop-table?",
                "{rule: drop-table, path: x}": "without a reason",
                "{rule: drop-table, reason: y}": "is allowed everywhere",
                "{rule: drop-table, from: x, reason: y}": "is no version",
                "{rule: drop-table, file: x, reason: y}": "\"file\" is not known here",
                "drop-table": "were expected",
            ]
            for (entry, words) in mistakes {
                try folder.write("lint:\n  allow:\n    - \(entry)\n", to: "lastro.yaml")
                let run = try await lastro("lint")
                #expect(run.status == 2)
                #expect(run.errors.hasPrefix("lastro.yaml:3:"), "\(run.errors)")
                #expect(run.errors.contains(words), "\(run.errors)")
            }
        }
    }

    @Test("asks the rules of the house, which the configuration has")
    func asksHouseRules() async throws {
        let configuration = """
            lint:
              on: house-no-text
              errors: house-names
              house-rules:
                names:
                  names: [table, column]
                  pattern: "[a-z_]+"
                  advice: see the handbook
                audit:
                  columns: created_at timestamptz NOT NULL
                  except: log_*
                no-text:
                  types: text
                  severity: note
            """
        let sql = "CREATE TABLE \"Users\" (id bigint PRIMARY KEY, name text);\n"
        try await withTemporaryFolder(["m/0001_users.sql": sql, "lastro.yaml": configuration]) { folder in
            let lastro = LastroProcess(folder: folder.path, environment: ["LASTRO_MIGRATIONS": "m"])
            let run = try await lastro("lint")
            #expect(run.status == 1)
            try expectGolden(run.output, "lint-house.txt")
            let page = try await lastro("lint", "--explain", "house-audit")
            #expect(page.output.contains("A table without created_at timestamptz NOT NULL."), "\(page.output)")
            #expect(try await lastro("lint", "--list-rules").output.contains("house-no-text"))
            let sarif = try await lastro("lint", "--format", "sarif").output
            let log = try JSONDecoder().decode(SarifLog.self, from: Data(sarif.utf8))
            let own = try #require(log.runs.first)
            for result in own.results { #expect(own.tool.driver.rules[result.ruleIndex].id == result.ruleId) }
            let mistakes = [
                "No_Json: {types: json}": "is no name for a rule", "a: {tables: x}": "demands nothing",
                "a: {types: json, comments: table}": "demands types and comments",
                "a: {names: table}": "has no pattern", "a: {names: table, pattern: '['}": "no regular expression",
                "a: {names: tables, pattern: x}": "cannot be read", "a: {types: '1 2'}": "cannot be read",
                "a: {types: json, severity: grave}": "no severity", "a: json": "were expected",
            ]
            for (entry, words) in mistakes {
                try folder.write("lint:\n  house-rules:\n    \(entry)\n", to: "lastro.yaml")
                let run = try await lastro("lint")
                #expect(run.status == 2)
                #expect(run.errors.hasPrefix("lastro.yaml:3:"), "\(run.errors)")
                #expect(run.errors.contains(words), "\(run.errors)")
            }
        }
    }

    @Test("prints the pages of the rules")
    func explains() async throws {
        try await withTemporaryFolder([:]) { folder in
            let lastro = LastroProcess(folder: folder.path)
            let page = try await lastro("lint", "--explain", "column-may-not-exist")
            #expect(page.output.hasPrefix("# column-may-not-exist\n"))
            let wrong = try await lastro("lint", "--explain", "column-may-not-exit")
            #expect(wrong.status == 2)
            #expect(wrong.errors.contains("did you mean column-may-not-exist?"))
            #expect(try await lastro("lint", "--list-rules").output.contains("drop-table "))
        }
    }

    @Test("starts from what a database holds")
    func readsDatabase() async throws {
        try await withProject(["m/0001_due.sql": files["m/0002_due.sql"] ?? ""]) { lastro, folder, url in
            let alone = try await lastro("lint")
            #expect(alone.status == 0, "\(alone.text)")
            try await run("CREATE TABLE jobs (id bigint PRIMARY KEY)", on: url)
            let live = try await lastro("lint", "--database", url)
            #expect(live.status == 1)
            #expect(live.output.contains("error[column-may-not-exist]"))
            let catalog = try await lastro("inspect", "--format", "json")
            try folder.write(catalog.output, to: "catalog.json")
            #expect(try await lastro("lint", "--catalog", "catalog.json").status == 1)
        }
    }

    @Test("tells of a named file that the database has run, and judges it only when asked")
    func leavesOutApplied() async throws {
        let migrations = [
            "m/0001_a.sql": "CREATE TABLE a (id int);\n", "m/0002_b.sql": "ALTER TABLE a ADD COLUMN b int;\n",
        ]
        try await withProject(migrations) { lastro, folder, url in
            #expect(try await lastro("migrate", "--database", url).status == 0)
            let named = try await lastro("lint", "--database", url, "m/0002_b.sql")
            #expect(named.status == 0, "\(named.text)")
            #expect(!named.output.contains("object-already-exists"))
            #expect(
                named.errors.contains(
                    "m/0002_b.sql has run on this database and is not judged; --applied judges it all the same"
                )
            )
            try folder.write("ALTER TABLE a ADD COLUMN b int;\n", to: "m/0003_c.sql")
            let both = try await lastro("lint", "--database", url, "m/0002_b.sql", "m/0003_c.sql")
            #expect(both.status == 1)
            #expect(both.output.contains("m/0003_c.sql:1:"))
            #expect(!both.output.contains("m/0002_b.sql:1:"))
            let asked = try await lastro("lint", "--database", url, "m/0002_b.sql", "--applied")
            #expect(asked.status == 1)
            #expect(asked.output.contains("object-already-exists"))
        }
    }

    @Test("finds the incident in the original file, and no error in the thirteen")
    func findsIncident() async throws {
        let project = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized.path
        let lastro = LastroProcess(folder: project)
        let original = try await lastro("lint", "--format", "json", "fixtures/incident/0011_jobs_system.sql")
        #expect(original.status == 1)
        let text = try String(contentsOfFile: project + "/fixtures/incident/0011_jobs_system.sql", encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let index = try #require(lines.firstIndex { $0.contains("ON jobs (scheduled_for)") }) + 1
        let key = try #require(lines.firstIndex { $0.contains("REFERENCES jobs") }) + 1
        let report = try JSONDecoder().decode(Findings.self, from: Data(original.output.utf8))
        let errors = report.findings.filter { $0.severity == "error" }
        #expect(errors.contains { $0.rule == "column-may-not-exist" && $0.line == index })
        #expect(errors.contains { $0.rule == "if-not-exists-foreign-key" && $0.line == key })
        // Each warning is allowed in lastro.yaml, with a reason, and none of its entries is in vain.
        let all = try await lastro("lint", "--fail-on", "warning")
        #expect(all.status == 0, "\(all.output)")
    }

    private struct Findings: Decodable {
        struct Row: Decodable {
            let rule: String
            let severity: String
            let line: Int
        }
        let findings: [Row]
    }
}
