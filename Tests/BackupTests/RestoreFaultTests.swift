import Postgres
import TestSupport
import Testing

@testable import Backup

@Suite("A restore that is disturbed")
struct RestoreFaultTests {
    @Test("into a database that is there outlives a crash of the server as soon as it is said to be done")
    func outlivesCrash() async throws {
        try await withOwnServer { server in
            try await server.initialise()
            // Nothing is written but what is asked for.
            try await server.whileRunning(["wal_writer_delay": "10s", "checkpoint_timeout": "1h"]) { server in
                let settings = try server.superuser()
                try await withTestRepository { test in
                    try await withPostgresConnection(to: settings) {
                        _ = try await $0.script("CREATE TABLE t AS SELECT n FROM generate_series(1, 1000) n")
                    }
                    _ = try await test.creation(of: settings)()
                    try await withPostgresConnection(to: settings) { _ = try await $0.script("TRUNCATE t") }
                    #expect(try await test.restoration(to: settings) { $0.isDataOnly = true }().rows == 1000)
                    try await server.crash()
                    let rows = try await withPostgresConnection(to: settings) {
                        try await $0.query("SELECT count(*) FROM t").single.decode(Int.self)
                    }
                    #expect(rows == 1000)
                }
            }
        }
    }

    /// What rests in a database that is being restored, and nowhere else.
    private let sql = """
        CREATE FUNCTION rests(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
            IF pg_catalog.current_database() LIKE 'lastro\\_restore\\_%' THEN PERFORM pg_catalog.pg_sleep(60); END IF; RETURN $1; END $$;
        CREATE TABLE plain AS SELECT n, md5(n::text) FROM generate_series(1, 1000) n;
        """

    @Test(
        "fails, and leaves nothing, when a session is ended that loads, makes an index, or makes a check",
        arguments: [
            (
                "COPY",
                "CREATE TABLE slow (n integer, m integer GENERATED ALWAYS AS (rests(n)) STORED); INSERT INTO slow VALUES (1)"
            ),
            (
                "CREATE INDEX",
                "CREATE TABLE slow (n integer); INSERT INTO slow VALUES (1); CREATE INDEX ON slow (rests(n))"
            ),
            ("SET LOCAL", "CREATE TABLE slow (n integer CHECK (rests(n) = 1)); INSERT INTO slow VALUES (1)"),
        ]
    )
    func losesASession(statement: String, table: String) async throws {
        try await withSnapshot(sql + table) { test, settings, _ in
            let copy = settings.with(database: (settings["dbname"] ?? "") + "_copy")
            let restoration = test.restoration(to: copy)
            let isOurs = "strpos(shobj_description(d.oid, 'pg_database'), '\(copy["dbname"] ?? "")') > 0"
            let task = Task { try await restoration() }
            try await withPostgresConnection(to: settings) { observer in
                let sessions = """
                    FROM pg_stat_activity a JOIN pg_database d ON d.oid = a.datid
                    WHERE \(isOurs) AND a.wait_event = 'PgSleep' AND a.query LIKE '%\(statement)%'
                    """
                try await observer.wait(until: "SELECT EXISTS (SELECT \(sessions))")
                try await observer.query("SELECT pg_terminate_backend(a.pid) \(sessions)")
            }
            let error = await #expect(throws: (any Error).self) { try await task.value }
            #expect("\(error.map { "\($0)" } ?? "")".contains("terminating connection"), "\(error as Any)")
            let left = try await withPostgresConnection(to: settings) { connection in
                try await connection.query(
                    "SELECT count(*) FROM pg_database d WHERE \(isOurs) OR datname = '\(copy["dbname"] ?? "")'"
                ).single.decode(Int.self)
            }
            #expect(left == 0)
        }
    }

    @Test("fails when the session is ended that holds its lock, and the next run does away with what it has left")
    func losesItsLock() async throws {
        try await withLocalServer { server in
            let settings = try ConnectionSettings(server.connectionString())
            try await withPostgresConnection(to: settings) {
                _ = try await $0.script("CREATE TABLE t AS SELECT n FROM generate_series(1, 1000) n")
            }
            try await withTestRepository { test in
                _ = try await test.creation(of: settings)()
                let copy = settings.with(database: "copy")
                var restoration = test.restoration(to: copy)
                restoration.observe = { phase in
                    guard phase == .loaded else { return }
                    try await withPostgresConnection(to: settings) { connection in
                        let holders = "FROM pg_locks WHERE locktype = 'advisory' AND granted"
                        try await end(
                            connection.query("SELECT DISTINCT pid \(holders)").decode(as: Int.self),
                            on: connection
                        )
                    }
                }
                await #expect(throws: (any Error).self) { try await restoration() }
                let names =
                    "SELECT string_agg(datname::text, ' ') FROM pg_database WHERE datname IN ('copy') OR datname LIKE 'lastro\\_%'"
                try await withPostgresConnection(to: settings) { connection in
                    let left = try await connection.query(names).single.decode(String.self)
                    #expect(left.hasPrefix("lastro_restore_"))
                }
                let notes = Notes()
                restoration.observe = { _ in }
                restoration.note = { notes.add($0) }
                #expect(try await restoration().rows == 1000)
                #expect(notes.all.contains { $0.hasPrefix("dropped lastro_restore_") })
                try await withPostgresConnection(to: settings) { connection in
                    let left = try await connection.query(names).single.decode(String.self)
                    #expect(left == "copy")
                }
            }
        }
    }
}
