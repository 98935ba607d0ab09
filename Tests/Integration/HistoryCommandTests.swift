import Postgres
import TestSupport
import Testing

@Suite("Commands that change the history")
struct HistoryCommandTests {
    private let files = ["m/0001_a.sql": "create table a (i int);\n", "m/0002_b.sql": "create table b (i int);\n"]

    @Test("repair what is named and nothing else, and say the same before as after")
    func repairsByName() async throws {
        try await withProject(files) { lastro, folder, _ in
            #expect(try await lastro("migrate").status == 0)
            try folder.write("create table a (j int);\n", to: "m/0001_a.sql")
            try folder.write("create table b (j int);\n", to: "m/0002_b.sql")
            let all = try await lastro("repair", "--dry-run")
            #expect(all.output.hasSuffix("2 migrations would be repaired\n"))
            let one = "accepted-file  0002_b\n\n1 migration"
            #expect(try await lastro("repair", "2", "0002_b.sql", "--dry-run").output == "\(one) would be repaired\n")
            for arguments in [["--dry-run"], ["--reason", "x"]] {
                let unknown = try await lastro.shell("exec $lastro repair 0002_x \(arguments.joined(separator: " "))")
                #expect(unknown.status == 2)
                #expect(unknown.errors.hasPrefix("no migration is called \"0002_x\"\n"))
                #expect(unknown.errors.hasSuffix("  next:  perhaps 0002_b is meant\n"))
            }
            let repaired = try await lastro("repair", "2", "0002_b", "--reason", "a comment")
            #expect(repaired.output == "\(one) repaired\n")
            let again = try await lastro("repair", "2", "--dry-run")
            #expect(again.status == 1)
            #expect(again.errors.hasPrefix("nothing about 0002_b needs repair\n"))
            #expect(try await lastro("status").output.contains("changed  0001_a"))
        }
    }

    @Test("find a migration by the name of its file too")
    func findsFiles() async throws {
        try await withProject(["m/0001_a.up.sql": "create table a (i int);\n", "m/0001_a.down.sql": ""]) {
            lastro,
            folder,
            _ in
            let run = try await lastro("migrate")
            #expect(run.status == 0)
            try folder.write("create table a (j int);\n", to: "m/0001_a.up.sql")
            let repair = try await lastro("repair", "0001_a.up.sql", "--dry-run")
            #expect(repair.output.hasPrefix("accepted-file  0001_a\n"))
        }
    }

    @Test("are told to take out a row without a file, and that is what works")
    func advisesOnForeignRows() async throws {
        try await withProject(files) { lastro, _, url in
            #expect(try await lastro("migrate").status == 0)
            try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
                try await connection.script("insert into schema_migrations (name) values ('0009_x')")
            }
            let refused = try await lastro("migrate")
            #expect(refused.status == 1)
            #expect(
                refused.errors == """
                    the history has a row "0009_x" that Lastro did not write
                      state: nothing was run
                      next:  no file is called so: take the row out with `lastro repair 0009_x --reason …`

                    """
            )
            #expect(try await lastro("repair", "0009_x", "--reason", "nobody knows it").status == 0)
            #expect(try await lastro("migrate").status == 0)
        }
    }

    @Test("take each migration once, and count in whole words")
    func takesEachOnce() async throws {
        try await withProject(files) { lastro, _, _ in
            let marked = try await lastro("mark", "0001_a", "1", "0001_a.sql", "--reason", "by hand")
            #expect(marked.errors.isEmpty)
            #expect(marked.output == "marked  0001_a\n1 migration marked\n")
        }
        try await withProject(files) { lastro, _, _ in
            let baseline = try await lastro("baseline", "2", "--reason", "as found")
            #expect(baseline.output == "baseline  0001_a\nbaseline  0002_b\n2 migrations taken as the baseline\n")
        }
    }

    @Test("and those that run migrations refuse an option without a value")
    func refusesEmptyOptions() async throws {
        try await withTemporaryFolder(files) { folder in
            let lastro = LastroProcess(folder: folder.path, environment: ["PGHOST": "/nowhere"])
            let calls = [
                "mark 1 --reason ''", "repair --reason ' '", "repair --dry-run --reason ''", "baseline 1 --reason ''",
                "adopt --reason ''", "adopt --at ''", "migrate --to ''", "undo --to ''", "migrate --dry-run --to ''",
            ]
            for call in calls {
                let outcome = try await lastro.shell("exec $lastro \(call) --migrations m")
                #expect(outcome.status == 2, "\(call)")
                let flag = call.contains("--to") ? "--to" : call.contains("--at") ? "--at" : "--reason"
                #expect(outcome.errors.contains("\(flag) is empty: give it a value"), "\(call)")
            }
        }
    }
}
