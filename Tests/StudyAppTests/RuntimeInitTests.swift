import AppRuntime
import Foundation
import HummingbirdCore
import Migrator
import Postgres
import StudyPlatform
import Subprocess
import SystemPackage
import TestSupport
import Testing

@Suite("The runtime's tables in another project")
struct RuntimeInitTests {
    @Test("are made by a migration of lastro init --runtime, on which the runtime boots and works")
    func boots() async throws {
        struct Greet: Job {
            static let type = "greet"
            var name: String
        }
        try await withProject { settings, folder in
            #expect(
                try await lastro("init", "--runtime", in: folder).contains("made migrations/0001_job_runtime.sql\n")
            )
            #expect(try await lastro("init", "--runtime", in: folder) == "everything is there already\n")
            _ = try await lastro("lint", in: folder)
            let gate = BootGate(Migrator(directory: folder.file("migrations"), database: settings), mode: .migrate)
            let pool = PostgresPool(to: settings, limit: 4)
            let queue = JobQueue(pool: pool)
            var handlers = JobHandlers()
            handlers.register(Greet.self, returning: String.self) { job, context in
                context.log(.info, "greeting")
                return "hello \(job.name)"
            }
            var runtime = ApplicationRuntime(
                gate: gate,
                probes: ProbeListener(gate.status, address: .hostname("127.0.0.1", port: 0))
            )
            runtime.catchesSignals = false
            runtime.parts = [
                RuntimePart("worker", JobWorker(to: settings, handlers: handlers, queue: queue)),
                RuntimePart("scheduler") { started in
                    let schedule = try JobSchedule("greetings", "* * * * *", job: Greet(name: "schedule"))
                    try await pool.withConnection { try await JobSchedule.store([schedule], on: $0) }
                    started()
                    return JobMaintenance(to: settings, adding: [.schedules()])
                },
            ]
            let running = Task { [runtime] in try await runtime.run() }
            defer { running.cancel() }
            try await wait(for: "the application is ready") { gate.status.phase == .ready }
            let id = try await queue.insertUnique(Greet(name: "world"), JobInsertion(tags: ["a"])).id
            try await withPostgresConnection(to: settings) { connection in
                for condition in [
                    "SELECT status = 'completed' AND result = '\"hello world\"' FROM jobs WHERE id = '\(id)'",
                    "SELECT EXISTS (SELECT FROM job_logs WHERE message = 'greeting')",
                    "SELECT EXISTS (SELECT FROM job_schedule WHERE next_run_at IS NOT NULL)",
                ] {
                    try await connection.wait(until: condition)
                }
            }
            running.cancel()
            _ = try? await running.value  // cancelled, as it was meant to be
            await pool.shutDown()
            #expect(try await queueTables(of: settings) == studyTables())
        }
    }

    /// Lends an empty database and a folder to a test.
    private func withProject(_ body: (ConnectionSettings, TemporaryFolder) async throws -> Void) async throws {
        try await withTestDatabase { settings in
            try await withTemporaryFolder { folder in try await body(settings, folder) }
        }
    }

    /// Runs the built `lastro`, which has to succeed.
    private func lastro(_ arguments: String..., in folder: TemporaryFolder) async throws -> String {
        let here = FilePath(FileManager.default.currentDirectoryPath)
        let tests = here.pushing(FilePath(CommandLine.arguments[0])).removingLastComponent()
        let result = try await Subprocess.run(
            .path(tests.appending("lastro")),
            arguments: Arguments(arguments),
            workingDirectory: FilePath(folder.path),
            input: .none,
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        #expect(result.terminationStatus.isSuccess, "\(result.standardOutput)\(result.standardError)")
        return result.standardOutput
    }

    /// The columns and indexes of the study platform's queue, after all of its migrations.
    private func studyTables() async throws -> [String] {
        try await withTestDatabase { settings in
            try await Migrator(directory: StudyPlatform.migrations, database: settings).migrate()()
            return try await queueTables(of: settings)
        }
    }

    private func queueTables(of settings: ConnectionSettings) async throws -> [String] {
        try await withPostgresConnection(to: settings) { connection in
            try await connection.query(
                """
                SELECT format('%s.%s %s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                    CASE WHEN a.attnotnull THEN ' not null' END)
                FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname ~ '^(jobs|job_.*|runtime_.*|http_.*)$'
                UNION ALL
                SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename ~ '^(jobs|job_.*|runtime_.*|http_.*)$'
                ORDER BY 1
                """
            ).decode(as: String.self)
        }
    }
}
