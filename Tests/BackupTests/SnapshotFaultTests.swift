import Postgres
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Backup

@Suite("A backup that is disturbed")
struct SnapshotFaultTests {
    private let tables = """
        CREATE TABLE a AS SELECT n, md5(n::text) AS t FROM generate_series(1, 1000) n; CREATE TABLE b AS SELECT * FROM a;
        CREATE TABLE split (n integer) PARTITION BY LIST (n); CREATE TABLE part PARTITION OF split FOR VALUES IN (1);
        CREATE TABLE loose (n integer); INSERT INTO part VALUES (1); INSERT INTO loose VALUES (2);
        CREATE MATERIALIZED VIEW seen AS SELECT count(*) FROM b; CREATE VIEW shown AS SELECT n FROM b; CREATE SEQUENCE numbers;
        """

    @Test(
        "holds what its snapshot saw, whatever is done to the tables in whichever phase",
        arguments: Creation.Phase.allCases,
        [
            "TRUNCATE a", "ALTER TABLE a ALTER COLUMN n TYPE bigint", "DROP TABLE a", "VACUUM FULL a", "DELETE FROM a",
            "ALTER TABLE a RENAME TO c", "INSERT INTO a SELECT n, 'x' FROM generate_series(1, 99) n",
            "ALTER TABLE split DETACH PARTITION part", "ALTER TABLE split ATTACH PARTITION loose FOR VALUES IN (2)",
            "CREATE TABLE d AS SELECT * FROM a", "CREATE INDEX i ON a (n); CLUSTER a USING i",
            "REFRESH MATERIALIZED VIEW seen", "CREATE OR REPLACE VIEW shown AS SELECT n, t FROM b",
            "DROP VIEW shown; DROP SEQUENCE numbers",
        ]
    )
    func isConsistent(phase: Creation.Phase, statement: String) async throws {
        try await withDisturbedBackup(tables) { test, settings, connection in
            var creation = test.creation(of: settings)
            creation.lockTimeout = .milliseconds(300)
            let change = Change(statement, on: connection)
            creation.observe = { now, _ in
                if now == phase { try await change.begin(watchedOn: settings) }
            }
            let snapshot = try await creation()
            try await change.end()
            let after = try await rows(of: "a", on: connection)
            let content = try test.content(snapshot.id)
            // While pg_dump has not locked the tables yet, it may wait for the change in vain: then all begins anew.
            let isSeen = phase == .locked && content["a"]?.count == after
            #expect(content["a"]?.count == 1000 || isSeen)
            #expect(content["b"]?.count == 1000)
            #expect(content["part"] == ["1"] && content["loose"] == ["2"])
            if phase != .locked { #expect(content["c"] == nil && content["d"] == nil) }
        }
    }

    // One after the other: each finds what the one before has left.
    @Test("holds what is there afterwards, when the tables are changed between the list of them and their locks")
    func isChangedBeforeItsLocks() async throws {
        let statements = [
            "TRUNCATE a", "INSERT INTO a SELECT n, 'x' FROM generate_series(1, 99) n",
            "ALTER TABLE a ALTER COLUMN n TYPE bigint", "VACUUM FULL a", "CREATE INDEX i ON a (n); CLUSTER a USING i",
            "DELETE FROM a WHERE n < 50", "ALTER TABLE split DETACH PARTITION part",
            "ALTER TABLE split ATTACH PARTITION loose FOR VALUES IN (2)", "REFRESH MATERIALIZED VIEW seen",
            "CREATE OR REPLACE VIEW shown AS SELECT n, t FROM b", "DROP VIEW shown; DROP SEQUENCE numbers",
            "ALTER TABLE a RENAME TO c", "CREATE TABLE d AS SELECT * FROM c", "DROP TABLE d",
        ]
        try await withDisturbedBackup(tables) { test, settings, connection in
            for statement in statements {
                var creation = test.creation(of: settings)
                let isDone = Mutex(false)
                creation.willLock = { _, isLeader in
                    guard !isDone.withLock(\.self) else { return }
                    // Workers that had locked a table already would be in the way.
                    guard isLeader else { return try await wait(for: "the change") { isDone.withLock(\.self) } }
                    _ = try await connection.script(statement)
                    isDone.withLock { $0 = true }
                }
                let content = try test.content(try await creation().id)
                for table in ["a", "b", "c", "d", "part", "loose"] {
                    let there = try await rows(of: table, on: connection)
                    #expect(content[table]?.count == there, "\(table), \(statement)")
                }
            }
        }
    }

    @Test("is whole where the server has no room for the locks of all sessions, also when somebody waits for a table")
    func spendsFewLocks() async throws {
        let settings = ["max_connections": "20", "max_locks_per_transaction": "20"]
        try await withLocalServer(.init(settings: settings)) { server in
            let database = try ConnectionSettings(server.connectionString())
            try await withPostgresConnection(to: database) { connection in
                func make(_ numbers: ClosedRange<Int>) async throws {
                    for number in numbers {
                        try await connection.query("CREATE TABLE t\(number) AS SELECT n FROM generate_series(1, 10) n")
                    }
                }
                try await make(1...200)
                try await withTestRepository { test in
                    var creation = test.creation(of: database)
                    creation.lockTimeout = .seconds(60)
                    var waiting: [Change] = []
                    for number in 1...3 {
                        let other = try await PostgresConnection.open(database)
                        waiting.append(Change("ALTER TABLE t\(number) ADD x integer", on: other))
                    }
                    let changes = waiting
                    creation.observe = { phase, _ in
                        // The leader has them locked, and whoever comes now waits behind these.
                        guard phase == .dumped else { return }
                        for change in changes { try await change.begin(watchedOn: database) }
                    }
                    let content = try test.content(try await creation().id)
                    for change in changes { try await change.close() }
                    #expect(content.count == 200 && content.values.allSatisfy { $0.count == 10 })
                    try await make(201...270)
                    let error = await #expect(throws: BackupError.self) { try await creation() }
                    #expect(error?.code == .tooManyTables)
                }
            }
        }
    }

    @Test("is right, or begun anew, while somebody changes a table without end")
    func isHammered() async throws {
        try await withDisturbedBackup(tables) { test, settings, connection in
            let isOver = Mutex(false)
            let hammer = Task {
                while !isOver.withLock(\.self) {
                    for statement in [
                        "ALTER TABLE a ALTER COLUMN n TYPE bigint", "ALTER TABLE a ALTER COLUMN n TYPE integer",
                        "CREATE TABLE c AS SELECT * FROM b", "DROP TABLE b", "ALTER TABLE c RENAME TO b",
                    ] {
                        // With the view that is in the way of the DROP out of it.
                        let sql = statement == "DROP TABLE b" ? "DROP TABLE b CASCADE" : statement
                        _ = try await connection.script(sql)
                    }
                }
            }
            var creation = test.creation(of: settings)
            creation.lockTimeout = .milliseconds(500)
            creation.attempts = 3
            do {
                let content = try test.content(try await creation().id)
                #expect(content["a"]?.count == 1000)
                #expect((content["b"] ?? content["c"])?.count == 1000)
            } catch let error as BackupError {
                #expect(error.code == .schemaChanged)
            }
            isOver.withLock { $0 = true }
            try await hammer.value
        }
    }

    @Test("is begun anew when somebody queues for all of a table between the leader's locks and those of the workers")
    func isQueuedBetween() async throws {
        try await withDisturbedBackup(tables) { test, settings, connection in
            var creation = test.creation(of: settings)
            creation.lockTimeout = .milliseconds(500)
            let notes = Notes()
            creation.note = { notes.add($0) }
            let change = Change("ALTER TABLE a ADD COLUMN x integer DEFAULT 5", on: connection)
            let leader = Mutex<Int?>(nil)
            creation.willLock = { session, isLeader in
                if isLeader { return leader.withLock { $0 = session.backendPID } }
                guard notes.all.isEmpty else { return }
                try await wait(for: "the leader") { leader.withLock(\.self) != nil }
                // The leader holds the table, somebody waits for it, and then a worker comes.
                try await withPostgresConnection(to: settings) { observer in
                    try await observer.wait(
                        until: """
                            SELECT EXISTS (SELECT FROM pg_locks WHERE pid = \(leader.withLock(\.self) ?? 0) AND granted
                                AND relation = to_regclass('a') AND mode = 'AccessShareLock')
                            """
                    )
                }
                try await change.begin(watchedOn: settings)
            }
            let snapshot = try await creation()
            try await change.end()
            #expect(notes.all.contains { $0.hasSuffix("; beginning anew") }, "\(notes.all)")
            let content = try test.content(snapshot.id)
            #expect(content["a"]?.count == 1000 && content["a"]?.allSatisfy { $0.hasSuffix("\t5") } == true)
        }
    }

    @Test("says how far it holds back VACUUM while it reads")
    func tellsItsHorizon() async throws {
        try await withDisturbedBackup(tables) { test, settings, connection in
            var creation = test.creation(of: settings)
            let progress = Mutex<CreationProgress?>(nil)
            creation.showProgress = { shown in progress.withLock { $0 = shown } }
            creation.observe = { phase, _ in
                guard phase == .read else { return }
                for _ in 0..<20 { try await connection.query("SELECT txid_current()") }
                try await wait(for: "the age of the snapshot") {
                    (progress.withLock(\.self)?.report.horizonAge ?? 0) >= 20
                }
            }
            _ = try await creation()
        }
    }

    @Test("is begun anew when pg_dump is lost")
    func losesTheDump() async throws {
        try await withDisturbedBackup(tables) { test, settings, connection in
            var creation = test.creation(of: settings)
            creation.lockTimeout = .seconds(20)
            let notes = Notes()
            creation.note = { notes.add($0) }
            let change = Change("ALTER TABLE a ADD COLUMN x integer", on: connection)
            let killing = Mutex<Task<Void, any Error>?>(nil)
            creation.observe = { now, _ in
                guard now == .locked, killing.withLock({ $0 == nil }) else { return }
                // Behind it, pg_dump waits for the table, and we for pg_dump.
                try await change.begin(watchedOn: settings)
                killing.withLock { task in
                    task = Task {
                        try await withPostgresConnection(to: settings) { observer in
                            try await observer.wait(
                                until: """
                                    SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity
                                        WHERE query LIKE 'LOCK TABLE %' AND datname = current_database()
                                            AND wait_event_type = 'Lock'
                                    """
                            )
                        }
                    }
                }
            }
            _ = try await creation()
            try await change.end()
            try await killing.withLock(\.self)?.value
            #expect(notes.all.contains { $0.contains("pg_dump failed") })
            #expect(try test.content()["a"]?.count == 1000)
        }
    }

    @Test("goes on when a session that reads is lost, and fails with the one that took the snapshot")
    func losesConnections() async throws {
        // So many that each session gets to read one.
        let many =
            "DO $$ BEGIN FOR i IN 1..40 LOOP EXECUTE 'CREATE TABLE t' || i || ' AS SELECT * FROM a'; END LOOP; END $$"
        try await withDisturbedBackup(tables + many) { test, settings, connection in
            var creation = test.creation(of: settings)
            let notes = Notes()
            creation.note = { notes.add($0) }
            creation.observe = { now, sessions in
                guard now == .locked else { return }
                try await end(sessions.workers.prefix(3).map(\.backendPID), on: connection)
            }
            _ = try await creation()
            #expect(try test.content()["a"]?.count == 1000)
            #expect(notes.all.contains { $0.hasPrefix("a connection that read ") })

            let before = try test.repository.list().snapshots.count
            for phase in Creation.Phase.allCases {
                creation.observe = { now, sessions in
                    if now == phase { try await end([sessions.leader.backendPID], on: connection) }
                }
                await #expect(throws: (any Error).self) { try await creation() }
            }
            creation.observe = { now, sessions in
                if now == .locked { try await end(sessions.workers.map(\.backendPID), on: connection) }
            }
            let error = await #expect(throws: BackupError.self) { try await creation() }
            #expect(error?.code == .connectionsLost)
            #expect(try test.repository.list().snapshots.count == before)
        }
    }

    @Test("gives way to who has waited for too long, says who waits, and ends when its time is over")
    func givesWay() async throws {
        try await withDisturbedBackup(tables) { test, settings, connection in
            var creation = test.creation(of: settings)
            let notes = Notes()
            creation.note = { notes.add($0) }
            creation.patienceOfOthers = .milliseconds(600)
            let change = Change("ALTER TABLE a ADD COLUMN x integer", on: connection)
            creation.observe = { now, _ in
                guard now == .dumped else { return }
                try await change.begin(watchedOn: settings)
                try await Task.sleep(for: .seconds(60))  // until the backup is ended
            }
            let error = await #expect(throws: BackupError.self) { try await creation() }
            #expect(error?.code == .givenUp)
            try await change.end()
            #expect(notes.all.contains { $0.contains("session \(connection.backendPID) of lastro") })

            creation.patienceOfOthers = nil
            creation.maximumDuration = .milliseconds(100)
            creation.observe = { _, _ in try await Task.sleep(for: .seconds(60)) }
            let late = await #expect(throws: BackupError.self) { try await creation() }
            #expect(late?.code == .givenUp)
            #expect(try test.repository.list().snapshots.isEmpty)
        }
    }

    @Test("has its own settings, whatever those of the database are", arguments: [nil, 18])
    func hasItsSettings(major: Int?) async throws {
        let installed = try await PostgresInstallation.all()
        guard major == nil || installed.contains(where: { $0.version.major == major }) else {
            return print("skipped: PostgreSQL \(major ?? 0) is not installed: script/servers brings it")
        }
        let server = major.map { TestServer(major: $0) } ?? .standard
        let sql = "CREATE TABLE t AS SELECT date '2026-01-14' AS d, interval '1 day 2 hours' AS i"
        try await withDisturbedBackup(sql, on: server) { test, settings, connection in
            let name = settings["dbname"] ?? ""
            let superuser = try await server.superuser()
            let role = "\(name)_owner"
            try await withPostgresConnection(to: superuser) { administrator in
                _ = try await administrator.script("CREATE ROLE \(role) LOGIN IN ROLE lastro")
                for setting in ["statement_timeout = '2s'", "lock_timeout = '1ms'", "row_security = on"] {
                    _ = try await administrator.script("ALTER ROLE \(role) SET \(setting)")
                }
            }
            let new = major == nil ? [] : ["transaction_timeout = '3s'"]
            for setting in new + [
                "statement_timeout = '3s'", "lock_timeout = '1ms'", "idle_in_transaction_session_timeout = '3s'",
                "idle_session_timeout = '3s'",
                "\"DateStyle\" = 'German'", "\"IntervalStyle\" = 'iso_8601'", "extra_float_digits = -5",
                "default_transaction_read_only = on", "default_transaction_isolation = 'serializable'",
            ] {
                _ = try await connection.script("ALTER DATABASE \(name) SET \(setting)")
            }
            var creation = test.creation(of: settings.with("user", role))
            creation.observe = { now, _ in
                if now == .locked { try await Task.sleep(for: .seconds(4)) }  // more than the limits
            }
            _ = try await creation()
            #expect(try test.content() == ["t": ["2026-01-14\t1 day 02:00:00"]])
            // The session that holds a restore's locks is idle for as long as others work.
            try await withPostgresConnection(to: superuser) { administrator in
                for setting in new + ["idle_session_timeout = '2s'", "statement_timeout = 0"] {
                    _ = try await administrator.script("ALTER ROLE \(role) SET \(setting)")
                }
                _ = try await administrator.script("ALTER ROLE \(role) CREATEDB")
            }
            _ = try await connection.script("ALTER DATABASE \(name) RESET default_transaction_read_only")
            try await withRestored(superuser.with(database: name)) { copy in
                var restoration = test.restoration(to: copy.with("user", role)) { $0.keepsOwners = false }
                restoration.observe = { now in
                    if now == .loaded { try await Task.sleep(for: .seconds(4)) }
                }
                let rows = try await restoration().rows
                #expect(rows == 1)
            }
            try await withPostgresConnection(to: superuser) { _ = try await $0.script("DROP ROLE \(role)") }
        }
    }

    @Test("ends, and is no snapshot, when the store takes nothing; so does one that is held to a rate")
    func endsWithTheStore() async throws {
        try await withDisturbedBackup(tables) { test, settings, _ in
            try test.folder.write("in the way", to: "r/objects")
            let error = await #expect(throws: BackupError.self) { try await test.creation(of: settings)() }
            #expect(error?.code == .store)
            try test.folder.delete("r/objects")

            var creation = test.creation(of: settings)
            creation.maximumRate = 1  // a day for these tables
            let progress = Mutex<CreationProgress?>(nil)
            creation.showProgress = { shown in progress.withLock { $0 = shown } }
            let task = Task { [creation] in try await creation() }
            try await wait(for: "a session that is held up") {
                (progress.withLock(\.self)?.report.bytes ?? 0) > 0
            }
            #expect(progress.withLock(\.self)?.report.workers.isEmpty == false)
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try test.repository.list().snapshots.isEmpty)
        }
    }

    @Test("fails where row security would leave out rows")
    func noticesRowSecurity() async throws {
        let rules = """
            CREATE TABLE t AS SELECT n FROM generate_series(1, 10) n; CREATE POLICY p ON t USING (n < 5);
            ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY
            """
        try await withDisturbedBackup(rules) { test, settings, _ in
            await #expect(throws: (any Error).self) { try await test.creation(of: settings)() }
            let snapshots = try test.repository.list().snapshots
            #expect(snapshots.isEmpty)
        }
    }

    private func withDisturbedBackup(
        _ sql: String,
        on server: TestServer = .standard,
        _ body: (TestRepository, ConnectionSettings, PostgresConnection) async throws -> Void
    ) async throws {
        try await withTestDatabase(on: server) { settings in
            try await withTestRepository { test in
                try await withPostgresConnection(to: settings) { connection in
                    _ = try await connection.script(sql)
                    try await body(test, settings, connection)
                }
            }
        }
    }

    private func rows(of table: String, on connection: PostgresConnection) async throws -> Int? {
        let isThere = try await connection.query("SELECT to_regclass('\(table)') IS NOT NULL").single.decode(Bool.self)
        return isThere ? try await connection.query("SELECT count(*) FROM \(table)").single.decode(Int.self) : nil
    }
}
