import Postgres
import Subprocess
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Migrating many schemas and databases")
struct FanOutTests {
    private static let files = [
        "m/0001_users.sql": "create table users (id int primary key);",
        "m/0002_orders.sql": "create table orders (id int primary key);",
        "m/0003_rows.sql": "insert into users values (1); insert into orders values (1);",
    ]

    @Test("tells of each schema, of the one that failed, and of those that it did not begin")
    func stops() async throws {
        try await withTenants(40, Self.files) { lastro, url in
            try await run("create table t20.orders (i int)", on: url)
            let first = try await lastro("migrate", "--schemas", "t*", "--parallel", "1")
            #expect(first.status == 4)
            #expect(first.output.contains("applied  t01  3 migrations in "))
            #expect(first.output.contains("19 migrated, 1 failed, 20 not begun"))
            #expect(
                first.errors.contains(
                    "failed   t20: m/0002_orders.sql:1:1: statement 1 of 1: relation \"orders\" already exists"
                )
            )
            try expectGolden(first.errors.lines(from: "1 of 40"), "fan-out-stopped.txt")

            let second = try await lastro("migrate", "--schemas", "t*", "--on-failure", "continue")
            #expect(second.status == 4)
            #expect(second.output.contains("20 migrated, 19 up to date already, 1 failed"))
            #expect(!second.output.contains("applied  t01 "))
            #expect(try await wholeTenants(url) == 39)

            try await run("drop table t20.orders", on: url)
            let third = try await lastro("migrate", "--schemas", "t*")
            #expect(third.status == 0)
            #expect(third.errors == "")
            #expect(third.output.contains("applied  t20  2 migrations in "))
            #expect(third.output.contains("1 migrated, 39 up to date already"))
            #expect(try await wholeTenants(url) == 40)
        }
    }

    @Test("runs nothing else if the canary fails")
    func heedsCanary() async throws {
        try await withTenants(6, Self.files) { lastro, url in
            try await run("create table t03.users (i int)", on: url)
            let named = try await lastro("migrate", "--schemas", "t*", "--canary", "t03", "--on-failure", "continue")
            #expect(named.status == 4)
            #expect(named.output.contains("1 failed, 5 not begun"))
            #expect(try await wholeTenants(url) == 0)
            let counted = try await lastro("migrate", "--schemas", "t*", "--canary", "2", "--on-failure", "continue")
            #expect(counted.errors.contains("the canaries passed: t01, t02"))
            #expect(counted.output.contains("5 migrated, 1 failed"))
            let unknown = try await lastro("migrate", "--schemas", "t*", "--canary", "t77")
            #expect(unknown.status == 2)
            #expect(unknown.errors.hasPrefix("the canary t77 is none of the schemas"))
        }
    }

    @Test("leaves every schema whole when it is killed, and finishes when it is run again")
    func bearsKill() async throws {
        var generator = SeededGenerator(seed: testSeed)
        for _ in 0..<(isLongTest ? 40 : 4) {
            let delay = Duration.milliseconds(Int.random(in: 20...400, using: &generator))
            try await withTenants(40, Self.files) { lastro, url in
                try await lastro.killed(with: .kill, after: delay, "migrate", "--schemas", "t*", "--parallel", "4")
                try await wait(until: noSessionIsLeft, on: url)
                #expect(try await rowsWithoutTables(url) == 0, "repeat with LASTRO_SEED=\(testSeed)")
                let again = try await lastro("migrate", "--schemas", "t*")
                #expect(again.status == 0, "\(again.errors)")
                #expect(try await wholeTenants(url) == 40)
                #expect(try await ask(noLockIsLeft, on: url))
            }
        }
    }

    @Test("says on Ctrl-C where it stands, after it has rolled back")
    func bearsInterrupt() async throws {
        var files = Self.files
        files["m/0004_slow.sql"] = "create table slow (i int); select pg_sleep(60);"
        try await withTenants(5, files) { lastro, url in
            let outcome = try await lastro.interrupted("migrate", "--schemas", "t*", "--parallel", "2") {
                try await wait(
                    until:
                        "select count(*) = 2 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()",
                    on: url
                )
            }
            #expect(outcome.status == 128 + 2)
            #expect(outcome.errors.contains("the run over 5 schemas was interrupted; under way, or failed before: t0"))
            #expect(outcome.errors.contains("or is on record as far as it came; 3 were not begun"), "\(outcome.text)")
            #expect(try await ask("select count(*) = 0 from pg_class where relname = 'slow'", on: url))
        }
    }

    @Test("prints an object a line, each with its target")
    func printsJSON() async throws {
        try await withTenants(2, Self.files) { lastro, url in
            try await run("create table t02.users (i int)", on: url)
            let outcome = try await lastro("migrate", "--schemas", "t*", "--parallel", "1", "--format", "json")
            #expect(outcome.status == 4)
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let rows = try outcome.output.split(separator: "\n").map {
                try decoder.decode(Row.self, from: Data($0.utf8))
            }
            let words = rows.map { row in
                [row.event, row.target, row.migration].compactMap { $0 }.joined(separator: " ")
            }
            #expect(
                words == [
                    "listed", "target-started t01", "started t01 0001_users", "applied t01 0001_users",
                    "started t01 0002_orders", "applied t01 0002_orders", "started t01 0003_rows",
                    "applied t01 0003_rows", "target-done t01", "target-started t02", "started t02 0001_users",
                    "target-failed t02", "done",
                ]
            )
            let done = try #require(rows.last)
            #expect(done.targets == 2)
            #expect(done.migrated == 1)
            #expect(done.upToDate == 0)
            #expect(done.failed == ["t02"])
            #expect(done.notBegun == 0)
            #expect(rows[11].code == "statement-failed")
        }
    }

    private struct Row: Decodable {
        let event: String
        let target: String?
        let migration: String?
        let code: String?
        let targets: Int?
        let migrated: Int?
        let upToDate: Int?
        let failed: [String]?
        let notBegun: Int?
    }

    @Test("shows which schemas are behind, and changes nothing")
    func showsStatus() async throws {
        try await withTenants(4, Self.files) { lastro, url in
            #expect(try await lastro("migrate", "--schemas", "t*", "--check").status == 1)
            #expect(try await lastro("migrate", "--schemas", "t*").status == 0)
            #expect(try await lastro("migrate", "--schemas", "t*", "--check").status == 0)
            let clean = try await lastro("status", "--schemas", "t*")
            #expect(clean.output == "4 schemas: 4 up to date\n")
            try await run(
                """
                delete from t02.schema_migrations where name >= '0002';
                update t04.schema_migrations set checksum = 'v1:' || repeat('0', 64) where name = '0001_users';
                """,
                on: url
            )
            let behind = try await lastro("status", "--schemas", "t*")
            #expect(behind.status == 0)
            try expectGolden(behind.output, "fan-out-status.txt")
            #expect(try await lastro("migrate", "--schemas", "t0[12]", "--check").status == 2)
            #expect(try await lastro("migrate", "--schemas", "t01", "--schemas", "t02", "--check").status == 1)
            #expect(try await lastro("migrate", "--schemas", "t01", "--schemas", "t02", "--dry-run").status == 0)
            #expect(try await lastro("migrate", "--schemas", "t*", "--dry-run").status == 1)
            let json = try await lastro("status", "--schemas", "t*", "--format", "json")
            #expect(
                json.output.contains(
                    #"{"applied":1,"pending":["0002_orders","0003_rows"],"problems":[],"target":"t02"}"#
                )
            )
        }
    }

    @Test("takes migrations back, in every schema to the same one, and goes on where it stopped")
    func undoes() async throws {
        var files = Self.files
        files["m/0002_orders.down.sql"] = "drop table orders;"
        files["m/0003_rows.down.sql"] = "delete from orders;"
        try await withTenants(6, files) { lastro, url in
            #expect(try await lastro("migrate", "--schemas", "t*").status == 0)
            try await run("create view t03.v as select id from t03.orders", on: url)
            let first = try await lastro("undo", "--to", "0001", "--schemas", "t*", "--parallel", "1")
            #expect(first.status == 4)
            #expect(first.output.contains("undone  t01  2 migrations in "))
            #expect(first.output.contains("2 taken back, 1 failed, 3 not begun"))
            #expect(first.errors.contains("failed   t03: m/0002_orders.down.sql:1:1: "), "\(first.errors)")
            #expect(first.errors.contains("  state: 2 are taken back, 3 were not begun\n"), "\(first.errors)")
            try await run("drop view t03.v", on: url)
            let again = try await lastro("undo", "--to", "0001", "--schemas", "t*", "--format", "json")
            #expect(again.status == 0, "\(again.errors)")
            let done = again.output.split(separator: "\n").last ?? ""
            #expect(done.contains(#""event":"done""#) && done.contains(#""undone":4,"up_to_date":2"#), "\(done)")
            #expect(try await ask("select count(*) = 0 from pg_class where relname = 'orders'", on: url))
            #expect(try await ask("select count(*) = 6 from pg_class where relname = 'users'", on: url))
            for arguments in [["--steps", "1"], [], ["--to", "0001", "--schema-file", "s.sql"]] {
                let refused = try await lastro(["undo", "--schemas", "t*"] + arguments)
                #expect(refused.status == 2, "\(arguments)")
            }
            #expect(try await lastro("undo", "--canary", "1").status == 2)
        }
    }

    @Test("verifies and repairs the histories of all schemas")
    func repairs() async throws {
        try await withTenants(4, Self.files) { lastro, url in
            #expect(try await lastro("migrate", "--schemas", "t*").status == 0)
            let clean = try await lastro("verify", "--schemas", "t*")
            #expect(clean.status == 0 && clean.output == "4 schemas checked, 0 with problems\n", "\(clean.text)")
            try await run(
                """
                update t02.schema_migrations set checksum = 'v1:' || repeat('0', 64) where name = '0001_users';
                update t03.schema_migrations set checksum = null where name = '0002_orders';
                delete from t04.schema_migrations where name = '0003_rows';
                """,
                on: url
            )
            let found = try await lastro("verify", "--schemas", "t*")
            #expect(found.status == 1)
            #expect(found.output.hasPrefix("problem     t02  m/0001_users.sql:"), "\(found.output)")
            #expect(found.output.contains("unverified  t03  0002_orders"), "\(found.output)")
            // What is pending is no problem.
            #expect(found.output.hasSuffix("\n4 schemas checked, 1 with problems\n") && !found.output.contains("t04"))
            #expect(try await lastro("verify", "--schemas", "t*", "--offline").status == 2)

            let plan = try await lastro("repair", "--schemas", "t*", "--dry-run")
            #expect(plan.status == 0)
            #expect(plan.output.contains("would repair  t02  0001_users: accepted-file\n"), "\(plan.output)")
            #expect(plan.output.contains("would repair  t03  0002_orders: noted-checksum\n"), "\(plan.output)")
            #expect(try await lastro("verify", "--schemas", "t*").status == 1)
            let one = try await lastro("repair", "0001", "--schemas", "t*", "--reason", "a comment", "--format", "json")
            #expect(one.status == 0, "\(one.errors)")
            #expect(
                one.output.contains(
                    #"{"event":"target-repaired","repairs":[{"action":"accepted-file","migration":"0001_users"}],"target":"t02"}"#
                ),
                "\(one.output)"
            )
            #expect(one.output.contains(#""repaired":1,"#), "\(one.output)")
            let rest = try await lastro("repair", "--schemas", "t*", "--reason", "looked at")
            #expect(rest.output.contains("1 repaired, 3 as they should be already"), "\(rest.text)")
            #expect(try await lastro("verify", "--schemas", "t*").output == clean.output)
            #expect(
                try await ask("select count(*) = 1 from t02.lastro_events where event = 'repaired'", on: url)
            )
        }
    }

    @Test("migrates the databases of a file, counts one that cannot be reached, and never prints a password")
    func migratesDatabases() async throws {
        try await withProject(Self.files) { lastro, folder, url in
            try await withTestDatabase { second in
                let gone = url.replacing(try ConnectionSettings(url)["dbname"] ?? "", with: "nowhere_at_all")
                    .replacing("lastro@", with: "lastro:sesame@")
                try folder.write(
                    """
                    # production
                    one = \(url)

                    gone = \(gone)
                    host=\(second["host"] ?? "") port=\(second["port"] ?? "") user=lastro dbname=\(second["dbname"] ?? "")
                    """,
                    to: "databases.txt"
                )
                let run = try await lastro("migrate", "--databases", "databases.txt", "--on-failure", "continue")
                #expect(run.status == 4)
                #expect(run.output.contains("applied  one  3 migrations in "))
                #expect(run.output.contains("/\(second["dbname"] ?? "")  3 migrations in "))
                #expect(run.output.contains("3 targets in "))
                #expect(run.output.contains("2 migrated, 1 failed"))
                #expect(run.errors.contains("failed   gone: "))
                #expect(run.errors.contains("1 of 3 databases failed: gone"))
                #expect(!run.text.contains("sesame"))
                try folder.write("gone = \(gone)\n", to: "databases.txt")
                #expect(try await lastro("migrate", "--databases", "databases.txt").status == 3)
                for command in ["status", "verify"] {
                    let look = try await lastro(command, "--databases", "databases.txt")
                    #expect(look.status == 3 && look.output.contains("gone"), "\(command): \(look.text)")
                }
            }
        }
    }

    @Test("refuses a file of databases with a wrong line, by its number")
    func refusesWrongLines() async throws {
        let lists = [
            "one = postgresql:///a\n\n# two\nhttp://user:sesame@host/b\n",
            "one = postgresql:///a\nsome words of no use with sesame\n",
            "one = postgresql:///a\none = postgresql:///b?password=sesame\n",
            "host=a dbnam=b password=sesame\n", "two words = postgresql://u:sesame@h/d\n", "# nothing\n",
        ]
        var files = Self.files
        for (index, list) in lists.enumerated() { files["list\(index).txt"] = list }
        try await withProject(files) { lastro, _, _ in
            var errors = ""
            for index in lists.indices {
                let outcome = try await lastro("migrate", "--databases", "list\(index).txt")
                #expect(outcome.status == 2)
                #expect(outcome.output == "")
                errors += outcome.errors
            }
            #expect(try await lastro("migrate", "--databases", "nowhere.txt").status == 2)
            #expect(!errors.contains("sesame"))
            try expectGolden(errors, "fan-out-lists.txt")
        }
    }

    @Test("refuses options that do not go together")
    func refusesOptions() async throws {
        try await withTenants(1, Self.files) { lastro, _ in
            for arguments in [
                ["--databases", "x"], ["--parallel", "0"], ["--canary", "0"], ["--history-table", "a.b"],
                ["--schema-file", "schema.sql"],
            ] {
                let outcome = try await lastro("migrate", "--schemas", "t*", arguments[0], arguments[1])
                #expect(outcome.status == 2, "\(arguments)")
            }
            #expect(try await lastro("migrate", "--canary", "1").status == 2)
            let none = try await lastro("migrate", "--schemas", "x*")
            #expect(none.status == 2)
            #expect(none.errors.hasPrefix("no schema fits x*\n  state: nothing was run\n"))
        }
    }

    @Test("tells a hook's command which schema it is")
    func tellsHooks() async throws {
        var files = Self.files
        files["lastro.yaml"] = "hooks:\n  after-run: echo \"$LASTRO_TARGET\" >> targets.txt\n"
        try await withProject(files) { lastro, folder, url in
            try await run("create schema t1; create schema t2", on: url)
            let outcome = try await lastro("migrate", "--schemas", "t*", "--parallel", "1")
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try folder.read("targets.txt") == "t1\nt2\n")
        }
    }

    @Test("needs the same memory however many schemas there are")
    func keepsMemoryFlat() async throws {
        var peaks: [Int] = []
        for count in [20, isLongTest ? 2000 : 300] {
            try await withTenants(count, Self.files) { lastro, url in
                let (outcome, peak) = try await lastro.measured("migrate", "--schemas", "t*")
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(try await wholeTenants(url) == count)
                peaks.append(peak)
            }
        }
        #expect(peaks[1] < peaks[0] + 8_000_000, "\(peaks)")
    }
}

/// In how many schemas all migrations are there, with their rows in the history.
private func wholeTenants(_ url: String) async throws -> Int {
    try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
        var count = 0
        for schema in try await schemas(on: connection) {
            let (rows, orders) = try await connection.query(
                "select (select count(*) from \(schema).schema_migrations), to_regclass('\(schema).orders') is not null"
            ).single.decode(Int.self, Bool.self)
            if rows == 3, orders { count += 1 }
        }
        return count
    }
}

/// How many schemas have a history that does not fit their tables.
private func rowsWithoutTables(_ url: String) async throws -> Int {
    try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
        var count = 0
        for schema in try await schemas(on: connection) {
            let fits = try await connection.query(
                """
                select (select count(*) from \(schema).schema_migrations where name in ('0001_users', '0002_orders'))
                    = (select count(*) from pg_class where relname in ('users', 'orders') and relnamespace = '\(schema)'::regnamespace)
                """
            ).single.decode(Bool.self)
            if !fits { count += 1 }
        }
        return count
    }
}

private func schemas(on connection: PostgresConnection) async throws -> [String] {
    try await connection.query(
        """
        select nspname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where relname = 'schema_migrations' order by 1
        """
    ).decode(as: String.self)
}

/// Lends a project with so many empty schemas, `t01` and so on, to a test.
private func withTenants(
    _ count: Int,
    _ files: [String: String],
    _ body: (LastroProcess, String) async throws -> Void
) async throws {
    try await withProject(files) { lastro, _, url in
        try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
            for number in 1...count { try await connection.script("create schema t\(number < 10 ? "0" : "")\(number)") }
        }
        try await body(lastro, url)
    }
}

extension String {
    /// The text from the first line on that begins so.
    fileprivate func lines(from beginning: String) -> String {
        let lines = split(separator: "\n", omittingEmptySubsequences: false)
        return lines.drop { !$0.hasPrefix(beginning) }.joined(separator: "\n")
    }
}
