import Postgres
import TestSupport
import Testing

@testable import Migrator

@Suite("A check of what a migration did")
struct VerificationTests {
    /// A file of each form that makes `t` of 3 rows, with what is so when a check of it fails.
    private static let forms: [(text: String, state: String)] = [
        (
            "create table t as select 1 as n from generate_series(1, 3);",
            "rolled back; the last applied migration is 0001_base"
        ),
        (
            "-- lastro: no-transaction\ncreate table t as select 1 as n from generate_series(1, 3);\nvacuum t;",
            "what the file does is done and on record; 0002_t is not in the history yet"
        ),
        (
            "-- lastro: batch key=id table=base\ninsert into t select 1 from base where id >= :from and id < :to",
            "3 rows of 0002_t are done, each range on record; it is not in the history yet"
        ),
    ]

    private static func files(_ form: String, verify: String) -> [String: String] {
        [
            "0001_base.sql":
                "create table base as select generate_series(1, 3) as id; alter table base add primary key (id);"
                + (form.contains("insert into t") ? " create table t (n int);" : ""),
            "0002_t.sql": form, "0002_t.verify.sql": verify,
        ]
    }

    @Test(
        "takes the migration back when it gives false, or keeps it out of the history, and names its line",
        arguments: forms.indices
    )
    func isFalse(form: Int) async throws {
        let (text, state) = Self.forms[form]
        let files = Self.files(text, verify: "-- what must be so\nselect true;\n  select count(*) = 4 from t;\n")
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .assertionFailed)
            #expect(error.message == "this check gave false after the migration had run")
            #expect(error.location.map { "\($0)" }?.hasSuffix("0002_t.verify.sql:3:3") == true)
            #expect(error.state == state)
            #expect(try await stage.value("select to_regclass('t') is null") == state.hasPrefix("rolled back"))
            #expect(try await stage.states() == ["0001_base applied", "0002_t failed"])
            try stage.folder.write("select count(*) = 3 from t", to: "0002_t.verify.sql")
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select count(*) = 3 from t"))
            #expect(try await stage.states() == ["0001_base applied", "0002_t applied"])
        }
    }

    @Test("has an error's place in its own file", arguments: forms.indices)
    func fails(form: Int) async throws {
        let files = Self.files(Self.forms[form].text, verify: "select 1;\nselect nope from t;")
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .statementFailed)
            #expect(error.message == "column \"nope\" does not exist (SQLSTATE 42703)")
            #expect(error.location.map { "\($0)" }?.hasSuffix("0002_t.verify.sql:2:8") == true)
            #expect(try await stage.states() == ["0001_base applied", "0002_t failed"])
        }
    }

    @Test("changes nothing itself that stays out of its migration's transaction")
    func isPartOfTheTransaction() async throws {
        let files = [
            "0001_t.sql": "create table t (i int)", "0001_t.verify.sql": "insert into t values (1); select false",
        ]
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.location.map { "\($0)" }?.hasSuffix("0001_t.verify.sql:1:27") == true)
            #expect(try await stage.tables() == [])
        }
    }

    @Test("cannot hold what does not run in a transaction")
    func refusesSteps() async throws {
        let files = ["0001_t.sql": "create table t (i int)", "0001_t.verify.sql": "vacuum t"]
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.isRefusal)
            #expect(error.location.map { "\($0)" }?.hasSuffix("0001_t.verify.sql") == true)
            #expect(try await stage.tables() == [])
        }
    }

    @Test(
        "before it, an assertion, keeps every form of migration from beginning, and names its line",
        arguments: forms.indices
    )
    func assertsBefore(form: Int) async throws {
        let text = "-- lastro: assert select exists (select from base where id = 4)\n" + Self.forms[form].text
        try await withStage(Self.files(text, verify: "select true")) { stage in
            for _ in 1...2 {
                let error = try await stage.failure(of: stage.migrator().migrate())
                #expect(error.code == .assertionFailed)
                #expect(error.message == "this does not hold: select exists (select from base where id = 4)")
                #expect(error.location.map { "\($0)" }?.hasSuffix("0002_t.sql:1:19") == true)
                #expect(error.state == "rolled back; the last applied migration is 0001_base")
            }
            #expect(try await stage.value("select count(*) = 0 from lastro_steps"))
            try await stage.run("insert into base values (4)")
            try await stage.migrator().migrate()()
            #expect(try await stage.states() == ["0001_base applied", "0002_t applied"])
        }
    }

    @Test("that cannot be asked has the server's words, at the assertion's line")
    func cannotBeAsked() async throws {
        let files = [
            "0001_t.sql": "-- one\n-- lastro: assert select count(*) = 0 from nowhere\ncreate table t (i int);"
        ]
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .statementFailed)
            #expect(error.message == "relation \"nowhere\" does not exist (SQLSTATE 42P01)")
            #expect(error.location.map { "\($0)" }?.hasSuffix("0001_t.sql:2:19") == true)
            #expect(try await stage.tables() == [])
        }
    }

    @Test("tells which steps are done when one in a transaction of its own fails")
    func namesStepsDone() async throws {
        let files = [
            "0001_t.sql": "create table t (i int);\nvacuum t;\nbegin;\ninsert into t values (1);\nselect nope;\ncommit;"
        ]
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.location.map { "\($0)" }?.hasSuffix("0001_t.sql:5:8") == true)
            #expect(error.state == "the file runs step by step; the steps before this one are done and on record")
            #expect(try await stage.value("select count(*) = 0 from t"))
        }
    }

    @Test("tells what is done when a run of steps is interrupted or cut", arguments: [false, true])
    func endsSteps(isCut: Bool) async throws {
        let files = ["0001_t.sql": "create table t (i int);\nvacuum t;\ninsert into t select 1 from pg_sleep(60);"]
        try await withStage(files) { stage in
            let run = Task { try await stage.migrator().migrate()() }
            try await stage.wait(
                until:
                    "select exists (select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database())"
            )
            if isCut {
                try await stage.run(
                    "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
                )
            } else {
                run.cancel()
            }
            let error = await #expect(throws: MigratorError.self) { try await run.value }
            #expect(error?.code == (isCut ? .outcomeUnknown : .interrupted))
            #expect(error?.state.contains("are done and on record") == true)
            #expect(error?.state.contains("rolled back") == false)
        }
    }
}
