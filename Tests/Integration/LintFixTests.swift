import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("lastro lint --fix")
struct LintFixTests {
    private let files = [
        "m/0001_jobs.sql": "CREATE TABLE jobs (id bigint PRIMARY KEY, due date);\n",
        "m/0002_due.sql": "-- Jobs by day.\nCREATE INDEX jobs_due_idx ON jobs (due);\n",
    ]
    private let fixed =
        "-- Jobs by day.\n-- lastro: no-transaction\nCREATE INDEX CONCURRENTLY jobs_due_idx ON jobs (due);\n"

    private func process(_ folder: TemporaryFolder) -> LastroProcess {
        LastroProcess(folder: folder.path, environment: ["LASTRO_MIGRATIONS": "m"])
    }

    @Test("shows a diff, writes it when told to, and has nothing to do then")
    func showsAndWrites() async throws {
        try await withTemporaryFolder(files) { folder in
            let lastro = process(folder)
            let shown = try await lastro("lint", "--fix")
            #expect(shown.status == 1)
            #expect(
                shown.output == """
                    --- m/0002_due.sql
                    +++ m/0002_due.sql
                    @@ -1,2 +1,3 @@
                     -- Jobs by day.
                    -CREATE INDEX jobs_due_idx ON jobs (due);
                    +-- lastro: no-transaction
                    +CREATE INDEX CONCURRENTLY jobs_due_idx ON jobs (due);
                    # 1 finding in 1 file can be mended; --fix --write writes the files

                    """
            )
            #expect(try folder.read("m/0002_due.sql") == files["m/0002_due.sql"])
            let json = try await lastro("lint", "--fix", "--format", "json").output
            #expect(json.contains(#""rules":["index-not-concurrent"]"#) && json.contains(#""written":false"#))
            #expect(try await lastro("lint", "--fix", "--fix-only", "drop-table").status == 0)
            #expect(try await lastro("lint", "--fix", "--fix-only", "no-such-rule").status == 2)
            #expect(try await lastro("lint", "--write").status == 2)
            #expect(try await lastro("lint", "--fix", "--write").status == 0)
            #expect(try folder.read("m/0002_due.sql") == fixed)
            let again = try await lastro("lint", "--fix")
            #expect(again.status == 0 && again.output == "# 0 findings in 0 files can be mended\n", "\(again.text)")
        }
    }

    @Test("says what it leaves, and why")
    func leaves() async throws {
        var files = files
        files["m/0003_mixed.sql"] = "ALTER TABLE jobs ADD COLUMN n int;\nCREATE INDEX jobs_n ON jobs (n);\n"
        try await withTemporaryFolder(files) { folder in
            let run = try await process(folder)("lint", "--fix", "--write")
            #expect(run.output.contains("# m/0003_mixed.sql:2:"), "\(run.text)")
            #expect(
                run.output.contains("because of the statement at line 1: put this one into a migration of its own")
            )
            #expect(try folder.read("m/0003_mixed.sql") == files["m/0003_mixed.sql"])
            #expect(try folder.read("m/0002_due.sql") == fixed)
        }
    }

    @Test("leaves what lastro.sum lists or the database has run, unless forced, and keeps the sums right")
    func keepsWhatIsRecorded() async throws {
        try await withProject(files) { lastro, folder, url in
            #expect(try await lastro("verify", "--write").status == 0)
            let refused = try await lastro("lint", "--fix", "--write")
            #expect(refused.output.contains("lastro.sum lists it as it is"), "\(refused.text)")
            #expect(try folder.read("m/0002_due.sql") == files["m/0002_due.sql"])
            #expect(try await lastro("lint", "--fix", "--write", "--force").status == 0)
            #expect(try folder.read("m/0002_due.sql") == fixed)
            let verified = try await lastro("verify", "--offline")
            #expect(verified.status == 0, "\(verified.text)")
            try folder.write(files["m/0002_due.sql"] ?? "", to: "m/0002_due.sql")
            #expect(try await lastro("verify", "--write").status == 0)
            #expect(try await lastro("migrate").status == 0)
            try FileManager.default.removeItem(atPath: "\(folder.path)/m/lastro.sum")
            let applied = try await lastro("lint", "m/0002_due.sql", "--fix", "--write", "--database", url)
            #expect(applied.output.contains("the database has run it"), "\(applied.text)")
            #expect(try folder.read("m/0002_due.sql") == files["m/0002_due.sql"])
        }
    }

    @Test("that is killed leaves every file whole, and the next one finishes")
    func isKilled() async throws {
        var many: [String: String] = ["m/0001_jobs.sql": "CREATE TABLE jobs (id bigint PRIMARY KEY, due date);\n"]
        var expected: [String: String] = [:]
        for number in 1000..<1200 {
            many["m/\(number)_i.sql"] = "CREATE INDEX jobs_\(number) ON jobs (due);\n"
            expected["m/\(number)_i.sql"] =
                "-- lastro: no-transaction\nCREATE INDEX CONCURRENTLY jobs_\(number) ON jobs (due);\n"
        }
        let texts = (before: many, after: expected)
        try await withTemporaryFolder(many) { folder in
            let lastro = process(folder)
            #expect(try await lastro("verify", "--write", "--offline").status == 0)
            for place in [1000, 1080, 1160] {
                let name = "m/\(place)_i.sql"
                try await lastro.killed("lint", "--fix", "--write", "--force") {
                    try await wait(for: "the file \(name)") { (try? folder.read(name)) == texts.after[name] }
                }
                for (file, text) in texts.after {
                    let now = try folder.read(file)
                    #expect(now == text || now == texts.before[file], "\(file): \(now)")
                }
            }
            #expect(try await lastro("lint", "--fix", "--write", "--force").status == 0)
            for (file, text) in texts.after { #expect(try folder.read(file) == text) }
            let verified = try await lastro("verify", "--offline")
            #expect(verified.status == 0, "\(verified.text)")
        }
    }
}
