import Postgres
import Subprocess
import SystemPackage
import TestSupport
import Testing

@Suite("The command line")
struct CommandLineTests {
    private let migrations = ["m/0001_a.sql": "create table a (i int);\n", "m/0002_b.sql": "create table b (i int);\n"]

    @Test("ends with the documented statuses")
    func hasExitStatuses() async throws {
        try await withProject(migrations) { lastro, folder, _ in
            #expect(try await lastro("migrate", "--check").status == 1)
            #expect(try await lastro("migrate").status == 0)
            #expect(try await lastro("migrate", "--check").status == 0)
            #expect(try await lastro("migrate", "--no-such-flag").status == 2)
            #expect(try await lastro("frobnicate").status == 2)
            #expect(try await lastro("migrate", "--to", "1", "--steps", "2").status == 2)
            #expect(try await lastro("migrate", "--steps", "0").status == 2)
            #expect(try await lastro("migrate", "--migrations", "nowhere").status == 2)
            #expect(try await lastro("migrate", "--to", "0042_nothing").status == 2)
            #expect(try await lastro("migrate", "--database", "postgresql://u:hunter2@127.0.0.1:9/x").status == 3)
            try folder.write("create table a (j int);\n", to: "m/0001_a.sql")
            #expect(try await lastro("migrate").status == 1)
            #expect(try await lastro("verify").status == 1)
            try folder.write("create table a (i int);\n", to: "m/0001_a.sql")
            try folder.write("select nope;\n", to: "m/0003_c.sql")
            let failed = try await lastro("migrate")
            #expect(failed.status == 4)
            #expect(failed.output.isEmpty)
            #expect(
                failed.errors.hasPrefix(
                    "m/0003_c.sql:1:8: statement 1 of 1: column \"nope\" does not exist (SQLSTATE 42703)\n"
                )
            )
        }
    }

    @Test("prints results on standard output and everything else on standard error")
    func separatesStreams() async throws {
        try await withProject(migrations) { lastro, folder, _ in
            let first = try await lastro("migrate")
            #expect(first.errors.isEmpty)
            #expect(first.output.contains("applied  0001_a"))
            #expect(first.output.hasSuffix("now 2 applied, 0 pending\n"))
            #expect(try await lastro("migrate", "--quiet").text.isEmpty)
            try folder.write("create table if not exists a (i int);\n", to: "m/0003_c.sql")
            #expect(
                try await lastro("migrate").errors == """
                    notice  0003_c: relation "a" already exists, skipping
                    0003_c: table a was there already, and is as declared

                    """
            )
            #expect(!first.output.contains("\u{1B}"))
        }
    }

    @Test("prints JSON of the documented shapes")
    func printsJSON() async throws {
        try await withProject(migrations) { lastro, _, _ in
            let before = try await lastro("status", "--format", "json")
            #expect(before.output.hasPrefix(#"{"migrations":[{"applied_at":null,"checksum":"v1:"#))
            let run = try await lastro("migrate", "--format", "json")
            let lines = run.output.split(separator: "\n")
            #expect(lines.count == 5)
            #expect(lines.first == #"{"count":2,"event":"started","migration":"0001_a","number":1}"#)
            #expect(lines.last?.contains(#""event":"done""#) == true)
            #expect(lines.last?.contains(#""migrations":["0001_a","0002_b"]"#) == true)
            #expect(try await lastro("migrate", "--dry-run", "--format", "json").output == "{\"pending\":[]}\n")
            #expect(
                try await lastro("verify", "--format", "json").output
                    == "{\"checked\":2,\"problems\":[],\"unverified\":[]}\n"
            )
        }
    }

    @Test("takes the database from a flag, the environment, .env and lastro.yaml, in that order")
    func layersConfiguration() async throws {
        try await withProject(migrations) { lastro, folder, url in
            var lastro = lastro
            lastro.environment = [:]
            let nothing = try await lastro("status")
            #expect(nothing.status == 2)
            #expect(nothing.errors.contains("no database is configured"))
            #expect(nothing.errors.contains("/.env: is not there"))
            try folder.write("migrations: m\ndatabase:\n  url: \"\(url)\"\n", to: "lastro.yaml")
            #expect(try await lastro("status").status == 0)
            try folder.write("export DATABASE_URL='postgresql://h.invalid/x' # wrong\n", to: ".env")
            #expect(try await lastro("status").status == 3)
            lastro.environment["DATABASE_URL"] = url
            #expect(try await lastro("status").status == 0)
            #expect(try await lastro("status", "--database", "postgresql://h.invalid/x").status == 3)
            try folder.write("migrations: ../m\n", to: "conf/other.yaml")
            #expect(try await lastro("status", "--config", "conf/other.yaml").output.contains("0001_a"))
            #expect(try await lastro("status", "--config", "nowhere.yaml").status == 2)
            let doctor = try await lastro("doctor", "--config", "conf/other.yaml")
            #expect(doctor.output.contains("conf/../m from conf/other.yaml:1:13\n"))
            #expect(doctor.output.contains(" from DATABASE_URL in the environment\n"))
            try folder.write("migration: m\n", to: "lastro.yaml")
            let typo = try await lastro("status")
            #expect(typo.status == 2)
            #expect(typo.errors.contains("\"migration\" is no setting of Lastro"))
        }
    }

    @Test("says that a .env lies in the wrong folder")
    func findsStrayDotEnv() async throws {
        try await withProject(["app/m/0001_a.sql": "select 1", ".env": "DATABASE_URL=postgresql:///x\n"]) {
            lastro,
            folder,
            _ in
            var lastro = lastro
            lastro.environment = [:]
            lastro.folder = folder.file("app")
            let status = try await lastro("status", "--migrations", "m")
            #expect(status.status == 2)
            #expect(status.errors.contains("\(folder.path)/.env: is there, but is not read"))
        }
    }

    @Test("keeps passwords out of everything it prints")
    func hidesPasswords() async throws {
        try await withProject(migrations) { lastro, folder, _ in
            var lastro = lastro
            lastro.environment = ["LASTRO_MIGRATIONS": "m"]
            let urls = [
                "postgresql://u:hunter2@127.0.0.1:9/x", "postgresql://u:hun/ter2@127.0.0.1:9/x",
                "postgresql://u:hun@ter2@127.0.0.1:9/x",
                "host=127.0.0.1 port=9 password=hunter2", "host=127.0.0.1 port=9 password='hunter2",
                "nosql://u:hunter2@h/x", "postgres//u:hunter2@127.0.0.1/x", "postgresql:/u:hunter2@127.0.0.1/x",
                "127.0.0.1:9:x:u:hunter2", "dbname=postgres//u:hunter2@127.0.0.1/x port=9", "127.0.0.1/x:hunter2",
                "host=u:hunter2@127.0.0.1 port=9",
            ]
            for url in urls {
                for command in ["status", "migrate", "doctor", "verify"] {
                    let byFlag = try await lastro(command, "--database", url)
                    #expect(!byFlag.text.contains("ter2"), "\(command) \(url)")
                    #expect(byFlag.status != 0)
                    try folder.write("DATABASE_URL=\"\(url)\"\n", to: ".env")
                    #expect(try await !lastro(command).text.contains("ter2"))
                    try folder.delete(".env")
                }
            }
        }
    }

    @Test("starts a project and makes its migrations")
    func startsAProject() async throws {
        try await withProject([:]) { lastro, folder, url in
            var lastro = lastro
            lastro.environment = ["DATABASE_URL": url]
            #expect(
                try await lastro("init").output
                    == "made migrations/\nmade lastro.yaml\nmade .gitignore\n"
            )
            #expect(try await lastro("init").output == "everything is there already\n")
            #expect(try await lastro("new", "add", "users").output == "made migrations/0001_add_users.sql\n")
            let second = try await lastro("new", "--down", "add phone")
            #expect(second.output == "made migrations/0002_add_phone.sql\nmade migrations/0002_add_phone.down.sql\n")
            #expect(try await lastro("migrate").status == 0)
            #expect(try await lastro("undo").output.hasPrefix("undone   0002_add_phone"))
        }
    }

    @Test("stops on Ctrl-C after rolling back, and dies of the signal")
    func isInterrupted() async throws {
        try await withProject(["m/0001_a.sql": "create table a (i int); select pg_sleep(60);"]) { lastro, _, url in
            let settings = try ConnectionSettings(url)
            let outcome = try await lastro.interrupted("migrate") {
                try await withPostgresConnection(to: settings) { observer in
                    try await observer.wait(
                        until:
                            "select exists (select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database())"
                    )
                }
            }
            #expect(outcome.status == 130)
            #expect(outcome.errors.contains("the run was interrupted"))
            #expect(outcome.errors.contains("rolled back"))
            let (tables, events) = try await withPostgresConnection(to: settings) { connection in
                try await connection.query(
                    "select to_regclass('a') is null, (select string_agg(event, ' ') from lastro_events)"
                )
                .single.decode(Bool.self, String?.self)
            }
            #expect(tables)
            #expect(events == "interrupted")
        }
    }

    @Test("goes on when nobody reads its output any more")
    func survivesAClosedPipe() async throws {
        let files = Dictionary(
            uniqueKeysWithValues: (10...40).map { ("m/00\($0)_t.sql", "create table t\($0) (i int);") }
        )
        try await withProject(files) { lastro, folder, url in
            let program = LastroProcess.program.string
            try folder.write("'\(program)' migrate --database '\(url)' --migrations m | head -n 1\n", to: "run.sh")
            let shell = try await Subprocess.run(
                .name("sh"),
                arguments: ["run.sh"],
                workingDirectory: FilePath(folder.path),
                output: .string(limit: 4096)
            )
            #expect(shell.standardOutput.hasPrefix("applied  0010_t"))
            let count = try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
                try await connection.wait(
                    until:
                        "select not exists (select from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database()))"
                )
                return try await connection.query("select count(*) from schema_migrations").single.decode(Int.self)
            }
            #expect(count == 31)
        }
    }

    @Test("does the same for a plain call of migrate, which is read by itself, as for one with more options")
    func readsPlainCalls() async throws {
        let files = [
            "m/0001_a.sql": "create table a (i int);", "m/0002_b.sql": "select nope;", "lastro.yaml": "migrations: m\n",
            "other.yaml": "environments:\n  test:\n    migrations: nowhere\n",
        ]
        try await withProject(files) { lastro, _, url in
            var lastro = lastro
            lastro.environment["LASTRO_MIGRATIONS"] = nil
            let calls: [[String]] = [
                [], ["-q"], ["--quiet", "--no-color"], ["--format", "json"], ["--format=json", "-q"],
                ["--format", "xml"],
                ["--format", "sql"], ["--migrations", "nowhere"], ["--migrations=m", "--database=\(url)"],
                ["--layout", "flyway"], ["--layout", "nothing"], ["--config", "absent.yaml"],
                ["--config", "other.yaml"],
                ["--config", "other.yaml", "--env", "test"], ["--env", "absent"], ["--env", ""], ["--database", ""],
                ["--database"], ["--database", "--quiet"], ["--database=host=/nowhere dbname=x user=u"], ["more"],
                ["--quiet", "--quiet"], ["--migrations", "nowhere", "--migrations", "m"], ["--unknown"],
            ]
            for call in calls {
                let plain = try await lastro(["migrate"] + call)
                // An option that says what is said anyway.
                let parsed = try await lastro(["migrate", "--lock-retries", "10"] + call)
                let (times, ids) = (
                    #/[0-9.]+ m?s|"(duration|elapsed|pause)_ms":[0-9]+/#, #/0001_a .*|applied.*0001.*|started.*0001.*/#
                )
                func words(_ outcome: LastroProcess.Outcome) -> String {
                    outcome.text.replacing(times, with: "").split(separator: "\n")
                        .filter { $0.firstMatch(of: ids) == nil }.joined(separator: "\n")
                }
                #expect(plain.status == parsed.status, "\(call): \(plain.text)")
                #expect(words(plain) == words(parsed), "\(call)")
            }
        }
    }

    @Test("says what is missing where libpq cannot be loaded, and does without it what needs no database")
    func lacksLibrary() async throws {
        try await withProject([:]) { lastro, folder, _ in
            try folder.write("no library", to: "broken/libpq.so.5")
            var lastro = lastro
            lastro.environment["LD_LIBRARY_PATH"] = folder.file("broken")
            let status = try await lastro("status", "--migrations", "m")
            #expect(status.status == 127)
            #expect(status.errors.contains("libpq.so.5") && status.errors.contains("next:  install libpq"))
            #expect(try await lastro("--version").status == 0)
        }
    }

    @Test("asks whether a command was meant that is spelt like an unknown one")
    func suggestsCommands() async throws {
        try await withProject([:]) { lastro, _, _ in
            for (words, meant) in [
                (["mirgate"], "lastro migrate"), (["backup", "verfy"], "lastro backup verify"),
                (["dev", "strt"], "lastro dev start"),
            ] {
                let outcome = try await lastro(words)
                #expect(outcome.status == 2)
                #expect(outcome.errors.contains("Did you mean `\(meant)`?"), "\(outcome.errors)")
            }
            #expect(!(try await lastro("frobnicate").errors.contains("Did you mean")))
        }
    }

    @Test("prints help and its version")
    func printsHelp() async throws {
        try await withTemporaryFolder { folder in
            let lastro = LastroProcess(folder: folder.path)
            #expect(try await lastro("--version").output == "0.1.0\n")
            try expectGolden(try await lastro("--help").output, "help.txt")
            for command in [
                "init", "new", "status", "migrate", "undo", "verify", "baseline", "mark", "repair", "adopt", "squash",
                "inspect", "lint", "diff", "drift", "run", "dev", "doctor",
            ] {
                let help = try await lastro(command, "--help")
                #expect(help.status == 0)
                #expect(help.output.contains("EXAMPLES"), "\(command)")
                try expectGolden(help.output, "help-\(command).txt")
            }
            for shell in ["bash", "zsh", "fish"] {
                let script = try await lastro("--generate-completion-script", shell)
                #expect(script.status == 0)
                #expect(script.output.contains("baseline"))
            }
        }
    }
}
