import Migrator
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

@Suite("The incident")
struct IncidentTests {
    @Test("ends alike from an empty and from the legacy database, on every PostgreSQL that is here")
    func endsAlike() async throws {
        for installation in try await PostgresInstallation.all() {
            try await withLocalServer(LocalServer.Options(installation: installation)) { server in
                let empty = try await server.makeDatabase("empty")
                let legacy = try await server.makeDatabase("legacy")
                try await withPostgresConnection(to: legacy) { connection in
                    try await connection.script(try StudyPlatform.incident("legacy.sql"))
                }
                for settings in [empty, legacy] {
                    let migrator = Migrator(directory: StudyPlatform.migrations, database: settings)
                    try await migrator.migrate(to: .through("0013_fix_jobs_scheduled_for"))()
                    try await expectStudyPlatform(settings)
                }
                let dumps = try await (dump(empty, with: installation), dump(legacy, with: installation))
                #expect(dumps.0.symmetricDifference(dumps.1).sorted() == [], "PostgreSQL \(installation.version)")
                #expect(dumps.0.count > 500)
                let rows = try await Seed(factor: 1).load(into: empty)
                #expect(rows == 2658)
                try await expectWorkerQuery(empty)
            }
        }
    }

    @Test("is the table that the original 0011 found on the legacy database, and the error says so")
    func failsAsItDid() async throws {
        try await withProject(["m/0011_jobs_system.sql": try StudyPlatform.incident("0011_jobs_system.sql")]) {
            lastro,
            _,
            url in
            try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
                try await connection.script(try StudyPlatform.incident("legacy.sql"))
                try await connection.query("TRUNCATE schema_migrations")
            }
            let run = try await lastro("migrate")
            #expect(run.status == 4)
            #expect(
                run.errors.hasSuffix(
                    """
                    m/0011_jobs_system.sql:3:1: statement 1 of 12: table jobs was there already, so CREATE TABLE IF NOT EXISTS \
                    left it as it was, and it is not as declared:
                      column scheduled_for is missing
                      what failed behind it: m/0011_jobs_system.sql:50:1: statement 8 of 12: column "scheduled_for" does not \
                    exist (SQLSTATE 42703)
                      state: rolled back; no migration is applied
                      next:  write instead, or before it:
                           ALTER TABLE public.jobs ADD COLUMN scheduled_for timestamptz;
                           or, if the difference is meant, run with --on-skip warn

                    """
                ),
                "\(run.errors)"
            )
            let warned = try await lastro("migrate", "--on-skip", "warn")
            #expect(warned.status == 4)
            #expect(
                warned.errors.contains(
                    "m/0011_jobs_system.sql:50:1: statement 8 of 12: column \"scheduled_for\" does not exist"
                )
            )
        }
    }

    @Test("names a file that was edited after it was applied")
    func noticesTheEdit() async throws {
        let original = try StudyPlatform.incident("0011_jobs_system.sql")
        let files = [
            "m/0001_base.sql":
                "create function uuid_generate_v4() returns uuid language sql as 'select gen_random_uuid()'",
            "m/0011_jobs_system.sql": original,
        ]
        try await withProject(files) { lastro, folder, _ in
            #expect(try await lastro("migrate").status == 0)
            try folder.write(try StudyPlatform.incident("0011_jobs_system.edited.sql"), to: "m/0011_jobs_system.sql")
            let run = try await lastro("migrate")
            #expect(run.status == 1)
            #expect(run.errors.hasPrefix("m/0011_jobs_system.sql:1:1: changed after it was applied: checksum "))
            #expect(try await lastro("repair", "0011", "--reason", "the foreign key was taken out by hand").status == 0)
            #expect(try await lastro("migrate").status == 0)
        }
    }

    @Test("is told from beginning to end by the demo, which asserts what it prints")
    func isTold() async throws {
        let tests = FilePath(FileManager.default.currentDirectoryPath).pushing(FilePath(CommandLine.arguments[0]))
        let result = try await Subprocess.run(
            .path(tests.removingLastComponent().appending("incident-demo")),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 16)
        )
        let text = result.standardOutput
        #expect(result.terminationStatus.isSuccess, "\(text)\(result.standardError)")
        #expect(text.contains("\n13 migrations · 85 tables · 7 indexes on jobs: idx_jobs_created, "), "\(text)")
    }

    private func expectStudyPlatform(_ settings: ConnectionSettings) async throws {
        try await withPostgresConnection(to: settings) { connection in
            let tables = try await connection.query(
                """
                SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                AND NOT relispartition AND relname !~ '^(schema_migrations|lastro_)'
                """
            ).single.decode(Int.self)
            #expect(tables == 85)
            let indexes = try await connection.query(
                "SELECT indexname::text FROM pg_indexes WHERE tablename = 'jobs' ORDER BY 1"
            )
            .decode(as: String.self)
            #expect(
                indexes.sorted() == [
                    "idx_jobs_created", "idx_jobs_priority", "idx_jobs_queue", "idx_jobs_scheduled", "idx_jobs_status",
                    "idx_jobs_type", "jobs_pkey",
                ]
            )
            let columns = try await connection.query(
                "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'jobs'"
            ).decode(as: String.self)
            #expect(
                Set(columns) == [
                    "id", "name", "type", "status", "priority", "data", "result", "error", "attempts", "max_attempts",
                    "scheduled_for",
                    "started_at", "completed_at", "created_at",
                ]
            )
        }
    }

    private func expectWorkerQuery(_ settings: ConnectionSettings) async throws {
        try await withPostgresConnection(to: settings) { connection in
            try await connection.script(
                """
                INSERT INTO jobs (name, type, scheduled_for)
                SELECT 'j', 't', now() + i * interval '1 minute' FROM generate_series(1, 50000) AS i; ANALYZE jobs
                """
            )
            let due = try await connection.query(
                """
                SELECT id FROM jobs WHERE status = 'pending' AND (scheduled_for IS NULL OR scheduled_for <= now())
                AND attempts < max_attempts ORDER BY priority DESC, created_at ASC LIMIT 1
                """
            )
            #expect(due.count == 1)
            let plan = try await connection.query("EXPLAIN SELECT * FROM jobs WHERE scheduled_for <= now()").decode(
                as: String.self
            )
            #expect(plan.joined().contains("idx_jobs_scheduled"))
        }
    }

    /// The schema as pg_dump tells it, an entry an element, with the columns of tables sorted.
    private func dump(_ settings: ConnectionSettings, with installation: PostgresInstallation) async throws -> Set<
        String
    > {
        let result = try await Subprocess.run(
            .path(installation.program("pg_dump")),
            arguments: ["--schema-only", "--no-owner", "--schema=public", settings.url],
            output: .string(limit: 1 << 24),
            error: .string(limit: 1 << 16)
        )
        try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
        let entries = result.standardOutput.split(separator: "\n-- Name: ", omittingEmptySubsequences: true).dropFirst()
        return Set(
            entries.map { entry in
                let lines = entry.split(separator: "\n").filter { !$0.hasPrefix("--") && !$0.hasPrefix("\\") }
                let isTable = lines.contains { $0.hasPrefix("CREATE TABLE") }
                let body = lines.map { $0.hasSuffix(",") ? String($0.dropLast()) : String($0) }
                return (isTable ? body.sorted() : body).joined(separator: "\n")
            }.filter { !$0.contains("schema_migrations") && !$0.contains("lastro_") }
        )
    }
}

extension LocalServer {
    /// Makes a database that belongs to a role without special rights, and gives the settings to reach it as that role.
    func makeDatabase(_ name: String) async throws -> ConnectionSettings {
        try await withPostgresConnection(to: ConnectionSettings(connectionString())) { connection in
            try await connection.query("CREATE DATABASE \(name) OWNER lastro")
        }
        return try ConnectionSettings(connectionString(database: name, user: "lastro"))
    }
}
