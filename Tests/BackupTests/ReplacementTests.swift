import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Backup

// On a server of its own, one after the other: any run does away with what a dead one has left.
@Suite("A restored database in the place of another one", .serialized)
struct ReplacementTests {
    private static let server = TestServer(major: nil)

    private struct Death: Error {}

    /// Lends a snapshot of a database, and a database that has changed since then.
    private func withOld(_ body: (TestRepository, ConnectionSettings) async throws -> Void) async throws {
        try await withSnapshot("CREATE TABLE t AS SELECT n FROM generate_series(1, 10) n", on: Self.server) {
            test,
            settings,
            _ in
            try await withPostgresConnection(to: settings) { connection in
                let name = settings["dbname"] ?? ""
                _ = try await connection.script("INSERT INTO t VALUES (11); COMMENT ON DATABASE \(name) IS 'ours'")
            }
            do {
                try await body(test, settings)
            } catch {
                try? await dropKept(settings)  // the test's own failure is the one to tell
                throw error
            }
            try await dropKept(settings)
        }
    }

    private func kept(_ settings: ConnectionSettings) async throws -> [String] {
        try await withPostgresConnection(to: settings.with(database: "postgres")) { connection in
            try await connection.query(
                "SELECT datname::text FROM pg_database WHERE datname LIKE $1 AND datallowconn ORDER BY 1",
                (settings["dbname"] ?? "") + "\\_before\\_%"
            ).decode(as: String.self)
        }
    }

    private func dropKept(_ settings: ConnectionSettings) async throws {
        let kept = try await kept(settings)
        try await withPostgresConnection(to: settings.with(database: "postgres")) { connection in
            for name in kept { _ = try await connection.query("DROP DATABASE \(name) WITH (FORCE)") }
        }
    }

    private func rows(_ settings: ConnectionSettings) async throws -> Int {
        try await withPostgresConnection(to: settings) {
            try await $0.query("SELECT count(*) FROM t").single.decode(Int.self)
        }
    }

    @Test("has its owner, grants, settings and comment, and the old one is kept under the name that is said")
    func carriesOver() async throws {
        try await withOld { test, settings in
            let name = settings["dbname"] ?? ""
            let superuser = try await Self.server.superuser().with(database: name)
            try await withPostgresConnection(to: superuser) { connection in
                _ = try await connection.script(
                    """
                    CREATE ROLE \(name)_r; REVOKE ALL ON DATABASE \(name) FROM PUBLIC;
                    GRANT CONNECT, TEMPORARY ON DATABASE \(name) TO \(name)_r WITH GRANT OPTION;
                    ALTER DATABASE \(name) SET search_path = "$user", public, "Odd one"; ALTER DATABASE \(name) SET app.words = 'a, "b"';
                    ALTER ROLE \(name)_r IN DATABASE \(name) SET work_mem = '9MB'; ALTER DATABASE \(name) CONNECTION LIMIT 77
                    """
                )
            }
            func attributes() async throws -> [String] {
                try await withPostgresConnection(to: superuser.with(database: "postgres")) { connection in
                    let row = try await connection.query(
                        """
                        SELECT pg_get_userbyid(datdba)::text, (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(datacl) a)::text,
                            datconnlimit::text, shobj_description(oid, 'pg_database'), datallowconn::text,
                            (SELECT array_agg(s.setrole::regrole || s.setconfig::text ORDER BY s.setrole)
                                FROM pg_db_role_setting s WHERE setdatabase = d.oid)::text
                        FROM pg_database d WHERE datname = $1
                        """,
                        name
                    ).single
                    return try (0..<6).map { try String(postgres: row[$0]) }
                }
            }
            let before = try await attributes()
            // Somebody is connected, and is sent away.
            let guest = try await PostgresConnection.open(settings)
            let result = try await test.restoration(to: superuser) { $0.replaces = true }()
            await guest.close()
            #expect(try await attributes() == before)
            #expect(try await rows(settings) == 10)
            let previous = try #require(result.previous)
            #expect(try await kept(settings) == [previous])
            #expect(try await rows(settings.with(database: previous)) == 11)
            try await withPostgresConnection(to: superuser) { connection in
                _ = try await connection.script("DROP OWNED BY \(name)_r CASCADE")
                try await withPostgresConnection(to: superuser.with(database: previous)) {
                    _ = try await $0.script("DROP OWNED BY \(name)_r CASCADE; DROP ROLE \(name)_r")
                }
            }
        }
    }

    @Test(
        "is there, or the old one is, whenever a run dies; the next one finishes or begins anew",
        arguments: [.created, .prepared, .loaded, .completed]
            + DatabaseExchange.Step.allCases.map { Restoration.Phase.exchange($0) }
    )
    func outlivesDeath(phase: Restoration.Phase) async throws {
        try await withOld { test, settings in
            let name = settings["dbname"] ?? ""
            let notes = Notes()
            var restoration = test.restoration(to: settings) { $0.replaces = true }
            restoration.note = { notes.add($0) }
            // What a server sees of a run that is killed: its sessions are gone, and nobody tidies up.
            restoration.observe = { now in
                guard now == phase else { return }
                try await withPostgresConnection(to: settings.with(database: "postgres")) { connection in
                    let ended = try await connection.query(
                        """
                        SELECT pg_terminate_backend(pid, 10000)
                        FROM (SELECT DISTINCT pid FROM pg_locks WHERE locktype = 'advisory') locks
                        """
                    )
                    try #require(ended.count == 1)
                }
                throw Death()
            }
            for _ in 0..<2 {
                do {
                    _ = try await restoration()
                    break  // the one before was finished, without that phase
                } catch is Death {
                    try await withPostgresConnection(to: settings.with(database: "postgres")) { connection in
                        let there = try await connection.query("SELECT FROM pg_database WHERE datname = $1", name)
                        #expect(there.count == 1)
                    }
                }
            }
            restoration.observe = { _ in }
            let isDone = phase == .exchange(.exchanged)
            let previous = isDone ? nil : try await restoration().previous
            #expect(try await rows(settings) == 10)
            let kept = try await kept(settings)
            #expect(isDone ? kept.count == 2 : previous == nil || kept.contains(previous ?? ""))
            #expect(try await rows(settings.with(database: kept[0])) == 11)
            try await withPostgresConnection(to: settings.with(database: "postgres")) { connection in
                let left = try await connection.query(
                    """
                    SELECT FROM pg_database WHERE datname LIKE 'lastro\\_restore\\_%'
                        AND shobj_description(oid, 'pg_database') LIKE $1
                    """,
                    "%\"\(name)\"%"
                )
                #expect(left.isEmpty)
                let comment = try await connection.query(
                    "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1",
                    name
                ).single
                #expect(comment[0].text == "ours")
            }
            let words = notes.all.filter { $0.contains("a run had") }
            #expect(isDone || !words.isEmpty)
        }
    }

    @Test("is not put there while somebody stays who cannot be sent away; then the old one is as it was")
    func givesUp() async throws {
        try await withOld { test, settings in
            let superuser = try await Self.server.superuser().with(database: settings["dbname"] ?? "")
            try await withPostgresConnection(to: superuser) { stranger in
                var restoration = test.restoration(to: settings) { $0.replaces = true }
                restoration.patience = .milliseconds(300)
                let error = await #expect(throws: BackupError.self) { try await restoration() }
                #expect(error?.code == .busy && error?.message.contains("still has a session") == true)
                _ = try await stranger.query("SELECT")
            }
            #expect(try await rows(settings) == 11)
            #expect(try await kept(settings).isEmpty)
        }
    }

    @Test(
        "leaves all databases open where the old one got another name meanwhile",
        arguments: [DatabaseExchange.Step.ready, .closed],
        [false, true]
    )
    func leavesOpen(at step: DatabaseExchange.Step, isDead: Bool) async throws {
        try await withOld { test, settings in
            let name = settings["dbname"] ?? ""
            let superuser = try await Self.server.superuser().with(database: "postgres")
            var restoration = test.restoration(to: settings) { $0.replaces = true }
            restoration.observe = { now in
                guard now == .exchange(step) else { return }
                try await withPostgresConnection(to: superuser) { connection in
                    if isDead {
                        try await connection.query(
                            "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory'"
                        )
                    }
                    _ = try await connection.script("ALTER DATABASE \(name) RENAME TO \(name)_x")
                    _ = try await connection.script("CREATE DATABASE \(name) OWNER lastro")
                }
                if isDead { throw Death() }
            }
            if isDead {
                await #expect(throws: Death.self) { try await restoration() }
                // Another run, for another database, tidies up.
                try await withRestored(settings) { _ = try await test.restoration(to: $0)() }
            } else {
                let error = await #expect(throws: BackupError.self) { try await restoration() }
                #expect(error?.message == "database \"\(name)\" was renamed or dropped meanwhile")
            }
            try await withPostgresConnection(to: superuser) { connection in
                let closed = try await connection.query(
                    "SELECT datname::text FROM pg_database WHERE NOT datallowconn AND datname <> 'template0'"
                ).decode(as: String.self)
                #expect(closed.isEmpty)
                let left = try await connection.query(
                    "SELECT FROM pg_database WHERE datname LIKE 'lastro\\_restore\\_%'"
                )
                #expect(left.isEmpty)
            }
            #expect(try await rows(settings.with(database: "\(name)_x")) == 11)
            try await withPostgresConnection(to: superuser) {
                _ = try await $0.script("DROP DATABASE \(name)_x WITH (FORCE)")
            }
        }
    }

    @Test("waits its turn where the run before it is being finished by one for another database")
    func leavesToOthers() async throws {
        try await withOld { test, settings in
            let superuser = try await Self.server.superuser().with(database: "postgres")
            var restoration = test.restoration(to: settings) { $0.replaces = true }
            restoration.observe = { now in
                guard now == .exchange(.closed) else { return }
                try await withPostgresConnection(to: superuser) { connection in
                    try await connection.query(
                        "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory'"
                    )
                }
                throw Death()
            }
            await #expect(throws: Death.self) { try await restoration() }
            let refused = Mutex<BackupError?>(nil)
            let second = test.restoration(to: settings) { $0.replaces = true }
            try await withRestored(settings) { copy in
                var other = test.restoration(to: copy)
                other.observe = { now in
                    guard now == .exchange(.cleared) else { return }
                    let error = await #expect(throws: BackupError.self) { try await second() }
                    refused.withLock { $0 = error }
                }
                _ = try await other()
            }
            #expect(refused.withLock(\.self)?.code == .busy)
            #expect(try await rows(settings) == 10)
            #expect(try await kept(settings).count == 1)
        }
    }

    @Test("is refused for a database that is another's, and while another run works on it")
    func refuses() async throws {
        try await withOld { test, settings in
            let foreign = await #expect(throws: BackupError.self) {
                try await test.restoration(to: settings.with(database: "postgres")) { $0.replaces = true }()
            }
            #expect(foreign?.isUsage == true)
            var first = test.restoration(to: settings) { $0.replaces = true }
            let second = test.restoration(to: settings) { $0.replaces = true }
            let error = Mutex<BackupError?>(nil)
            first.observe = { phase in
                guard phase == .loaded else { return }
                let refused = await #expect(throws: BackupError.self) { try await second() }
                error.withLock { $0 = refused }
            }
            _ = try await first()
            // The second one left alone what the first one was building.
            #expect(error.withLock(\.self)?.code == .busy)
            #expect(try await rows(settings) == 10)
        }
    }
}
