import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Migrator

@Suite("Hooks")
struct HookTests {
    private static let files = [
        "0001_a.sql": "insert into log values ('a');", "0002_b.sql": "insert into log values ('b');\nvacuum;",
        "before-run.sql":
            "create table if not exists log (what text, at serial); insert into log values ('before-run');",
        "after-run.sql": "insert into log values ('after-run');",
        "before-each.sql": "insert into log values ('before-each');",
        "after-each.sql": "insert into log values ('after-each');",
    ]

    @Test("runs the folder's hook files around a run and around each migration, in its transaction")
    func runsFiles() async throws {
        try await withStage(Self.files) { stage in
            try await stage.migrator().migrate()()
            let log = try await stage.value("select string_agg(what, ' ' order by at) from log", as: String.self)
            #expect(log == "before-run before-each a after-each before-each b after-each after-run")
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select count(*) from log", as: Int.self) == 8)
        }
    }

    @Test("rolls a migration back whose hook fails, and names the place in the hook's file")
    func failsWithHook() async throws {
        let files = [
            "0001_a.sql": "create table a (i int);", "0002_b.sql": "create table b (i int);",
            "after-each.sql": "select 1;\nselect 1 / (select 1 - count(*) from pg_class where relname = 'b');",
        ]
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.location.map { "\($0)" }?.hasSuffix("after-each.sql:2:1") == true)
            #expect(error.message.hasPrefix("division by zero"))
            #expect(error.state == "rolled back; the last applied migration is 0001_a")
            #expect(try await stage.states() == ["0001_a applied", "0002_b failed"])
        }
    }

    @Test("runs nothing when the hook before the run fails")
    func failsBeforeRun() async throws {
        try await withStage(["0001_a.sql": "create table a (i int);", "before-run.sql": "\nselect nothing;"]) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .hookFailed && error.state == "nothing was run")
            #expect(error.location.map { "\($0)" }?.hasSuffix("before-run.sql:2:8") == true)
            #expect(try await stage.tables() == [])
            #expect(try await stage.value("select count(*) = 1 from lastro_events where event = 'hook-failed'"))
        }
    }

    @Test("calls an action at the same moments, and stops where it fails")
    func runsActions() async throws {
        struct Failure: Error {}
        try await withStage(["0001_a.sql": "create table a (i int);", "0002_b.sql": "create table b (i int);"]) {
            stage in
            let calls = Mutex<[String]>([])
            var migrator = stage.migrator()
            migrator.hookAction = { hook, step in
                calls.withLock { $0.append("\(hook.rawValue) \(step?.name ?? "")") }
                if hook == .afterEach, step?.name == "0001_a" { throw Failure() }
            }
            let error = try await stage.failure(of: migrator.migrate())
            #expect(error.code == .hookFailed)
            #expect(error.state == "0001_a is applied; nothing behind it was run")
            #expect(calls.withLock { $0 } == ["before-run ", "before-each 0001_a", "after-each 0001_a"])
            #expect(try await stage.states() == ["0001_a applied", "0002_b pending"])
        }
    }
}

@Suite("All in one transaction")
struct SingleTransactionTests {
    private func migrator(_ stage: Stage) -> Migrator {
        var migrator = stage.migrator()
        migrator.options.isSingleTransaction = true
        return migrator
    }

    @Test("leaves nothing of any when one fails, and tells of none before")
    func rollsBackAll() async throws {
        let files = [
            "0001_a.sql": "create table a (i int);", "0002_b.sql": "create table b (i int);",
            "0003_c.sql": "select 1;\nselect nothing;",
        ]
        try await withStage(files) { stage in
            var applied: [String] = []
            let error = await #expect(throws: MigratorError.self) {
                for try await event in migrator(stage).migrate() {
                    if case .applied(let step, _) = event { applied.append(step.name) }
                }
            }
            #expect(error?.location.map { "\($0)" }?.hasSuffix("0003_c.sql:2:8") == true)
            #expect(error?.state == "rolled back; no migration is applied")
            #expect(applied == [])
            #expect(try await stage.tables() == [])
            try stage.folder.write("create table c (i int);", to: "0003_c.sql")
            try await migrator(stage).migrate()()
            #expect(try await stage.tables() == ["a", "b", "c"])
            #expect(
                try await stage.value("select count(distinct xmin::text) from schema_migrations", as: Int.self) == 1
            )
        }
    }

    @Test("tells of all that is committed when an action behind the first one fails")
    func tellsAll() async throws {
        struct Failure: Error {}
        let files = ["0001_a.sql": "create table a (i int);", "0002_b.sql": "create table b (i int);"]
        try await withStage(files) { stage in
            var migrator = migrator(stage)
            migrator.hookAction = { hook, step in if hook == .afterEach, step?.number == 1 { throw Failure() } }
            var applied: [String] = []
            await #expect(throws: MigratorError.self) {
                for try await event in migrator.migrate() {
                    if case .applied(let step, _) = event { applied.append(step.name) }
                }
            }
            #expect(applied == ["0001_a", "0002_b"])
            let states = try await stage.states()
            #expect(states == ["0001_a applied", "0002_b applied"])
        }
    }

    @Test("leaves nothing, and keeps the failure on record, when an action between two of them fails")
    func failsBetween() async throws {
        struct Failure: Error {}
        let files = ["0001_a.sql": "create table a (i int);", "0002_b.sql": "create table b (i int);"]
        try await withStage(files) { stage in
            var migrator = migrator(stage)
            migrator.hookAction = { hook, step in if hook == .beforeEach, step?.number == 2 { throw Failure() } }
            let error = try await stage.failure(of: migrator.migrate())
            #expect(error.code == .hookFailed)
            #expect(try await stage.tables() == [])
            #expect(try await stage.states() == ["0001_a pending", "0002_b failed"])
        }
    }

    @Test("ends the transaction where a new enum value is used, and around what runs step by step")
    func cuts() async throws {
        let files = [
            "0001_e.sql": "create type e as enum ('a'); create table t (e e);",
            "0002_v.sql": "alter type e add value 'b';", "0003_t.sql": "insert into t values ('b');",
            "0004_i.sql": "create index concurrently on t (e);", "0005_t.sql": "insert into t values ('b');",
        ]
        try await withStage(files) { stage in
            var remarks: [String] = []
            for try await event in migrator(stage).migrate() {
                if case .remark(let name, let text) = event { remarks.append("\(name ?? ""): \(text.prefix(27))") }
            }
            #expect(remarks == ["0002_v: adds a value to an enum, wh"])
            #expect(try await stage.value("select count(*) from t", as: Int.self) == 2)
            let groups = try await stage.value(
                "select string_agg(n::text, ' ' order by p) from (select min(position) p, count(*) n from schema_migrations group by xmin::text) x",
                as: String.self
            )
            #expect(groups == "2 1 1 1")
        }
    }
}

@Suite("What a file says at its head")
struct HeadTests {
    @Test("takes limits from the file's head")
    func limits() async throws {
        let text =
            "-- lastro: statement-timeout 50ms\n-- lastro: lock-timeout 10ms\nselect current_setting('lock_timeout');\nselect pg_sleep(10);"
        try await withStage(["0001_a.sql": text]) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.message.contains("canceling statement due to statement timeout"))
            #expect(error.location.map { "\($0)" }?.hasSuffix("0001_a.sql:4:1") == true)
        }
    }

    @Test("keeps the values of placeholders on record, and gives places of the file")
    func placeholders() async throws {
        let files = ["0001_a.sql": "create table ${table} (i int);", "0002_b.sql": "select '${table}', nothing;"]
        try await withStage(files) { stage in
            var migrator = stage.migrator()
            migrator.options.placeholders = ["table": "a_rather_long_name"]
            let error = try await stage.failure(of: migrator.migrate())
            #expect(error.location.map { "\($0)" }?.hasSuffix("0002_b.sql:1:20") == true)
            #expect(
                try await stage.value(
                    "select detail->>'placeholders' from lastro_events where event = 'applied'",
                    as: String.self
                )
                    == #"{"table":"a_rather_long_name"}"#
            )
        }
    }
}
