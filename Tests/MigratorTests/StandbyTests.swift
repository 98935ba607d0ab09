import Postgres
import TestSupport
import Testing

@testable import Migrator

@Suite("A standby")
struct StandbyTests {
    @Test("that is behind is told before a table in use is locked")
    func isBehind() async throws {
        try await withOwnServer { primary in
            try await primary.initialise()
            try await primary.whileRunning(["fsync": "off"]) { primary in
                let database = try primary.superuser()
                try await withOwnServer { standby in
                    try await standby.follow(database)
                    try await standby.whileRunning { standby in
                        try await withPostgresConnection(to: standby.superuser()) { connection in
                            try await connection.script("SELECT pg_wal_replay_pause()")
                        }
                        try await withTemporaryFolder(["0001_t.sql": "ALTER TABLE t ADD COLUMN b int"]) { folder in
                            let stage = Stage(settings: database, folder: folder)
                            try await stage.run(
                                "CREATE TABLE t AS SELECT repeat('x', 900) AS x FROM generate_series(1, 25000); ANALYZE t"
                            )
                            // The standby says every now and then how far it is.
                            try await stage.wait(
                                until: """
                                    SELECT count(*) > 0 FROM pg_stat_replication
                                    WHERE pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) > 17000000
                                    """
                            )
                            var outlook: LockOutlook?
                            for try await event in stage.migrator().migrate() { outlook = outlook ?? event.outlook }
                            let seen = try #require(outlook?.standbys.first)
                            #expect(seen.name == "walreceiver" && (seen.bytesBehind ?? 0) > 16 << 20)
                            #expect("\(seen)".hasPrefix("standby walreceiver is "))
                        }
                    }
                }
            }
        }
    }

    @Test("that is promoted is another timeline, and another cluster another system")
    func isPromoted() async throws {
        try await withOwnServer { primary in
            try await primary.initialise()
            try await primary.whileRunning(["fsync": "off"]) { primary in
                let before = try await identity(of: primary.superuser())
                #expect(before.system != nil && before.timeline == 1)
                #expect(before.change(to: before) == nil && before.change(to: nil) == nil)
                try await withOwnServer { standby in
                    try await standby.follow(primary.superuser())
                    try await standby.whileRunning { standby in
                        try await withPostgresConnection(to: standby.superuser()) { connection in
                            #expect(await ServerIdentity.read(on: connection) == nil)
                            try await connection.script("SELECT pg_promote()")
                        }
                        let after = try await identity(of: standby.superuser())
                        #expect(
                            before.change(to: after)
                                == "the server that answers now is on timeline 2, it was 1: a standby has taken over"
                        )
                    }
                }
                let other = try await withTestDatabase { try await identity(of: $0) }
                #expect(before.change(to: other)?.hasPrefix("the server that answers now is another system (") == true)
            }
        }
    }

    @Test("that takes over in the middle of a migration is told of, with what it has")
    func takesOver() async throws {
        let files = [
            "0001_t.sql": "CREATE TABLE t (a int)", "0002_u.sql": "CREATE TABLE u (a int); SELECT pg_sleep(60)",
        ]
        try await withTemporaryFolder(files) { folder in
            try await withOwnServer { primary in
                try await primary.initialise()
                try await withOwnServer { standby in
                    try await primary.whileRunning(["fsync": "off"]) { try await standby.follow($0.superuser()) }
                    try await standby.whileRunning { standby in
                        let hosts = [try primary.superuser()["host"], try standby.superuser()["host"]]
                        let both = try primary.superuser().with("host", hosts.compactMap(\.self).joined(separator: ","))
                            .with("port", "5432,5432")
                        let run = try await primary.whileRunning(["fsync": "off"]) { primary in
                            let run = Task { try await Stage(settings: both, folder: folder).migrator().migrate()() }
                            try await Stage(settings: primary.superuser(), folder: folder).wait(
                                until: """
                                    SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep') AND EXISTS (
                                        SELECT FROM pg_stat_replication WHERE replay_lsn >= pg_current_wal_insert_lsn())
                                    """
                            )
                            return run
                        }
                        try await withPostgresConnection(to: standby.superuser()) { connection in
                            try await connection.script("SELECT pg_promote()")
                        }
                        let failure = try #require(await #expect(throws: MigratorError.self) { try await run.value })
                        let words =
                            "; the server that answers now is on timeline 2, it was 1: a standby has taken over"
                        #expect(failure.message.hasSuffix(words), "\(failure)")
                        #expect(
                            failure.state == "on that server: rolled back; the last applied migration is 0001_t",
                            "\(failure)"
                        )
                        let server = try await Stage(settings: standby.superuser(), folder: folder).value(
                            "SELECT '; ' || (detail->>'server') FROM lastro_events WHERE event = 'interrupted'",
                            as: String.self
                        )
                        #expect(server == words)
                    }
                }
            }
        }
    }

    private func identity(of settings: ConnectionSettings) async throws -> ServerIdentity {
        try await withPostgresConnection(to: settings) { try #require(await ServerIdentity.read(on: $0)) }
    }
}
