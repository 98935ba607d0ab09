import Postgres
import TestSupport
import Testing

// On a server of its own, one after the other: any run does away with what a killed one has left.
@Suite("lastro backup restore that is killed", .serialized)
struct RestoreKillTests {
    private static let server = TestServer(major: nil)

    /// Lends a snapshot of a table, whose restore stands still at a place for as long as a role is there.
    private func withStandstill(
        _ place: String,
        _ body: (LastroProcess, ConnectionSettings, _ restore: [String], _ go: () async throws -> Void) async throws ->
            Void
    ) async throws {
        try await withProject([:], on: Self.server) { lastro, _, url in
            let settings = try ConnectionSettings(url)
            let name = settings["dbname"] ?? ""
            let superuser = try await Self.server.superuser().url
            try await run(
                """
                CREATE FUNCTION waits(n integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
                BEGIN
                    IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '\(name)_wait')
                        AND pg_catalog.current_database() LIKE 'lastro\\_restore\\_%' THEN PERFORM pg_catalog.pg_sleep(120); END IF;
                    RETURN n;
                END $$;
                CREATE TABLE t AS SELECT n FROM generate_series(1, 100) n; \(place)
                """,
                on: url
            )
            let recipient = String(try await lastro("backup", "keygen", "--output", "key.txt").output.dropLast())
            let created = try await lastro("backup", "create", "--repository", "r", "--recipient", recipient)
            #expect(created.status == 0, "\(created.errors)")
            try await run("INSERT INTO t VALUES (101)", on: url)
            try await run("CREATE ROLE \(name)_wait", on: superuser)
            try await body(
                lastro,
                settings,
                ["backup", "restore", "--repository", "r", "--identity", "key.txt", "--database"]
            ) {
                try await run("DROP ROLE IF EXISTS \(name)_wait", on: superuser)
            }
            try await run("DROP ROLE IF EXISTS \(name)_wait", on: superuser)
        }
    }

    /// Waits until the restore of a database stands still that began after this time: a killed one's session sleeps on.
    private func standstill(of database: String, after time: String, on settings: ConnectionSettings) async throws {
        try await wait(
            until: """
                SELECT EXISTS (SELECT FROM pg_stat_activity a JOIN pg_database d ON d.oid = a.datid
                    WHERE a.wait_event = 'PgSleep' AND a.backend_start > '\(time)'
                        AND shobj_description(d.oid, 'pg_database') LIKE '%"\(database)"%')
                """,
            on: settings.url
        )
    }

    @Test(
        "while it loads or makes indexes leaves nothing under the name, and the next run does away with the rest",
        arguments: [
            "ALTER TABLE t ADD w integer GENERATED ALWAYS AS (waits(n)) STORED", "CREATE INDEX ON t (waits(n))",
        ]
    )
    func isKilledAtWork(place: String) async throws {
        try await withStandstill(place) { lastro, settings, restore, go in
            let name = (settings["dbname"] ?? "") + "_copy"
            let target = settings.with(database: name).url
            for _ in 0..<2 {
                let time = try await ask("SELECT clock_timestamp()::text", on: settings.url, as: String.self)
                let killed = try await lastro.killed(
                    "backup",
                    "restore",
                    "--repository",
                    "r",
                    "--identity",
                    "key.txt",
                    "--database",
                    target,
                    when: { try await standstill(of: name, after: time, on: settings) }
                )
                #expect(killed.status == 128 + 9)
                #expect(
                    try await ask(
                        "SELECT count(*) FROM pg_database WHERE datname = '\(name)'",
                        on: settings.url,
                        as: Int.self
                    ) == 0
                )
            }
            try await go()
            let done = try await lastro(restore + [target])
            #expect(done.status == 0, "\(done.errors)")
            #expect(done.errors.contains(", which a run had left that is gone"))
            #expect(try await ask("SELECT count(*) FROM t", on: target, as: Int.self) == 100)
            try await run("DROP DATABASE \(name)", on: settings.url)
        }
    }

    @Test("in a drill on a given server, while it loads or checks, is on record as nothing, and the next one cleans up")
    func isKilledDrilling() async throws {
        let place = "ALTER TABLE t ADD w integer GENERATED ALWAYS AS (waits(n)) STORED"
        try await withStandstill(place) { lastro, settings, _, go in
            let drill = ["backup", "drill", "--repository", "r", "--identity", "key.txt", "--scratch", settings.url]
            let sleepers = """
                SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname LIKE 'lastro\\_%')
                """
            let left = "SELECT count(*) FROM pg_database WHERE datname LIKE 'lastro\\_%'"
            let check = try await lastro.shell("echo 'SELECT pg_sleep(120) IS NOT NULL' > slow.sql")
            #expect(check.status == 0)
            for more in [[], ["--check", "slow.sql"]] {
                if !more.isEmpty { try await go() }
                let killed = try await lastro.killed(drill + more) {
                    try await wait(until: sleepers, on: settings.url)
                }
                #expect(killed.status == 128 + 9)
                // One that sleeps does not notice that nobody listens any more.
                try await run(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'lastro\\_%'",
                    on: settings.url
                )
                let isOver =
                    "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory') AND NOT (\(sleepers.dropFirst(7)))"
                try await wait(until: isOver, on: settings.url)
                #expect(try await ask(left, on: settings.url, as: Int.self) == 1)
            }
            #expect(try await lastro.shell("test ! -e r/drills").status == 0)
            let done = try await lastro(drill)
            #expect(done.status == 0 && done.errors.contains(", which a run had left that is gone"), "\(done.text)")
            #expect(try await ask(left, on: settings.url, as: Int.self) == 0)
        }
    }

    @Test("when the old database is closed already: the next run finishes, and says so")
    func isKilledInExchange() async throws {
        try await withStandstill("SELECT") { lastro, settings, restore, go in
            let name = settings["dbname"] ?? ""
            let postgres = settings.with(database: "postgres").url
            let stranger = try await PostgresConnection.open(try await Self.server.superuser().with(database: name))
            for _ in 0..<2 {
                // A superuser's session that our role cannot end holds it up.
                let killed = try await lastro.killed(
                    "backup",
                    "restore",
                    "--repository",
                    "r",
                    "--identity",
                    "key.txt",
                    "--database",
                    settings.url,
                    "--replace",
                    when: {
                        try await wait(
                            until: """
                                SELECT NOT datallowconn AND EXISTS (SELECT FROM pg_stat_activity WHERE datname = 'postgres'
                                    AND application_name = 'lastro' AND query LIKE '%pg_terminate_backend%' AND query LIKE '%' || oid || '%')
                                FROM pg_database WHERE datname = '\(name)'
                                """,
                            on: postgres
                        )
                    }
                )
                #expect(killed.status == 128 + 9, "\(killed.text)")
            }
            await stranger.close()
            let done = try await lastro(restore + [settings.url, "--replace", "--format", "json"])
            #expect(done.status == 0, "\(done.errors)")
            #expect(done.errors.contains("finished what a run had begun that is gone: \(name) is restored from "))
            #expect(done.output.contains("\"kept_as\":\"\(name)_before_"))
            #expect(try await ask("SELECT count(*) FROM t", on: settings.url, as: Int.self) == 100)
            let old = try await ask(
                "SELECT datname::text FROM pg_database WHERE datname LIKE '\(name)\\_before\\_%' AND datallowconn",
                on: postgres,
                as: String.self
            )
            #expect(try await ask("SELECT count(*) FROM t", on: settings.with(database: old).url, as: Int.self) == 101)
            try await run("DROP DATABASE \(old)", on: settings.url)
            try await go()
        }
    }
}
