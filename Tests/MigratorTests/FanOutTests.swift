import Postgres
import TestSupport
import Testing

@testable import Migrator

@Suite("A fan-out over schemas")
struct FanOutTests {
    private static let files = [
        "0001_users.sql": "create table users (id int primary key);",
        "0002_orders.sql": "create table orders (id int primary key, user_id int references users);",
        "0003_rows.sql": "insert into users values (1), (2); insert into orders values (1, 2);",
    ]

    @Test("migrates each in its own schema with its own history, and finds nothing to do the second time")
    func migrates() async throws {
        try await withTenants(40, Self.files) { stage in
            var started: Set<String> = []
            var finished: [String: Int] = [:]
            for try await event in stage.fanOut().migrate() {
                switch event {
                case .listed(let count): #expect(count == 40)
                case .started(let target): started.insert(target)
                case .finished(let target, let summary): finished[target] = summary.migrations.count
                case .failed(let target, let error): Issue.record("\(target): \(error)")
                default: continue
                }
            }
            #expect(started.count == 40)
            #expect(finished.count == 40)
            #expect(finished.values.allSatisfy { $0 == 3 })
            #expect(try await stage.wholeTenants() == 40)
            #expect(try await stage.value("select to_regclass('public.schema_migrations') is null"))
            #expect(try await stage.value("select count(*) from t05.lastro_events where event = 'applied'") == 3)

            let again = try #require(try await stage.fanOut().migrate()())
            #expect(again.upToDateCount == 40)
            #expect(again.migratedCount == 0)
            #expect(again.migrationCount == 0)
        }
    }

    @Test("takes schemas whose names need quotes, and none of the server's own")
    func quotesNames() async throws {
        let names = ["Acme Inc.", "o'brien", "say \"hi\"", "select", "back\\slash", "ümlaut", "x,y", "UPPER"]
        try await withStage(Self.files) { stage in
            for name in names { try await stage.run("create schema \"\(name.replacing("\"", with: "\"\""))\"") }
            var fanOut = FanOut(
                directory: stage.folder.path,
                targets: .schemas([SchemaPattern("*")], of: stage.settings)
            )
            fanOut.options.parallelism = 3
            let (failed, summary, _) = try await stage.end(of: fanOut.migrate())
            #expect(failed.isEmpty, "\(failed)")
            #expect(summary.count == names.count + 1)  // and public
            #expect(summary.migratedCount == names.count + 1)
            let again = try await fanOut.migrate()()
            #expect(again?.upToDateCount == names.count + 1)
            #expect(try await stage.wholeTenants() == names.count + 1)
        }
    }

    @Test("does not let the tables of a schema that cannot come first in the search path get into another")
    func refusesUnusableSchemas() async throws {
        try await withTenants(2, Self.files) { stage in
            try await stage.run("create schema \"$user\"")
            var fanOut = FanOut(
                directory: stage.folder.path,
                targets: .schemas([SchemaPattern("t*"), SchemaPattern("$*")], of: stage.settings)
            )
            fanOut.options.failureRule = .proceed
            let (failed, summary, error) = try await stage.end(of: fanOut.migrate())
            let refusal = try #require(failed["$user"] as? MigratorError)
            #expect(failed.count == 1)
            #expect(
                refusal.message
                    == "the schema \"$user\" cannot come first in the search path: the server takes public in its place"
            )
            #expect(summary.migratedCount == 2)
            #expect(error?.code == .targetsRefused)
            #expect(try await stage.tables() == [])
        }
    }

    @Test("matches names as psql does: * and ? are wildcards, _ and % are letters")
    func matchesNames() async throws {
        try await withStage([:]) { stage in
            try await stage.run(
                #"create schema a_1; create schema ax1; create schema "a%1"; create schema a_22; create schema "a\1""#
            )
            func names(_ patterns: String...) async throws -> [String] {
                let scan = TenantScan(
                    files: try await MigrationDirectory(readingFrom: stage.folder.path),
                    goal: .none,
                    options: Migrator.Options()
                )
                return try await withPostgresConnection(to: stage.settings) { connection in
                    try await scan.tenants(fitting: patterns.map { SchemaPattern($0) }, on: connection).map(\.schema)
                }
            }
            #expect(try await names("a_*") == ["a_1", "a_22"])
            #expect(try await names("a?1") == ["a%1", "a\\1", "a_1", "ax1"])
            #expect(try await names("a%1") == ["a%1"])
            #expect(try await names(#"a\1"#) == [#"a\1"#])
            #expect(try await names("ax1", "a_?") == ["a_1", "ax1"])
            #expect(try await names("pg_*", "information_schema") == [])
        }
    }

    @Test("stops after a failure: nothing new begins, and the error counts and names what failed")
    func stops() async throws {
        try await withTenants(40, Self.files) { stage in
            try await stage.run("create table t03.orders (i int)")
            var fanOut = stage.fanOut()
            fanOut.options.parallelism = 2
            let (failed, summary, error) = try await stage.end(of: fanOut.migrate())
            #expect(failed.keys.sorted() == ["t03"])
            let failure = try #require(failed["t03"] as? MigratorError)
            #expect(failure.message.hasPrefix("statement 1 of 1: relation \"orders\" already exists"))
            #expect(failure.state == "rolled back; the last applied migration is 0001_users")
            #expect(summary.failed == ["t03"])
            #expect(summary.migratedCount < 10)
            #expect(summary.migratedCount + summary.notBegunCount == 39)
            #expect(error?.code == .targetsFailed)
            #expect(error?.isRefusal == false)
            #expect(error?.message == "1 of 40 schemas failed: t03")
            #expect(error?.state.hasSuffix("were not begun") == true)
            #expect(try await stage.wholeTenants() == summary.migratedCount)

            try await stage.run("drop table t03.orders")
            let again = try #require(try await stage.fanOut().migrate()())
            #expect(again.migratedCount == 40 - summary.migratedCount)
            #expect(try await stage.wholeTenants() == 40)
        }
    }

    @Test("goes on after failures where told to, and names ten of them")
    func proceeds() async throws {
        try await withTenants(40, Self.files) { stage in
            for number in 10...21 { try await stage.run("create table t\(number).orders (i int)") }
            var fanOut = stage.fanOut()
            fanOut.options.failureRule = .proceed
            let (failed, summary, error) = try await stage.end(of: fanOut.migrate())
            #expect(failed.count == 12)
            #expect(summary.migratedCount == 28)
            #expect(summary.notBegunCount == 0)
            #expect(error?.message.hasPrefix("12 of 40 schemas failed: t1") == true)
            #expect(error?.message.hasSuffix(" and 2 more") == true)
            #expect(error?.state == "28 are migrated")
            #expect(try await stage.wholeTenants() == 28)
        }
    }

    @Test("counts as a refusal if nothing was run where it failed")
    func tellsRefusals() async throws {
        try await withTenants(3, Self.files) { stage in
            try await stage.fanOut().migrate()()
            try await stage.run(
                "update t02.schema_migrations set checksum = 'v1:' || repeat('0', 64) where position = 1"
            )
            var fanOut = stage.fanOut()
            fanOut.options.failureRule = .proceed
            let (failed, _, error) = try await stage.end(of: fanOut.migrate())
            #expect((failed["t02"] as? MigratorError)?.code == .checksumMismatch)
            #expect(error?.code == .targetsRefused)
            #expect(error?.isRefusal == true)
            #expect(error?.state == "2 were up to date already")
        }
    }

    @Test("sends canaries first: if one fails, nothing else is run")
    func sendsCanaries() async throws {
        try await withTenants(12, Self.files) { stage in
            try await stage.run("create table t02.orders (i int)")
            var fanOut = stage.fanOut()
            fanOut.options.failureRule = .proceed
            fanOut.options.canary = .first(3)
            let (_, first, error) = try await stage.end(of: fanOut.migrate())
            #expect(first.migratedCount == 1)
            #expect(first.failed == ["t02"])
            #expect(first.notBegunCount == 10)
            #expect(error?.state == "1 is migrated, 10 were not begun")

            // t01 is done already, and no canary any more.
            try await stage.run("drop table t02.orders")
            var passed: [String] = []
            for try await event in fanOut.migrate() {
                if case .canaryPassed(let names) = event { passed = names }
            }
            #expect(passed == ["t02", "t03", "t04"])
            #expect(try await stage.wholeTenants() == 12)
        }
    }

    @Test("takes a canary by its name, which has to be there")
    func namesCanary() async throws {
        try await withTenants(5, Self.files) { stage in
            try await stage.run("create table t04.users (i int)")
            var fanOut = stage.fanOut()
            fanOut.options.canary = .named("t04")
            let (failed, summary, _) = try await stage.end(of: fanOut.migrate())
            #expect(failed.keys.sorted() == ["t04"])
            #expect(summary.migratedCount == 0)
            fanOut.options.canary = .named("t99")
            let error = try #require(await #expect(throws: MigratorError.self) { try await fanOut.migrate()() })
            #expect(error.code == .noTarget)
            #expect(error.message == "the canary t99 is none of the schemas")
        }
    }

    @Test("says so if no schema fits")
    func refusesNothing() async throws {
        try await withStage(Self.files) { stage in
            let fanOut = FanOut(
                directory: stage.folder.path,
                targets: .schemas([SchemaPattern("tenant_*"), SchemaPattern("t?")], of: stage.settings)
            )
            let error = try #require(await #expect(throws: MigratorError.self) { try await fanOut.migrate()() })
            #expect(error.code == .noTarget)
            #expect(error.message == "no schema fits tenant_*, t?")
        }
    }

    @Test("keeps to each schema in every form of migration")
    func keepsToSchema() async throws {
        let files = [
            "0001_t.sql": """
            create type mood as enum ('good', 'bad');
            create table t (id int primary key, m mood, done boolean);
            insert into t select g, 'good', false from generate_series(1, 300) g;
            set search_path = pg_catalog;
            """,
            "0002_index.sql": """
            create index concurrently t_m on t (m);
            create index concurrently t_even on t (id) where id % 2 = 0;
            insert into t values (1000, 'bad', false);
            begin;
            create table u (i int);
            commit;
            vacuum t;
            reindex index concurrently t_m;
            """,
            "0003_fill.sql": """
            -- lastro: batch key=id size=100
            update t set done = true where id >= :from and id < :to
            """,
            "0004_assert.sql": """
            -- lastro: assert (select count(*) = 301 from t where done)
            create view v as select * from t;
            """,
            "0004_assert.verify.sql": "select count(*) = 301 from v;",
            "R__view.sql": "create or replace view w as select count(*) as n from u;",
        ]
        try await withTenants(12, files) { stage in
            try await stage.run("create table public.t (id int primary key, done boolean)")
            for try await event in stage.fanOut().migrate() {
                if case .failed(let target, let error) = event { Issue.record("\(target): \(error)") }
            }
            let whole = """
                select count(*) from pg_namespace n where nspname ~ '^t[0-9]+$'
                and (select bool_and(indisvalid) and count(*) = 3 from pg_index
                    where indrelid = (quote_ident(nspname) || '.t')::regclass)
                and to_regclass(quote_ident(nspname) || '.u') is not null
                and to_regclass(quote_ident(nspname) || '.v') is not null
                and to_regclass(quote_ident(nspname) || '.w') is not null
                """
            #expect(try await stage.value(whole) == 12)
            #expect(try await stage.value("select count(*) from t07.t where done") == 301)
            #expect(try await stage.value("select count(*) from public.t", as: Int.self) == 0)
            #expect(try await stage.value("select count(*) from t07.lastro_steps", as: Int.self) == 0)
            #expect(try await stage.fanOut().migrate()()?.upToDateCount == 12)
        }
    }

    @Test("bears migrations that make one and the same object from every schema")
    func bearsCatalogConflicts() async throws {
        let files = [
            "0001_x.sql": "create extension if not exists btree_gin with schema public; create table a (i int);",
            "0002_public.sql": """
            create or replace function public.shared() returns int language sql as 'select 1';
            comment on schema public is 'shared';
            """,
        ]
        try await withTenants(16, files) { stage in
            var fanOut = stage.fanOut()
            fanOut.options.parallelism = 8
            fanOut.options.failureRule = .proceed
            let (failed, summary, _) = try await stage.end(of: fanOut.migrate())
            #expect(failed.isEmpty, "\(failed)")
            #expect(summary.migratedCount == 16)
        }
    }

    @Test("shares the work with another fan-out over the same schemas, and each migration runs once")
    func sharesWork() async throws {
        var files = Self.files
        files["0004_once.sql"] = "create table once (i int unique); insert into once values (1);"
        try await withTenants(40, files) { stage in
            let summaries = try await withThrowingTaskGroup(of: FanOutSummary?.self) { group in
                for _ in 0..<2 { group.addTask { try await stage.fanOut().migrate()() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }.compactMap { $0 }
            #expect(summaries.map(\.migratedCount).reduce(0, +) == 40)
            #expect(summaries.map(\.migrationCount).reduce(0, +) == 160)
            #expect(summaries.allSatisfy { $0.failed.isEmpty && $0.notBegunCount == 0 })
            #expect(try await stage.wholeTenants() == 40)
        }
    }

    @Test("rolls back what is under way when it is cancelled, and says where it stands")
    func cancels() async throws {
        var files = Self.files
        files["0004_slow.sql"] = "create table slow (i int); select pg_sleep(60);"
        try await withTenants(8, files) { stage in
            let run = Task { [fanOut = stage.fanOut()] in try await fanOut.migrate()() }
            try await stage.wait(
                until:
                    "select count(*) = 4 from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'"
            )
            run.cancel()
            let error = try #require(await #expect(throws: MigratorError.self) { try await run.value })
            #expect(error.code == .interrupted)
            #expect(error.message.hasPrefix("the run over 8 schemas was interrupted; under way, or failed before: t0"))
            #expect(
                error.state
                    == "what was under way was rolled back, or is on record as far as it came; 4 were not begun"
            )
            #expect(try await stage.value("select count(*) = 0 from pg_class where relname = 'slow'"))
            #expect(try await stage.value("select count(*) = 4 from pg_class where relname = 'users'"))
        }
    }

    @Test("goes through PgBouncer, but for statements outside of transactions, which cannot find their schema there")
    func bearsPooler() async throws {
        try await withTenants(6, Self.files) { stage in
            let folder = stage.folder
            try await withPgBouncer(to: stage.settings, poolSize: 6) { pooled in
                let stage = Stage(settings: pooled, folder: folder)
                var fanOut = stage.fanOut()
                fanOut.options.parallelism = 2
                #expect(try await fanOut.migrate()()?.migratedCount == 6)
                try folder.write("create index concurrently orders_user on orders (user_id);", to: "0004_index.sql")
                let (failed, summary, error) = try await stage.end(of: fanOut.migrate())
                #expect(!failed.isEmpty)
                #expect(summary.migratedCount == 0)
                #expect(error?.code == .targetsRefused)
                let refusal = failed.values.first as? MigratorError
                #expect(refusal?.message.hasPrefix("SET search_path sets something for the session") == true)
            }
            #expect(try await stage.wholeTenants() == 6)
            #expect(try await stage.fanOut().migrate()()?.migratedCount == 6)
        }
    }

    @Test("reads and splits each file once for all schemas")
    func readsOnce() async throws {
        try await withTenants(6, Self.files) { stage in
            var seen = 0
            for try await event in stage.fanOut().migrate() {
                // From the first finished one on, the files are not looked at any more.
                guard case .finished = event else { continue }
                seen += 1
                for name in Self.files.keys where seen == 1 { try stage.folder.write("select 1 / 0", to: name) }
            }
            #expect(seen == 6)
            for (name, text) in Self.files { try stage.folder.write(text, to: name) }
            #expect(try await stage.wholeTenants() == 6)
        }
    }

    @Test("says where each schema stands, and changes nothing")
    func looks() async throws {
        try await withTenants(4, Self.files) { stage in
            try await stage.fanOut().migrate()()
            try await stage.run(
                """
                delete from t02.schema_migrations where name = '0003_rows';
                update t03.schema_migrations set outcome = null where name = '0001_users';
                drop schema t04 cascade; create schema t04;
                """
            )
            var standings: [String: TargetStanding] = [:]
            for try await event in stage.fanOut().look() {
                if case .looked(let target, let standing) = event { standings[target] = standing }
            }
            #expect(standings["t01"]?.isUpToDate == true)
            #expect(standings["t01"]?.appliedCount == 3)
            #expect(standings["t02"]?.pending == ["0003_rows"])
            #expect(standings["t03"]?.problems.map(\.code) == [.foreignRow])
            #expect(standings["t04"]?.pending.count == 3)
            #expect(try await stage.value("select to_regclass('t04.schema_migrations') is null"))
        }
    }

    @Test("goes to a goal, where it knows again what is done")
    func goesToGoal() async throws {
        try await withTenants(3, Self.files) { stage in
            let first = try await stage.fanOut().migrate(to: .through("0002"))()
            #expect(first?.migrationCount == 6)
            var counts: [Int] = []
            for try await event in stage.fanOut().migrate(to: .through("0002")) {
                guard case .finished(_, let summary) = event else { continue }
                #expect(summary.migrations.isEmpty)
                #expect(summary.appliedCount == 2)
                counts.append(summary.pendingCount)
            }
            #expect(counts == [1, 1, 1])
            #expect(try await stage.fanOut().migrate(to: .steps(1))()?.migrationCount == 3)
        }
    }

    @Test("works with more workers than the server has connections for")
    func bearsFewConnections() async throws {
        try await withLocalServer(LocalServer.Options(settings: ["max_connections": "10"])) { server in
            let settings = try ConnectionSettings(server.connectionString())
            try await withTemporaryFolder(Self.files) { folder in
                let stage = Stage(settings: settings, folder: folder)
                for number in 1...30 { try await stage.run("create schema t\(number)") }
                var fanOut = stage.fanOut()
                fanOut.options.parallelism = 16
                let summary = try await fanOut.migrate()()
                #expect(summary?.migratedCount == 30)
            }
        }
    }
}

@Suite("A fan-out over databases")
struct DatabaseFanOutTests {
    @Test("migrates each, and counts one that cannot be reached")
    func migrates() async throws {
        try await withStage(["0001_t.sql": "create table t (i int)"]) { stage in
            try await withTestDatabase { second in
                let nowhere = stage.settings.with(database: "nowhere_at_all")
                var fanOut = FanOut(
                    directory: stage.folder.path,
                    targets: .databases([
                        FanOut.Target(name: "one", settings: stage.settings),
                        FanOut.Target(name: "gone", settings: nowhere),
                        FanOut.Target(name: "two", settings: second),
                    ])
                )
                fanOut.options.failureRule = .proceed
                let (failed, summary, error) = try await stage.end(of: fanOut.migrate())
                #expect((failed["gone"] as? PostgresError)?.code == .connectionFailed)
                #expect(failed.count == 1)
                #expect(summary.migratedCount == 2)
                #expect(error?.code == .targetsFailed)
                #expect(error?.message == "1 of 3 databases failed: gone")
                #expect(try await stage.tables() == ["t"])
                fanOut = FanOut(
                    directory: stage.folder.path,
                    targets: .databases([FanOut.Target(name: "gone", settings: nowhere)])
                )
                let alone = try await stage.end(of: fanOut.migrate())
                #expect(alone.error?.code == .targetsUnreachable)
            }
        }
    }
}

extension Stage {
    fileprivate func fanOut() -> FanOut {
        FanOut(directory: folder.path, targets: .schemas([SchemaPattern("t*")], of: settings))
    }

    /// In how many schemas all of the test's migrations are there, with their rows in the history.
    fileprivate func wholeTenants() async throws -> Int {
        let schemas = try await withPostgresConnection(to: settings) { connection in
            try await connection.query(
                """
                select quote_ident(nspname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where relname = 'schema_migrations'
                """
            ).decode(as: String.self)
        }
        var whole = 0
        for name in schemas {
            let count = try await value(
                "select count(*) from \(name).schema_migrations where outcome = 'applied'",
                as: Int.self
            )
            let hasOrders = try await value("select to_regclass($$\(name).orders$$) is not null", as: Bool.self)
            guard hasOrders, try await value("select count(*) from \(name).orders", as: Int.self) == 1 else { continue }
            if count >= 3 { whole += 1 }
        }
        return whole
    }

    /// What failed in a fan-out, how it ended, and with which error.
    fileprivate func end(
        of run: FanOutRun
    ) async throws -> (failed: [String: any Error], summary: FanOutSummary, error: MigratorError?) {
        var failed: [String: any Error] = [:]
        var summary: FanOutSummary?
        var end: MigratorError?
        do {
            for try await event in run {
                switch event {
                case .failed(let target, let error): failed[target] = error
                case .ended(let sum): summary = sum
                default: continue
                }
            }
        } catch let error as MigratorError {
            end = error
        }
        return (failed, try #require(summary), end)
    }
}

/// Lends a database with so many empty schemas, `t01` and so on, to a test.
private func withTenants(
    _ count: Int,
    _ files: [String: String],
    _ body: (Stage) async throws -> Void
) async throws {
    try await withStage(files) { stage in
        for number in 1...count { try await stage.run("create schema t\(number < 10 ? "0" : "")\(number)") }
        try await body(stage)
    }
}
