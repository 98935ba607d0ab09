import Postgres
import StudyPlatform
import Subprocess
import SystemPackage
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("lastro squash")
struct SquashCommandTests {
    /// The study platform's migrations of the incident, with one that puts rows in.
    private static func studyPlatform() throws -> [String: String] {
        var files: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: StudyPlatform.migrations)
        where name.hasSuffix(".sql") && name < "0014" {
            files["m/\(name)"] = try String(contentsOfFile: "\(StudyPlatform.migrations)/\(name)", encoding: .utf8)
        }
        let users = """

            INSERT INTO users (id, email, nome, papel, created_at, updated_at) VALUES
                ('00000000-0000-0000-0000-000000000001', 'admin@example.org', 'Admin', 'admin', '2024-01-01', '2024-01-01'),
                ('00000000-0000-0000-0000-000000000002', 'editor@example.org', 'Editor', 'editor', '2024-01-01', '2024-01-01');

            """
        files["m/0010_auth_advanced.sql", default: ""] += users
        return files
    }

    @Test("replaces the study platform's first ten migrations, and then all, with their seed rows")
    func journey() async throws {
        let files = try Self.studyPlatform()
        try await withProject(files) { lastro, folder, url in
            _ = try await lastro("verify", "--write")
            let migrated = try await lastro("migrate")
            #expect(migrated.status == 0, "\(migrated.text)")
            let outside = try await lastro("squash", "--to", "0010_auth_advanced")
            #expect(outside.status == 1)
            #expect(outside.errors.contains("git does not have these as they are: m/0001_existing_schema.sql, "))
            #expect(outside.errors.contains("with --force"), "\(outside.text)")
            let squashed = try await lastro("squash", "--to", "0010_auth_advanced", "--force")
            #expect(squashed.status == 0, "\(squashed.text)")
            #expect(squashed.output.contains("squashed  10 migrations into m/0010_baseline.sql; 10 files are gone"))
            #expect(squashed.output.contains("the same 2 rows in 1 table"))
            #expect(try await lastro("verify", "--offline").status == 0)
            #expect(
                try folder.names(in: "m") == [
                    "0010_baseline.sql", "0011_jobs_system.sql", "0012_backup_system.down.sql",
                    "0012_backup_system.sql",
                    "0013_fix_jobs_scheduled_for.down.sql", "0013_fix_jobs_scheduled_for.sql", "lastro.sum",
                ]
            )
            let status = try await lastro("status")
            #expect(
                status.output.contains("will be recorded: the 10 migrations that it stands for ran"),
                "\(status.text)"
            )
            let check = try await lastro("migrate", "--check", "--format", "json")
            #expect(check.status == 1)
            #expect(check.output.hasPrefix(#"{"pending":[{"adoption":true,"checksum":"v1:"#), "\(check.text)")
            let adopted = try await lastro("migrate")
            #expect(
                adopted.output.contains("adopted  0010_baseline  stands for 10 migrations that ran"),
                "\(adopted.text)"
            )
            #expect(adopted.output.hasSuffix("1 migration adopted; now 4 applied, 0 pending\n"))
            #expect(try await lastro("migrate", "--check").status == 0)
            #expect(try await lastro("verify").status == 0)
            let after = try await lastro("status")
            #expect(after.output.contains("stands for 10 migrations"))
            #expect(after.output.contains("4 migrations: 4 applied"))
            let drift = try await lastro("drift")
            #expect(drift.status == 0, "\(drift.text)")
            #expect(try await lastro("undo").output.contains("undone   0013_fix_jobs_scheduled_for"))
            #expect(try await lastro("migrate").status == 0)

            let all = try await lastro(
                "squash",
                "--to",
                "13",
                "--force",
                "--name",
                "all",
                "of",
                "it",
                "--format",
                "json"
            )
            let report = try JSONDecoder().decode(Printed.self, from: Data(all.output.utf8))
            #expect(report.file == "m/0013_all_of_it.sql")
            #expect(report.replaces.count == 14)
            #expect(report.replaces.count { $0.within == "0010_baseline" } == 10)
            #expect(report.removed.count == 6)
            #expect(report.rows == 2)
            #expect(report.written)
            let second = try await lastro("migrate", "--format", "json")
            #expect(
                second.output.contains(#""event":"adopted","migration":"0013_all_of_it","number":1,"replaced":["#),
                "\(second.text)"
            )
            #expect(second.output.contains(#""adopted":["0013_all_of_it"]"#))
            #expect(try await lastro("drift").status == 0)

            // A new database gets the same from the one file.
            try await withTestDatabase { fresh in
                let run = try await lastro("migrate", "--database", fresh.url)
                #expect(run.output.contains("applied  0013_all_of_it"), "\(run.text)")
                #expect(try await lastro("drift", "--database", fresh.url).status == 0)
                #expect(
                    try await ask("select string_agg(email, ' ' order by id) from users", on: fresh.url)
                        == "admin@example.org editor@example.org"
                )
                let same = try await lastro("diff", url, fresh.url)
                #expect(same.status == 0, "\(same.text)")
            }
        }
    }

    @Test("leaves a database with some of it alone, and tells the revision to catch up from")
    func catchesUp() async throws {
        let files = [
            "m/1_a.sql": "create table a (i int);\n", "m/2_b.sql": "create table b (i int);\n",
            "m/3_c.sql": "select 1;\n",
        ]
        try await withProject(files) { lastro, folder, url in
            _ = try await lastro("migrate", "--steps", "1")
            let git = "git -c user.name=t -c user.email=t@example.org"
            let one = try await lastro.shell(
                "git init -q && git add m && \(git) commit -qm one && git rev-parse --short HEAD"
            )
            #expect(one.status == 0, "\(one.text)")
            try folder.write("create table b (i int); -- changed\n", to: "m/2_b.sql")
            try folder.write("drop table a;\n", to: "m/1_a.down.sql")
            let refused = try await lastro("squash", "--to", "2")
            #expect(refused.status == 1)
            #expect(
                refused.errors.hasPrefix(
                    "the files would be deleted, and git does not have these as they are: m/1_a.down.sql, m/2_b.sql\n"
                ),
                "\(refused.text)"
            )
            #expect(try folder.names(in: "m") == ["1_a.down.sql", "1_a.sql", "2_b.sql", "3_c.sql"])
            _ = try await lastro.shell("git checkout -q m && rm m/1_a.down.sql")
            let squash = try await lastro("squash", "--to", "2")
            #expect(squash.status == 0 && squash.errors.isEmpty, "\(squash.text)")
            let two = try await lastro.shell("git add -A m && \(git) commit -qm two && git rev-parse --short HEAD")
            let revision = two.output.split(separator: "\n").last ?? ""
            let late = try await lastro("migrate")
            #expect(late.status == 1)
            #expect(
                late.errors.contains("m/2_baseline.sql:1:1: replaces 2 migrations, of which some ran"),
                "\(late.text)"
            )
            #expect(late.errors.contains("check out \(revision)^, the last revision with all of them"))
            let caughtUp = try await lastro.shell(
                "git checkout -q \(revision)^ && \"$lastro\" migrate --to 2 && git checkout -q - && \"$lastro\" migrate"
            )
            #expect(caughtUp.output.contains("adopted  2_baseline"), "\(caughtUp.text)")
            #expect(
                try await ask("select count(*)::int from schema_migrations where outcome = 'squashed'", on: url) == 2
            )
        }
    }

    @Test("has the schema compared where nobody knows from which files the migrations ran")
    func compares() async throws {
        let files = [
            "m/1_a.sql": "create table a (i int);\n", "m/2_b.sql": "create table b (i int);\n",
            "m/3_c.sql": "create table c ();\n",
        ]
        let naive = """
            create table schema_migrations (name text primary key, applied_at timestamptz default now());
            insert into schema_migrations (name) values ('1_a.sql'), ('2_b.sql');
            """
        try await withProject(files) { lastro, _, url in
            try await run(naive + "create table a (i int); create table b (i bigint)", on: url)
            #expect(try await lastro("squash", "--to", "2", "--force").status == 0)
            let refused = try await lastro("migrate")
            #expect(refused.status == 1)
            #expect(refused.errors.contains("column public.b.i differs"), "\(refused.text)")
            let dry = try await lastro("migrate", "--dry-run")
            #expect(dry.status == 1)
            try await run("alter table b alter i type int", on: url)
            let adopted = try await lastro("migrate")
            #expect(adopted.status == 0, "\(adopted.text)")
            #expect(adopted.output.contains("adopted  2_baseline"))
            #expect(
                try await ask("select reason from schema_migrations where name = '2_baseline.sql'", on: url)
                    == "the schema was compared and is what the folder makes"
            )
        }
        try await withProject(files) { lastro, _, url in
            try await run(naive + "create table a (i int); create table b (i bigint)", on: url)
            #expect(try await lastro("squash", "--to", "2", "--force").status == 0)
            let adopted = try await lastro("migrate", "--reason", "bigint was an early fix by hand")
            #expect(adopted.status == 0, "\(adopted.text)")
            #expect(
                try await ask("select reason from schema_migrations where name = '2_baseline.sql'", on: url)
                    == "bigint was an early fix by hand"
            )
        }
    }

    @Test("refuses to work in another schema than the one that it was made for")
    func keepsItsSchema() async throws {
        let files = ["m/1_a.sql": "create table a (i int);\n", "m/2_b.sql": "create table b (i int);\n"]
        try await withProject(files) { lastro, _, url in
            #expect(try await lastro("squash", "--to", "2", "--force").status == 0)
            try await run("create schema tenant_1", on: url)
            let refused = try await lastro("migrate", "--schemas", "tenant_*")
            #expect(refused.status == 4, "\(refused.text)")
            #expect(refused.text.contains("current_schema() = 'public'"))
            #expect(try await ask("select to_regclass('public.a') is null", on: url))
        }
    }

    @Test("prints the file and changes nothing with --dry-run, and says what it cannot squash")
    func dryRun() async throws {
        let files = ["m/1_a.sql": "create table a (i int);\n", "m/2_b.sql": "insert into a values (1);\n"]
        try await withProject(files) { lastro, folder, _ in
            let dry = try await lastro("squash", "--to", "2", "--dry-run")
            #expect(dry.status == 0, "\(dry.text)")
            try expectGolden(dry.output, "squash.sql")
            #expect(try folder.names(in: "m") == ["1_a.sql", "2_b.sql"])
            #expect(try await lastro("squash", "--to", "nowhere").status == 2)
            #expect(try await lastro("squash", "--to", "1").status == 1)
            #expect(try await lastro("squash").status == 2)
        }
    }

    @Test("killed at any moment leaves the old files, the new one, or what another call finishes")
    func isKilled() async throws {
        var files: [String: String] = ["m/0201_last.sql": "create table last (i int);\n"]
        for number in 1...200 {
            let name = "m/\(String(repeating: "0", count: 4 - "\(number)".count))\(number)_t"
            files["\(name).sql"] = number == 1 ? "create table t (i int);\n" : "insert into t values (\(number));\n"
            files["\(name).down.sql"] = "select 1;\n"
        }
        try await withProject(files) { lastro, folder, url in
            _ = try await lastro("verify", "--write")
            var unfinished = 0
            for _ in 0..<6 {
                let path = folder.file("m/0200_baseline.sql")
                try await lastro.killed("squash", "--to", "200", "--force") {
                    let end = ContinuousClock.now + .seconds(60)
                    while !FileManager.default.fileExists(atPath: path), ContinuousClock.now < end {
                        try await Task.sleep(for: .microseconds(200))
                    }
                }
                if try folder.names(in: "m").contains(where: { $0.hasSuffix("_t.sql") }) {
                    unfinished += 1
                    let refused = try await lastro("migrate")
                    #expect(refused.status == 1, "\(refused.text)")
                    #expect(refused.errors.contains("still there"))
                    let finished = try await lastro("squash", "--to", "200", "--force")
                    #expect(finished.output.hasPrefix("finished m/0200_baseline.sql"), "\(finished.text)")
                }
                #expect(try folder.names(in: "m") == ["0200_baseline.sql", "0201_last.sql", "lastro.sum"])
                let offline = try await lastro("verify", "--offline")
                #expect(offline.status == 0, "\(offline.text)")
                for (name, text) in files { try folder.write(text, to: name) }
                try folder.delete("m/0200_baseline.sql")
                _ = try await lastro("verify", "--write")
            }
            print("killed 6 times, \(unfinished) times with old files left")
            #expect(try await lastro("migrate").status == 0)
            #expect(try await ask("select count(*)::int from t", on: url) == 199)
        }
    }

    @Test("is adopted wholly or not at all by a runner that is killed")
    func adoptionIsKilled() async throws {
        let files = ["m/1_a.sql": "create table a (i int);\n", "m/2_b.sql": "create table b (i int);\n"]
        try await withProject(files) { lastro, _, url in
            _ = try await lastro("migrate")
            #expect(try await lastro("squash", "--to", "2", "--force").status == 0)
            try await withPostgresConnection(to: ConnectionSettings(url)) { holder in
                _ = try await holder.script("begin; select from schema_migrations where name = '1_a' for update")
                try await lastro.killed("migrate") {
                    try await wait(
                        until: """
                            select exists (select from pg_stat_activity where wait_event_type = 'Lock'
                                and query like '%squashed%' and datname = current_database() and pid <> pg_backend_pid())
                            """,
                        on: url
                    )
                }
                #expect(try await ask("select count(*)::int from schema_migrations", on: url) == 2)
                _ = try await holder.script("rollback")
            }
            try await wait(until: noSessionIsLeft, on: url)
            let counts = try await ask(
                "select count(*) filter (where outcome = 'squashed') || ' ' || count(*) filter (where outcome = 'adopted') from schema_migrations",
                on: url,
                as: String.self
            )
            #expect(["0 0", "2 1"].contains(counts))
            #expect(try await lastro("migrate").status == 0)
            #expect(
                try await ask(
                    "select string_agg(name || ' ' || outcome, ', ' order by name) from schema_migrations",
                    on: url
                )
                    == "1_a squashed, 2_b squashed, 2_baseline adopted"
            )
        }
    }
}

/// The part of the JSON that the tests look at.
private struct Printed: Decodable {
    let file: String
    let replaces: [Replaced]
    let removed: [String]
    let written: Bool
    let rows: Int

    struct Replaced: Decodable {
        let name: String
        let checksum: String
        let within: String?
    }
}
