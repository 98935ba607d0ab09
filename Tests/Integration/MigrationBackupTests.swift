import Postgres
import TestSupport
import Testing

@Suite("lastro migrate --backup")
struct MigrationBackupTests {
    private let files = [
        "m/0001_a.sql": "CREATE TABLE a AS SELECT n FROM generate_series(1, 1000) n;",
        "m/0002_b.sql": "CREATE TABLE b (n integer); INSERT INTO b VALUES (1);",
    ]

    private func recipient(_ lastro: LastroProcess) async throws -> String {
        String(try await lastro("backup", "keygen", "--output", "key.txt").output.dropLast())
    }

    private func snapshots(_ lastro: LastroProcess) async throws -> Int {
        let list = try await lastro("backup", "list", "--repository", "r", "--format", "json")
        return list.output.split(separator: "\"id\"").count - 1
    }

    @Test("takes a snapshot before what may lose something, and only then, from which all comes back")
    func takesSnapshots() async throws {
        try await withProject(files) { lastro, folder, url in
            let key = try await recipient(lastro)
            let migrate = ["migrate", "--backup", "destructive", "--repository", "r", "--recipient", key]
            let harmless = try await lastro(migrate)
            #expect(harmless.status == 0 && !harmless.errors.contains("snapshot"), "\(harmless.errors)")

            try folder.write("ALTER TABLE a ADD COLUMN x text; DROP TABLE a;", to: "m/0003_c.sql")
            let lossy = try await lastro(migrate)
            #expect(lossy.status == 0, "\(lossy.errors)")
            #expect(lossy.errors.contains("0003_c may lose rows or values: taking a snapshot into r"))
            #expect(lossy.errors.contains("to get back: lastro backup restore --repository r"))
            #expect(try await snapshots(lastro) == 1)
            let shown = try await lastro("backup", "show", "--repository", "r", "--identity", "key.txt")
            #expect(shown.output.contains("\n2 migrations applied, the last of them 0002_b"), "\(shown.text)")
            #expect(try await lastro(migrate).status == 0)
            #expect(try await snapshots(lastro) == 1)

            let settings = try ConnectionSettings(url)
            let copy = (settings["dbname"] ?? "") + "_back"
            let target = settings.with(database: copy).url
            let restored = try await lastro(
                "backup",
                "restore",
                "--repository",
                "r",
                "--identity",
                "key.txt",
                "--database",
                target
            )
            #expect(restored.status == 0, "\(restored.errors)")
            #expect(try await ask("SELECT count(*) FROM a", on: target, as: Int.self) == 1000)
            try await run("DROP DATABASE \(copy)", on: url)

            try folder.write("CREATE TABLE d (n integer);", to: "m/0004_d.sql")
            let always = try await lastro("migrate", "--backup", "always", "--repository", "r", "--recipient", key)
            #expect(always.status == 0, "\(always.errors)")
            #expect(try await snapshots(lastro) == 2)
        }
    }

    @Test("runs nothing if the backup fails, or is killed meanwhile; and the next run does both")
    func runsNothingWithout() async throws {
        try await withProject(files) { lastro, folder, url in
            let key = try await recipient(lastro)
            #expect(try await lastro("migrate").status == 0)
            try folder.write("TRUNCATE a;", to: "m/0003_c.sql")
            try folder.write("in the way", to: "r")
            let migrate = ["migrate", "--backup", "destructive", "--repository", "r", "--recipient", key]
            let failed = try await lastro(migrate)
            #expect(failed.status == 4 && failed.errors.contains("nothing was run"), "\(failed.errors)")
            #expect(
                failed.errors.contains("no snapshot was taken") && !failed.errors.contains("hook"),
                "\(failed.errors)"
            )
            #expect(try await ask("SELECT count(*) FROM a", on: url, as: Int.self) == 1000)
            try folder.delete("r")

            // Somebody who holds a table keeps the backup waiting.
            try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
                _ = try await connection.script("BEGIN; LOCK TABLE b IN ACCESS EXCLUSIVE MODE")
                try await lastro.killed(
                    "migrate",
                    "--backup",
                    "destructive",
                    "--repository",
                    "r",
                    "--recipient",
                    key,
                    when: {
                        try await wait(
                            until: """
                                SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                                    WHERE NOT l.granted AND d.datname = current_database())
                                """,
                            on: url
                        )
                    }
                )
                _ = try await connection.script("ROLLBACK")
            }
            #expect(try await ask("SELECT count(*) FROM a", on: url, as: Int.self) == 1000)
            let again = try await lastro(migrate)
            #expect(again.status == 0, "\(again.errors)")
            #expect(try await ask("SELECT count(*) FROM a", on: url, as: Int.self) == 0)
            #expect(try await snapshots(lastro) == 1)
        }
    }

    @Test("is refused without a place and a key, and with many databases")
    func refusesHalfOptions() async throws {
        try await withProject(files) { lastro, _, _ in
            for options in [
                ["--backup", "destructive"], ["--backup", "always", "--repository", "r"], ["--repository", "r"],
                ["--backup", "always", "--repository", "r", "--recipient", "age1x", "--schemas", "t_*"],
                ["--backup", "always", "--repository", "r", "--recipient", "age1x"],
            ] {
                let outcome = try await lastro(["migrate"] + options)
                #expect(outcome.status == 2, "\(options): \(outcome.errors)")
            }
        }
    }
}
