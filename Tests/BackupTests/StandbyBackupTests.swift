import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Backup

@Suite("A backup of a standby")
struct StandbyBackupTests {
    @Test("is begun anew when what the standby has to replay is in its way")
    func outlivesConflicts() async throws {
        try await withOwnServer { primary in
            try await primary.initialise()
            try await primary.whileRunning(["fsync": "off"]) { primary in
                let source = try primary.superuser()
                try await withPostgresConnection(to: source) { connection in
                    _ = try await connection.script(
                        "CREATE TABLE a AS SELECT n FROM generate_series(1, 1000) n; CREATE TABLE b AS SELECT * FROM a"
                    )
                }
                try await withOwnServer { standby in
                    try await standby.follow(source)
                    try await standby.whileRunning(["max_standby_streaming_delay": "0"]) { standby in
                        try await backUp(standby.superuser(), of: source)
                    }
                }
            }
        }
    }

    @Test("has all but the rows of tables that are not logged, and says so")
    func leavesOutUnlogged() async throws {
        try await withOwnServer { primary in
            try await primary.initialise()
            try await primary.whileRunning(["fsync": "off"]) { primary in
                let source = try primary.superuser()
                try await withPostgresConnection(to: source) { connection in
                    _ = try await connection.script(
                        """
                        CREATE TABLE a AS SELECT n FROM generate_series(1, 1000) n;
                        CREATE UNLOGGED TABLE u (id serial PRIMARY KEY, n integer);
                        INSERT INTO u (n) SELECT generate_series(1, 10)
                        """
                    )
                }
                try await withOwnServer { standby in
                    try await standby.follow(source)
                    try await standby.whileRunning { standby in
                        try await withTestRepository { test in
                            var creation = test.creation(of: try standby.superuser())
                            let notes = Notes()
                            creation.note = { notes.add($0) }
                            _ = try await creation()
                            let note = "public.u is not logged, and its rows are on the primary alone: without them"
                            #expect(notes.all == [note])
                            try await withRestored(source) { copy in
                                #expect(try await test.restoration(to: copy)().rows == 1000)
                                try await withPostgresConnection(to: copy) { connection in
                                    let id = try await connection.query("INSERT INTO u (n) VALUES (1) RETURNING id")
                                        .single
                                    #expect(try id.decode(Int.self) == 1)
                                }
                            }
                        }
                    }
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
