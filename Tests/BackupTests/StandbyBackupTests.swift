import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Backup

@Suite("A backup of a standby")
struct StandbyBackupTests {
    /// Lends a server with its standby, which has what the SQL makes.
    private func withStandby(
        _ sql: String,
        _ standbySettings: [String: String] = [:],
        _ body: @Sendable @escaping (_ standby: ConnectionSettings, _ primary: ConnectionSettings) async throws -> Void
    ) async throws {
        try await withOwnServer { primary in
            try await primary.initialise()
            try await primary.whileRunning(["fsync": "off"]) { primary in
                let source = try primary.superuser()
                try await withPostgresConnection(to: source) { _ = try await $0.script(sql) }
                try await withOwnServer { standby in
                    try await standby.follow(source)
                    try await standby.whileRunning(standbySettings) { try await body($0.superuser(), source) }
                }
            }
        }
    }

    @Test("is begun anew when what the standby has to replay is in its way")
    func outlivesConflicts() async throws {
        let sql = "CREATE TABLE a AS SELECT n FROM generate_series(1, 1000) n; CREATE TABLE b AS SELECT * FROM a"
        try await withStandby(sql, ["max_standby_streaming_delay": "0"]) { try await backUp($0, of: $1) }
    }

    @Test("has all but the rows of tables that are not logged, and says so")
    func leavesOutUnlogged() async throws {
        let sql = """
            CREATE TABLE a AS SELECT n FROM generate_series(1, 1000) n; CREATE UNLOGGED TABLE u (id serial PRIMARY KEY, n integer);
            INSERT INTO u (n) SELECT generate_series(1, 10)
            """
        try await withStandby(sql) { standby, primary in
            try await withTestRepository { test in
                var creation = test.creation(of: standby)
                let notes = Notes()
                creation.note = { notes.add($0) }
                _ = try await creation()
                #expect(notes.all == ["public.u is not logged, and its rows are on the primary alone: without them"])
                try await withRestored(primary) { copy in
                    let result = try await test.restoration(to: copy)()
                    let id = try await withPostgresConnection(to: copy) {
                        try await $0.query("INSERT INTO u (n) VALUES (1) RETURNING id").single.decode(Int.self)
                    }
                    #expect(result.rows == 1000 && id == 1)
                }
            }
        }
    }

    private func backUp(_ standby: ConnectionSettings, of primary: ConnectionSettings) async throws {
        try await withTestRepository { test in
            var creation = test.creation(of: standby)
            let notes = Notes()
            creation.note = { notes.add($0) }
            let isFirst = Mutex(true)
            creation.observe = { phase, sessions in
                guard phase == .dumped,
                    isFirst.withLock({ first in
                        defer { first = false }
                        return first
                    })
                else { return }
                try await withPostgresConnection(to: primary) { _ = try await $0.script("DROP TABLE b") }
                try await withPostgresConnection(to: standby) { connection in
                    try await connection.wait(
                        until: """
                            SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = \(sessions.leader.backendPID))
                            """
                    )
                }
            }
            let snapshot = try await creation()
            #expect(notes.all.contains { $0.hasSuffix("; beginning anew") })
            let content = try test.content(snapshot.id)
            #expect(content["a"]?.count == 1000 && content["b"] == nil)
            let manifest = try test.manifest(snapshot.id)
            #expect(manifest.database.logPosition != nil)
        }
    }
}
