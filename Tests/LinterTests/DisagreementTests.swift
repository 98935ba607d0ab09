import Postgres
import SQLSyntax
import TestSupport
import Testing

@testable import Linter

@Suite("What other linters say and a server does not")
struct DisagreementTests {
    /// What a server shows of a statement.
    private enum Fact: Sendable {
        /// It leaves the rows of table `t` where they are.
        case keepsRows
        /// It writes them anew.
        case movesRows
        /// It reads all rows.
        case readsRows
        /// It reads none.
        case readsNothing
        /// Its transaction holds ACCESS EXCLUSIVE on `t`.
        case locksOut
        /// Somebody who has the lock named keeps it waiting until its own limit ends that.
        case waits(behind: String)
        /// It can run a second time.
        case runsAgain
        /// The server refuses it.
        case isRefused
        /// Its plan uses an index.
        case usesIndex
    }

    private struct Example: Sendable {
        let fact: Fact
        let sql: String
        var before = "CREATE TABLE t (c int); INSERT INTO t SELECT generate_series(1, 100);"
    }

    private static let texts = "CREATE TABLE t (s varchar(20), n numeric(5, 2)); INSERT INTO t VALUES ('a', 1);"

    private static let examples = [
        Example(fact: .keepsRows, sql: "ALTER TABLE t ADD COLUMN added timestamptz DEFAULT now()"),
        Example(fact: .keepsRows, sql: "ALTER TABLE t ADD COLUMN state text NOT NULL DEFAULT 'active'"),
        Example(fact: .keepsRows, sql: "ALTER TABLE t ALTER COLUMN s TYPE text", before: texts),
        Example(fact: .keepsRows, sql: "ALTER TABLE t ALTER COLUMN s TYPE varchar", before: texts),
        Example(fact: .keepsRows, sql: "ALTER TABLE t ALTER COLUMN n TYPE numeric", before: texts),
        Example(fact: .movesRows, sql: "ALTER TABLE t ALTER COLUMN c TYPE text"),
        Example(fact: .movesRows, sql: "ALTER TABLE t ALTER COLUMN c TYPE numeric"),
        Example(
            fact: .readsRows,
            sql: "ALTER TABLE t ADD PRIMARY KEY USING INDEX i",
            before: "CREATE TABLE t (c int); CREATE UNIQUE INDEX i ON t (c);"
        ),
        Example(
            fact: .readsNothing,
            sql: "ALTER TABLE t ADD PRIMARY KEY USING INDEX i",
            before: "CREATE TABLE t (c int NOT NULL); CREATE UNIQUE INDEX i ON t (c);"
        ),
        Example(
            fact: .locksOut,
            sql: "ALTER TABLE t ADD CONSTRAINT p CHECK (c > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT p"
        ),
        // A dump reads the table as soon as it is committed.
        Example(
            fact: .waits(behind: "ACCESS SHARE"),
            sql: "SET lock_timeout = '20ms'; ALTER TABLE t ADD COLUMN d text",
            before: "CREATE TABLE t (c int);"
        ),
        Example(
            fact: .waits(behind: "ACCESS SHARE"),
            sql: "SET statement_timeout = '20ms'; ALTER TABLE t ADD COLUMN d text"
        ),
        Example(fact: .waits(behind: "SHARE UPDATE EXCLUSIVE"), sql: "SET lock_timeout = '20ms'; VACUUM t"),
        Example(fact: .runsAgain, sql: "ALTER TABLE t ALTER COLUMN c SET NOT NULL"),
        Example(fact: .runsAgain, sql: "ALTER TABLE IF EXISTS t ENABLE ROW LEVEL SECURITY"),
        Example(fact: .runsAgain, sql: "ALTER TABLE t DISABLE ROW LEVEL SECURITY"),
        Example(fact: .isRefused, sql: "CREATE TABLE u (c int array[])"),
        Example(fact: .isRefused, sql: "CREATE TABLE u (c \"character\"(255))"),
        Example(fact: .isRefused, sql: "CREATE TABLE u (c \"char\"(100))"),
        Example(fact: .isRefused, sql: "BEGIN; CREATE INDEX CONCURRENTLY i ON t (c); COMMIT"),
        Example(
            fact: .usesIndex,
            sql: "SELECT 1 FROM u x WHERE foo = 1 AND bar = 2 FOR KEY SHARE OF x",
            before: "CREATE TABLE u (foo int, bar int); CREATE INDEX i ON u (bar, foo);"
        ),
    ]

    @Test("takes no word of its grammar in quotes for a type")
    func refusesQuotedWords() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                for (word, type) in BuiltInTypes.words {
                    await #expect(throws: PostgresError.self, "\(word)") {
                        try await connection.script("CREATE TABLE u (c \"\(word)\")")
                    }
                    let known = try await connection.query("SELECT 1 FROM pg_type WHERE typname = '\(type)'")
                    #expect(known.count == 1, "\(type)")
                }
            }
        }
    }

    @Test("is as the documentation has it")
    func isSo() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                for example in Self.examples {
                    _ = try await connection.script("DROP TABLE IF EXISTS t, u CASCADE; \(example.before)")
                    try await check(example, on: connection, settings)
                }
                _ = try await connection.script("SET client_min_messages = error; SET LOCAL lock_timeout = '2s'")
                let timeout = try await connection.query("SHOW lock_timeout").decode(as: String.self)
                #expect(timeout == ["0"], "SET LOCAL outside of a transaction does nothing")
            }
        }
    }

    private func check(
        _ example: Example,
        on connection: PostgresConnection,
        _ settings: ConnectionSettings
    ) async throws {
        switch example.fact {
        case .keepsRows:
            let before = try await filenode(on: connection)
            _ = try await connection.script(example.sql)
            let after = try await filenode(on: connection)
            #expect(before == after, "\(example.sql)")
        case .movesRows:
            let before = try await filenode(on: connection)
            _ = try await connection.script(example.sql)
            let after = try await filenode(on: connection)
            #expect(before != after, "\(example.sql)")
        case .readsRows, .readsNothing:
            let scans = try await inTransaction(example.sql, on: connection) {
                "SELECT seq_scan::int FROM pg_stat_xact_user_tables WHERE relname = 't'"
            }
            let reads = if case .readsRows = example.fact { true } else { false }
            #expect((scans.after != scans.before) == reads, "\(example.sql)")
        case .locksOut:
            let locks = try await inTransaction(example.sql, on: connection) {
                "SELECT 1 FROM pg_locks WHERE relation = 't'::regclass AND mode = 'AccessExclusiveLock' AND granted"
            }
            #expect(locks.before == [] && locks.after != [], "\(example.sql)")
        case .waits(let lock):
            try await withPostgresConnection(to: settings) { other in
                _ = try await other.script("BEGIN; LOCK TABLE t IN \(lock) MODE")
                do {
                    for statement in try SQLScript(example.sql).statements {
                        _ = try await connection.script(statement.text)
                    }
                    Issue.record("\(example.sql) did not wait")
                } catch let error as PostgresError where error.code == .server {
                    #expect(["55P03", "57014"].contains(error.sqlState?.rawValue), "\(error.message)")
                }
                _ = try await other.script("ROLLBACK")
            }
            _ = try await connection.script("RESET ALL")
        case .runsAgain:
            _ = try await connection.script(example.sql)
            _ = try await connection.script(example.sql)
        case .isRefused:
            await #expect(throws: PostgresError.self, "\(example.sql)") { try await connection.script(example.sql) }
            _ = try await connection.script("ROLLBACK")
        case .usesIndex:
            _ = try await connection.script("SET enable_seqscan = off")
            let plan = try await connection.query("EXPLAIN (COSTS off) \(example.sql)").decode(as: String.self)
            #expect(plan.contains { $0.contains("Index Cond: ((bar = 2) AND (foo = 1))") }, "\(plan)")
        }
    }

    /// What a query gives before and behind statements, in a transaction that is taken back.
    private func inTransaction(
        _ sql: String,
        on connection: PostgresConnection,
        _ query: () -> String
    ) async throws -> (before: [Int], after: [Int]) {
        _ = try await connection.script("BEGIN")
        let before = try await connection.query(query()).decode(as: Int.self)
        _ = try await connection.script(sql)
        let after = try await connection.query(query()).decode(as: Int.self)
        _ = try await connection.script("ROLLBACK")
        return (before, after)
    }

    private func filenode(on connection: PostgresConnection) async throws -> [String] {
        try await connection.query("SELECT pg_relation_filenode('t')::text").decode(as: String.self)
    }
}
