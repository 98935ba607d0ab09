import Postgres
import Subprocess
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("A program that lastro run becomes")
struct RunCommandTests {
    private let migrations = ["m/0001_a.sql": "create table a (i int);\n", "m/0002_b.sql": "create table b (i int);\n"]

    @Test("has the process, the streams and the exit status for itself")
    func isItself() async throws {
        try await withProject(migrations) { lastro, _, _ in
            let script = #"""
                echo hello | sh -c 'echo $$; exec "$0" run -- sh -c "echo \$\$; cat; echo complaint >&2; exit 7"' "$lastro"
                """#
            let first = try await lastro.shell(script)
            #expect(first.status == 7)
            let lines = first.output.split(separator: "\n")
            #expect(lines.count == 3)
            #expect(lines.first == lines.dropFirst().first)
            #expect(lines.last == "hello")
            #expect(first.errors.hasPrefix("applied  0001_a  "))
            #expect(first.errors.hasSuffix("now 2 applied, 0 pending\ncomplaint\n"))
            let second = try await lastro("run", "--quiet", "--", "sh", "-c", "kill -TERM $$")
            #expect(second.status == 128 + 15)
            #expect(second.text.isEmpty)
            let json = try await lastro("run", "--format", "json", "--", "true")
            #expect(json.output.isEmpty)
            #expect(json.errors.contains(#""event":"done""#))
        }
    }

    @Test("gets its arguments as they stand behind --")
    func getsArguments() async throws {
        try await withProject(migrations) { lastro, _, _ in
            let words = [
                "--help", "--version", "--", "--database", "x", "", "a b", "-q", "--generate-completion-script",
            ]
            let quoted = words.map { "'\($0)'" }.joined(separator: " ")
            let outcome = try await lastro.shell("exec $lastro run -q -- printf '%s\\n' \(quoted)")
            #expect(outcome.output == words.joined(separator: "\n") + "\n")
            #expect(outcome.status == 0)
        }
    }

    @Test("finds signals, descriptors, environment and folder as Lastro found them", arguments: [true, false])
    func getsSurroundings(isPending: Bool) async throws {
        try await withProject(isPending ? migrations : [:]) { lastro, folder, _ in
            try folder.write("PGAPPNAME=x\nLASTRO_ROLE=\nSECRET='hunter2'\n", to: ".env")
            try folder.write("create table c (i int);", to: "m/0003_c.sql")
            if !isPending { #expect(try await lastro("migrate").status == 0) }
            func seen(_ look: String, through command: String) async throws -> String {
                try await lastro.shell(
                    """
                    trap '' USR1 PIPE
                    exec env --block-signal=USR2,TERM --ignore-signal=HUP \(command) \(look) 5</dev/null 2>/dev/null
                    """
                ).output
            }
            for look in [
                "grep -E '^(Sig|Shd)(Blk|Ign|Cgt)' /proc/self/status", "ls /proc/self/fd", "env", "pwd", "sh -c umask",
            ] {
                // The C library keeps two signals for itself, which no program can set.
                func comparable(_ text: String) -> [String] {
                    text.split(separator: "\n").map { line in
                        line.hasPrefix("Sig") ? String(line.prefix(8) + line.suffix(7)) : String(line)
                    }
                }
                let direct = comparable(try await seen(look, through: ""))
                #expect(try await comparable(seen(look, through: "$lastro run --")) == direct)
                #expect(!direct.isEmpty)
                if look.hasPrefix("ls") { #expect(direct == ["0", "1", "2", "3", "5"]) }
                if look.hasPrefix("grep") {
                    #expect(direct.contains { $0.hasPrefix("SigBlk") && $0.hasSuffix("0004800") })
                }
            }
        }
    }

    @Test("is looked for before anything is migrated: 127 if it is not there, 126 if it cannot be executed")
    func isLookedForFirst() async throws {
        try await withProject(migrations) { lastro, folder, _ in
            try folder.write("#!/bin/sh\n", to: "plain.sh")
            try folder.write("#!/no/such/interpreter\n", to: "broken.sh")
            #expect(try await lastro.shell("chmod +x broken.sh").status == 0)
            let absent = try await lastro("run", "--", "no-such-program", "x")
            #expect(absent.status == 127)
            #expect(
                absent.errors == """
                    no-such-program is in no folder of PATH (/usr/local/bin:/usr/bin:/bin)
                      state: nothing was run
                      next:  give the program's path, or put its folder into PATH

                    """
            )
            #expect(try await lastro("run", "--", "./absent").status == 127)
            let plain = try await lastro("run", "--", "./plain.sh")
            #expect(plain.status == 126)
            #expect(plain.errors.hasPrefix("this user may not execute ./plain.sh\n  state: nothing was run\n"))
            #expect(try await lastro("run", "--", "./m").status == 126)
            #expect(try await lastro("run", "--", "").status == 127)
            #expect(try await lastro("status").output.hasSuffix("2 migrations: 2 pending\n"))
            let broken = try await lastro("run", "-q", "--", "./broken.sh")
            #expect(broken.status == 127)
            #expect(
                broken.errors.hasPrefix("./broken.sh cannot be run: No such file or directory\n  state: the database")
            )
            for arguments in [["run"], ["run", "true"], ["run", "--wait-for-migration", "1s", "--", "true"]] {
                let outcome = try await lastro.shell("exec $lastro \(arguments.joined(separator: " "))")
                #expect(outcome.status == 2, "\(arguments)")
            }
        }
    }

    @Test("is not started if a migration fails or the database is not reached")
    func isNotStarted() async throws {
        try await withProject(["m/0001_a.sql": "select nope;\n"]) { lastro, folder, _ in
            let failed = try await lastro("run", "--", "touch", "started")
            #expect(failed.status == 4)
            #expect(failed.errors.hasPrefix("m/0001_a.sql:1:8: statement 1 of 1: column \"nope\" does not exist"))
            let unreachable = try await lastro(
                "run",
                "--wait",
                "300ms",
                "--database",
                "postgresql://u:hunter2@127.0.0.1:9/x",
                "--",
                "touch",
                "started"
            )
            #expect(unreachable.status == 3)
            #expect(unreachable.errors.hasPrefix("waiting up to 300 ms for 127.0.0.1:9, database \"x\"\n"))
            #expect(unreachable.errors.contains("(waited 0.3"))
            #expect(!unreachable.errors.contains("hunter2"))
            #expect(try !folder.names.contains("started"))
        }
    }

    @Test("starts with --verify-only only when nothing is pending, changed or missing")
    func verifies() async throws {
        try await withProject(migrations) { lastro, folder, url in
            let pending = try await lastro("run", "--verify-only", "--", "echo", "up")
            #expect(pending.status == 1)
            #expect(pending.output.isEmpty)
            #expect(
                pending.errors == """
                    2 migrations pending: 0001_a, 0002_b
                      state: nothing was run; the program was not started
                      next:  run `lastro migrate`, or wait for who does it with --wait-for-migration

                    """
            )
            let late = try await lastro("run", "--verify-only", "--wait-for-migration", "200ms", "--", "echo", "up")
            #expect(late.status == 1)
            #expect(late.errors.hasPrefix("waiting for another process to migrate: 2 migrations pending\n2 migrations"))
            #expect(late.errors.contains("(waited 200 ms)"))

            async let waiting = lastro("run", "--verify-only", "--wait-for-migration", "1min", "--", "echo", "up")
            try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
                // It looks at the history again and again, and never for long.
                try await connection.wait(
                    until:
                        "select exists (select from pg_stat_activity where application_name = 'lastro' and datname = current_database() and pid <> pg_backend_pid())"
                )
            }
            #expect(try await lastro("migrate").status == 0)
            let waited = try await waiting
            #expect(waited.status == 0)
            #expect(waited.output == "up\n")

            #expect(try await lastro("run", "--verify-only", "--", "echo", "up").output == "up\n")
            try folder.write("create table a (j int);\n", to: "m/0001_a.sql")
            let changed = try await lastro("run", "--verify-only", "--wait-for-migration", "1min", "--", "echo", "up")
            #expect(changed.status == 1)
            #expect(changed.errors.hasPrefix("m/0001_a.sql:1:1: changed after it was applied"))
            try folder.delete("m/0001_a.sql")
            let missing = try await lastro("run", "--verify-only", "--", "echo", "up")
            #expect(missing.status == 1)
            #expect(missing.output.isEmpty)
        }
    }

    @Test("starts when its server does")
    func waitsForItsServer() async throws {
        try await withTemporaryFolder(["m/0001_a.sql": "create table a (i int)"]) { folder in
            let lastro = LastroProcess(folder: folder.path, environment: ["LASTRO_MIGRATIONS": "m"])
            #expect(try await lastro("dev", "start").status == 0)
            let url = try await lastro("dev", "url").output.dropLast()
            #expect(try await lastro("dev", "stop").status == 0)
            async let running = lastro("run", "--database", String(url), "--", "echo", "up")
            try await Task.sleep(for: .milliseconds(300))
            let start = try await lastro("dev", "start")
            let outcome = try await running
            _ = try await lastro("dev", "stop")
            #expect(start.status == 0)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output == "up\n")
            #expect(outcome.errors.hasPrefix("waiting up to 1 min 0 s for "))
        }
    }

    @Test("is not started when SIGTERM comes while Lastro waits or migrates")
    func isStoppedBefore() async throws {
        try await withProject(["m/0001_a.sql": "create table a (i int); select pg_sleep(60);"]) { lastro, folder, url in
            let migrating = try await lastro.interrupted("run", "--", "touch", "started", by: .terminate) {
                try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
                    try await connection.wait(
                        until:
                            "select exists (select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database())"
                    )
                }
            }
            #expect(migrating.status == 128 + 15)
            #expect(migrating.errors.contains("state: the migration under way was rolled back"))
            let waiting = try await lastro.shell(
                """
                $lastro run --database 'host=127.0.0.1 port=9' -- touch started 2>errors &
                until grep -q waiting errors; do sleep 0.02; done
                kill -TERM $!
                wait $!
                """
            )
            #expect(waiting.status == 128 + 15)
            #expect(
                try folder.read("errors") == """
                    waiting up to 1 min 0 s for 127.0.0.1:9
                    the command was interrupted
                      state: nothing was under way; the program was not started
                      next:  run it again

                    """
            )
            #expect(try !folder.names.contains("started"))
        }
    }

    @Test("gets the SIGTERM that Lastro did not get, whenever it comes")
    func losesNoSignal() async throws {
        try await withProject(migrations) { lastro, folder, _ in
            let rounds = ProcessInfo.processInfo.environment["LASTRO_LONG"] == nil ? 40 : 400
            var generator = SeededGenerator(seed: testSeed)
            for round in 0..<rounds {
                let delay = Duration.milliseconds(Int.random(in: 0...80, using: &generator))
                let outcome = try await lastro.interrupted("run", "-q", "--", "sleep", "20", by: .terminate) {
                    try await Task.sleep(for: delay)
                }
                #expect(outcome.status == 128 + 15, "round \(round); repeat with LASTRO_SEED=\(testSeed)")
            }
        }
    }

    @Test("runs as often as it is started, while each migration runs once")
    func startsTogether() async throws {
        let files = Dictionary(
            uniqueKeysWithValues: (10...29).map {
                ("m/00\($0)_t.sql", "create table t\($0) (i int); insert into t\($0) values (1);")
            }
        )
        try await withProject(files) { lastro, _, url in
            let outcomes = try await withThrowingTaskGroup(of: LastroProcess.Outcome.self) { group in
                for _ in 0..<8 { group.addTask { try await lastro("run", "--", "echo", "up") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.map(\.status) == Array(repeating: 0, count: 8))
            #expect(outcomes.map(\.output) == Array(repeating: "up\n", count: 8))
            let applied = outcomes.flatMap { $0.errors.split(separator: "\n") }.filter { $0.hasPrefix("applied  ") }
            #expect(applied.count == 20)
            let rows = try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
                try await connection.query("select count(*) from schema_migrations").single.decode(Int.self)
            }
            #expect(rows == 20)
        }
    }
}
