import Postgres
import Subprocess
import TestSupport
import Testing

@Suite("Output that cannot be written")
struct OutputTests {
    @Test("is told on standard error at the end of the work", arguments: [">/dev/full", ">&-"])
    func isTold(redirection: String) async throws {
        try await withProject(["m/0001_a.sql": "create table a (i int);\n"]) { lastro, _, _ in
            let run = try await lastro.shell("exec $lastro migrate \(redirection)")
            #expect(run.status == 4)
            let why = redirection == ">&-" ? "Bad file descriptor" : "No space left on device"
            #expect(
                run.errors.hasPrefix(
                    "standard output cannot be written: \(why)\n  state: the command did its work all the same\n"
                )
            )
            #expect(try await lastro("migrate").output.hasPrefix("nothing to do: 1 applied"))
            #expect(try await lastro.shell("exec $lastro migrate --check \(redirection)").status == 4)
            #expect(try await lastro.shell("exec $lastro --help \(redirection)").status == 4)
            let refused = try await lastro.shell("exec $lastro migrate --to 0009_x \(redirection)")
            #expect(refused.status == 2)
            #expect(!refused.errors.contains("standard output"))
        }
    }

    @Test("does not end up in a file or connection that took the place of a closed stream")
    func keepsStreamsApart() async throws {
        try await withProject(["m/0001_a.sql": "create table a (i int);\n"]) { lastro, _, url in
            let run = try await lastro.shell("exec $lastro migrate <&- >&- 2>&-")
            #expect(run.status == 4)
            #expect(try await lastro("status").output.hasSuffix("1 migration: 1 applied\n"))
        }
    }

    @Test("since the terminal is closed ends a run, after it is rolled back")
    func endsWithTheTerminal() async throws {
        try await withProject(["m/0001_a.sql": "create table a (i int); select pg_sleep(60);"]) { lastro, _, url in
            let settings = try ConnectionSettings(url)
            let outcome = try await lastro.interrupted("migrate", by: .terminalClosed) {
                try await withPostgresConnection(to: settings) { observer in
                    try await observer.wait(
                        until:
                            "select exists (select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database())"
                    )
                }
            }
            #expect(outcome.status == 129)
            #expect(outcome.errors.contains("the run was interrupted"))
            #expect(outcome.errors.contains("rolled back"))
            #expect(try await lastro("status").output.hasSuffix("1 migration: 1 pending\n"))
        }
    }
}

@Suite("Text by another hand")
struct ForeignTextTests {
    @Test("commands no terminal and breaks no table")
    func isPrintable() async throws {
        try await withProject(["m/0001_a.sql": "create table a (i int);\n"]) { lastro, folder, url in
            #expect(try await lastro("migrate").status == 0)
            try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
                try await connection.script(
                    """
                    insert into schema_migrations (name) values (E'x\\nforged\\u001b[2Jy');
                    insert into schema_migrations (name, outcome) values (E'z\\u009b31m', 'applied')
                    """
                )
            }
            let status = try await lastro("status")
            #expect(status.output.contains("\nforeign  x\\nforged\\u{1B}[2Jy  "))
            for arguments in [
                "status", "verify", "doctor", "repair --dry-run", "repair --reason x", "migrate --to 'a\u{1B}[2J'",
                "status --database 'a\u{1B}]0;x\u{07}'", "frob\u{1B}nicate",
            ] {
                let outcome = try await lastro.shell("exec $lastro \(arguments)")
                let isClean = outcome.text.unicodeScalars.allSatisfy {
                    $0.properties.generalCategory != .control || $0 == "\n" || $0 == "\t"
                }
                #expect(isClean, "\(arguments): \(outcome.text.debugDescription)")
            }
            try folder.write("do $$ begin raise exception E'\\x1b[2J'; end $$;\n", to: "m/0002_b.sql")
            #expect(try await lastro("migrate").errors.contains("\\u{1B}[2J"))
        }
    }
}
