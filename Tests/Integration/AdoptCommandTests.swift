import Postgres
import Subprocess
import SystemPackage
import TestSupport
import Testing

@Suite("The command adopt")
struct AdoptCommandTests {
    private let files = [
        "m/0001_a.sql": "create table a (i int);\n", "m/0002_b.sql": "create table b (i int);\n",
        "m/0003_c.sql": "create table c (i int);\n", "m/0004_d.sql": "create table d (i int);\n",
    ]
    private let history = """
        CREATE TABLE flyway_schema_history (installed_rank INT PRIMARY KEY, version VARCHAR(50), description VARCHAR(200)
            NOT NULL, type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL, checksum INTEGER, installed_by
            VARCHAR(100) NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT now(), execution_time INTEGER NOT NULL,
            success BOOLEAN NOT NULL);
        SET timezone = 'UTC';
        INSERT INTO flyway_schema_history VALUES
            (1, '0001', 'a', 'SQL', '0001_a.sql', -2014359584, 'app', '2025-01-02 03:04:05', 12, true),
            (2, '0.5', 'gone', 'SQL', 'V0.5__gone.sql', 1, 'app', '2025-01-03', 9, true),
            (3, '0003', 'c', 'SQL', '0003_c.sql', NULL, 'app', '2025-01-04', 9, true);
        """

    @Test("shows the plan, and carries it out with --yes")
    func adopts() async throws {
        try await withProject(files) { lastro, folder, url in
            try await run(history, on: url)
            let plan = try await lastro("adopt")
            #expect(plan.status == 1)
            try expectGolden(plan.output, "adopt-plan.txt")
            #expect(plan.errors == "nothing was changed; `lastro adopt --yes` carries it out\n")
            #expect(try await lastro("status").output.hasSuffix("4 migrations: 4 pending\n"))

            let done = try await lastro("adopt", "--yes", "--reason", "we move")
            #expect(done.status == 0)
            #expect(done.errors.isEmpty)
            try expectGolden(done.output, "adopt-done.txt")
            #expect(
                try await lastro("status").output.hasSuffix(
                    "5 migrations: 1 applied, 1 out-of-order, 1 unverified, 1 pending, 1 missing\n"
                )
            )
            let again = try await lastro("adopt", "--yes")
            #expect(again.status == 1)
            #expect(again.errors.hasPrefix("public.schema_migrations has 3 rows already: "))
        }
    }

    @Test("says what stands in the way, as an error with its next step")
    func refuses() async throws {
        try await withProject(files) { lastro, folder, url in
            try await run(history + "UPDATE flyway_schema_history SET success = false WHERE version = '0003'", on: url)
            try folder.write("create table a (i bigint);\n", to: "m/0001_a.sql")
            let refused = try await lastro("adopt", "--yes")
            #expect(refused.status == 1)
            try expectGolden(refused.output, "adopt-refused.txt")
            try expectGolden(refused.errors, "adopt-refused-errors.txt")
            let quiet = try await lastro("adopt", "--yes", "--quiet")
            #expect(quiet.output.isEmpty)
            #expect(quiet.errors == refused.errors)
        }
    }

    @Test("prints one JSON object, for the plan, the refusal and the end")
    func printsJSON() async throws {
        try await withProject(files) { lastro, folder, url in
            try await run(history, on: url)
            let plan = try await lastro("adopt", "--format", "json")
            #expect(plan.status == 1)
            try expectGolden(plan.output, "adopt-plan.json")
            try folder.write("create table a (i bigint);\n", to: "m/0001_a.sql")
            let refused = try await lastro("adopt", "--yes", "--format", "json")
            #expect(refused.status == 1)
            #expect(refused.output.hasPrefix(#"{"adopted":false,"#))
            #expect(refused.output.contains(#""code":"checksum-mismatch","file":"m/0001_a.sql""#))
            let done = try await lastro("adopt", "--yes", "--trust-files", "--format", "json")
            #expect(done.status == 0)
            #expect(done.output.hasPrefix(#"{"adopted":true,"#))
            #expect(done.output.split(separator: "\n").count == 1)
            #expect(try await lastro("status").output.contains("2 applied"))
        }
    }

    @Test("ends with the documented statuses")
    func hasExitStatuses() async throws {
        try await withProject(files) { lastro, _, url in
            let none = try await lastro("adopt")
            #expect(none.status == 1)
            #expect(
                none.errors.hasPrefix("no history of another tool was found in public\n  state: nothing was changed\n")
            )
            #expect(try await lastro("adopt", "--from", "nix").status == 2)
            try await run("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)", on: url)
            #expect(try await lastro("adopt", "--at", "0042_nothing").status == 2)
            #expect(try await lastro("adopt", "--yes").status == 1)
            let baseline = try await lastro("adopt", "--at", "2", "--yes", "--trust-files")
            #expect(baseline.status == 0)
            #expect(try await lastro("status").output.hasSuffix("4 migrations: 2 applied, 2 pending\n"))
            #expect(try await lastro("adopt", "--database", "postgresql://u@127.0.0.1:9/x").status == 3)
        }
    }

    @Test("asks on a terminal, and takes nothing but yes for an answer")
    func asks() async throws {
        try await withProject(files) { lastro, folder, url in
            try await run(history, on: url)
            // The program `script` lends its child a terminal and passes its own input on.
            func answer(_ text: String) async throws -> (status: String, output: String) {
                let command =
                    "'\(LastroProcess.program)' adopt --no-color --database '\(url)' --migrations m; echo \"status $?\""
                let result = try await Subprocess.run(
                    .name("script"),
                    arguments: ["--quiet", "--command", command, "/dev/null"],
                    workingDirectory: FilePath(folder.path),
                    input: .string(text),
                    output: .string(limit: 1 << 16)
                )
                let lines = result.standardOutput.split(whereSeparator: \.isNewline)
                return (lines.last.map(String.init) ?? "", result.standardOutput)
            }
            let no = try await answer("n\n")
            #expect(no.status == "status 1")
            #expect(no.output.contains("adopt 3 migrations? [y/N]"))
            #expect(try await lastro("status").output.hasSuffix("4 migrations: 4 pending\n"))
            let yes = try await answer("y\n")
            #expect(yes.status == "status 0")
            #expect(yes.output.contains("adopted  3 migrations into public.schema_migrations"))
        }
    }

    private func run(_ sql: String, on url: String) async throws {
        try await withPostgresConnection(to: ConnectionSettings(url)) { _ = try await $0.script(sql) }
    }
}
