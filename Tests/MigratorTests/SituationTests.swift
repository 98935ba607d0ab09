import Postgres
import TestSupport
import Testing

@testable import Migrator

/// What runners of migrations are known to stumble over; docs/faults.md lists where the rest is tested.
@Suite("Situations that runners stumble over")
struct SituationTests {
    @Test(
        "A body without quotes around it is one statement, in a transaction and step by step",
        arguments: [
            "create procedure p() language sql begin atomic select 1; select 2; end;",
            "create function p() returns int language sql begin atomic select 1 as pending; select 2 as legend; end;",
            """
            create table e ("end" int, "case" int);
            create function p() returns setof int language sql begin atomic
                select t."end" from e t; select 1 as end; select case when true then t."case" end from e t; end;
            """,
            """
            create function p() returns trigger language plpgsql as $$ begin
                if 1 > 0 then raise exception 'x;y'; end if; return old; end $$;
            """,
        ],
        [false, true]
    )
    func splitsBodies(text: String, isStepwise: Bool) async throws {
        let file = (isStepwise ? "-- lastro: no-transaction\n" : "") + text + "\ncreate table behind (i int);"
        try await withStage(["0001_p.sql": file]) { stage in
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select count(*) = 1 from pg_proc where proname = 'p'"))
            #expect(try await stage.tables().contains("behind"))
        }
    }

    @Test("Each statement of a file without a transaction is sent by itself")
    func sendsSteps() async throws {
        let files = [
            "0001_p.sql":
                "create table p (a int) partition by range (a); create table p1 partition of p for values from (1) to (9);",
            "0002_index.sql": """
            -- lastro: no-transaction
            create index i on only p (a); create index concurrently i1 on p1 (a); alter index i attach partition i1;
            """,
        ]
        try await withStage(files) { stage in
            var steps: [Int] = []
            for try await event in stage.migrator().migrate() {
                if case .stepDone(_, let step, _) = event { steps.append(step) }
            }
            #expect(steps == [1, 2, 3])
            #expect(
                try await stage.value(
                    "select bool_and(indisvalid) and count(*) = 2 from pg_index where indexrelid in ('i'::regclass, 'i1'::regclass)"
                )
            )
        }
    }

    @Test("A line of hundreds of kilobytes does not hide what comes behind it")
    func readsLongLines() async throws {
        let line = "insert into t values ('" + String(repeating: "long ", count: 60_000) + "');"
        try await withStage(["0001_t.sql": "create table t (s text);\n\(line)\ncreate table marker (i int);"]) {
            stage in
            try await stage.migrator().migrate()()
            #expect(try await stage.tables() == ["marker", "t"])
            #expect(try await stage.value("select length(s) from t", as: Int.self) == 300_000)
        }
    }

    @Test("A repair leaves the rows of a baseline as they are")
    func repairsNoBaseline() async throws {
        let files = Dictionary(uniqueKeysWithValues: (1...4).map { ("000\($0)_t.sql", "create table t\($0) (i int);") })
        try await withStage(files) { stage in
            try await stage.migrator().baseline(at: "3")
            try await stage.migrator().migrate()()
            let rows =
                "select string_agg(h::text, ' ' order by position) from schema_migrations h where outcome = 'baseline'"
            let before = try await stage.value(rows, as: String.self)
            _ = try await stage.migrator().repair(reason: "a look")
            #expect(try await stage.value(rows, as: String.self) == before)
            #expect(try await stage.tables() == ["t4"])
        }
    }

    @Test("Histories in two schemas of one database do not wait for each other")
    func keepsSchemasApart() async throws {
        try await withStage(["0001_t.sql": "create table t (i int); select pg_sleep(60);"]) { slow in
            try await slow.run("create schema tenant_a; create schema tenant_b")
            func migrator(_ folder: String, _ schema: String) -> Migrator {
                Migrator(directory: folder, database: slow.settings.with("options", "-c search_path=\(schema)"))
            }
            let first = Task { try await migrator(slow.folder.path, "tenant_a").migrate()() }
            try await slow.wait(
                until:
                    "select exists (select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database())"
            )
            try await withTemporaryFolder(["0001_t.sql": "create table t (i int);"]) { folder in
                for count in [1, 0] {
                    let summary = try await migrator(folder.path, "tenant_b").migrate()()
                    #expect(summary.migrations.count == count)
                }
            }
            first.cancel()
            let end = await first.result
            #expect(throws: MigratorError.self) { try end.get() }
            #expect(
                try await slow.value(
                    "select to_regclass('tenant_a.t') is null and to_regclass('tenant_b.t') is not null"
                )
            )
        }
    }

    @Test("A history in a schema that is not there is made with it, once, by one of several runners")
    func makesItsSchema() async throws {
        try await withStage(["0001_t.sql": "create table t (i int);"]) { stage in
            let table = HistoryTableName(schema: "Own place", name: "history")
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var migrator = stage.migrator()
                        migrator.options.historyTable = table
                        return try await migrator.migrate()().migrations.count
                    }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(counts.sorted() == [0, 0, 0, 1])
            #expect(try await stage.value("select name || outcome from \"Own place\".history") == "0001_tapplied")
            #expect(try await stage.value("select to_regclass('t') is not null"))
        }
    }

    @Test("A migration that ends the session of the run's lock is the last one of its run")
    func losesItsLock() async throws {
        let files = [
            "0001_t.sql": """
            create table t (i int);
            select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory' and granted
                and database = (select oid from pg_database where datname = current_database());
            """,
            "0002_u.sql": "create table u (i int);",
        ]
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .lockLost)
            #expect(error.state.hasSuffix("the last applied migration is 0001_t"))
            #expect(try await stage.tables() == ["t"])
            try await stage.migrator().migrate()()
            #expect(try await stage.tables() == ["t", "u"])
        }
    }

    @Test("Limits on idle sessions end neither a run nor one that waits for it")
    func outlivesIdleLimits() async throws {
        let files = [
            "0001_t.sql": "create table t (i int); select pg_sleep(3.5);",
            "0002_u.sql":
                "-- lastro: batch key=id size=2 pause=3500ms table=u\ninsert into t select id from u where id >= :from and id < :to;",
        ]
        try await withStage(files) { stage in
            try await stage.run("create table u (id int primary key); insert into u values (1), (2)")
            try await stage.run(
                """
                do $$ begin
                    execute format('alter database %I set idle_session_timeout = ''3s''', current_database());
                    execute format('alter database %I set idle_in_transaction_session_timeout = ''3s''', current_database());
                end $$
                """
            )
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<3 { group.addTask { try await stage.migrator().migrate()().migrations.count } }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(counts.sorted() == [0, 0, 2])
        }
    }

    @Test("A history that another hand makes in the same moment is looked at again")
    func meetsAnotherCreator() async throws {
        try await withStage(["0001_t.sql": "create table t (i int);"]) { stage in
            try await withPostgresConnection(to: stage.settings) { other in
                try await other.script(
                    "begin; create table schema_migrations (name text primary key, applied_at timestamptz default now())"
                )
                let run = Task { try await stage.migrator().migrate()() }
                try await stage.wait(
                    until:
                        "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'lastro' and datname = current_database())"
                )
                try await other.script("commit")
                let summary = try await run.value
                #expect(summary.migrations == ["0001_t"])
            }
            #expect(try await stage.states() == ["0001_t applied"])
        }
    }

    @Test(
        "A COMMIT that hides in a body fails, and leaves nothing",
        arguments: [
            "do $$ begin insert into a values (1); commit; end $$",
            "create procedure p() language plpgsql as $$ begin insert into a values (1); commit; end $$; call p()",
        ]
    )
    func refusesHiddenCommits(text: String) async throws {
        try await withStage(["0001_a.sql": "create table a (i int)", "0002_b.sql": text]) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.message.contains("invalid transaction termination (SQLSTATE 2D000)"))
            #expect(try await stage.value("select count(*) = 0 from a"))
            #expect(try await stage.states() == ["0001_a applied", "0002_b failed"])
        }
    }

    @Test("An enum value serves in the next file, and as a default in its own")
    func usesEnumValues() async throws {
        let files = [
            "0001_e.sql": "create type e as enum ('a'); create table t (c e default 'a');",
            "0002_x.sql": "alter type e add value 'x';", "0003_use.sql": "insert into t values ('x');",
            "0004_y.sql": "alter type e add value 'y'; alter table t alter c set default 'y';",
            "0005_default.sql": "insert into t default values;",
        ]
        try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            #expect(
                try await stage.value("select string_agg(c::text, ' ' order by c) from t", as: String.self) == "x y"
            )
        }
    }

    @Test("Files behave the same whether they run together or one by one")
    func keepsFilesApart() async throws {
        let files = [
            "0001_a.sql": """
            set my.v = 'a'; set statement_timeout = '1s'; create temp table tmp (i int); prepare p as select 1; listen ch;
            set role lastro; select pg_advisory_lock(77); set default_transaction_read_only = on;
            select pg_catalog.set_config('search_path', '', false); create table public.z (i int);
            """,
            "0002_b.sql": """
            create table seen as select coalesce(current_setting('my.v', true), '') as v, current_user::text as u,
                current_setting('statement_timeout') as t, current_setting('transaction_read_only') as r;
            create table tmp (i int); select pg_sleep(1.1);
            """,
        ]
        let content =
            "select (select string_agg(s::text, ' ') from seen s) || (select string_agg(relname, ' ' order by relname) from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace)"
        let together = try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            return try await stage.value(content, as: String.self)
        }
        let apart = try await withStage(files) { stage in
            for _ in 1...2 { try await stage.migrator().migrate(to: .steps(1))() }
            return try await stage.value(content, as: String.self)
        }
        #expect(together == apart)
        #expect(together.hasPrefix("(\"\",lastro,0,off)"), "\(together)")
    }
}
