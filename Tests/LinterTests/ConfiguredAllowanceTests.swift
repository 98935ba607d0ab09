import Migrator
import SourceText
import Testing

@testable import Linter

@Suite("An allowance of the configuration")
struct ConfiguredAllowanceTests {
    private func allowance(_ rule: String, path: String? = nil, from: String? = nil, through: String? = nil)
        -> ConfiguredAllowance
    {
        ConfiguredAllowance(
            rule: rule,
            path: path,
            from: from.flatMap { MigrationVersion(dotted: $0) },
            through: through.flatMap { MigrationVersion(dotted: $0) },
            reason: "nobody uses it",
            location: SourceLocation(file: "lastro.yaml", position: SourcePosition(line: 3, column: 7)),
            excerpt: "    - rule: \(rule)"
        )
    }

    private func judge(_ files: [(path: String, sql: String)], _ allowances: [ConfiguredAllowance]) async throws
        -> LintReport
    {
        var options = LintOptions()
        options.allowances = allowances
        options.judgesAll = true
        return try await Linter(options: options).lint(files.map { LintInput(LintText(path: $0.path, sql: $0.sql)) })
    }

    private let files = [
        (path: "m/0001_a.sql", sql: "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);"),
        (path: "m/0002_b.sql", sql: "DROP TABLE a;"), (path: "m/0010_c.sql", sql: "DROP TABLE b;"),
    ]

    @Test("covers files by their name, their path and their version")
    func covers() async throws {
        let cases: [(ConfiguredAllowance, [String])] = [
            (allowance("drop-table", path: "0002_b.sql"), ["m/0010_c.sql"]),
            (allowance("drop-table", path: "0002_*"), ["m/0010_c.sql"]),
            (allowance("drop-table", path: "m/*"), []),
            (allowance("drop-table", from: "10"), ["m/0002_b.sql"]),
            (allowance("drop-table", through: "0009"), ["m/0010_c.sql"]),
            (allowance("drop-table", from: "0002", through: "0010"), []),
            (allowance("drop-table", path: "*_c.sql", from: "3"), ["m/0002_b.sql"]),
        ]
        for (allowance, left) in cases {
            let report = try await judge(files, [allowance])
            let found = report.findings.filter { $0.rule == "drop-table" }.map(\.file)
            #expect(found == left, "\(allowance.scope)")
            #expect(report.allowedCount == 2 - left.count)
            #expect(!report.findings.contains { $0.rule == "unused-allow" })
        }
    }

    @Test("that nothing needs is reported at its place")
    func reportsUnused() async throws {
        for unused in [allowance("drop-table", from: "11"), allowance("drop-column", path: "m/*")] {
            let report = try await judge(files, [unused])
            let finding = try #require(report.findings.first { $0.rule == "unused-allow" })
            #expect(finding.file == "lastro.yaml")
            #expect(finding.position == SourcePosition(line: 3, column: 7))
            #expect(finding.message.contains(unused.rule))
            #expect(finding.excerpt.contains("- rule:"))
        }
    }

    @Test("is not called unused where only a part is judged")
    func waitsForWhole() async throws {
        var options = LintOptions()
        options.allowances = [allowance("drop-table", from: "11")]
        let inputs = files.map { LintInput(LintText(path: $0.path, sql: $0.sql)) }
        let report = try await Linter(options: options).lint(inputs)
        #expect(!report.findings.contains { $0.rule == "unused-allow" })
    }
}
