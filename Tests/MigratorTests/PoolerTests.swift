import Postgres
import TestSupport
import Testing

@testable import Migrator

@Suite("Migrating through PgBouncer in transaction mode")
struct PoolerTests {
    @Test("runs every kind of migration, and leaves nothing in the pooled sessions")
    func migrates() async throws {
        let files = [
            "0001_t.sql": "set search_path = nowhere, public; create table t (i int); listen x;",
            "0002_index.sql": "create index concurrently t_i on t (i);\nvacuum t;",
            "0003_u.sql": "create table u (i int);",
        ]
        try await withStage(files) { stage in
            let folder = stage.folder.path
            let left = try await withPgBouncer(to: stage.settings, poolSize: 2) { pooled in
                try await Migrator(directory: folder, database: pooled).migrate()()
                return try await withPostgresConnection(to: pooled) { connection in
                    try await connection.query("select current_setting('search_path')").single.decode(String.self)
                }
            }
            #expect(left == "\"$user\", public")
            #expect(try await stage.states() == ["0001_t applied", "0002_index applied", "0003_u applied"])
            #expect(
                try await stage.value(
                    "select count(*) = 0 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"
                )
            )
        }
    }

    @Test("refuses a file that sets something for a session of which the pooler has many")
    func refusesSessionSettings() async throws {
        let files = ["0001_t.sql": "create table t (i int);\nset work_mem = '1MB';\nvacuum t;"]
        try await withStage(files) { stage in
            let folder = stage.folder.path
            let error = try await withPgBouncer(to: stage.settings, poolSize: 3) { pooled in
                await #expect(throws: MigratorError.self) {
                    try await Migrator(directory: folder, database: pooled).migrate()()
                }
            }
            #expect(error?.code == .unsupportedStatement)
            #expect(error?.next.contains("--direct-database") == true)
            #expect(error.map { "\($0)" }?.contains("0001_t.sql:2:1") == true)
            #expect(try await stage.tables() == [])
        }
    }

    @Test("says at once that a pool of one connection is not enough")
    func recognisesPoolOfOne() async throws {
        try await withStage(["0001_t.sql": "create table t (i int)"]) { stage in
            let folder = stage.folder.path
            let start = ContinuousClock.now
            let error = try await withPgBouncer(to: stage.settings, poolSize: 1) { pooled in
                await #expect(throws: MigratorError.self) {
                    try await Migrator(directory: folder, database: pooled).migrate()()
                }
            }
            #expect(error?.code == .poolTooSmall)
            #expect(start.duration(to: .now) < .seconds(20))
            #expect(try await stage.tables() == [])
        }
    }

    @Test("lets sixteen runners start at once: each migration runs once, and all come to a good end")
    func startsTogether() async throws {
        let files = [
            "0001_t.sql": "create table t (i int); insert into t select generate_series(1, 10000);",
            "0002_index.sql": "create index concurrently t_i on t (i);",
            "0003_once.sql": "create table once as select 1 as i;", "0004_more.sql": "insert into once values (2);",
        ]
        try await withStage(files) { stage in
            let folder = stage.folder.path
            let counts = try await withPgBouncer(to: stage.settings, poolSize: 4) { pooled in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<16 {
                        group.addTask {
                            try await Migrator(directory: folder, database: pooled).migrate()().migrations.count
                        }
                    }
                    return try await group.reduce(into: [Int]()) { $0.append($1) }
                }
            }
            #expect(counts.reduce(0, +) == 4)
            #expect(try await stage.value("select count(*) from once", as: Int.self) == 2)
            #expect(try await stage.value("select indisvalid from pg_index where indexrelid = 't_i'::regclass"))
        }
    }

    @Test("lets many targets share a pool that is too small for all workers at once")
    func sharesAPool() async throws {
        try await withStage(["0001_t.sql": "create table t (i int);", "0002_u.sql": "create table u (i int);"]) {
            stage in
            let folder = stage.folder.path
            for number in 1...8 { try await stage.run("create schema s\(number)") }
            let migrated = try await withPgBouncer(to: stage.settings, poolSize: 2) { pooled in
                var fanOut = FanOut(directory: folder, targets: .schemas([SchemaPattern("s*")], of: pooled))
                fanOut.options.parallelism = 4
                return try await fanOut.migrate()()?.migratedCount
            }
            #expect(migrated == 8)
            #expect(try await stage.value("select count(*) = 8 from pg_class where relname = 'u' and relkind = 'r'"))
        }
    }

    @Test("says which of the pooler's settings is in the way")
    func namesSettings() async throws {
        try await withStage(["0001_t.sql": "create table t (i int)"]) { stage in
            let folder = stage.folder.path
            @Sendable func failure(_ settings: ConnectionSettings) async -> String {
                do {
                    return "\(try await Migrator(directory: folder, database: settings).migrate()())"
                } catch {
                    return "\(error)"
                }
            }
            try await withPgBouncer(to: stage.settings, poolSize: 1, options: ["query_wait_timeout = 1"]) { pooled in
                let options = await failure(pooled.with("options", "-c statement_timeout=5s"))
                #expect(options.contains("ignore_startup_parameters"), "\(options)")
                let crowded = await failure(pooled)
                #expect(crowded.hasPrefix("the pooler gave no second connection within"), "\(crowded)")
            }
            try await withPgBouncer(to: stage.settings, poolSize: 2, options: ["pool_mode = statement"]) { pooled in
                let mode = await failure(pooled)
                #expect(mode.contains("pool_mode = transaction"), "\(mode)")
            }
            #expect(try await stage.tables() == [])
        }
    }

    @Test("keeps its lock where the pooler ends transactions that are idle")
    func keepsItsLock() async throws {
        let files = [
            "0001_t.sql":
                "create table t (id int primary key, n int); insert into t select g, 0 from generate_series(1, 24) g;",
            "0002_b.sql":
                "-- lastro: batch key=id size=1 pause=80ms\nupdate t set n = 1 where id >= :from and id < :to;",
        ]
        try await withStage(files) { stage in
            let folder = stage.folder.path
            let options = ["idle_transaction_timeout = 1"]
            let count = try await withPgBouncer(to: stage.settings, poolSize: 2, options: options) { pooled in
                try await Migrator(directory: folder, database: pooled).migrate()().migrations.count
            }
            #expect(count == 2)
        }
    }

    @Test("puts a new transaction under its lock and never lets go of it", arguments: [false, true])
    func renewsItsLock(isPooled: Bool) async throws {
        try await withStage([:]) { stage in
            @Sendable func renew(_ settings: ConnectionSettings) async throws {
                try await withPostgresConnection(to: settings) { connection in
                    let table = HistoryTable(schema: "public", name: "schema_migrations", isNaive: false)
                    let lock = RunLock(on: connection, for: table)
                    try await lock.acquire(waitingUpTo: .zero) { _ in }
                    let held =
                        "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"
                    let transaction =
                        "select virtualtransaction from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"
                    let first = try await stage.value(transaction, as: String.self)
                    for _ in 0..<20 {
                        async let isFree = stage.value("select pg_try_advisory_xact_lock(\(lock.key))", as: Bool.self)
                        try await lock.renew()
                        #expect(try await !isFree)
                    }
                    #expect(try await stage.value(transaction, as: String.self) != first)
                    await lock.release()
                    #expect(try await stage.value(held, as: Int.self) == 0)
                }
            }
            if isPooled {
                try await withPgBouncer(to: stage.settings, poolSize: 2) { try await renew($0) }
            } else {
                try await renew(stage.settings)
            }
        }
    }
}
