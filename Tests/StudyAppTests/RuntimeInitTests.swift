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
        struct Fail: Job {
            static let type = "fail"
            static let settings = JobSettings(maxAttempts: 1, isCritical: true)
        }
        struct Failure: Error {}
        try await withProject { settings, folder in
            let made = try await lastro("init", "--runtime", in: folder)
            #expect(
                made.hasSuffix("made migrations/0001_job_runtime.sql\nmade migrations/0002_runtime_operations.sql\n")
            )
            #expect(try await lastro("init", "--runtime", in: folder) == "everything is there already\n")
            _ = try await lastro("lint", in: folder)
            let migrator = Migrator(directory: folder.file("migrations"), database: settings)
            let gate = BootGate(migrator, mode: .migrate)
            let pool = PostgresPool(to: settings, limit: 4)
            let queue = JobQueue(pool: pool)
            var handlers = JobHandlers()
            handlers.register(Greet.self, returning: String.self) { job, context in
                context.log(.info, "greeting")
                return "hello \(job.name)"
            }
            handlers.register(Fail.self) { _, _ in throw Failure() }
            let source = SnapshotSource(to: settings, status: gate.status)
            let requests = RequestFigures()
            let looks = MaintenanceDuty.alerts([
                .figures(from: source), .criticalJobs(handlers.criticalTypes), .handBacks, .backups,
                .migrations(migrator), .anomalies,
            ])
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
                    try await pool.withConnection { try await AlertRule.store(on: $0) }
                    started()
                    return JobMaintenance(to: settings, adding: [.schedules(), .trends(from: source)] + looks)
                },
                RuntimePart("observer", RuntimeObserver(source, requests: requests, to: settings)),
                RuntimePart("alerts") { started in
                    started()
                    return AlertService(to: settings, channels: [LogChannel()], every: .milliseconds(50))
                },
            ]
            let running = Task { [runtime] in try await runtime.run() }
            defer { running.cancel() }
            try await wait(for: "the application is ready") { gate.status.phase == .ready }
            _ = try await queue.insert(Fail())
            let id = try await queue.insertUnique(Greet(name: "world"), JobInsertion(tags: ["a"])).id
            try await withPostgresConnection(to: settings) { connection in
                for condition in [
                    "SELECT status = 'completed' AND result = '\"hello world\"' FROM jobs WHERE id = '\(id)'",
                    "SELECT EXISTS (SELECT FROM job_logs WHERE message = 'greeting')",
                    "SELECT EXISTS (SELECT FROM job_schedule WHERE next_run_at IS NOT NULL)",
                    "SELECT EXISTS (SELECT FROM ops_health WHERE componente = 'database' AND estado = 'up')",
                    "SELECT EXISTS (SELECT FROM jobs WHERE type = 'fail' AND status = 'failed')",
                    "SELECT EXISTS (SELECT FROM ops_alertas WHERE chave = 'critical-job-failed/fail')",
                    "SELECT EXISTS (SELECT FROM alert_events WHERE key = 'critical-job-failed/fail' AND kind = 'told')",
                ] {
                    try await connection.wait(until: condition)
                }
            }
            // A snapshot is kept for two seconds: this one is new.
            let fresh = SnapshotSource(to: settings, setsGauges: false)
            let snapshot = try await fresh.snapshot()
            #expect(snapshot.workers.count == 1 && snapshot.schedules.map(\.name) == ["greetings"])
            #expect(snapshot.alerts.map(\.key) == ["critical-job-failed/fail"])
            await fresh.close()
            running.cancel()
            _ = try? await running.value  // cancelled, as it was meant to be
            await pool.shutDown()
            let (own, study) = (try await runtimeTables(of: settings), try await studyTables())
            #expect(own.count > 200 && own.symmetricDifference(study).sorted() == [])
        }
    }

    @Test("of which a part is there already get the other part alone")
    func completes() async throws {
        try await withTemporaryFolder { folder in
            try folder.write("SELECT 1;\n", to: "migrations/0001_start.sql")
            try folder.write("SELECT 2;\n", to: "migrations/0002_job_runtime.sql")
            let made = try await lastro("init", "--runtime", in: folder)
            #expect(made.hasSuffix("made migrations/0003_runtime_operations.sql\n"), "\(made)")
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

    /// The study platform's tables of the runtime, after all of its migrations.
    private func studyTables() async throws -> Set<String> {
        try await withTestDatabase { settings in
            try await Migrator(directory: StudyPlatform.migrations, database: settings).migrate()()
            return try await runtimeTables(of: settings)
        }
    }

    /// What the runtime's tables are: columns, indexes and constraints.
    ///
    /// Left out is what another application need not have: keys that lead to the accounts of the platform, and its domain
    /// for names.
    private func runtimeTables(of settings: ConnectionSettings) async throws -> Set<String> {
        let tables = "^(jobs|job_.*|runtime_.*|http_.*|ops_.*|alert_.*|backup_.*|restore_.*)$"
        return try await withPostgresConnection(to: settings) { connection in
            let rows = try await connection.query(
                """
                WITH t AS (
                    SELECT oid, relname FROM pg_class
                    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname ~ $1
                )
                SELECT format('%s.%s %s%s', t.relname, a.attname,
                    format_type(coalesce(nullif(y.typbasetype, 0), a.atttypid), a.atttypmod),
                    CASE WHEN a.attnotnull THEN ' not null' END)
                FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
                JOIN pg_type y ON y.oid = a.atttypid
                UNION ALL
                SELECT i.indexdef FROM pg_indexes i JOIN t ON t.relname = i.tablename WHERE i.schemaname = 'public'
                UNION ALL
                SELECT format('%s %s %s', t.relname, c.conname, pg_get_constraintdef(c.oid))
                FROM t JOIN pg_constraint c ON c.conrelid = t.oid AND c.confrelid IS DISTINCT FROM to_regclass('users')
                """,
                tables
            )
            return Set(try rows.decode(as: String.self))
        }
    }
}
