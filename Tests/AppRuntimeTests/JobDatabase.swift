import AppRuntime
import Foundation
import Logging
import Migrator
import Postgres
import StudyPlatform
import Synchronization
import TestSupport
import Testing

/// Lends a database in which all of the study platform's migrations have run.
func withJobDatabase<Result>(_ body: (ConnectionSettings) async throws -> Result) async throws -> Result {
    try await withTestDatabase(template: try await JobTemplate.shared.name(), body)
}

/// The database of which every test gets a copy: made once for a process.
private actor JobTemplate {
    static let shared = JobTemplate()

    private var making: Task<String, any Error>?

    func name() async throws -> String {
        let making =
            making
            ?? Task {
                let name = "jobs_" + UUID().uuidString.lowercased().prefix(8)
                let superuser = try await TestServer.standard.superuser()
                try await withPostgresConnection(to: superuser) { connection in
                    try await connection.query("CREATE DATABASE \(name) OWNER lastro")
                }
                let migrator = Migrator(
                    directory: StudyPlatform.migrations,
                    database: superuser.with(database: name).with("user", "lastro")
                )
                try await migrator.migrate()()
                return name
            }
        self.making = making
        return try await making.value
    }
}

/// Adds numbers up.
struct Add: Job {
    static let type = "add"
    static let settings = JobSettings(retry: RetryPolicy(base: .milliseconds(1), longest: .milliseconds(5)))
    var a: Int
    var b: Int
}

/// A job that does as it is told.
struct Act: Job {
    static let type = "act"
    static let settings = JobSettings(
        timeout: .milliseconds(300),
        retry: RetryPolicy(base: .milliseconds(1), longest: .milliseconds(5))
    )
    var how: String
}

/// A worker and its queue on a database, while a closure runs; then it is stopped and waited for.
func withWorker<Result: Sendable>(
    on settings: ConnectionSettings,
    _ handlers: JobHandlers,
    _ options: JobWorkerOptions = .quick,
    _ body: (JobQueue, PostgresConnection) async throws -> Result
) async throws -> Result {
    let pool = PostgresPool(to: settings, limit: 4)
    let queue = JobQueue(pool: pool)
    let worker = JobWorker(to: settings, handlers: handlers, queue: queue, options: options, logger: quiet)
    let running = Task { try await worker.run() }
    let result: Result
    do {
        result = try await withPostgresConnection(to: settings) { try await body(queue, $0) }
    } catch {
        running.cancel()
        _ = try? await running.value  // the test's own failure is the one to tell
        await pool.shutDown()
        throw error
    }
    running.cancel()
    try await running.value
    await pool.shutDown()
    return result
}

extension JobWorkerOptions {
    /// Options for tests, which do not like to wait.
    ///
    /// Its heart may miss beats, as it does on a busy machine: whoever tests lost workers sets a shorter time to live.
    static let quick = JobWorkerOptions(
        concurrency: 20,
        pollInterval: .milliseconds(50),
        heartbeat: .milliseconds(100),
        timeToLive: .seconds(60),
        softStop: .seconds(2),
        hardStop: .seconds(2),
        lastWords: .seconds(60),
        stuckAfter: .milliseconds(300)
    )
}

let quiet = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}()

extension JobQueue {
    /// Waits until a job is in a state.
    func wait(for id: String, toBe status: String) async throws -> JobState {
        let limit = ContinuousClock.now + .seconds(60)
        while true {
            if let job = try await job(id), job.status == status { return job }
            if ContinuousClock.now > limit {
                let now = try await job(id)
                Issue.record("job \(id) is \(String(describing: now)), not \(status)")
                throw CancellationError()
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
