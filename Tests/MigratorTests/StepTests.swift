import Postgres
import TestSupport
import Testing

@testable import Migrator

@Suite("Migrations that run step by step")
struct StepTests {
    @Test("builds an index concurrently, after and before other statements, and leaves no record of the steps")
    func buildsConcurrently() async throws {
        let text = """
            create table t (i int);
            insert into t select generate_series(1, 100);
            create index concurrently t_i on t (i);
            begin;
            create table u (i int);
            insert into u values (1);
            commit;
            vacuum t;
            """
        try await withStage(["0001_t.sql": text]) { stage in
            var steps: [Int] = []
            for try await event in stage.migrator().migrate() {
                if case .stepDone(_, let step, let count) = event {
                    steps.append(step)
                    #expect(count == 5)
                }
            }
            #expect(steps == [1, 2, 3, 4, 5])
            #expect(try await stage.value("select bool_and(indisvalid) from pg_index where indrelid = 't'::regclass"))
            #expect(try await stage.tables() == ["t", "u"])
            #expect(try await stage.states() == ["0001_t applied"])
            #expect(try await stage.value("select count(*) from lastro_steps", as: Int.self) == 0)
        }
    }

    @Test("goes on at the step that failed, and runs none twice")
    func resumes() async throws {
        let text = """
            create table t (i int);
            insert into t values (1), (1);
            create unique index concurrently t_i on t (i);
            insert into t values (2);
            """
        try await withStage(["0001_t.sql": text]) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .statementFailed)
            #expect(error.message.hasPrefix("step 3: could not create unique index \"t_i\" (SQLSTATE 23505)"))
            #expect(error.location.map { "\($0)" }?.hasSuffix("0001_t.sql:3:1") == true)
            #expect(error.state == "the file runs step by step; the steps before this one are done and on record")
            #expect(try await stage.value("select count(*) from pg_index where not indisvalid", as: Int.self) == 1)
            try await stage.run("delete from t where ctid = (select max(ctid) from t)")
            var remarks: [String] = []
            for try await event in stage.migrator().migrate() {
                switch event {
                case .resumed(_, let step, let count): remarks.append("resumed \(step)/\(count)")
                case .remark(_, let text): remarks.append(text)
                default: continue
                }
            }
            #expect(remarks == ["resumed 3/4", "the invalid index t_i of an earlier build is dropped"])
            #expect(try await stage.value("select sum(i) from t", as: Int.self) == 3)
            #expect(try await stage.value("select indisvalid from pg_index where indexrelid = 't_i'::regclass"))
        }
    }

    @Test("takes an index as built that an earlier run's session built to its end")
    func recognisesBuiltIndexes() async throws {
        let text = "create table t (i int);\ncreate index concurrently t_i on t (i);"
        try await withStage(["0001_t.sql": text]) { stage in
            try await stage.migrator().migrate()()
            // As if the runner had been killed between the build and its record.
            try await stage.run(
                """
                insert into lastro_steps (migration, step, digest, state, run_id, detail)
                select '0001_t', step, '', case step when 1 then 'done' else 'started' end, gen_random_uuid(), ''
                from generate_series(1, 2) step;
                delete from schema_migrations;
                """
            )
            let script = try ScriptReader(placeholders: nil, reserved: ReservedTables(history: nil))
                .script(of: MigrationSource(path: stage.folder.path + "/0001_t.sql"))
            guard case .steps(let steps) = script.form else {
                Issue.record("the script has no steps")
                return
            }
            for step in steps {
                try await stage.run(
                    "update lastro_steps set digest = '\(step.digest)' where step = \(step.number)"
                )
            }
            let oid = try await stage.value("select 't_i'::regclass::oid::bigint", as: Int.self)
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select 't_i'::regclass::oid::bigint", as: Int.self) == oid)
            #expect(try await stage.states() == ["0001_t applied"])
        }
    }

    @Test("does not take an invalid index for one that IF NOT EXISTS may leave alone")
    func dropsInvalidIndexes() async throws {
        let files = [
            "0001_t.sql": "create table t (i int); insert into t values (1), (1);",
            "0002_index.sql": "create unique index concurrently if not exists t_i on t (i);",
        ]
        try await withStage(files) { stage in
            try await stage.migrator().migrate(to: .through("1"))()
            await #expect(throws: PostgresError.self) {
                try await stage.run("create unique index concurrently t_i on t (i)")
            }
            try await stage.run("delete from t")
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select indisvalid from pg_index where indexrelid = 't_i'::regclass"))
        }
    }

    @Test("ends a detachment that was cut between its two transactions")
    func finalizesDetachment() async throws {
        let files = [
            "0001_p.sql":
                "create table p (i int) partition by range (i);\ncreate table q partition of p for values from (0) to (9);",
            "0002_d.sql": "-- lastro: statement-timeout 500ms\nalter table p detach partition q concurrently;",
        ]
        try await withStage(files) { stage in
            try await stage.migrator().migrate(to: .through("1"))()
            try await withPostgresConnection(to: stage.settings) { reader in
                try await reader.script("begin; select * from p")
                let error = try await stage.failure(of: stage.migrator().migrate())
                #expect(error.message.contains("statement timeout"))
                try await reader.script("rollback")
            }
            #expect(try await stage.value("select inhdetachpending from pg_inherits where inhrelid = 'q'::regclass"))
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select count(*) = 0 from pg_inherits where inhrelid = 'q'::regclass"))
            #expect(try await stage.states() == ["0001_p applied", "0002_d applied"])
        }
    }

    @Test("refuses to go on when a step that ran was changed, and takes a change behind it")
    func refusesChangedSteps() async throws {
        try await withStage(["0001_t.sql": "create table t (i int);\nvacuum t;\nselect 1 / 0;"]) { stage in
            _ = try await stage.failure(of: stage.migrator().migrate())
            try stage.folder.write("create table t (i bigint);\nvacuum t;\nselect 1;", to: "0001_t.sql")
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .checksumMismatch)
            #expect(error.message == "step 1 of 0001_t was run from another text than the file has now")
            // As a kill leaves it: nobody knows what became of the step.
            try await stage.run("update lastro_steps set state = 'started' where step = 3")
            try stage.folder.write("create table t (i int);\nvacuum t;\nselect 2;", to: "0001_t.sql")
            let change = try await stage.failure(of: stage.migrator().migrate())
            #expect(change.message == "step 3 of 0001_t was begun from another text than the file has now")
        }
    }

    @Test(
        "tells a migration that is half taken back, refuses to run on it, and ends or marks it",
        arguments: [true, false]
    )
    func tellsHalfUndone(isMarked: Bool) async throws {
        let files = [
            "0001_a.sql": "create table a (i int);\ncreate index concurrently a_i on a (i);",
            "0001_a.down.sql": "-- lastro: no-transaction\ndrop index a_i;\ndrop table aa;\n",
            "0002_b.sql": "create table b (i int);", "0002_b.down.sql": "drop table b;",
        ]
        try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            _ = try await stage.failure(of: stage.migrator().undo(.steps(2)))
            #expect(try await stage.states() == ["0001_a half-undone", "0002_b pending"])
            let plan = try await stage.migrator().plan()
            #expect(plan.problems.map(\.code) == [.halfUndone])
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .halfUndone && error.isRefusal)
            if isMarked {
                try await stage.run("create index a_i on a (i)")
                try await stage.migrator().mark(["1"], reason: "the index is back")
                try await stage.migrator().migrate()()
                #expect(try await stage.states() == ["0001_a applied", "0002_b applied"])
            } else {
                try stage.folder.write(
                    "-- lastro: no-transaction\ndrop index a_i;\ndrop table a;\n",
                    to: "0001_a.down.sql"
                )
                try await stage.migrator().undo()()
                #expect(try await stage.states() == ["0001_a pending", "0002_b pending"])
                try await stage.migrator().migrate()()
            }
            #expect(try await stage.value("select count(*) = 0 from lastro_steps"))
        }
    }

    @Test("leaves a migration applied of whose way back the server refused the first step")
    func leavesApplied() async throws {
        let files = [
            "0001_a.sql": "create table a (i int);",
            "0001_a.down.sql": "-- lastro: no-transaction\ndrop table aa;\nvacuum a;\n",
        ]
        try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            _ = try await stage.failure(of: stage.migrator().undo())
            #expect(try await stage.states() == ["0001_a applied"])
            #expect(try await stage.migrator().plan().problems.isEmpty)
        }
    }

    @Test(
        "takes another statement in the place of one that the server refused, or none",
        arguments: [
            ("create index concurrently t_x on t (x);", "create index concurrently t_x on t (i);"),
            ("create unique index concurrently t_x on t (i);", "create index concurrently t_x on t (i);"),
            ("vacuum tt;", "vacuum t;"), ("select 1 / 0;", "create index t_x on t (i);"), ("vacuum tt;", ""),
        ]
    )
    func takesMendedSteps(broken: String, mended: String) async throws {
        let head = "-- lastro: no-transaction\ncreate table t (i int);\ninsert into t values (1), (1);\n"
        try await withStage(["0001_t.sql": head + broken, "0002_u.sql": "create table u (i int);"]) { stage in
            for _ in 1...2 {
                let error = try await stage.failure(of: stage.migrator().migrate())
                #expect(error.code == .statementFailed)
            }
            try stage.folder.write(head + mended, to: "0001_t.sql")
            try await stage.migrator().migrate()()
            #expect(try await stage.states() == ["0001_t applied", "0002_u applied"])
            #expect(try await stage.value("select count(*) = 2 from t"))
            #expect(
                try await stage.value(
                    "select bool_and(indisvalid) is not false from pg_index where indrelid = 't'::regclass"
                )
            )
            #expect(try await stage.value("select count(*) = 0 from lastro_steps"))
        }
    }

    @Test("builds an index again that the server ended since its build and another session waited for each other")
    func retriesDeadlocks() async throws {
        let files = [
            "0001_t.sql": "create table t (i int);", "0002_index.sql": "create index concurrently t_i on t (i);",
        ]
        try await withStage(files) { stage in
            try await stage.migrator().migrate(to: .through("1"))()
            let superuser = try await TestServer.standard.superuser().with(database: stage.settings["dbname"] ?? "")
            try await withPostgresConnection(to: superuser) { holder in
                // The build is to be the one that notices.
                try await holder.script("set deadlock_timeout = '1min'")
                try await holder.script("begin; lock table t in row exclusive mode")
                let migrator = stage.migrator()
                let run = Task {
                    var retries = 0
                    for try await event in migrator.migrate() {
                        if case .retrying(let step, _, _, _) = event, step.name == "0002_index" { retries += 1 }
                    }
                    return retries
                }
                try await stage.wait(
                    until: """
                        select count(*) = 1 from pg_stat_activity where query like '%create index%' and state = 'active'
                        and wait_event = 'virtualxid' and datname = current_database()
                        """
                )
                try await holder.script("lock table t in share update exclusive mode; commit")
                #expect(try await run.value == 1)
            }
            #expect(try await stage.value("select indisvalid from pg_index where indexrelid = 't_i'::regclass"))
            #expect(
                try await stage.value("select count(*) from pg_index where indrelid = 't'::regclass", as: Int.self) == 1
            )
        }
    }

    @Test("uses an enum value in the file that adds it")
    func usesNewEnumValues() async throws {
        let files = [
            "0001_e.sql": "create type e as enum ('a'); create table t (e e);",
            "0002_b.sql": "alter type e add value 'b';\ninsert into t values ('b');",
            // Labels that are put beside each other are one transaction with its history row.
            "0003_c.sql": "alter type e add value 'c';\nalter type e add value 'd' after 'c';\nselect 1;",
        ]
        try await withStage(files) { stage in
            var steps = 0
            for try await event in stage.migrator().migrate() { if case .stepDone = event { steps += 1 } }
            #expect(steps == 2)
            #expect(try await stage.states().last == "0003_c applied")
            #expect(try await stage.value("select count(*) from t where e = 'b'", as: Int.self) == 1)
        }
    }

    @Test("keeps the settings of such a file to itself")
    func resetsSession() async throws {
        let files = [
            "0001_v.sql": "create schema s;\nset search_path = s;\ncreate table inner_one (i int);\nvacuum inner_one;",
            "0002_t.sql": "create table outer_one (i int);",
        ]
        try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            #expect(try await stage.tables() == ["outer_one"])
            #expect(try await stage.value("select to_regclass('s.inner_one') is not null"))
        }
    }

    @Test("waits for the session of a run whose runner is gone, and ends it when told to", arguments: [false, true])
    func settlesOrphans(endsOrphans: Bool) async throws {
        try await withStage(["0001_t.sql": "create table t (i int);", "0002_v.sql": "vacuum t;"]) { stage in
            try await stage.migrator().migrate(to: .through("1"))()
            var migrator = stage.migrator()
            migrator.options.endsOrphans = endsOrphans
            let lock = try await stage.lockKey()
            try await withPostgresConnection(to: stage.settings) { holder in
                try await holder.script("select pg_advisory_lock(1)")
                let orphan = Task {
                    try await stage.run(
                        "/* lastro \(lock) run 00000000-0000-0000-0000-000000000000 0002_v */ select pg_advisory_lock(1)"
                    )
                }
                try await stage.wait(
                    until:
                        "select count(*) = 1 from pg_stat_activity where query like '/* lastro%' and datname = current_database()"
                )
                var told: [Bool] = []
                for try await event in migrator.migrate() {
                    guard case .orphans(let step, let sessions, let isEnding) = event else { continue }
                    #expect(step.name == "0002_v" && sessions.count == 1)
                    told.append(isEnding)
                    if !endsOrphans { try await holder.script("select pg_advisory_unlock(1)") }
                }
                #expect(told == [endsOrphans])
                let result = await orphan.result
                if endsOrphans {
                    #expect(throws: (any Error).self) { try result.get() }
                } else {
                    try result.get()
                }
            }
            let event = endsOrphans ? "orphan-ended" : "orphan-awaited"
            #expect(try await stage.value("select count(*) = 1 from lastro_events where event = '\(event)'"))
        }
    }
}
