import Postgres
import Subprocess
import TestSupport
import Testing

@Suite("A signal while a run waits")
struct InterruptionTests {
    private static let table =
        "create table t (id int primary key, n int); insert into t select g, 0 from generate_series(1, 100) g;"

    @Test("between two tries for a lock says what is applied and what is pending", arguments: [false, true])
    func betweenTries(isSingleTransaction: Bool) async throws {
        let files = [
            "m/0001_a.sql": "create table a (i int);", "m/0002_b.sql": "alter table a add j int;",
            "m/0003_c.sql": "select 1;",
        ]
        try await withProject(files) { lastro, _, url in
            #expect(try await lastro("migrate", "--steps", "1").status == 0)
            try await withPostgresConnection(to: ConnectionSettings(url)) { holder in
                try await holder.script("begin; lock table a")
                let flag = isSingleTransaction ? "--single-transaction" : "--no-color"
                let outcome = try await lastro.interrupted("migrate", "--lock-timeout", "50ms", flag) {
                    try await wait(
                        until: "select exists (select from lastro_events where event = 'lock-timeout')",
                        on: url
                    )
                }
                #expect(outcome.status == 130)
                #expect(
                    outcome.errors.hasSuffix(
                        """
                        the run was interrupted
                          state: the migration under way was rolled back; the last applied migration is 0001_a; pending: 0002_b, \
                        0003_c
                          next:  run again: it goes on from there

                        """
                    ),
                    "\(outcome.text)"
                )
            }
            #expect(
                try await ask("select event from lastro_events order by position desc limit 1", on: url)
                    == "interrupted"
            )
            #expect(try await lastro("migrate").status == 0)
        }
    }

    @Test("for another runner, or for a change of the history, says that nothing was run")
    func forAnotherRunner() async throws {
        let files = [
            "m/0001_a.sql": "create table a (i int);", "m/0001_a.down.sql": "drop table a;",
            "m/0002_b.sql": "select pg_sleep(60);",
        ]
        try await withProject(files) { lastro, _, url in
            #expect(try await lastro("migrate", "--steps", "1").status == 0)
            _ = try await lastro.interrupted("migrate", by: .terminate) {
                let asleep = "wait_event = 'PgSleep' and datname = current_database()"
                try await wait(until: "select exists (select from pg_stat_activity where \(asleep))", on: url)
                for command in [["migrate"], ["undo"], ["mark", "2", "--reason", "x"]] {
                    let script = """
                        $lastro \(command.joined(separator: " ")) >out 2>errors &
                        until grep -q 'waiting for another run: process' errors || ! kill -0 $!; do sleep 0.02; done
                        kill -TERM $!; wait $!; echo $?; cat errors
                        """
                    let outcome = try await lastro.shell(script)
                    #expect(outcome.output.hasPrefix("143\n"), "\(outcome.text)")
                    #expect(
                        outcome.output.hasSuffix(
                            """
                            the run was interrupted before it had begun anything
                              state: nothing was run
                              next:  run again

                            """
                        ),
                        "\(outcome.text)"
                    )
                }
            }
        }
    }

    @Test("for what a killed run left at work, or between two ranges, says how far it is, and so does status")
    func inParts() async throws {
        let files = [
            "m/0001_t.sql": Self.table,
            "m/0002_steps.sql":
                "-- lastro: no-transaction\ninsert into t values (0, 0);\nselect pg_sleep(60);\nselect 1;",
            "m/0003_batch.sql":
                "-- lastro: batch key=id size=10 pause=1min\nupdate t set n = 1 where id >= :from and id < :to;",
        ]
        try await withProject(files) { lastro, folder, url in
            let asleep = """
                select exists (select from pg_stat_activity where wait_event = 'PgSleep'
                    and datname = current_database())
                """
            try await lastro.killed("migrate") { try await wait(until: asleep, on: url) }
            let waiting = try await lastro.interrupted("migrate") {
                try await wait(
                    until: "select exists (select from lastro_events where event = 'orphan-awaited')",
                    on: url
                )
            }
            #expect(waiting.status == 130)
            #expect(
                waiting.errors.contains(
                    "0002_steps runs step by step; 1 of its 3 steps is done and on record; pending: "
                ),
                "\(waiting.text)"
            )
            let steps = try await lastro("status")
            #expect(steps.output.contains("pending  0002_steps  1 of 3 steps done\n"), "\(steps.text)")
            #expect(steps.output.contains("\n0002_steps was begun 2"))
            #expect(steps.output.contains(" by lastro, and no run is at work now: `lastro migrate` goes on\n"))
            try await run(
                "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()",
                on: url
            )
            try folder.write(
                files["m/0002_steps.sql", default: ""].replacing("pg_sleep(60)", with: "1"),
                to: "m/0002_steps.sql"
            )
            // It was cut, not refused: the text has to stay, unless somebody says that the step is done.
            #expect(try await lastro("migrate").status == 1)
            try await run("update lastro_steps set state = 'failed' where step = 2", on: url)

            let paused = try await lastro.interrupted("migrate", by: .terminate) {
                try await wait(until: "select count(*) = 10 from t where n = 1", on: url)
                let status = try await lastro("status", "--format", "json")
                #expect(status.output.contains(#""kind":"batches""#), "\(status.text)")
                #expect(status.output.contains(#""running":true"#))
            }
            #expect(paused.status == 143)
            #expect(
                paused.errors.contains(
                    "10 rows of 0003_batch are done, each range on record; it is not in the history yet\n"
                ),
                "\(paused.text)"
            )
            let status = try await lastro("status", "--format", "json")
            #expect(
                status.output.contains(#""done_rows":10,"kind":"batches","next_key":"10","running":false,"since":"2"#),
                "\(status.text)"
            )
            try folder.write(
                files["m/0003_batch.sql", default: ""].replacing("pause=1min", with: "pause=0ms"),
                to: "m/0003_batch.sql"
            )
            let end = try await lastro("migrate")
            #expect(end.status == 0, "\(end.text)")
            #expect(try await ask("select bool_and(n = 1) from t", on: url))
        }
    }

    @Test("for a database that does not answer says that nothing was run", arguments: [[], ["--schemas", "t*"]])
    func forTheDatabase(options: [String]) async throws {
        try await withProject(["m/0001_a.sql": "select 1;"]) { lastro, folder, _ in
            let outcome = try await lastro.shell(
                """
                $lastro migrate \(options.map { "'\($0)'" }.joined(separator: " ")) --wait 1min \\
                    --database 'host=127.0.0.1 port=9' 2>errors &
                # Until it catches SIGTERM.
                until grep -q '^SigCgt:.*[4567cdef]...$' /proc/$!/status || ! kill -0 $!; do sleep 0.02; done
                kill -TERM $!; wait $!
                """
            )
            #expect(outcome.status == 143)
            let errors = try folder.read("errors")
            #expect(errors.contains("\n  state: nothing was run\n"), "\(errors)")
        }
    }
}
