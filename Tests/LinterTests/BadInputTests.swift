import SourceText
import TestSupport
import Testing

@testable import Linter

@Suite("Bad input")
struct BadInputTests {
    @Test(
        "is told of at its place, and what comes behind it is judged",
        arguments: [
            "CREATE TABEL x (id int);", "ALTER TABLE;", "CREATE INDEX IF NOT EXISTS ON a (id);", ")", "SELECT (((((1;",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELEKT 1';", "DO $$ BEGIN IF; END $$;", "$1 $2;",
            "\\d a;",
        ]
    )
    func isTold(sql: String) async throws {
        let findings = try await lint("CREATE TABLE a (id int);\n\(sql)\nDROP TABLE missing;\n")
        #expect(findings.contains { $0.position.line == 2 }, "\(findings.map { "\($0.rule) \($0.position.line)" })")
        // A text that cannot be split has no statements behind it.
        if !findings.contains(where: { $0.rule == "unreadable-file" }) {
            #expect(findings.contains { $0.position.line == 3 }, "\(findings.map(\.rule))")
        }
    }

    @Test(
        "that no rule can split is one finding",
        arguments: ["SELECT 'open;\n", "/* open\n", "DO $tag$ BEGIN\n", "SELECT \"open;\n", "SELECT U&'\\00", "E'\\"]
    )
    func isOneFinding(sql: String) async throws {
        let findings = try await lint(sql)
        #expect(findings.map(\.rule).count == 1, "\(findings.map(\.rule))")
    }

    @Test(
        "is judged to its end, however odd",
        arguments: [
            "", ";", ";;;;", "\u{FEFF}", "\u{FEFF};", "-- only a comment", "/* a /* b */ c */", "\r\r\r", "\0",
            "SELECT 1\0;",
            "SELECT '\u{10FFFF}';", "-- lastro:", "-- lastro: allow", "-- lastro: allow x",
            "SELECT 1 -- lastro: allow drop-table",
        ]
    )
    func isJudged(sql: String) async throws {
        let findings = try await lint(sql, after: "CREATE TABLE a (id int);")
        for finding in findings { #expect(finding.position.line >= 1 && finding.position.column >= 1) }
        #expect(try await lint(sql, after: "CREATE TABLE a (id int);") == findings)
    }

    @Test("of great depth ends")
    func isDeep() async throws {
        for depth in [100, 5_000] {
            let open = String(repeating: "(", count: depth)
            let close = String(repeating: ")", count: depth)
            let nested = try await lint("SELECT \(open)1\(close);\nDROP TABLE missing;\n")
            #expect(!nested.isEmpty)
            let sum = "SELECT 1" + String(repeating: " + 1", count: depth) + ";\nDROP TABLE missing;\n"
            #expect(try await lint(sum).contains { $0.position.line == 2 })
        }
        let blocks = String(repeating: "BEGIN ", count: 200) + "NULL; " + String(repeating: "END; ", count: 200)
        _ = try await lint("DO $$ \(blocks) $$;\n")
    }

    @Test("of many megabytes is judged, in many statements and in one")
    func isLarge() async throws {
        let size = (isLongTest ? 50 : 2) << 20
        let row = "INSERT INTO a VALUES (1, 'a text of some length to fill the file');\n"
        let many = "CREATE TABLE a (id int, b text);\n" + String(repeating: row, count: size / row.utf8.count)
        #expect(try await lint(many + "DROP TABLE missing;\n").contains { $0.message.contains("missing") })
        let values = "(1, 'a text of some length to fill the file')"
        let one =
            "CREATE TABLE a (id int, b text);\nINSERT INTO a VALUES "
            + String(repeating: values + ",\n", count: size / values.utf8.count) + values + ";\nDROP TABLE missing;\n"
        #expect(try await lint(one).contains { $0.message.contains("missing") })
        let data =
            "COPY a FROM stdin;\n" + String(repeating: "1\ttext\n", count: size / 7) + "\\.\nDROP TABLE missing;\n"
        let copied = try await lint("CREATE TABLE a (id int, b text);\n" + data)
        #expect(copied.contains { $0.message.contains("missing") })
    }

    @Test("of many files is judged, each file")
    func isMany() async throws {
        let count = isLongTest ? 10_000 : 1_000
        let inputs = (1...count).map { number in
            LintInput(
                LintText(
                    path: "m/\(number)_t.sql",
                    sql: "CREATE TABLE t\(number) (id int);\nDROP TABLE missing\(number);\n"
                )
            )
        }
        let report = try await Linter().lint(inputs)
        #expect(report.fileCount == count && report.statementCount == 2 * count)
        #expect(Set(report.findings.map(\.file)).count == count)
    }

    @Test("of many drops, renames, rows and down files is judged in the time that it takes to read it")
    func isLong() async throws {
        let count = isLongTest ? 2_000 : 40
        let inputs = (1...count).map { number in
            var sql = ""
            for part in 0..<10 {
                sql +=
                    "CREATE TABLE t\(number)_\(part) (id serial PRIMARY KEY, of int REFERENCES t\(number)_\(part));\n"
            }
            let before = number - 1
            if before > 0 {
                sql += "DROP TABLE t\(before)_1;\nALTER TABLE t\(before)_2 RENAME TO u\(before);\n"
                sql += "ALTER TABLE t\(before)_3 DROP COLUMN of;\nINSERT INTO t\(before)_4 (id) VALUES (1);\n"
            }
            let down = (0..<10).map { "DROP TABLE t\(number)_\($0);\n" }.joined()
            return LintInput(
                LintText(path: "m/\(number)_t.sql", sql: sql),
                down: LintText(path: "m/\(number)_t.down.sql", sql: down)
            )
        }
        let findings = try await Linter().lint(inputs).findings
        // What the first file makes comes back as it was, and what others drop, rename and fill does not.
        #expect(Set(findings.filter { $0.rule == "down-incomplete" }.map(\.file)).count == count - 1)
        #expect(findings.count { $0.rule == "seed-explicit-serial-id" } == count - 1)
        let rows = (1...(isLongTest ? 50_000 : 500)).map { "INSERT INTO a (id) VALUES (\($0));\n" }.joined()
        let filled = try await lint(
            "CREATE TABLE a (id serial PRIMARY KEY);\n" + rows + "SELECT setval('a_id_seq', 1);"
        )
        #expect(!filled.contains { $0.rule == "seed-explicit-serial-id" })
        var options = LintOptions()
        options.asksEveryRule = true
        options.runner = .unknown
        let drops = (1...(isLongTest ? 20_000 : 300)).map { "DROP INDEX i\($0);\nCREATE INDEX i\($0) ON a (id);\n" }
        let again = try await lint("CREATE TABLE a (id int);\n" + drops.joined(), options)
        #expect(again.count { $0.rule == "missing-existence-guard" } == drops.count + 1)
    }

    @Test(
        "with many objects of one table, or many labels of one type, is judged in the time that it takes to read it",
        arguments: [
            "CREATE UNIQUE INDEX o# ON a (id);|DROP INDEX o#;",
            "ALTER TABLE a ADD CONSTRAINT o# CHECK (id > 0);|ALTER TABLE a DROP CONSTRAINT o#;",
            "CREATE VIEW o# AS SELECT id FROM a;|DROP VIEW o#;",
            "CREATE TABLE o# (a int REFERENCES a);|DROP TABLE o#;",
            "CREATE TABLE o# () INHERITS (a);|DROP TABLE o#;",
            "CREATE POLICY o# ON a USING (id > 0);|DROP POLICY o# ON a;",
            "ALTER TYPE e ADD VALUE 'o#';|CREATE TABLE o# (id e);",
        ]
    )
    func isWide(statements: String) async throws {
        let parts = statements.split(separator: "|")
        let count = isLongTest ? 5_000 : 100
        let sql = parts.map { part in
            (1...count).map { part.replacing("#", with: "\($0)") + "\n" }.joined()
        }.joined()
        let start = "CREATE TABLE a (id int PRIMARY KEY);\nCREATE TYPE e AS ENUM ('a');\n"
        let findings = try await lint(start + sql)
        #expect(
            !findings.contains { $0.severity == .error },
            "\(findings.map { "\($0.rule) \($0.position.line)" }.prefix(5))"
        )
    }
}
