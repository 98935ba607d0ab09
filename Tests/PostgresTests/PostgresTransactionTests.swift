import Postgres
import TestSupport
import Testing

@Suite("A transaction")
struct PostgresTransactionTests {
    private struct Refused: Error {}

    @Test("is committed when its closure returns, and rolled back when it throws")
    func commitsOrRollsBack() async throws {
        try await withTestConnection { connection in
            try await connection.query("CREATE TABLE t (i int)")
            try await connection.withTransaction { try await $0.query("INSERT INTO t VALUES (1)") }
            await #expect(throws: Refused.self) {
                try await connection.withTransaction { connection in
                    try await connection.query("INSERT INTO t VALUES (2)")
                    throw Refused()
                }
            }
            #expect(try await connection.query("SELECT i FROM t").decode(as: Int.self) == [1])
            #expect(await connection.transactionStatus == .idle)
        }
    }

    @Test("inside another rolls back to where it began")
    func nests() async throws {
        try await withTestConnection { connection in
            try await connection.query("CREATE TABLE t (i int)")
            try await connection.withTransaction { connection in
                try await connection.query("INSERT INTO t VALUES (1)")
                await #expect(throws: PostgresError.self) {
                    try await connection.withTransaction { try await $0.query("INSERT INTO t VALUES ('x')") }
                }
                try await connection.withTransaction { try await $0.query("INSERT INTO t VALUES (3)") }
            }
            #expect(try await connection.query("SELECT i FROM t ORDER BY i").decode(as: Int.self) == [1, 3])
        }
    }

    @Test("does not pass for committed when a failure in it was swallowed")
    func noticesSwallowedFailures() async throws {
        try await withTestConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withTransaction { connection in
                    _ = try? await connection.query("SELECT 1 / 0")
                }
            }
            #expect(error?.message.contains("ROLLBACK") == true)
        }
    }

    @Test("is rolled back when its task is cancelled")
    func isCancelled() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await connection.query("CREATE TABLE t (i int)")
                let work = Task {
                    try await connection.withTransaction { connection in
                        try await connection.query("INSERT INTO t VALUES (1)")
                        try await connection.query("SELECT pg_sleep(60)")
                    }
                }
                try await withPostgresConnection(to: settings) { observer in
                    try await observer.wait(
                        until: """
                            SELECT EXISTS (
                                SELECT FROM pg_stat_activity
                                WHERE pid = \(connection.backendPID) AND wait_event = 'PgSleep' AND backend_xid IS NOT NULL
                            )
                            """
                    )
                }
                work.cancel()
                await #expect(throws: CancellationError.self) { try await work.value }
                #expect(await connection.transactionStatus == .idle)
                #expect(try await connection.query("SELECT count(*) FROM t").decode(as: Int.self) == [0])
            }
        }
    }

    @Test("begins with the isolation that was asked for")
    func hasItsIsolation() async throws {
        try await withTestConnection { connection in
            let options = TransactionOptions(isolation: .repeatableRead, isReadOnly: true)
            let level = try await connection.withTransaction(options) { connection in
                try await connection.query(
                    "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"
                )
                .single.decode(String.self, String.self)
            }
            #expect(level == ("repeatable read", "on"))
        }
    }
}
