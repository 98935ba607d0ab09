import Postgres
import Synchronization
import TestSupport
import Testing

/// Hands out scripts in order, and notes what becomes of them.
private final class Feed: PostgresScriptFeed {
    struct Refused: Error {}

    private struct State {
        var next = 0
        var sent = 0
        var results: [[PostgresRows]] = []
    }

    private let scripts: [PostgresScript]
    private let refused: Int?
    private let state = Mutex(State())

    init(_ scripts: [String], refusing refused: Int? = nil) {
        self.scripts = scripts.map { PostgresScript($0) }
        self.refused = refused
    }

    var sentCount: Int { state.withLock(\.sent) }
    var results: [[PostgresRows]] { state.withLock(\.results) }

    func next() -> PostgresScript? {
        state.withLock { state in
            guard scripts.indices.contains(state.next) else { return nil }
            defer { state.next += 1 }
            return scripts[state.next]
        }
    }

    func willSend() throws {
        try state.withLock { state in
            if state.sent == refused { throw Refused() }
            state.sent += 1
        }
    }

    func didEnd(_ results: [PostgresRows]) {
        state.withLock { $0.results.append(results) }
    }
}

@Suite("Scripts in a row")
struct PostgresScriptFeedTests {
    @Test("run in order, each with its own results and notices")
    func runInOrder() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                let feed = Feed([
                    "create table t (i int); insert into t values (1), (2)",
                    "do $$ begin raise notice 'here'; end $$; select i from t order by i", "select 7",
                ])
                try await connection.scripts(feed)
                #expect(feed.results.map(\.count) == [2, 2, 1])
                let values = try feed.results[1][1].decode(as: Int.self)
                #expect(values == [1, 2])
                #expect(feed.results[1].flatMap(\.notices).map(\.message) == ["here"])
                #expect(feed.results[2].flatMap(\.notices).isEmpty)
            }
        }
    }

    @Test("end with the first one that fails, and leave the connection usable")
    func endWithAFailure() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                let feed = Feed(["create table a ()", "select 1; select 1/0; select 2", "create table b ()"])
                let error = await #expect(throws: PostgresError.self) { try await connection.scripts(feed) }
                #expect(error?.sqlState == "22012")
                #expect(error?.completedStatements == 1)
                #expect(feed.sentCount == 2)
                #expect(feed.results.count == 1)
                let tables = try await connection.query(
                    "select relname::text from pg_class where relname in ('a', 'b')"
                ).decode(as: String.self)
                #expect(tables == ["a"])
            }
        }
    }

    @Test("stop before one that the feed refuses")
    func stopWhereRefused() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                let feed = Feed(["select 1", "select 2"], refusing: 1)
                await #expect(throws: Feed.Refused.self) { try await connection.scripts(feed) }
                #expect(feed.results.count == 1)
                let three = try await connection.query("select 3").single.decode(Int.self)
                #expect(three == 3)
            }
        }
    }

    @Test("are stopped on the server when the task is cancelled")
    func areCancelled() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                let feed = Feed(["select 1", "select pg_sleep(60)", "select 2"])
                let run = Task { try await connection.scripts(feed) }
                try await withPostgresConnection(to: settings) { observer in
                    try await observer.wait(
                        until: "select exists (select from pg_stat_activity where wait_event = 'PgSleep' "
                            + "and datname = current_database())"
                    )
                }
                run.cancel()
                await #expect(throws: CancellationError.self) { try await run.value }
                #expect(feed.sentCount == 2)
                let three = try await connection.query("select 3").single.decode(Int.self)
                #expect(three == 3)
            }
        }
    }

    @Test("need a server that has not hung up, which can be seen from any thread")
    func isSeenToBeCut() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                #expect(connection.isConnected)
                try await withPostgresConnection(to: settings) { other in
                    try await other.query("select pg_terminate_backend($1::integer)", connection.backendPID)
                    try await other.wait(
                        until: "select not exists (select from pg_stat_activity where pid = \(connection.backendPID))"
                    )
                }
                // A session leaves the view a moment before its process hangs up.
                try await wait(for: "the server hangs up") { !connection.isConnected }
                await connection.close()
                #expect(!connection.isConnected)
            }
        }
    }
}
