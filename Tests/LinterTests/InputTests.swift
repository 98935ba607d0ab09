import SQLSyntax
import SourceText
import TestSupport
import Testing

@testable import Linter

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Input of every kind")
struct InputTests {
    private static let runners: [LintOptions.Runner] = [.lastro, .wrapping, .unknown]

    /// The statements of the fixture, and the kinds of nodes in each.
    private static func statements() throws -> [(text: String, kinds: Set<String>, tokens: [Int])] {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../fixtures/lint/every-statement.sql")
        let script = try SQLScript(utf8: Array(Data(contentsOf: path)), file: "every-statement.sql")
        return try SyntaxTree(script).statements.map { parsed in
            var kinds: Set<String> = []
            parsed.forEachNode { kinds.insert($0.kind) }
            let start = parsed.statement.range.lowerBound
            return (parsed.statement.text, kinds, parsed.statement.tokens.map { $0.range.lowerBound - start })
        }
    }

    private func findings(_ sql: String, _ runner: LintOptions.Runner) async throws -> [LintFinding] {
        var options = LintOptions()
        options.asksEveryRule = true
        options.runner = runner
        let before = "CREATE TABLE t (a int PRIMARY KEY, b int); CREATE TABLE u (a int, b int);"
        return try await Linter(options: options).lint([
            LintInput(LintText(path: "m/0001_before.sql", sql: before), isJudged: false),
            LintInput(LintText(path: "m/0002_now.sql", sql: sql)),
        ]).findings
    }

    @Test("has a statement of each kind that the syntax tree knows")
    func coversEveryKind() throws {
        // What only the server's analysis, a parser for PL/pgSQL's assignments, or the frame around a statement makes.
        let neverParsed: Set = ["SetOperationStmt", "PLAssignStmt", "RawStmt"]
        let present = try Self.statements().reduce(into: Set<String>()) { $0.formUnion($1.kinds) }
        let known = SyntaxNode.statementKinds
        #expect(known.count > 100)
        #expect(known.subtracting(present).subtracting(neverParsed).sorted() == [])
        #expect(neverParsed.subtracting(known).sorted() == [], "a kind is listed that the tree does not have")
    }

    @Test("is judged, each statement by itself and all together", arguments: runners)
    func judgesEveryKind(runner: LintOptions.Runner) async throws {
        let statements = try Self.statements().map(\.text)
        for sql in statements {
            let found = try await findings(sql, runner)
            #expect(!found.contains { $0.rule == Rule.notAnalysed.name }, "\(sql)")
        }
        // A second and third time over, each stands on what the ones before have left.
        let all = statements.joined(separator: ";\n")
        let found = try await findings("\(all);\n\(all);\n\(statements.reversed().joined(separator: ";\n"))", runner)
        #expect(!found.isEmpty)
    }

    @Test("is judged where a statement ends too early, and what is not analysed is reported once")
    func judgesCutStatements() async throws {
        for (sql, _, tokens) in try Self.statements() {
            let bytes = Array(sql.utf8)
            for cut in tokens.dropFirst() {
                let text = String(decoding: bytes[..<cut], as: UTF8.self) + ";\nSELECT 1;\n"
                guard let script = try? SQLScript(utf8: Array(text.utf8), file: "cut.sql") else {
                    // What is left open by the cut makes the file unreadable as a whole, which is said.
                    let found = try await findings(text, .lastro)
                    #expect(found.map(\.rule) == [Rule.unreadableFile.name], "\(text)")
                    continue
                }
                let refused = try SyntaxTree(script).statements.filter { $0.refusal != nil }
                let found = try await findings(text, .lastro)
                let told = found.filter {
                    [Rule.notAnalysed.name, Rule.noSuchGuard.name, Rule.domainNotNull.name].contains($0.rule)
                }
                #expect(told.count == refused.count, "\(text)\(told.map(\.message))")
            }
        }
    }

    @Test(
        "of bytes that are no statements is judged",
        arguments: [
            "", ";", ";;;\n;", "-- only a comment", "/* /* nested */ */", "\u{FEFF}SELECT 1", "\r\r\r", "SELECT",
            "(((((", ")",
            "'", "\"", "$$", "$a$ $b$", "/*", "E'\\'", "U&'\\'", "\\d t", "SELECT 'a'\n'b'", "CREATE", "ALTER TABLE",
            "DROP",
            "CREATE TABLE", "CREATE TABLE t", "CREATE TABLE t ()", "INSERT", "DO", "DO $$ BEGIN", "DO $$ BEGIN $$",
            "DO $$ not a block $$", "DO LANGUAGE nothing $$ x $$",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELEC 1'",
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN $$",
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql",
            "CREATE PROCEDURE f() LANGUAGE plpgsql BEGIN ATOMIC END",
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql RETURN 1",
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS ''",
            "DO LANGUAGE plpgsql", "DO ''", "SELECT \u{1F418}",
            "SELECT '\u{0}'",
            "-- lastro:", "-- lastro: allow", "-- lastro: allow no-such-rule because", "-- lastro: nothing of the kind",
        ]
    )
    func judgesWhatIsNoSQL(sql: String) async throws {
        for runner in Self.runners {
            let found = try await findings(sql, runner)
            for finding in found { #expect(finding.position.line >= 1 && finding.position.column >= 1) }
            let places = found.map { "\($0.rule) \($0.position)" }
            #expect(Set(places).count == places.count, "\(places)")
        }
    }

    @Test("is judged however deep it is nested, however long a line, a name or a list is")
    func judgesExtremes() async throws {
        let many = isLongTest ? 20_000 : 1_500
        let texts = [
            "SELECT " + String(repeating: "(", count: many) + "1" + String(repeating: ")", count: many),
            "SELECT " + Array(repeating: "1", count: many).joined(separator: " + "),
            "SELECT " + String(repeating: "NOT ", count: many) + "true",
            "CREATE TABLE \"" + String(repeating: "x", count: many) + "\" (a int)",
            "CREATE TABLE wide (" + (0..<many).map { "c\($0) int" }.joined(separator: ", ") + ")",
            "INSERT INTO t (a) VALUES " + (0..<many).map { "(\($0))" }.joined(separator: ", "),
            String(repeating: "SELECT 1;", count: many),
            String(repeating: ";", count: many),
            String(repeating: "/*", count: many),
        ]
        for text in texts {
            let found = try await findings(text, .lastro)
            let places = found.map { "\($0.rule) \($0.position)" }
            #expect(Set(places).count == places.count, "\(text.prefix(40))")
        }
    }
}
