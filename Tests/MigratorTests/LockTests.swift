import Postgres
import TestSupport
import Testing

@testable import Migrator

@Suite("A lock on a table in use")
struct LockTests {
    @Test("is told beforehand with the transactions in its way, and how long it was held afterwards")
    func isTold() async throws {
        let files = ["0001_t.sql": "SELECT pg_sleep(0.7); ALTER TABLE t ADD COLUMN b int; SELECT pg_sleep(0.4)"]
        try await withStage(files) { stage in
            try await stage.run("CREATE TABLE t (a int)")
            try await withPostgresConnection(to: stage.settings) { other in
                try await other.script("BEGIN; SELECT * FROM t")
                var events: [MigrationEvent] = []
                for try await event in stage.migrator().migrate() {
                    events.append(event)
                    if case .lockAhead = event { try await other.script("COMMIT") }
                }
                let outlook = try #require(events.compactMap(\.outlook).first)
                #expect(outlook.tables.map(\.description) == ["ACCESS EXCLUSIVE on public.t"])
                #expect(outlook.transactions.map(\.session.pid) == [other.backendPID])
                #expect(outlook.transactions.map(\.tables) == [["public.t"]])
                let hold = try #require(events.compactMap(\.hold).first)
                #expect(hold.lock == .accessExclusive && hold.tables == ["t"])
                // The sleep before it does not count.
                #expect(hold.duration >= .milliseconds(400))
                #expect(hold.duration < events.compactMap(\.durationOfMigration).first ?? .zero - .milliseconds(600))
            }
            let detail = try await stage.value(
                """
                SELECT string_agg(concat_ws(' ', event, detail->>'locks', detail->>'lock', detail->>'tables',
                    (detail->>'held_ms')::int BETWEEN 400 AND 100000), ', ' ORDER BY position)
                FROM lastro_events WHERE event LIKE 'lock-%'
                """,
                as: String.self
            )
            #expect(detail == "lock-ahead ACCESS EXCLUSIVE on public.t, lock-held ACCESS EXCLUSIVE t t")
        }
    }

    @Test("is told without the passwords of those who are in its way")
    func hidesPasswords() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { holder in
                try await holder.script("SELECT 1; SELECT 'ALTER ROLE a PASSWORD ''sesame'''")
                let told = try await withPostgresConnection(to: settings) { connection in
                    try Blocker.read(
                        try await connection.query(
                            "SELECT \(Blocker.columns()) FROM pg_stat_activity a WHERE pid = \(holder.backendPID)"
                        )
                    )
                }
                #expect(told.map(\.query) == ["SELECT 1; SELECT 'ALTER ROLE a PASSWORD …"])
            }
        }
    }

    @Test("is no matter on tables that the run has made, and of a table that turns out to be there it is")
    func leavesOutItsOwn() async throws {
        let files = [
            "0001_t.sql": "CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN b int",
            "0002_u.sql":
                "CREATE TABLE IF NOT EXISTS u (a int); ALTER TABLE u ADD COLUMN b int; DROP TABLE IF EXISTS v",
            "0003_t.sql": "ALTER TABLE public.t ADD COLUMN c int; ALTER TABLE u ADD COLUMN c int",
            "0004_w.sql": "CREATE TABLE IF NOT EXISTS w (a int); ALTER TABLE w ADD COLUMN b int",
        ]
        try await withStage(files) { stage in
            try await stage.run("CREATE TABLE w (a int)")
            try await stage.migrator().migrate()()
            #expect(try await stage.holds() == "0004_w ACCESS EXCLUSIVE w")
        }
    }

    @Test("that a step outside of a transaction takes is told, too")
    func tellsOfSteps() async throws {
        let files = ["0001_t.sql": "VACUUM FULL t; BEGIN; LOCK TABLE t IN EXCLUSIVE MODE; COMMIT"]
        try await withStage(files) { stage in
            try await stage.run("CREATE TABLE t (a int)")
            try await stage.migrator().migrate()()
            #expect(try await stage.holds() == "0001_t ACCESS EXCLUSIVE t, 0001_t EXCLUSIVE t")
        }
    }

    @Test("lasts until the end of the transaction that several migrations share")
    func lastsToTheEnd() async throws {
        let files = [
            "0001_t.sql": "ALTER TABLE t ADD COLUMN b int", "0002_s.sql": "SELECT pg_sleep(0.3)",
        ]
        try await withStage(files) { stage in
            try await stage.run("CREATE TABLE t (a int)")
            var migrator = stage.migrator()
            migrator.options.isSingleTransaction = true
            try await migrator.migrate()()
            #expect(
                try await stage.value(
                    "SELECT (detail->>'held_ms')::int >= 300 FROM lastro_events WHERE event = 'lock-held'"
                )
            )
        }
    }

    @Test("is on record as soon as the migration is there, whatever becomes of the runner")
    func isOnRecordAtOnce() async throws {
        let files = ["0001_t.sql": "ALTER TABLE t ADD COLUMN b int", "0002_s.sql": "SELECT pg_sleep(60)"]
        try await withStage(files) { stage in
            try await stage.run("CREATE TABLE t (a int)")
            let run = Task { try await stage.migrator().migrate()() }
            // While the second one is at work, nothing but its end comes any more.
            try await stage.wait(
                until: """
                    SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'
                        AND datname = current_database())
                    """
            )
            #expect(try await stage.holds() == "0001_t ACCESS EXCLUSIVE t")
            run.cancel()
            _ = await run.result
        }
    }

    @Test("is on record although the migration fails, as far as it was looked at")
    func isLookedAtBeforeAFailure() async throws {
        try await withStage(["0001_t.sql": "ALTER TABLE t ADD COLUMN b int; SELECT 1 / 0"]) { stage in
            try await stage.run("CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 6000); ANALYZE t")
            try await withPostgresConnection(to: stage.settings) { other in
                // A transaction without a lock on the table counts once it is old; a snapshot makes it one.
                try await other.script("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_sleep(10.2)")
                _ = try await stage.failure(of: stage.migrator().migrate())
                #expect(
                    try await stage.value(
                        """
                        SELECT string_agg(concat_ws(' ', event, detail->>'transactions' LIKE 'process \(other.backendPID) %'),
                            ', ' ORDER BY position) FROM lastro_events
                        """
                    ) == "lock-ahead t, failed"
                )
            }
        }
    }

    @Test("is not the run's own look: a role that may see little is told what it may see")
    func looksAsAnybody() async throws {
        try await withStage(["0001_t.sql": "ALTER TABLE t ADD COLUMN b int"]) { stage in
            try await stage.run("CREATE TABLE t (a int)")
            try await withPostgresConnection(
                to: TestServer.standard.superuser().with(database: stage.settings["dbname"] ?? "")
            ) {
                other in
                try await other.script("BEGIN; SELECT * FROM t")
                var outlook: LockOutlook?
                for try await event in stage.migrator().migrate() {
                    if let seen = event.outlook {
                        outlook = seen
                        try await other.script("COMMIT")
                    }
                }
                let session = try #require(outlook?.transactions.first?.session)
                #expect(session.pid == other.backendPID && session.transactionAge == nil)
            }
        }
    }

    @Test("is held back by an autovacuum to prevent wraparound, which is named")
    func namesVacuums() async throws {
        try await withOwnServer { server in
            try await server.initialise()
            let settings = [
                "autovacuum": "on", "autovacuum_naptime": "1s", "autovacuum_freeze_max_age": "100000", "fsync": "off",
                "autovacuum_vacuum_cost_delay": "100ms", "autovacuum_vacuum_cost_limit": "1",
            ]
            try await server.whileRunning(settings) { server in
                let database = try server.superuser()
                try await withPostgresConnection(to: database) { connection in
                    try await connection.script(
                        """
                        CREATE TABLE t AS SELECT g, repeat('x', 500) AS x FROM generate_series(1, 20000) g;
                        CREATE PROCEDURE burn() LANGUAGE plpgsql AS $$ BEGIN FOR n IN 1..110000 LOOP
                            PERFORM txid_current(); COMMIT; END LOOP; END $$;
                        """
                    )
                    try await connection.query("CALL burn()")
                    try await connection.wait(
                        until: """
                            SELECT count(*) > 0 FROM pg_stat_activity a JOIN pg_locks l USING (pid)
                            WHERE a.query LIKE 'autovacuum:%public.t (to prevent wraparound)'
                            AND l.relation = 't'::regclass AND l.granted
                            """
                    )
                }
                try await withTemporaryFolder(["0001_t.sql": "ALTER TABLE t ADD COLUMN b int"]) { folder in
                    let stage = Stage(settings: database, folder: folder)
                    var migrator = stage.migrator()
                    migrator.options.lockTimeout = .milliseconds(100)
                    migrator.options.lockRetries = 0
                    var outlook: LockOutlook?
                    do {
                        for try await event in migrator.migrate() { outlook = outlook ?? event.outlook }
                        Issue.record("the vacuum gave way")
                    } catch {
                        #expect((error as? MigratorError)?.message.contains("lock timeout") == true)
                    }
                    #expect(outlook?.vacuums.map(\.table) == ["public.t"])
                    #expect(outlook?.transactions.isEmpty == true)
                }
            }
        }
    }
}

extension Stage {
    /// Each lock that was held: `0001_t ACCESS EXCLUSIVE t`.
    fileprivate func holds() async throws -> String? {
        try await value(
            """
            SELECT string_agg(concat_ws(' ', migration, detail->>'lock', detail->>'tables'), ', ' ORDER BY position)
            FROM lastro_events WHERE event = 'lock-held'
            """,
            as: String?.self
        )
    }
}

extension MigrationEvent {
    /// What is in the way of a lock.
    var outlook: LockOutlook? { if case .lockAhead(_, let outlook) = self { outlook } else { nil } }
    fileprivate var hold: LockHold? { if case .lockHeld(_, let hold) = self { hold } else { nil } }
    fileprivate var durationOfMigration: Duration? {
        if case .applied(_, let duration) = self { duration } else { nil }
    }
}
