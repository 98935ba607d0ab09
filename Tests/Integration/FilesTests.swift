import Postgres
import Subprocess
import SystemPackage
import TestSupport
import Testing

@Suite("Files at the command line")
struct FilesTests {
    @Test("are kept by lastro.sum: new maintains it, verify checks it without a database, migrate refuses")
    func keepsSums() async throws {
        try await withProject([:]) { lastro, folder, url in
            var lastro = lastro
            lastro.environment = ["DATABASE_URL": url]
            #expect(try await lastro("init").status == 0)
            let offline = LastroProcess(folder: folder.path)
            #expect(try await offline("verify", "--write").output == "made migrations/lastro.sum\n")
            #expect(try await lastro("new", "--down", "a").status == 0)
            #expect(try await offline("verify", "--offline").output == "1 migration checked, 0 problems\n")
            try folder.write("create table a (i int);\n", to: "migrations/0001_a.sql")
            let found = try await offline("verify", "--offline")
            #expect(found.status == 1)
            #expect(
                found.output.hasPrefix("sum-mismatch  migrations/0001_a.sql: differs from lastro.sum: checksum ")
            )
            #expect(found.output.hasSuffix("1 migration checked, 1 problem\n"))
            #expect(try await lastro("verify").status == 1)
            let refused = try await lastro("migrate")
            #expect(refused.status == 1)
            #expect(refused.errors.hasPrefix("migrations/0001_a.sql: differs from lastro.sum: checksum "))
            #expect(refused.errors.hasSuffix("  next:  if that is meant, say so with `lastro verify --write`\n"))
            #expect(try await lastro("migrate", "--check").status == 1)
            #expect(try await offline("verify", "--write").output == "made migrations/lastro.sum\n")
            #expect(try await offline("verify", "--write").output == "everything is there already\n")
            #expect(try await lastro("migrate").status == 0)
            #expect(try await lastro("verify").status == 0)
            try folder.write("create table b (i int);\n", to: "migrations/0001_a.sql")
            let edited = try await lastro("verify")
            #expect(
                edited.output.hasPrefix("checksum-mismatch  migrations/0001_a.sql:1:1: changed after it was applied")
            )
            #expect(edited.output.hasSuffix("1 migration checked, 1 problem\n"))
            try folder.write("garbage\n", to: "migrations/lastro.sum")
            let garbage = try await offline("verify", "--offline")
            #expect(
                garbage.output.hasPrefix("sum-mismatch  migrations/lastro.sum:1:1: the line is none of lastro.sum\n")
            )
        }
    }

    @Test("that migrate would refuse are told without a database, by verify and lint, in the same words")
    func tellsRefusals() async throws {
        let sql = "CREATE TABLE a (id int);\nCOMMIT;\nCREATE TABLE b (id int);\n"
        try await withProject(["migrations/0001_a.sql": sql]) { lastro, folder, url in
            var lastro = lastro
            lastro.environment = [:]
            let words =
                "COMMIT is about a transaction, and the migration runs in one together with its row in the history"
            let refused = try await lastro("migrate", "--check", "--database", url)
            #expect(refused.status == 1)
            #expect(refused.text.contains("migrations/0001_a.sql:2:1: \(words)"), "\(refused.text)")
            let verified = try await lastro("verify", "--offline")
            #expect(verified.status == 1)
            #expect(verified.output.contains("unsupported-statement  migrations/0001_a.sql:2:1: \(words)"))
            #expect(verified.output.hasSuffix("1 migration checked, 1 problem\n"))
            let linted = try await lastro("lint")
            #expect(linted.status == 1)
            #expect(
                linted.output.contains("migrations/0001_a.sql:2:1: error[refused-by-migrate]: \(words)"),
                "\(linted.text)"
            )
            #expect(!(try await lastro("lint", "--all-rules")).output.contains("refused-by-migrate"))
        }
    }

    @Test("of two branches that both add a migration conflict in git, and no number is given twice")
    func conflictsInGit() async throws {
        try await withTemporaryFolder { folder in
            let lastro = LastroProcess(folder: folder.path)
            func git(_ arguments: String...) async throws -> Int32? {
                let names = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
                let result = try await Subprocess.run(
                    .name("git"),
                    arguments: Arguments(names + arguments),
                    workingDirectory: FilePath(folder.path),
                    output: .discarded,
                    error: .discarded
                )
                if case .exited(let status) = result.terminationStatus { return status }
                return nil
            }
            _ = try await lastro("init", "--migrations", "db/it's here")
            _ = try await lastro("verify", "--write")
            _ = try await lastro("new", "a")
            #expect(try await git("init") == 0)
            #expect(try await git("add", ".") == 0)
            #expect(try await git("commit", "-m", "a") == 0)
            #expect(try await git("checkout", "-b", "work") == 0)
            #expect(try await git("checkout", "main") == 0)
            #expect(try await lastro("new", "b").output == "made db/it's here/0002_b.sql\n")
            #expect(try await git("add", ".") == 0)
            #expect(try await git("commit", "-m", "b") == 0)
            #expect(try await git("checkout", "work") == 0)
            // The branch has no 0002 yet, but main has.
            #expect(try await lastro("new", "c").output == "made db/it's here/0003_c.sql\n")
            #expect(try await git("add", ".") == 0)
            #expect(try await git("commit", "-m", "c") == 0)
            #expect(try await git("merge", "main") == 1)
            let verify = try await lastro("verify", "--offline")
            #expect(verify.status == 1)
            #expect(verify.output.contains("db/it's here/lastro.sum:4:1: a merge conflict is open"))
            #expect(try await lastro("verify", "--write").status == 0)
            #expect(try await lastro("verify", "--offline").output == "3 migrations checked, 0 problems\n")
        }
    }

    @Test("are refused before anything is asked of a database", arguments: [["V49__a", "V49__b"], ["7_x", "007_y"]])
    func refusesDuplicates(names: [String]) async throws {
        let files = Dictionary(uniqueKeysWithValues: names.map { ("m/\($0).sql", "select 1") })
        try await withTemporaryFolder(files) { folder in
            let lastro = LastroProcess(folder: folder.path, environment: ["LASTRO_MIGRATIONS": "m"])
            let start = ContinuousClock.now
            let outcome = try await lastro("migrate", "--wait", "60s", "--database", "postgresql://u@127.0.0.1:9/x")
            #expect(start.duration(to: .now) < .seconds(30))
            #expect(outcome.status == 1)
            for name in names { #expect(outcome.errors.contains("\(name).sql")) }
            #expect(outcome.errors.contains("have one version"))
            #expect(try await lastro("verify", "--offline").status == 1)
        }
    }

    @Test(
        "get the time in UTC in their names, wherever the machine stands",
        arguments: ["Asia/Tokyo", "America/Chicago"]
    )
    func stampsInUTC(zone: String) async throws {
        try await withTemporaryFolder(["m/20200101000000_a.sql": ""]) { folder in
            let lastro = LastroProcess(folder: folder.path, environment: ["LASTRO_MIGRATIONS": "m", "TZ": zone])
            let before = try await utc()
            #expect(try await lastro("new", "b").status == 0)
            let after = try await utc()
            let name = try #require(try folder.names(in: "m").last)
            #expect(name.hasSuffix("_b.sql"))
            #expect((before...after).contains(String(name.prefix(14))))
        }
    }

    @Test("say in the status what kind they are")
    func showsKinds() async throws {
        try await withProject(["m/0001_a.sql": "select 1", "m/R__v.sql": "select 2"]) { lastro, folder, _ in
            #expect(try await lastro("migrate").status == 0)
            try folder.write("select 3", to: "m/R__v.sql")
            let status = try await lastro("status", "--format", "json")
            #expect(status.output.contains(#""kind":"repeatable","name":"R__v","outcome":"applied","state":"due""#))
            #expect(status.output.contains(#""kind":"versioned","name":"0001_a""#))
            #expect(try await lastro("status").output.hasSuffix("2 migrations: 1 applied, 1 due\n"))
            let plan = try await lastro("migrate", "--dry-run", "--format", "json")
            #expect(plan.output.contains(#""kind":"repeatable","name":"R__v""#))
        }
    }

    @Test("warn when the newest of them lies in the future")
    func warnsOfTheFuture() async throws {
        try await withTemporaryFolder(["m/20990101000000_a.sql": ""]) { folder in
            let lastro = LastroProcess(folder: folder.path, environment: ["LASTRO_MIGRATIONS": "m"])
            let new = try await lastro("new", "b")
            #expect(new.output == "made m/20990101000001_b.sql\n")
            #expect(new.errors.hasPrefix("the newest version, 20990101000000, lies in the future"))
        }
    }

    private func utc() async throws -> String {
        let result = try await Subprocess.run(
            .name("date"),
            arguments: ["-u", "+%Y%m%d%H%M%S"],
            output: .string(limit: 64)
        )
        return String(result.standardOutput.prefix(14))
    }
}
