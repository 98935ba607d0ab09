import SQLSyntax
import SourceText
import TestSupport
import Testing

@testable import Linter

@Suite("An allowance")
struct DirectiveTests {
    private let history = "CREATE TABLE a (id int); CREATE TABLE b (id int);"

    private func rules(_ sql: String) async throws -> [String] {
        try await lint(sql, after: history).filter { $0.severity > .note }.map(\.rule)
    }

    @Test("at the head of a file is for all of it")
    func coversFile() async throws {
        #expect(try await rules("-- lastro: allow drop-table old\n\nDROP TABLE a;\nDROP TABLE b;") == [])
    }

    @Test("elsewhere is for the statement below, around or before it")
    func coversStatement() async throws {
        #expect(try await rules("DROP TABLE a;\n-- lastro: allow drop-table old\nDROP TABLE b;") == ["drop-table"])
        #expect(
            try await rules("SELECT 1;\nDROP TABLE a; -- lastro: allow drop-table old\nDROP TABLE b;") == ["drop-table"]
        )
        #expect(try await rules("SELECT 1;\nDROP TABLE\n-- lastro: allow drop-table old\na;") == [])
    }

    @Test("needs a reason, a rule and a use")
    func isJudged() async throws {
        #expect(
            try await rules("-- lastro: allow drop-table\nDROP TABLE a;").sorted() == [
                "allow-without-reason", "drop-table",
            ]
        )
        #expect(try await rules("-- lastro: allow drop-tabel old\nSELECT 1;") == ["unused-allow"])
        #expect(try await rules("-- lastro: allow drop-table old\nSELECT 1;") == ["unused-allow"])
    }

    @Test("and a configuration change what is asked and how it weighs")
    func isConfigured() async throws {
        var options = LintOptions()
        options.settings = ["drop-table": .severity(.error), "type-int": .on]
        let findings = try await lint("DROP TABLE a;\nCREATE TABLE c (id int PRIMARY KEY);", after: history, options)
        #expect(findings.first { $0.rule == "drop-table" }?.severity == .error)
        #expect(findings.contains { $0.rule == "type-int" })
        options.settings = ["drop-table": .off]
        #expect(try await lint("DROP TABLE a;", after: history, options).isEmpty)
    }

    @Test("A baseline leaves out what is known, also when its lines move")
    func hasBaseline() async throws {
        let first = try await lint("DROP TABLE a;", after: history)
        var options = LintOptions()
        options.baseline = Set(first.map(\.fingerprint))
        let second = try await lint("-- moved\n\nDROP  TABLE a;\nDROP TABLE b;", after: history, options)
        #expect(second.filter { $0.rule == "drop-table" }.map(\.position.line) == [4])
    }
}
