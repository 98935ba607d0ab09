import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import AppRuntime

@Suite("A worker's end")
struct StoppingTests {
    @Test("of its jobs comes in time on a network that falls silent, and it goes on when that is over [T5]")
    func silentNetwork() async throws {
        try await withJobDatabase { settings in
            try await withSilentProxy(to: settings) { reached, silence in
                let told = Mutex(0)
                var handlers = JobHandlers()
                handlers.register(Slow.self) { _, _ in
                    do { try await Task.sleep(for: .seconds(600)) } catch {
                        told.withLock { $0 += 1 }
                        throw error
                    }
                }
                var options = JobWorkerOptions.quick
                options.timeToLive = .seconds(3)
                try await withWorker(on: reached, handlers, options) { queue, _ in
                    try await withPostgresConnection(to: settings) { connection in
                        let id = try await queue.insert(Slow())
                        _ = try await queue.wait(for: id, toBe: "running")
                        let first = try await connection.query("SELECT worker_id FROM job_claims").single.decode(
                            String.self
                        )
                        silence.begin()
                        defer { silence.end() }
                        // The fetch that is on its way, and the request to stop it, get no answer as long as that lasts.
                        try await wait(for: "the handler is told") { told.withLock { $0 > 0 } }
                        silence.end()
                        try await connection.wait(until: "SELECT count(*) > 0 FROM job_workers WHERE id <> '\(first)'")
                    }
                }
            }
        }
    }

    @Test("comes also where the server gives no answer")
    func silentServer() async throws {
        try await withJobDatabase { settings in
            try await withSilentProxy(to: settings) { reached, silence in
                var options = JobWorkerOptions.quick
                options.lastWords = .milliseconds(300)
                try await withSlowJob(settings, workerOn: reached, options) { running, connection in
                    silence.begin()
                    defer { silence.end() }
                    // By then a fetch is on its way.
                    try await Task.sleep(for: .milliseconds(500))
                    try await end(running)
                    #expect(try await connection.query("SELECT FROM job_claims").count == 1)
                }
            }
        }
    }

    @Test("does not wait for a fetch that waits for somebody's lock, and costs its jobs nothing [T6]")
    func lockedFetch() async throws {
        try await withJobDatabase { settings in
            try await withSlowJob(settings, workerOn: settings, .quick) { running, connection in
                try await withPostgresConnection(to: settings) { holder in
                    try await holder.script("BEGIN; LOCK TABLE job_controls IN ACCESS EXCLUSIVE MODE")
                    try await connection.wait(
                        until: """
                            SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                                AND datname = current_database() AND application_name LIKE 'lastro jobs: fetch%'
                            """
                    )
                    try await end(running)
                    try await isGivenBack(1, on: connection)
                    try await holder.script("ROLLBACK")
                }
            }
        }
    }

    @Test("gives back claims that it never heard of, too")
    func unknownClaims() async throws {
        try await withJobDatabase { settings in
            try await withSlowJob(settings, workerOn: settings, .quick) { running, connection in
                // What a fetch leaves that got through while its reply did not.
                try await connection.script(
                    """
                    INSERT INTO jobs (name, type, status, started_at, attempts) VALUES ('unknown', 'slow', 'running', now(), 1);
                    INSERT INTO job_claims (job_id, worker_id, attempt, type)
                    SELECT j.id, w.id, 1, 'slow' FROM jobs j, job_workers w WHERE j.name = 'unknown'
                    """
                )
                try await end(running)
                try await isGivenBack(2, on: connection)
            }
        }
    }

    @Test("leaves handlers that were cancelled the time that they have, however long the others had")
    func equalWaits() async throws {
        try await withJobDatabase { settings in
            var handlers = JobHandlers()
            handlers.register(Slow.self) { _, _ in
                try? await Task.sleep(for: .seconds(600))  // cut short by the worker's stop
                // Out of the cancellation's reach.
                try await Task.detached { try await Task.sleep(for: .milliseconds(500)) }.value
            }
            var options = JobWorkerOptions.quick
            options.softStop = .seconds(30)
            options.hardStop = .seconds(30)
            options.stuckAfter = .seconds(60)
            let id = try await withWorker(on: settings, handlers, options) { queue, _ in
                let id = try await queue.insert(Slow())
                _ = try await queue.wait(for: id, toBe: "running")
                return id
            }
            try await withPostgresConnection(to: settings) { connection in
                let status = try await connection.query("SELECT status FROM jobs WHERE id = $1", id)
                #expect(try status.decode(as: String.self) == ["completed"])
            }
        }
    }

    @Test("fits into that of its application, whatever its options say")
    func fits() {
        for limits in [(20, 5), (1, 1), (60, 30)].map({ times in
            var limits = ShutdownLimits()
            (limits.graceful, limits.cancellation) = (.seconds(times.0), .seconds(times.1))
            return limits
        }) {
            for options in [JobWorkerOptions(), JobWorkerOptions(softStop: .seconds(600), hardStop: .seconds(600))] {
                let fitting = options.fitting(limits)
                #expect(fitting.softStop <= limits.graceful)
                #expect(fitting.softStop + fitting.hardStop + fitting.lastWords < limits.total)
            }
        }
        #expect(JobWorkerOptions(softStop: .zero, hardStop: .zero).fitting(ShutdownLimits()).hardStop == .zero)
    }

    /// Runs a worker with a job at work, as long as a closure does not end it.
    private func withSlowJob(
        _ settings: ConnectionSettings,
        workerOn reached: ConnectionSettings,
        _ options: JobWorkerOptions,
        _ body: (Task<Void, any Error>, PostgresConnection) async throws -> Void
    ) async throws {
        var handlers = JobHandlers()
        handlers.register(Slow.self) { _, _ in try await Task.sleep(for: .seconds(600)) }
        let worker = JobWorker(to: reached, handlers: handlers, options: options, logger: quiet)
        try await withPostgresConnection(to: settings) { connection in
            try await connection.query("INSERT INTO jobs (type) VALUES ('slow')")
            let running = Task { try await worker.run() }
            defer { running.cancel() }
            try await connection.wait(until: "SELECT count(*) = 1 FROM job_claims")
            try await body(running, connection)
        }
    }

    private func end(_ running: Task<Void, any Error>) async throws {
        let isOver = Atomic(false)
        running.cancel()
        let waiting = Task {
            try await running.value
            isOver.store(true, ordering: .releasing)
        }
        try await wait(for: "the worker has ended") { isOver.load(ordering: .acquiring) }
        try await waiting.value
    }

    private func isGivenBack(_ count: Int, on connection: PostgresConnection) async throws {
        let jobs = try await connection.query("SELECT status, attempts FROM jobs").decode(as: (String, Int).self)
        #expect(jobs.count == count && jobs.allSatisfy { $0 == ("pending", 0) }, "\(jobs)")
        #expect(try await connection.query("SELECT FROM job_claims").isEmpty)
        #expect(try await connection.query("SELECT FROM job_workers").isEmpty)
    }
}
