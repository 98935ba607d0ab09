import Glibc
import TestSupport
import Testing

@testable import Postgres

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
            #expect(try await eventually { kill(pid_t(first), 0) != 0 })
            let second = try await pool.withConnection { connection in
                try await connection.expectUsable()
                return connection.backendPID
            }
            #expect(first != second)
            #expect(await pool.openConnections == 1)
            await pool.shutDown()
        }
    }

    @Test("lends a connection as if it were new, whatever its last borrower did")
    func resetsConnections() async throws {
        try await withTestDatabase { settings in
            let pool = PostgresPool(to: settings.with("user", "postgres"), limit: 1)
            let (notices, notice) = AsyncStream<String>.makeStream(bufferingPolicy: .unbounded)
            let first = try await pool.withConnection { connection in
                await connection.onNotice { notice.yield($0.message) }
                try await connection.script(
                    """
                    SET search_path = pg_catalog; SET ROLE lastro; SELECT pg_advisory_lock(7);
                    CREATE TEMP TABLE t (i int); LISTEN c; PREPARE p AS SELECT 1
                    """
                )
                return connection.backendPID
            }
            // Others see at once that nothing is held any more.
            try await withPostgresConnection(to: settings) { other in
                #expect(try await other.query("SELECT pg_try_advisory_lock(7)").decode(as: Bool.self) == [true])
                try await other.query("NOTIFY c")
            }
            try await pool.withConnection { connection in
                #expect(connection.backendPID == first)
                let state = try await connection.query(
                    """
                    SELECT current_setting('search_path'), current_user::text, to_regclass('t') IS NULL,
                        (SELECT count(*) FROM pg_listening_channels()), (SELECT count(*) FROM pg_prepared_statements)
                    """
                ).single.decode(String.self, String.self, Bool.self, Int.self, Int.self)
                #expect(state == ("\"$user\", public", "postgres", true, 0, 0))
                try await connection.query("DO $$ BEGIN RAISE NOTICE 'for nobody'; END $$")
            }
            await pool.shutDown()
            notice.finish()
            var heard: [String] = []
            for await message in notices { heard.append(message) }
            #expect(heard == [])
        }
    }

    @Test("runs nothing on a connection that comes back as it was lent")
    func sparesUnusedConnections() async throws {
        try await withTestDatabase { settings in
            let pool = PostgresPool(to: settings, limit: 1)
            let pid = try await pool.withConnection { $0.backendPID }
            for _ in 0..<3 { try await pool.withConnection { #expect($0.backendPID == pid) } }
            try await withPostgresConnection(to: settings) { observer in
                let last = try await observer.query("SELECT query FROM pg_stat_activity WHERE pid = $1", pid)
                #expect(try last.decode(as: String.self) == [""])
            }
            await pool.shutDown()
        }
    }

    @Test("ends a wait for notifications that outlives its loan")
    func endsWaits() async throws {
        try await withTestDatabase { settings in
            let pool = PostgresPool(to: settings, limit: 1)
            let waiting = try await pool.withConnection { connection in
                let notifications = try await connection.notifications(on: "c")
                let waiting = Task { for try await _ in notifications {} }
                #expect(try await eventually { await connection.notificationWait != nil })
                return waiting
            }
            let error = await #expect(throws: PostgresError.self) { try await waiting.value }
            #expect(error?.message == "the connection went back to its pool")
            try await pool.withConnection { try await $0.expectUsable() }
            await pool.shutDown()
        }
    }

    @Test("is shut down for all who ask, and a cancelled one leaves the others waiting")
    func shutsDownForAll() async throws {
        try await withTestDatabase { settings in
            let pool = PostgresPool(to: settings, limit: 1)
            let (released, release) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingOldest(1))
            let (held, hold) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingOldest(1))
            let busy = Task {
                try await pool.withConnection { _ in
                    hold.yield()
                    for await _ in released { break }
                }
            }
            for await _ in held { break }
            let callers = (0..<3).map { _ in
                Task {
                    await pool.shutDown()
                    return await pool.openConnections
                }
            }
            #expect(try await eventually { await pool.waitingForTheEnd == 3 })
            callers[1].cancel()
            #expect(await callers[1].value == 1)
            release.yield()
            #expect(await callers[0].value == 0)
            #expect(await callers[2].value == 0)
            try await busy.value
            await pool.shutDown()
        }
    }

    @Test("turns callers away when it is shut down, and waits for the connections that are out")
    func shutsDown() async throws {
        try await withTestDatabase { settings in
            let pool = PostgresPool(to: settings, limit: 1)
            let (released, release) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingOldest(1))
            let (held, hold) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingOldest(1))
            let busy = Task {
                try await pool.withConnection { _ in
                    hold.yield()
                    for await _ in released { break }
                }
            }
            for await _ in held { break }
            let waiting = Task { try await pool.withConnection { _ in } }
            #expect(try await eventually { await pool.waitingCallers == 1 })
            let end = Task { await pool.shutDown() }
            let error = await #expect(throws: PostgresError.self) { try await waiting.value }
            #expect(await pool.openConnections == 1)
            release.yield()
            await end.value
            #expect(await pool.openConnections == 0)
            try await busy.value
            let late = await #expect(throws: PostgresError.self) { try await pool.withConnection { _ in } }
            #expect(late?.code == .poolClosed)
            #expect(error?.code == .poolClosed)
        }
    }
}
