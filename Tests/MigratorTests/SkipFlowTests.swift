import Postgres
import SourceText
import TestSupport
import Testing

@testable import Migrator

@Suite("A skipped statement")
struct SkipFlowTests {
    @Test("is placed in its file, and told with what to write instead")
    func isTold() async throws {
        let text = """
            create table a (i int);

              create table if not exists b (
                i int,
                j int not null
              );
            """
        try await withStage(["0001_a.sql": "create table b (i int)", "0002_b.sql": text]) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.location.map { "\($0)" }?.hasSuffix("0002_b.sql:3:3") == true)
            #expect(
                error.message == """
                    statement 2 of 2: table b was there already, so CREATE TABLE IF NOT EXISTS left it as it was, and it is \
                    not as declared:
                      column j is missing
                    """
            )
            #expect(error.state == "rolled back; the last applied migration is 0001_a")
            #expect(
                error.next == """
                    write instead, or before it:
                           ALTER TABLE public.b ADD COLUMN j int not null;
                           or, if the difference is meant, run with --on-skip warn
                    """
            )
            #expect(!error.isRefusal)
            #expect(try await stage.tables() == ["b"])
            #expect(try await stage.states() == ["0001_a applied", "0002_b failed"])
        }
    }

    @Test("of a file is judged by what the same file has made before")
    func isJudgedWithinAFile() async throws {
        let text = "create table if not exists a (i int); create table if not exists a (i int, j int)"
        try await withStage(["0001_a.sql": text]) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .skippedStatement)
            #expect(error.location.map { "\($0)" }?.hasSuffix("0001_a.sql:1:39") == true)
            try stage.folder.write(text.replacing(", j int", with: ""), to: "0001_a.sql")
            #expect(try await stage.skips().map(\.result) == [.asDeclared])
        }
    }

    @Test(
        "is judged by what was there right before it",
        arguments: [
            ("do $$ begin create table a (i int); end $$; create table if not exists a (j int)", "column j is missing"),
            ("alter table x rename to a; create table if not exists a (j int)", "column j is missing"),
            ("drop table x; create table if not exists x (j int)", nil),
            ("alter table x rename to y; create table if not exists x (j int); alter table x drop j", nil),
            ("alter table x add j int; create table if not exists x (j int); alter table x drop j", nil),
            ("create table if not exists x (i int); alter table x alter i type bigint", nil),
            (
                "create table a (i serial); create sequence if not exists a_i_seq as bigint",
                "the sequence is AS integer"
            ),
            ("create table a (i int); alter table a add column if not exists i text", "column i is integer"),
            ("alter table x add j int; alter table x add column if not exists j text", "column j is integer"),
            ("create schema s; set local search_path = s; create table if not exists x (j int)", nil),
            ("create table if not exists x (i int, j int); alter table x add column if not exists j int", nil),
            ("create table if not exists x (i int, j int); create index x_j on x (j)", "column j is missing"),
        ]
    )
    func isJudgedInPlace(text: String, words: String?) async throws {
        try await withStage(["0001_a.sql": text]) { stage in
            try await stage.run("create table x (i int)")
            guard let words else {
                #expect(try await stage.skips().allSatisfy { $0.result == .asDeclared })
                return
            }
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .skippedStatement && error.message.contains(words), "\(error)")
        }
    }

    @Test("is not to blame for a failure behind a statement that may have mended it")
    func isNotToBlame() async throws {
        let text = """
            create table if not exists x (i int, j int);
            alter table x add column j int;
            select 1 / 0;
            """
        try await withStage(["0001_a.sql": text]) { stage in
            try await stage.run("create table x (i int)")
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .statementFailed)
            #expect(error.message.hasPrefix("statement 3 of 3: division by zero"))
        }
    }

    @Test("is named before the statement that fails for it, with that one's words")
    func isNamedFirst() async throws {
        let text = "create table if not exists x (i int, j int);\ncreate index on x (j);"
        try await withStage(["0001_a.sql": text]) { stage in
            try await stage.run("create table x (i int)")
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .skippedStatement)
            #expect(error.location?.position?.line == 1)
            #expect(error.message.contains("what failed behind it: "))
            #expect(error.message.contains("0001_a.sql:2:1: statement 2 of 2: column \"j\" does not exist"), "\(error)")
        }
    }

    @Test(
        "that differs is let pass with a warning, or unseen, as the run is told",
        arguments: [SkipRule.warn, .ignore]
    )
    func isLetPass(rule: SkipRule) async throws {
        let text = "create table if not exists x (i int, j int); create table if not exists y (i int)"
        try await withStage(["0001_a.sql": text]) { stage in
            try await stage.run("create table x (i int); create table y (i int)")
            let skips = try await stage.skips(rule)
            #expect(try await stage.states() == ["0001_a applied"])
            let events = try await stage.skipEvents()
            if rule == .warn {
                #expect(skips.map(\.result) == [.differs, .asDeclared])
                #expect(skips.first?.differences == ["column j is missing"])
                #expect(events.count == 1)
                #expect(events.first?.contains(#""as_declared": "table y""#) == true, "\(events)")
                #expect(events.first?.contains("0001_a.sql:1:1: table x: column j is missing") == true, "\(events)")
            } else {
                #expect(skips.isEmpty && events.isEmpty)
            }
        }
    }

    @Test("is told of with --single-transaction, in hooks' company and in repeatable migrations as elsewhere")
    func isTheSameEverywhere() async throws {
        let files = [
            "0001_a.sql": "create table a (i int)",
            "0002_b.sql": "create table if not exists a (i int); create table b (i int)",
            "0002_b.verify.sql": "select true", "before-each.sql": "create table if not exists log (t text)",
            "R__r.sql": "create table if not exists b (i int)",
        ]
        for isSingle in [true, false] {
            try await withStage(files) { stage in
                let skips = try await stage.skips(isSingleTransaction: isSingle)
                #expect(skips.map(\.object) == ["table a", "table b"])
                #expect(try await stage.skipEvents().count == 2)
                try stage.folder.write("create table if not exists b (i int, k int)", to: "R__r.sql")
                let error = try await stage.failure(of: stage.migrator().migrate())
                #expect(error.code == .skippedStatement)
            }
        }
    }

    @Test("that runs outside a transaction is judged before it runs")
    func isJudgedBeforeASteps() async throws {
        let files = [
            "0001_t.sql": "create table t (a int, b int); create index i on t (a)",
            "0002_i.sql": "create table u (a int);\ncreate index concurrently if not exists i on t (b);",
        ]
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .skippedStatement)
            #expect(error.location.map { "\($0)" }?.hasSuffix("0002_i.sql:2:1") == true)
            #expect(error.message.contains("CREATE INDEX CONCURRENTLY IF NOT EXISTS"))
            #expect(error.message.contains("it is on (a), declared on (b)"))
            #expect(error.state.hasPrefix("the file runs step by step; the steps before this one are done"))
            try await stage.run("drop index i; create index i on t (b)")
            #expect(try await stage.skips().map(\.object) == ["index i"])
            #expect(try await stage.states() == ["0001_t applied", "0002_i applied"])
            #expect(try await stage.skipEvents().count == 1)
        }
    }

    @Test("in a step with a transaction is judged in it")
    func isJudgedInASteps() async throws {
        let text = "-- lastro: no-transaction\ncreate table if not exists t (a int, b int);\nvacuum t;"
        try await withStage(["0001_t.sql": text]) { stage in
            try await stage.run("create table t (a int)")
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .skippedStatement)
            #expect(error.location?.position?.line == 2)
            try await stage.run("alter table t add b int")
            #expect(try await stage.skips().map(\.result) == [.asDeclared])
            #expect(try await stage.states() == ["0001_t applied"])
        }
    }

    @Test("among many files that skip nothing is found")
    func isFoundAmongMany() async throws {
        var files = Dictionary(
            uniqueKeysWithValues: (10...60).map {
                (
                    "00\($0)_t.sql",
                    "create table if not exists t\($0) (i int); create index if not exists i\($0) on t\($0) (i)"
                )
            }
        )
        files["0061_u.sql"] = "create table if not exists t30 (i int)"
        files["0062_u.sql"] = "create table if not exists t31 (i int, j int)"
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .skippedStatement)
            #expect(error.location.map { "\($0)" }?.hasSuffix("0062_u.sql:1:1") == true)
            #expect(error.state == "rolled back; the last applied migration is 0061_u")
            #expect(try await stage.skipEvents() == [#"{"as_declared": "table t30"}"#])
        }
    }

    @Test("is compared whatever is said of messages, and by nothing that another role could have slipped in")
    func isComparedSafely() async throws {
        let text = """
            set client_min_messages = error; create table if not exists t (a int check (evil(1) > 0 and a > 0));
            """
        try await withStage(["0001_t.sql": text]) { stage in
            try await stage.run(
                """
                create function evil(i int) returns int immutable language plpgsql as
                    $$ begin raise exception 'run by the planner'; end $$;
                create table t (a int check (a > 0 and evil(1) > 0))
                """
            )
            let superuser = try await TestServer.standard.superuser()
            try await withPostgresConnection(to: superuser.with(database: stage.settings["dbname"] ?? "")) {
                _ = try await $0.script("alter function evil owner to pg_monitor")
            }
            let skips = try await stage.skips()
            #expect(skips.map(\.result) == [.asDeclared])
            #expect(skips.first?.notCompared == ["the condition of constraint t_a_check"])
        }
    }

    @Test(
        "in a DO block is judged where it runs in any case",
        arguments: [
            ("do $$\nbegin\n  create table if not exists x (i int, j int);\nend $$", "3:3", "column j is missing"),
            ("do $b$ begin execute 'create table if not exists x (j int)'; end $b$", "1:8", "column j is missing"),
            (
                "do language plpgsql $$ begin begin alter table x add column if not exists i text; end; end $$", "1:75",
                "column i is integer"
            ),
            (
                "do $$ begin create index if not exists x_i on x (i) where i > 0; exception when others then raise; end $$",
                "1:13", "it has no WHERE"
            ),
        ]
    )
    func isJudgedInABlock(text: String, place: String, words: String) async throws {
        try await withStage(["0001_a.sql": text]) { stage in
            try await stage.run("create table x (i int); create index x_i on x (i)")
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .skippedStatement && error.message.contains(words), "\(error)")
            #expect(error.location.map { "\($0)" }?.hasSuffix("0001_a.sql:\(place)") == true, "\(error)")
            #expect(try await stage.states() == ["0001_a failed"])
        }
    }

    @Test(
        "in a DO block that may not come to it, or has changed what was there, is told and not judged",
        arguments: [
            "do $$ begin if random() >= 0 then create table if not exists x (j int); end if; end $$",
            "do $$ begin for n in 1..2 loop create table if not exists x (j int); end loop; end $$",
            "do $$ begin if false then return; end if; create table if not exists x (j int); end $$",
            "do $$ begin drop table x; create table if not exists x (j int); end $$",
            "do $$ begin perform 1; create table if not exists x (j int); exception when others then null; end $$",
        ]
    )
    func isToldOfABlock(text: String) async throws {
        try await withStage(["0001_a.sql": text]) { stage in
            try await stage.run("create table x (i int)")
            let skips = try await stage.skips()
            #expect(skips.map(\.object) == ["table x"] && skips.map(\.result) == [.notCompared])
            #expect(skips.first?.notCompared.first?.hasPrefix("what it declares, since ") == true)
        }
    }

    @Test("in a DO block that is as declared, or made by the block itself, is well")
    func isWellInABlock() async throws {
        let text = """
            do $$ begin create table if not exists x (i int); create table if not exists z (i int); end $$;
            do $$ begin if not exists (select from pg_class where relname = 'x') then create table x (j int); end if; end $$;
            """
        try await withStage(["0001_a.sql": text]) { stage in
            try await stage.run("create table x (i int)")
            #expect(try await stage.skips().map(\.description).map { $0.hasSuffix("table x is as declared") } == [true])
            #expect(try await stage.tables().contains("z"))
        }
    }

    @Test(
        "of a hook's file is judged each time that it runs",
        arguments: ["before-run", "before-each", "after-each", "after-run"]
    )
    func isJudgedInHooks(hook: String) async throws {
        let files = [
            "0001_a.sql": "create table a (i int)", "\(hook).sql": "select 1;\ncreate table if not exists log (t text)",
        ]
        try await withStage(files) { stage in
            #expect(try await stage.skips().isEmpty)
            try stage.folder.write("create table b (i int)", to: "0002_b.sql")
            // There is nothing to tell of what is as it should be.
            #expect(try await stage.skips().isEmpty)
            #expect(try await stage.skipEvents().isEmpty)
            try stage.folder.write("create table c (i int)", to: "0003_c.sql")
            try stage.folder.write("select 1;\ncreate table if not exists log (t text, u text)", to: "\(hook).sql")
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .skippedStatement && error.message.contains("column u is missing"), "\(error)")
            #expect(error.location.map { "\($0)" }?.hasSuffix("\(hook).sql:2:1") == true)
            #expect(try await stage.tables().contains("c") == (hook == "after-run"))
            if hook == "after-run" { try stage.folder.write("create table d (i int)", to: "0004_d.sql") }
            let skips = try await stage.skips(.warn)
            #expect(skips.map(\.differences) == [["column u is missing"]])
            #expect(try await stage.skipEvents().count == 1)
        }
    }

    @Test("of a down file is judged when the migration is undone")
    func isJudgedInUndo() async throws {
        let files = [
            "0001_t.sql": "create table t (a int)", "0002_u.sql": "create table u (a int)",
            "0002_u.down.sql": "create table if not exists t (a int, b int); drop table u",
        ]
        try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            let error = try await stage.failure(of: stage.migrator().undo())
            #expect(error.code == .skippedStatement)
            #expect(try await stage.states() == ["0001_t applied", "0002_u applied"])
        }
    }
}
