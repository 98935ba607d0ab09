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
}
