import SystemPackage
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What runs the linter on services and before commits, run as these do.
@Suite("lastro lint where others start it")
struct LintHookTests {
    private static let project = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardized

    private static let files = [
        "app/migrations/0001_jobs.sql": "CREATE TABLE jobs (id bigint PRIMARY KEY);\n",
        "app/migrations/0001_jobs.down.sql": "DROP TABLE jobs;\n",
    ]
    private static let due = "CREATE TABLE IF NOT EXISTS jobs (due date);\nCREATE INDEX jobs_due ON jobs (due);\n"

    private static let commit = "git add -A && git -c user.name=t -c user.email=t@example.org commit -qm"

    /// Runs a closure on a repository whose migrations are committed, but for the last, which is broken.
    private func withRepository(
        _ variables: [String: String] = [:],
        _ body: (LastroProcess, TemporaryFolder) async throws -> Void
    ) async throws {
        try await withTemporaryFolder(Self.files) { folder in
            let programs = LastroProcess.program.removingLastComponent()
            var environment = [
                "PATH": "\(programs):/usr/local/bin:/usr/bin:/bin", "LASTRO_CACHE": folder.file("cache"),
            ]
            for (name, value) in variables {
                environment[name] = value.replacing("TOP", with: folder.path)
            }
            let top = LastroProcess(folder: folder.path, environment: environment)
            try folder.write("cache\n", to: ".gitignore")
            #expect(try await top.shell("git init -qb main . && \(Self.commit) first").status == 0)
            try folder.write(Self.due, to: "app/migrations/0002_due.sql")
            try await body(LastroProcess(folder: folder.file("app"), environment: environment), folder)
        }
    }

    private static func text(of file: String) throws -> String {
        try String(contentsOf: project.appending(path: file), encoding: .utf8)
    }

    /// The lines behind one that has just these words, as long as they stand deeper than it.
    private static func block(behind words: String, in text: String) throws -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.drop { $0 == " " } == words })
        let depth = lines[start].prefix { $0 == " " }.count
        return lines[(start + 1)...].prefix { $0.prefix { $0 == " " }.count > depth }.map {
            String($0.drop { $0 == " " })
        }
    }

    @Test("as a GitHub action puts findings at their lines in the checkout, and tells in the summary what is done")
    func runsAsAction() async throws {
        let variables = [
            "SINCE": "HEAD", "FAIL_ON": "error", "GITHUB_WORKSPACE": "TOP", "GITHUB_STEP_SUMMARY": "TOP/cache.md",
        ]
        let script = try Self.block(behind: "run: |", in: Self.text(of: "action.yml"))
        try await withRepository(variables) { lastro, folder in
            // GitHub's runner calls bash so.
            try folder.write(script.joined(separator: "\n"), to: "cache/step.sh")
            let step = "bash --noprofile --norc -eo pipefail \(folder.file("cache/step.sh"))"
            let run = try await lastro.shell(step)
            #expect(run.status == 1)
            #expect(
                run.output.contains("::error file=app/migrations/0002_due.sql,line=2,endLine=2,col=26,"),
                "\(run.text)"
            )
            let summary = try folder.read("cache.md")
            #expect(summary.contains("| error | `migrations/0002_due.sql:2` |"), "\(summary)")
            #expect(summary.contains("`0002_due.sql`, in one transaction:\n\n- "))
            try folder.write("CREATE TABLE logs (id bigint PRIMARY KEY);\n", to: "app/migrations/0002_due.sql")
            let fine = try await lastro.shell(step)
            #expect(fine.status == 0, "\(fine.text)")
        }
    }

    @Test("as GitLab's job writes a report of the checkout's files, and a page")
    func runsAsJob() async throws {
        let lines = try Self.block(behind: "script:", in: Self.text(of: "docs/linter.md")).map { $0.dropFirst(2) }
        #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("lastro lint ") })
        let variables = ["CI_MERGE_REQUEST_DIFF_BASE_SHA": "HEAD", "CI_PROJECT_DIR": "TOP"]
        try await withRepository(variables) { lastro, folder in
            let run = try await lastro.shell("set -e; " + lines.joined(separator: "; "))
            #expect(run.status == 1, "\(run.text)")
            struct Issue: Decodable {
                struct Location: Decodable { let path: String }
                let location: Location
            }
            let report = Data(try folder.read("app/gl-code-quality-report.json").utf8)
            let paths = try JSONDecoder().decode([Issue].self, from: report).map(\.location.path)
            #expect(Set(paths) == ["app/migrations/0002_due.sql"])
            #expect(try folder.read("app/lint.md").contains("**lastro lint**: 1 file"))
        }
    }

    @Test("as a hook keeps back the commit of a broken migration, and no other")
    func runsAsHook() async throws {
        let python = try PythonEnvironment.python(of: "pre-commit")
        try await withRepository(["PRE_COMMIT_HOME": "TOP/cache/pre-commit"]) { lastro, folder in
            try folder.write(try Self.text(of: ".pre-commit-hooks.yaml"), to: "cache/hooks/.pre-commit-hooks.yaml")
            let made = try await lastro.shell(
                "cd ../cache/hooks && git init -q . && \(Self.commit) hooks && git rev-parse HEAD"
            )
            let revision = try #require(made.output.split(separator: "\n").last)
            try folder.write(
                """
                repos:
                  - repo: \(folder.file("cache/hooks"))
                    rev: \(revision)
                    hooks:
                      - id: lastro-lint
                        files: ^app/migrations/.*\\.sql$
                """,
                to: ".pre-commit-config.yaml"
            )
            try folder.write("migrations: app/migrations\n", to: "lastro.yaml")
            try folder.write("-- the table\nDROP TABLE jobs;\n", to: "app/migrations/0001_jobs.down.sql")
            let install = try await lastro.shell("\(python) -m pre_commit install")
            #expect(install.status == 0, "\(install.text)")
            let kept = try await lastro.shell("\(Self.commit) second")
            #expect(kept.status != 0)
            #expect(kept.text.contains("app/migrations/0002_due.sql:2:26: error[column-may-not-exist]"), "\(kept.text)")
            #expect(!kept.text.contains(".down.sql:"), "\(kept.text)")
            try folder.write("CREATE TABLE logs (id bigint PRIMARY KEY);\n", to: "app/migrations/0002_due.sql")
            let done = try await lastro.shell("\(Self.commit) second && git log --format=%s -1")
            #expect(done.output.hasSuffix("second\n"), "\(done.text)")
        }
    }

    @Test("takes what takes a migration back for that migration, named or changed")
    func judgesWithDown() async throws {
        try await withRepository { lastro, folder in
            try folder.write("SELECT 1;\n", to: "app/migrations/0001_jobs.down.sql")
            try folder.write("CREATE TABLE logs (id bigint PRIMARY KEY);\n", to: "app/migrations/0002_due.sql")
            let ways = [
                ["migrations/0001_jobs.down.sql"], ["./migrations/0001_jobs.sql"],
                ["migrations/0001_jobs.sql", folder.file("app/migrations/0001_jobs.down.sql")],
            ]
            for way in ways {
                let run = try await lastro(["lint"] + way)
                #expect(
                    run.output.contains("migrations/0001_jobs.down.sql:1:1: warning[down-incomplete]"),
                    "\(run.text)"
                )
                #expect(run.output.hasSuffix("1 file, 1 statement: 0 errors, 1 warning, 0 notes\n"), "\(run.text)")
            }
            let since = try await lastro("lint", "--since", "HEAD")
            #expect(since.output.contains("2 files, 2 statements: 0 errors, 1 warning, 0 notes"), "\(since.text)")
            // Files of one name in folders of their own are told apart.
            let sub = "0001_a/migration.sql"
            try folder.write("CREATE TABLE a (id bigint PRIMARY KEY);\n", to: "prisma/\(sub)")
            try folder.write("CREATE TABLE b (id bigint PRIMARY KEY);\n", to: "prisma/0002_b/migration.sql")
            #expect(try await lastro.shell("cd .. && \(Self.commit) prisma").status == 0)
            try folder.write("CREATE TABLE c (id bigint PRIMARY KEY);\n", to: "prisma/\(sub)")
            let prisma = try await lastro("lint", "--since", "HEAD", "--migrations", "../prisma")
            #expect(prisma.output.hasPrefix("1 file, 1 statement:"), "\(prisma.text)")
        }
    }
}
