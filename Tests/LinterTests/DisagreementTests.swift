import Postgres
import TestSupport
import Testing

@Suite("What other linters say and a server does not")
struct DisagreementTests {
    /// What a server shows of a statement.
    private enum Fact: Sendable {
        /// It leaves the rows of table `t` where they are.
        case keepsRows
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

    private static let examples = [
        Example(fact: .keepsRows, sql: "ALTER TABLE t ADD COLUMN added timestamptz DEFAULT now()"),
        Example(fact: .keepsRows, sql: "ALTER TABLE t ADD COLUMN state text NOT NULL DEFAULT 'active'"),
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

    @Test("is as the documentation has it")
    func isSo() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                for example in Self.examples {
                    _ = try await connection.script("DROP TABLE IF EXISTS t, u CASCADE; \(example.before)")
                    try await check(example, on: connection)
                }
                _ = try await connection.script("SET client_min_messages = error; SET LOCAL lock_timeout = '2s'")
                let timeout = try await connection.query("SHOW lock_timeout").decode(as: String.self)
                #expect(timeout == ["0"], "SET LOCAL outside of a transaction does nothing")
            }
        }
    }

    private func check(_ example: Example, on connection: PostgresConnection) async throws {
        switch example.fact {
        case .keepsRows:
            let before = try await filenode(on: connection)
            _ = try await connection.script(example.sql)
            let after = try await filenode(on: connection)
            #expect(before == after, "\(example.sql)")
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

    private func filenode(on connection: PostgresConnection) async throws -> [String] {
        try await connection.query("SELECT pg_relation_filenode('t')::text").decode(as: String.self)
    }
}
