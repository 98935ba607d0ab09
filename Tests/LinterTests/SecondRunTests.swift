import Migrator
import Postgres
import SQLSyntax
import SourceText
import TestSupport
import Testing

@testable import Linter

/// Files that may run again: each is judged, and run twice on a server.
@Suite("A file that may run again")
struct SecondRunTests {
    /// What was there before, and a migration whose second run fails or does not.
    struct Case: Sendable, CustomTestStringConvertible {
        let history: String
        let sql: String
        let fails: Bool

        var testDescription: String { sql }
    }

    private static let t = "CREATE TABLE t (id int PRIMARY KEY, a int); "

    static let cases: [Case] = [
        // What has a guard of its own that is missing.
        Case(history: "CREATE TYPE e AS ENUM ('a');", sql: "ALTER TYPE e ADD VALUE 'b';", fails: true),
        Case(history: "CREATE TYPE e AS ENUM ('a');", sql: "ALTER TYPE e ADD VALUE IF NOT EXISTS 'b';", fails: false),
        Case(history: t, sql: "CREATE STATISTICS s ON id, a FROM t;", fails: true),
        Case(history: t, sql: "CREATE STATISTICS IF NOT EXISTS s ON id, a FROM t;", fails: false),
        Case(history: t, sql: "DROP STATISTICS IF EXISTS s; CREATE STATISTICS s ON id, a FROM t;", fails: false),
        Case(history: t, sql: "CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;", fails: true),
        Case(history: t, sql: "CREATE OR REPLACE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;", fails: false),
        Case(history: "", sql: "CREATE PUBLICATION p;", fails: true),
        Case(history: "", sql: "DROP PUBLICATION IF EXISTS p; CREATE PUBLICATION p;", fails: false),
        Case(
            history: "",
            sql: "DO $$ BEGIN CREATE PUBLICATION p; EXCEPTION WHEN duplicate_object THEN NULL; END $$;",
            fails: false
        ),
        Case(history: "", sql: "CREATE COLLATION c (LOCALE = 'C');", fails: true),
        Case(history: "", sql: "CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int);", fails: true),
        Case(history: "", sql: "CREATE OR REPLACE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int);", fails: false),
        // What goes away behind it.
        Case(history: t, sql: "ALTER TABLE t ALTER COLUMN a SET DEFAULT 1; DROP TABLE t;", fails: true),
        Case(history: t, sql: "ALTER TABLE t ALTER COLUMN a SET NOT NULL; DROP TABLE IF EXISTS t;", fails: true),
        Case(
            history: t,
            sql: "ALTER TABLE IF EXISTS t ALTER COLUMN a SET NOT NULL; DROP TABLE IF EXISTS t;",
            fails: false
        ),
        Case(history: t, sql: "UPDATE t SET a = 1; ALTER TABLE t DROP COLUMN IF EXISTS a;", fails: true),
        Case(history: t, sql: "COMMENT ON TABLE t IS 'x'; ALTER TABLE IF EXISTS t RENAME TO u;", fails: true),
        Case(history: t + "CREATE SCHEMA s;", sql: "ALTER TABLE t SET SCHEMA s;", fails: true),
        Case(
            history: t,
            sql: "SELECT a FROM t; CREATE TABLE IF NOT EXISTS u (a int); DROP TABLE IF EXISTS u;",
            fails: false
        ),
        Case(history: "CREATE SEQUENCE s;", sql: "SELECT nextval('s'); DROP SEQUENCE IF EXISTS s;", fails: true),
        Case(history: "CREATE TYPE e AS ENUM ('a');", sql: "ALTER TYPE e RENAME VALUE 'a' TO 'b';", fails: true),
        Case(history: t, sql: "DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT a FROM t;", fails: false),
        Case(history: t, sql: "CREATE TEMP TABLE w AS SELECT a FROM t; SELECT a FROM w;", fails: false),
        Case(history: t, sql: "DO $$ BEGIN DROP TABLE t; END $$;", fails: true),
    ]

    @Test("is told what its second run fails of", arguments: cases)
    func isTold(_ example: Case) async throws {
        let directive = "-- lastro: idempotent\n"
        let findings = try await lint(directive + example.sql, after: example.history)
        let told = findings.filter { $0.category == .existence && $0.message.contains("a second run fails") }
        #expect(told.isEmpty == !example.fails, "\(told.map { "\($0.rule): \($0.message)" })")
        #expect(!findings.contains { $0.category == .existence && $0.severity == .error })
        let once = try await lint(example.sql, after: example.history)
        #expect(!once.contains { $0.message.contains("a second run fails") })
        #expect(try await secondRefusal(of: example).map { _ in true } == (example.fails ? true : nil))
    }

    @Test("is told so as a repeatable migration, too, and once for each statement")
    func isToldWhereRepeatable() async throws {
        try await withTemporaryFolder { folder in
            let sql =
                "CREATE EXTENSION citext;\nCREATE TABLE t (a int);\nCOMMENT ON TABLE t IS 'x';\nALTER TABLE t RENAME TO u;\n"
            try folder.write(sql, to: "R__all.sql")
            let text = try MigrationText(of: MigrationSource(path: folder.path + "/R__all.sql"))
            let input = LintInput(LintText(text, kind: .repeatable))
            let findings = try await Linter().lint([input]).findings.filter {
                $0.message.contains("a second run fails")
            }
            #expect(findings.map(\.position.line) == [1, 2, 4], "\(findings.map(\.message))")
            #expect(findings.allSatisfy { $0.severity == .note && $0.rule == "missing-existence-guard" })
        }
    }

    @Test("leaves what is known as its first run left it")
    func leavesSchema() async throws {
        let findings = try await lint(
            "ALTER TABLE u ADD COLUMN c int; SELECT b, c FROM u;",
            after: "-- lastro: idempotent\nCREATE TABLE IF NOT EXISTS t (a int); ALTER TABLE IF EXISTS t RENAME TO u;"
        )
        #expect(
            findings.contains { $0.rule == "column-may-not-exist" && $0.message.contains("SELECT needs column b of u") }
        )
        #expect(!findings.contains { $0.message.contains("column c of u") })
    }

    /// What a server says against the second run; nil if it runs.
    private func secondRefusal(of example: Case) async throws -> String? {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                _ = try await connection.script("SET client_min_messages = error; \(example.history)")
                _ = try await connection.script("BEGIN; \(example.sql); COMMIT; DISCARD TEMP")
                do {
                    _ = try await connection.script("BEGIN; \(example.sql); COMMIT")
                    return nil
                } catch let error as PostgresError where error.code == .server {
                    return error.message
                }
            }
        }
    }
}

@Suite("A file that migrate refuses")
struct RefusedFileTests {
    @Test(
        "is refused by the linter in the same words",
        arguments: [
            "CREATE TABLE t (a int);\nCOMMIT;\nCREATE TABLE u (a int);", "BEGIN;\nCREATE TABLE t (a int);",
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nCREATE TABLE t (a int);",
            "-- lastro: no-transaction\nCREATE TABLE t (a int);\nSAVEPOINT s;",
            "-- lastro: no-transaction\nSET LOCAL work_mem = '1MB';\nCREATE TABLE t (a int);",
            "BEGIN;\nCREATE TABLE t (a int);\nCOMMIT;\nBEGIN;\nCREATE TABLE u (a int);\nCOMMIT;", "ROLLBACK;",
        ]
    )
    func isRefused(sql: String) async throws {
        let refusal = try #require(try MigrationText(path: "m/0002_now.sql", content: Array(sql.utf8)).refusal)
        let findings = try await lint(sql)
        let errors = findings.filter { $0.category == .transaction && $0.severity == .error }
        #expect(errors.count == 1, "\(errors.map(\.message))")
        #expect(errors.first?.position == refusal.location?.position)
        if errors.first?.rule == Rule.refusedByMigrate.name {
            #expect(errors.first?.message == refusal.message)
            #expect(errors.first?.next == refusal.next)
        }
        var unknown = LintOptions()
        unknown.runner = .unknown
        unknown.asksEveryRule = true
        #expect(!(try await lint(sql, unknown)).contains { $0.rule == Rule.refusedByMigrate.name })
    }

    @Test(
        "is none with a transaction around the whole, savepoints, or blocks one by one",
        arguments: [
            "BEGIN;\nCREATE TABLE t (a int);\nCOMMIT;", "SAVEPOINT s;\nCREATE TABLE t (a int);\nRELEASE s;",
            "-- lastro: no-transaction\nBEGIN;\nCREATE TABLE t (a int);\nCOMMIT;\nBEGIN;\nCREATE TABLE u (a int);\nCOMMIT;",
        ]
    )
    func isAccepted(sql: String) async throws {
        #expect(try MigrationText(path: "m/0002_now.sql", content: Array(sql.utf8)).refusal == nil)
        #expect(!(try await lint(sql)).contains { $0.category == .transaction && $0.severity == .error })
    }
}
