import Postgres
import Subprocess
import TestSupport
import Testing

@Suite("lastro backup")
struct BackupCommandTests {
    @Test("takes a snapshot, checks it, drills it and restores it")
    func makesTheJourney() async throws {
        try await withProject([:]) { lastro, folder, url in
            try await run(
                "CREATE TABLE t AS SELECT n, md5(n::text) FROM generate_series(1, 50000) n; CREATE INDEX ON t (n)",
                on: url
            )
            let recipient = String(try await lastro("backup", "keygen", "--output", "key.txt").output.dropLast())
            let create = ["backup", "create", "--repository", "r", "--recipient", recipient]
            let first = try await lastro(create)
            #expect(first.status == 0, "\(first.errors)")
            #expect(first.output.hasPrefix("snapshot ") && first.errors.hasPrefix("made .lastro/signing.key\n"))
            #expect(try await lastro(create + ["--quiet"]).text.isEmpty)
            let list = try await lastro("backup", "list", "--repository", "r", "--format", "json")
            #expect(list.output.hasPrefix(#"{"snapshots":[{"bytes":"#) && list.output.contains(#""last_drill":null"#))
            #expect(try await lastro("backup", "verify", "--repository", "r").status == 0)
            let full = try await lastro("backup", "verify", "--repository", "r", "--full", "--identity", "key.txt")
            #expect(full.status == 0 && full.output.contains("everything was decrypted"))

            let drill = try await lastro("backup", "drill", "--repository", "r", "--identity", "key.txt")
            #expect(drill.status == 0, "\(drill.errors)")
            #expect(drill.output.contains("passed: 1 table and 50000 rows"))
            #expect(try await lastro("backup", "list", "--repository", "r").output.contains("  drilled 20"))

            let settings = try ConnectionSettings(url)
            let target = settings.with(database: (settings["dbname"] ?? "") + "_copy").url
            let restore = ["backup", "restore", "--repository", "r", "--identity", "key.txt", "--database", target]
            #expect(try await lastro(restore).status == 0)
            #expect(try await ask("SELECT count(*) FROM t", on: target, as: Int.self) == 50_000)
            let again = try await lastro(restore)
            #expect(again.status == 2 && again.errors.hasPrefix("there is a database "))
            let analysed = "SELECT count(*) FROM pg_stats WHERE schemaname = 'public'"
            #expect(try await ask(analysed, on: target, as: Int.self) == 2)
            try await run("DROP DATABASE \(settings["dbname"] ?? "")_copy", on: url)
            #expect(try await lastro(restore + ["--no-analyze"]).status == 0)
            #expect(try await ask(analysed, on: target, as: Int.self) == 0)
            try await run("DROP DATABASE \(settings["dbname"] ?? "")_copy", on: url)
        }
    }

    @Test("leaves no half snapshot when it is killed, and the next run works and cleans up")
    func survivesKills() async throws {
        try await withProject([:]) { lastro, folder, url in
            try await run("CREATE TABLE t AS SELECT n, md5(n::text) FROM generate_series(1, 200000) n", on: url)
            let recipient = String(try await lastro("backup", "keygen", "--output", "key.txt").output.dropLast())
            for _ in 0..<8 {
                let delay = Duration.milliseconds(Int.random(in: 20...500))
                try await lastro.killed(
                    with: .kill,
                    after: delay,
                    "backup",
                    "create",
                    "--repository",
                    "r",
                    "--recipient",
                    recipient
                )
                let list = try await lastro("backup", "list", "--repository", "r", "--format", "json")
                #expect(list.status == 0)
                // What is listed is whole: some runs were through before they were killed.
                if list.output != "{\"snapshots\":[]}\n" {
                    #expect(try await lastro("backup", "verify", "--repository", "r").status == 0)
                }
            }
            let limited = try await lastro.shell(
                """
                trap '' XFSZ
                ulimit -f 8
                exec $lastro backup create --repository small --recipient \(recipient)
                """
            )
            #expect(limited.status == 4 && limited.errors.contains("cannot be written: File too large"))
            #expect(try await lastro("backup", "list", "--repository", "small").output == "there is no snapshot\n")
            #expect(try await lastro("backup", "create", "--repository", "r", "--recipient", recipient).status == 0)
            #expect(try folder.names(in: "r/tmp").count <= 1)
            let full = try await lastro("backup", "verify", "--repository", "r", "--full", "--identity", "key.txt")
            #expect(full.status == 0)
            let shown = try await lastro("backup", "show", "--repository", "r", "--identity", "key.txt")
            #expect(shown.status == 0 && shown.output.contains("public.t  200000 rows"))
        }
    }

    @Test("tells of damage, of a stranger's signature and of what it was not given, with the documented statuses")
    func hasStatuses() async throws {
        try await withProject([:]) { lastro, folder, url in
            try await run("CREATE TABLE t AS SELECT n FROM generate_series(1, 5000) n", on: url)
            let recipient = String(try await lastro("backup", "keygen", "--output", "key.txt").output.dropLast())
            #expect(try await lastro("backup", "verify", "--repository", "r").status == 2)
            #expect(try await lastro("backup", "create", "--repository", "r").status == 2)
            let unreachable = try await lastro(
                "backup",
                "create",
                "--repository",
                "r",
                "--recipient",
                recipient,
                "--database",
                "postgresql://127.0.0.1:9/x"
            )
            #expect(unreachable.status == 3)
            #expect(try await lastro("backup", "create", "--repository", "r", "--recipient", recipient).status == 0)
            let key = try await lastro("backup", "keygen", "--signing", "--output", "other.key").output.dropLast()
            let stranger = try await lastro(
                "backup",
                "create",
                "--repository",
                "r2",
                "--recipient",
                recipient,
                "--sign-with",
                "other.key"
            )
            #expect(stranger.status == 0, "\(stranger.errors)")
            let untrusted = try await lastro("backup", "verify", "--repository", "r", "--trust", String(key))
            #expect(untrusted.status == 1 && untrusted.errors.contains("which is not trusted"))
            #expect(try await lastro("backup", "verify", "--repository", "r2", "--trust", String(key)).status == 0)
            let wrong = try await lastro.shell(
                "$lastro backup keygen --output wrong.txt && $lastro backup drill --repository r --identity wrong.txt"
            )
            #expect(wrong.status == 4 && wrong.errors.hasPrefix("the file is not encrypted to any of the identities"))
            let damaged = try await lastro.shell(
                """
                file=$(find r/objects -name '*.payload' | head -n 1)
                chmod u+w "$file"
                printf x >> "$file"
                exec $lastro backup verify --repository r
                """
            )
            #expect(damaged.status == 1 && damaged.output.contains("objects/"))
        }
    }
}
