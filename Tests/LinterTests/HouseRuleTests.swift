import SourceText
import Testing

@testable import Linter

@Suite("A rule of the house")
struct HouseRuleTests {
    private func findings(_ rule: HouseRule, in sql: String, after history: String = "") async throws -> [LintFinding] {
        var options = LintOptions()
        options.houseRules = [rule]
        return try await lint(sql, after: history, options).filter { $0.rule == rule.name }
    }

    private func names(_ kinds: String, _ pattern: String, tables: [String] = [], except: [String] = []) throws
        -> HouseRule
    {
        let demand = HouseRule.Demand.names(
            try #require(HouseRule.kinds(kinds)),
            try #require(HouseRule.NamePattern(pattern))
        )
        return HouseRule(name: "names", demand: demand, tables: tables, exceptions: except, advice: "see the handbook")
    }

    @Test(
        "asks names by a pattern",
        arguments: [
            ("table", "[a-z_]+", "CREATE TABLE \"Jobs\" (id int);"),
            ("table", "[a-z_]+", "ALTER TABLE jobs RENAME TO \"Jobs\";"),
            ("table", "[a-z]+s", "CREATE TABLE job AS SELECT 1 AS one;"),
            ("view", "v_.*", "CREATE VIEW jobs_seen AS SELECT 1 AS one;"),
            ("column", "[a-z_]+", "CREATE TABLE t (\"ID\" int);"),
            ("column", "[a-z_]+", "ALTER TABLE jobs ADD COLUMN due2 date;"),
            ("index", "idx_.*", "CREATE INDEX jobs_id ON jobs (id);"),
            ("constraint", "ck_.*", "ALTER TABLE jobs ADD CONSTRAINT positive CHECK (id > 0);"),
            ("foreign-key", "fk_.*", "CREATE TABLE t (id int CONSTRAINT up REFERENCES jobs (id));"),
            ("type", "[a-z]+_state", "CREATE TYPE mood AS ENUM ('a');"),
            ("function", "fn_.*", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';"),
            ("schema", "app_.*", "CREATE SCHEMA other;"), ("sequence", ".*_seq", "CREATE SEQUENCE numbers;"),
            ("policy", "p_.*", "CREATE POLICY own ON jobs USING (id = 1);"),
        ]
    )
    func asksNames(kind: String, pattern: String, sql: String) async throws {
        let history = "CREATE TABLE jobs (id int PRIMARY KEY);"
        let found = try await findings(try names(kind, pattern), in: sql, after: history)
        #expect(found.count == 1, "\(found.map(\.message))")
        #expect(found.first?.message.contains("does not fit \(pattern)") == true)
        #expect(found.first?.next == "see the handbook")
        #expect(try await findings(try names(kind, ".*"), in: sql, after: history).isEmpty)
    }

    @Test("leaves tables alone that it is not about")
    func coversTables() async throws {
        let sql = "CREATE TABLE log_a (\"X\" int);\nCREATE TABLE b (\"Y\" int);"
        let some = try await findings(try names("column", "[a-z]+", tables: ["log_*"]), in: sql)
        #expect(some.map(\.position.line) == [1])
        let others = try await findings(try names("column", "[a-z]+", except: ["log_*"]), in: sql)
        #expect(others.map(\.position.line) == [2])
    }

    @Test("asks for columns, wherever in the file they come from")
    func asksColumns() async throws {
        let columns = try #require(
            HouseRule.RequiredColumn.list("created_at timestamptz NOT NULL, price numeric(10,2), note")
        )
        let rule = HouseRule(name: "audit", demand: .columns(columns))
        let whole =
            "CREATE TABLE t (created_at timestamptz NOT NULL, price numeric(10,2));\nALTER TABLE t ADD COLUMN note text;"
        #expect(try await findings(rule, in: whole).isEmpty)
        let found = try await findings(rule, in: "CREATE TABLE t (created_at timestamp, price numeric(8,2));")
        #expect(
            found.map(\.message) == [
                "t has created_at as timestamp, not timestamptz", "t has price as numeric(8,2), not numeric(10,2)",
                "t has no column note",
            ]
        )
        let nullable = try await findings(
            rule,
            in: "CREATE TABLE t (created_at timestamptz, price numeric(10,2), note int);"
        )
        #expect(nullable.map(\.message) == ["t has created_at, which may be null"])
    }

    @Test("forbids types")
    func forbidsTypes() async throws {
        let rule = HouseRule(name: "types", demand: .types(try #require(HouseRule.types("json, integer, varchar"))))
        let sql = "CREATE TABLE t (a json, b jsonb, c int4, d bigint, e varchar(20), f text, g int[]);"
        let found = try await findings(rule, in: sql)
        #expect(found.map(\.position.column) == [19, 36, 54, 77])
        #expect(HouseRule.types("no type (") == nil)
    }

    @Test("forbids statements")
    func forbidsStatements() async throws {
        let demand = HouseRule.Demand.statements(try #require(HouseRule.statements("create rule, TRUNCATE")))
        let rule = HouseRule(name: "statements", demand: demand, severity: .error)
        let history = "CREATE TABLE t (a int);"
        #expect(try await findings(rule, in: "TRUNCATE t;", after: history).map(\.severity) == [.error])
        let create = "CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING;"
        #expect(try await findings(rule, in: create, after: history).count == 1)
        #expect(try await findings(rule, in: "CREATE INDEX i ON t (a);", after: history).isEmpty)
    }

    @Test("asks for comments in the file")
    func asksComments() async throws {
        let rule = HouseRule(name: "comments", demand: .comments([.table, .column]))
        let found = try await findings(
            rule,
            in: "CREATE TABLE t (a int, b int);\nCOMMENT ON TABLE t IS 'x';\nCOMMENT ON COLUMN t.a IS 'x';"
        )
        #expect(found.map(\.message) == ["column b gets no comment in this file"])
        #expect(HouseRule.kinds("policy", among: HouseRule.commentedKinds) == nil)
    }

    @Test("is allowed, turned off and weighed as others are")
    func isOneOfTheRules() async throws {
        let rule = try names("table", "[a-z]+")
        #expect(rule.name == "house-names")
        let allowed = "-- lastro: allow house-names it came from elsewhere\nCREATE TABLE \"T\" (id bigint PRIMARY KEY);"
        var options = LintOptions()
        options.houseRules = [rule]
        let report = try await lint(allowed, options)
        #expect(!report.contains { $0.rule == "house-names" || $0.rule == "unused-allow" })
        options.settings["house-names"] = .severity(.error)
        let found = try await lint("CREATE TABLE \"T\" (id bigint PRIMARY KEY);", options)
        #expect(found.first { $0.rule == "house-names" }?.severity == .error)
        options.settings["house-names"] = .off
        #expect(!(try await lint("CREATE TABLE \"T\" ();", options).contains { $0.rule == "house-names" }))
        #expect(rule.rule.markdown.contains("does not fit [a-z]+"))
    }
}
