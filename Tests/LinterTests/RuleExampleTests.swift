import SQLSyntax
import TestSupport
import Testing

@testable import Linter

/// Judges SQL after other SQL, as one migration after another.
func lint(
    _ sql: String,
    after history: String = "",
    _ options: LintOptions = LintOptions(),
    down: String = ""
) async throws -> [LintFinding] {
    var inputs = history.isEmpty ? [] : [LintInput(LintText(path: "m/0001_before.sql", sql: history), isJudged: false)]
    let back = down.isEmpty ? nil : LintText(path: "m/0002_now.down.sql", sql: down)
    inputs.append(LintInput(LintText(path: "m/0002_now.sql", sql: sql), down: back))
    return try await Linter(options: options).lint(inputs).findings
}

@Suite("A rule")
struct RuleExampleTests {
    /// How its examples are judged: with the rule on, and for the runner that it is about.
    private func options(for rule: Rule) -> LintOptions {
        var options = LintOptions()
        options.settings[rule.name] = .on
        if rule.name == Rule.indexIfNotExistsInvalid.name { options.runner = .unknown }
        return options
    }

    @Test("reports its bad example", arguments: Rule.all.map(\.name))
    func reportsBad(name: String) async throws {
        let rule = try #require(Rule.named(name))
        let findings = try await lint(rule.bad.sql, after: rule.bad.history, options(for: rule), down: rule.bad.down)
        #expect(findings.contains { $0.rule == name }, "\(findings.map(\.rule))")
        let found = findings.filter { $0.rule == name }.map(\.severity).max()
        #expect(found.map { $0 <= rule.severity } == true, "\(String(describing: found))")
    }

    @Test("leaves its good example alone", arguments: Rule.all.map(\.name))
    func acceptsGood(name: String) async throws {
        let rule = try #require(Rule.named(name))
        let findings = try await lint(rule.good.sql, after: rule.good.history, options(for: rule), down: rule.good.down)
        let found = findings.filter { $0.rule == name || $0.category == .existence && $0.severity == .error }
        #expect(found.isEmpty, "\(found.map { "\($0.rule): \($0.message)" })")
    }

    @Test("has a name, a line and a page of its own")
    func isDescribed() {
        #expect(Set(Rule.all.map(\.name)).count == Rule.all.count)
        for rule in Rule.all {
            #expect(rule.name.allSatisfy { $0.isLowercase || $0 == "-" }, "\(rule.name)")
            #expect(
                !rule.summary.isEmpty && !rule.summary.contains("\n") && !rule.summary.hasSuffix("."),
                "\(rule.name)"
            )
            #expect(rule.page.count > 40, "\(rule.name)")
        }
    }
}
