import Postgres
import TestSupport
import Testing

@Suite("A pool")
struct PostgresPoolTests {
    @Test("keeps to its limit while many callers share it")
    func keepsToItsLimit() async throws {
        try await withTestDatabase { settings in
            let pool = PostgresPool(to: settings, limit: 3)
            let pids = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await pool.withConnection { connection in
                            try await connection.query("SELECT pg_sleep(0.001)")
                            return connection.backendPID
                        }
                    }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect((1...3).contains(pids.count))
            #expect(await pool.openConnections <= 3)
            await pool.shutDown()
        }
    }

    @Test("tells a caller that waited too long why")
    func timesOut() async throws {
        try await withTestDatabase { settings in
            let pool = PostgresPool(to: settings, limit: 1, patience: .milliseconds(50))
            try await pool.withConnection { _ in
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.withConnection { try await $0.query("SELECT 1") }
                }
                #expect(error?.code == .poolTimeout)
            }
            // The one that gave up took no place with it.
            try await pool.withConnection { try await $0.query("SELECT 1") }
            await pool.shutDown()
        }
    }

    @Test("cleans a connection that comes back from an error, and replaces one that was cut")
    func validatesConnections() async throws {
        try await withTestDatabase { settings in
            let pool = PostgresPool(to: settings, limit: 1)
            await #expect(throws: PostgresError.self) {
                try await pool.withConnection { connection in
                    try await connection.script("BEGIN")
                    try await connection.query("SELECT 1 / 0")
                }
            }
            let first = try await pool.withConnection { connection in
                #expect(await connection.transactionStatus == .idle)
                return connection.backendPID
            }
            try await withPostgresConnection(to: settings) {
                try await $0.query("SELECT pg_terminate_backend($1::int)", first)
            }
            await #expect(throws: PostgresError.self) {
                try await pool.withConnection { try await $0.query("SELECT 1") }
            }
            let second = try await pool.withConnection { $0.backendPID }
            #expect(first != second)
            await pool.shutDown()
        }
    }

    @Test("turns callers away when it is shut down, and waits for the connections that are out")
    func shutsDown() async throws {
        try await withTestDatabase { settings in
            let pool = PostgresPool(to: settings, limit: 1)
            let (held, hold) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingOldest(1))
            let busy = Task {
                try await pool.withConnection { _ in
                    hold.yield()
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
            var started = held.makeAsyncIterator()
            await started.next()
            let waiting = Task { try await pool.withConnection { _ in } }
            await pool.shutDown()
            #expect(await pool.openConnections == 0)
            try await busy.value
            let error = await #expect(throws: PostgresError.self) { try await waiting.value }
            #expect(error?.code == .poolClosed)
        }
    }
}
