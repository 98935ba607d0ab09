import Foundation
import Migrator
import Postgres
import StudyPlatform
import Synchronization
import TestSupport
import Testing

@testable import AppRuntime

@Suite("A worker")
struct WorkerTests {
    @Test("runs typed jobs and keeps what they return")
    func typedJobs() async throws {
        try await withJobDatabase { settings in
            var handlers = JobHandlers()
            handlers.register(Add.self, returning: Int.self) { job, _ in job.a + job.b }
            try await withWorker(on: settings, handlers) { queue, _ in
                let one = try await queue.insert(Add(a: 2, b: 3))
                let many = try await queue.insert(contentsOf: (1...50).map { Add(a: $0, b: 0) })
                #expect(try await queue.wait(for: one, toBe: "completed").result == "5")
                for (index, id) in many.enumerated() {
                    let job = try await queue.wait(for: id, toBe: "completed")
                    #expect(job.result == String(index + 1))
                    #expect(job.attempts == 1 && job.startedAt != nil && job.completedAt != nil)
                }
            }
            try await withPostgresConnection(to: settings) { connection in
                #expect(try await connection.query("SELECT count(*) FROM job_claims").decode(as: Int.self) == [0])
                #expect(try await connection.query("SELECT count(*) FROM job_workers").decode(as: Int.self) == [0])
                let counted = try await connection.query(
                    "SELECT type, outcome, sum(jobs)::int FROM job_rollups GROUP BY 1, 2"
                ).decode(as: (String, String, Int).self)
                #expect(counted.map { "\($0)" } == [#"("add", "completed", 51)"#])
            }
        }
    }

    @Test("takes the highest priority first, then the oldest, and a future job not before its time")
    func order() async throws {
        try await withJobDatabase { settings in
            let seen = Mutex<[String]>([])
            var handlers = JobHandlers()
            handlers.register(Act.self) { job, _ in seen.withLock { $0.append(job.how) } }
            let pool = PostgresPool(to: settings, limit: 2)
            let queue = JobQueue(pool: pool)
            try await queue.insert(Act(how: "future"), JobInsertion(scheduledAt: Date() + 3600, priority: 99))
            try await queue.insert(Act(how: "low"), JobInsertion(priority: 1))
            try await queue.insert(Act(how: "high 1"), JobInsertion(priority: 9))
            try await queue.insert(Act(how: "high 2"), JobInsertion(priority: 9))
            try await queue.insert(Act(how: "due"), JobInsertion(scheduledAt: Date() - 5, priority: 10))
            await pool.shutDown()
            var options = JobWorkerOptions.quick
            options.concurrency = 1
            try await withWorker(on: settings, handlers, options) { _, connection in
                try await connection.wait(until: "SELECT count(*) = 4 FROM jobs WHERE status = 'completed'")
            }
            #expect(seen.withLock { $0 } == ["due", "high 1", "high 2", "low"])
        }
    }

    @Test("tries again, gives up, puts off and throws away as the handler says")
    func directives() async throws {
        try await withJobDatabase { settings in
            var handlers = JobHandlers()
            handlers.register(Act.self) { job, context in
                switch job.how {
                case "fail": throw Failure(text: "attempt \(context.attempt)")
                case "fail once": if context.attempt == 1 { throw Failure(text: "first") }
                case "discard": throw JobDirective.discard(because: "useless")
                case "retry": if context.attempt == 1 { throw JobDirective.retry(after: .zero, because: "later") }
                case "snooze": throw JobDirective.snooze(for: .seconds(600))
                case "hang": try await Task.sleep(for: .seconds(60))
                default: break
                }
            }
            try await withWorker(on: settings, handlers) { queue, connection in
                func insert(_ how: String) async throws -> String { try await queue.insert(Act(how: how)) }
                let failing = try await queue.wait(for: insert("fail"), toBe: "failed")
                #expect(failing.attempts == 3 && failing.error == "attempt 3")
                let recovered = try await queue.wait(for: insert("fail once"), toBe: "completed")
                #expect(recovered.attempts == 2 && recovered.error == nil)
                let discarded = try await queue.wait(for: insert("discard"), toBe: "failed")
                #expect(discarded.attempts == 1 && discarded.error == "useless")
                #expect(try await queue.wait(for: insert("retry"), toBe: "completed").attempts == 2)
                let hanging = try await queue.wait(for: insert("hang"), toBe: "failed")
                #expect(hanging.attempts == 3 && hanging.error == "timed out after 0.3 seconds")
                let snoozed = try await insert("snooze")
                try await connection.wait(
                    until: "SELECT coalesce(scheduled_for > now(), false) FROM jobs WHERE id = '\(snoozed)'"
                )
                let job = try #require(try await queue.job(snoozed))
                #expect(job.status == "pending" && job.attempts == 0)
                #expect(try await queue.redrive([failing.id, snoozed], by: "ana") == 1)
                #expect(try await queue.wait(for: failing.id, toBe: "failed").attempts == 4)
            }
        }
    }

    @Test("stores what a handler comes up with, whatever is in it [T8]")
    func awkwardText() async throws {
        try await withJobDatabase { settings in
            let long = String(repeating: "é\0", count: 400_000)
            var handlers = JobHandlers()
            handlers.register(Act.self) { _, _ in throw JobDirective.discard(because: long) }
            handlers.register(Echo.self, returning: String.self) { job, _ in
                job.text == "large" ? String(repeating: "x", count: 2 << 20) : job.text
            }
            try await withWorker(on: settings, handlers) { queue, _ in
                let failed = try await queue.wait(for: queue.insert(Act(how: "")), toBe: "failed")
                let error = try #require(failed.error)
                #expect(error.utf8.count <= 64 << 10 && error.hasSuffix("(cut; 800000 bytes in all)"))
                let echoed = try await queue.wait(
                    for: queue.insert(Echo(text: "a\0b\\u0000 \u{FFFD}")),
                    toBe: "completed"
                )
                #expect(echoed.result == #""ab\\u0000 �""#)
                let large = try await queue.wait(for: queue.insert(Echo(text: "large")), toBe: "failed")
                #expect(large.error?.hasPrefix("the handler returned 2097154 bytes") == true)
                let unreadable = try await queue.wait(for: insertRaw(on: settings), toBe: "failed")
                #expect(unreadable.error?.hasPrefix("the data of this job is no echo") == true)
            }
        }
    }

    @Test("stops a running job that is cancelled from elsewhere, and one that waits at once")
    func cancelling() async throws {
        try await withJobDatabase { settings in
            var handlers = JobHandlers()
            handlers.register(Slow.self) { _, _ in try await Task.sleep(for: .seconds(60)) }
            try await withWorker(on: settings, handlers) { queue, _ in
                let id = try await queue.insert(Slow())
                _ = try await queue.wait(for: id, toBe: "running")
                let elsewhere = PostgresPool(to: settings, limit: 1)
                let other = JobQueue(pool: elsewhere)
                #expect(try await other.cancel(id, by: "ana") == false)
                #expect(try await queue.wait(for: id, toBe: "cancelled").error == "cancelled while it ran")
                let waiting = try await other.insert(Slow(), JobInsertion(scheduledAt: Date() + 60))
                #expect(try await other.cancel(waiting, by: "ana"))
                await #expect(throws: AppRuntimeError.self) { try await other.cancel(waiting, by: "ana") }
                await #expect(throws: AppRuntimeError.self) { try await other.cancel(JobQueueTests.nobody, by: "ana") }
                await elsewhere.shutDown()
            }
        }
    }

    @Test("writes progress and logs while a job runs")
    func reports() async throws {
        try await withJobDatabase { settings in
            let mayEnd = Mutex(false)
            var handlers = JobHandlers()
            handlers.register(Slow.self) { _, context in
                context.report(progress: 0.5, "half way")
                context.log(.warning, "look\0here")
                while !mayEnd.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
            }
            try await withWorker(on: settings, handlers) { queue, connection in
                let id = try await queue.insert(Slow())
                try await connection.wait(until: "SELECT coalesce(max(progress), 0) = 0.5 FROM job_claims")
                #expect(try await queue.job(id)?.progressNote == "half way")
                try await connection.wait(until: "SELECT count(*) = 1 FROM job_logs WHERE message = 'lookhere'")
                mayEnd.withLock { $0 = true }
                _ = try await queue.wait(for: id, toBe: "completed")
            }
        }
    }

    @Test("gives interrupted jobs back as they were when it stops [T6, T7]")
    func stopping() async throws {
        try await withJobDatabase { settings in
            var handlers = JobHandlers()
            let deaf = Mutex(true)
            handlers.register(Slow.self) { _, _ in try await Task.sleep(for: .seconds(60)) }
            handlers.register(Act.self) { _, _ in
                // The sleep is out of the cancellation's reach.
                while deaf.withLock({ $0 }) {
                    try await Task.detached { try await Task.sleep(for: .milliseconds(5)) }.value
                }
            }
            var options = JobWorkerOptions.quick
            options.softStop = .milliseconds(20)
            options.hardStop = .milliseconds(80)
            // A handler that outlives its timeout would be given up as stuck before the worker stops.
            options.stuckAfter = .seconds(60)
            let pool = PostgresPool(to: settings, limit: 1)
            let queue = JobQueue(pool: pool)
            let ids = [try await queue.insert(Slow()), try await queue.insert(Act(how: ""))]
            for round in 1...10 {
                try await withWorker(on: settings, handlers, options) { queue, _ in
                    for id in ids { _ = try await queue.wait(for: id, toBe: "running") }
                }
                for id in ids {
                    let job = try #require(try await queue.job(id))
                    #expect(job.status == "pending" && job.attempts == 0 && job.error == nil, "round \(round)")
                }
            }
            deaf.withLock { $0 = false }
            // Ten hand-backs are free, then each costs an attempt.
            try await withPostgresConnection(to: settings) { connection in
                try await connection.query("UPDATE job_meta SET handed_back = 10 WHERE job_id = $1", ids[0])
                try await connection.query("DELETE FROM jobs WHERE id = $1", ids[1])
            }
            try await withWorker(on: settings, handlers, options) { queue, _ in
                _ = try await queue.wait(for: ids[0], toBe: "running")
            }
            #expect(try await queue.job(ids[0])?.attempts == 1)
            let found = try await withPostgresConnection(to: settings) { try await AlertLook.handBacks.look($0) }
            #expect(found.map(\.value) == [1])
            await pool.shutDown()
        }
    }

    @Test("works behind a pooler in transaction mode, where nobody listens [T14]")
    func pooler() async throws {
        try await withJobDatabase { settings in
            let lost = try await withPgBouncer(to: settings, poolSize: 8) { pooled in
                var handlers = JobHandlers()
                handlers.register(Add.self, returning: Int.self) { job, context in
                    context.report(progress: 1)
                    return job.a + job.b
                }
                var options = JobWorkerOptions.quick
                options.listens = false
                return try await withWorker(on: pooled, handlers, options) { queue, connection in
                    let ids = try await queue.insert(contentsOf: (0..<60).map { Add(a: $0, b: 1) })
                    for id in ids { _ = try await queue.wait(for: id, toBe: "completed") }
                    return try await connection.query("SELECT count(*) FROM job_claims").single.decode(Int.self)
                }
            }
            #expect(lost == 0)
        }
    }

    @Test("says so once when a job was another's before it ended, and changes nothing of it [T2]")
    func isLate() async throws {
        try await withJobDatabase { settings in
            let mayEnd = Mutex(false)
            var handlers = JobHandlers()
            handlers.register(Slow.self) { _, _ in
                while !mayEnd.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
            }
            try await withWorker(on: settings, handlers) { queue, connection in
                let id = try await queue.insert(Slow())
                _ = try await queue.wait(for: id, toBe: "running")
                // Another worker got it, and has ended it.
                try await connection.query("DELETE FROM job_claims")
                try await connection.query(
                    "UPDATE jobs SET status = 'completed', completed_at = now(), attempts = 2, result = '\"theirs\"'"
                )
                let row = "SELECT to_jsonb(j)::text FROM jobs j"
                let theirs = try await connection.query(row).single.decode(String.self)
                mayEnd.withLock { $0 = true }
                try await connection.wait(until: "SELECT count(*) = 1 FROM job_events WHERE kind = 'ack-stale'")
                #expect(try await connection.query(row).single.decode(String.self) == theirs)
            }
        }
    }

    @Test("stops its jobs when its heartbeat does not get through, and goes on under another id [T5]")
    func isNotHeard() async throws {
        try await withJobDatabase { settings in
            let cancelled = Mutex(0)
            var handlers = JobHandlers()
            handlers.register(Slow.self) { _, _ in
                do { try await Task.sleep(for: .seconds(600)) } catch {
                    cancelled.withLock { $0 += 1 }
                    throw error
                }
            }
            var options = JobWorkerOptions.quick
            options.timeToLive = .milliseconds(900)
            try await withWorker(on: settings, handlers, options) { queue, connection in
                let id = try await queue.insert(Slow())
                _ = try await queue.wait(for: id, toBe: "running")
                let first = try await connection.query("SELECT id FROM job_workers").single.decode(String.self)
                // The heartbeat waits for as long as this transaction lasts.
                try await withPostgresConnection(to: settings) { holder in
                    try await holder.query("BEGIN")
                    try await holder.query("SELECT FROM job_workers FOR UPDATE")
                    try await TestSupport.wait(for: "the job is stopped") { cancelled.withLock { $0 } == 1 }
                    try await holder.query("ROLLBACK")
                }
                try await connection.wait(until: "SELECT count(*) = 1 FROM job_workers WHERE id <> '\(first)'")
                // What the first one held is found by the sweep, unless it could give it back after all.
                let isTaken = "SELECT count(*) = 1 FROM job_claims WHERE worker_id <> '\(first)' AND job_id = '\(id)'"
                let limit = ContinuousClock.now + .seconds(60)
                var rescued = 0
                while rescued == 0, ContinuousClock.now < limit,
                    try await !connection.query(isTaken).single.decode(Bool.self)
                {
                    rescued = try await Rescue.run(after: options.timeToLive, on: connection)
                    try await Task.sleep(for: .milliseconds(20))
                }
                try await connection.query("UPDATE jobs SET scheduled_for = NULL")
                // Waiting for its next attempt is cut short.
                try await connection.wait(until: isTaken)
                // What is given back costs no attempt.
                #expect(try await queue.job(id)?.attempts == 1 + rescued)
            }
        }
    }

    @Test("runs nothing twice at a time when the server is lost and comes back [T14]")
    func serverCrash() async throws {
        try await withOwnServer { server in
            try await server.initialise()
            try await server.whileRunning { server in
                let settings = try server.superuser()
                try await Migrator(directory: StudyPlatform.migrations, database: settings).migrate()()
                let now = Mutex<[String: Int]>([:])
                let most = Mutex(0)
                var handlers = JobHandlers()
                handlers.register(Add.self) { _, context in
                    let beside = now.withLock { now in
                        now[context.id, default: 0] += 1
                        return now[context.id] ?? 0
                    }
                    most.withLock { $0 = max($0, beside) }
                    defer { now.withLock { $0[context.id, default: 1] -= 1 } }
                    try await Task.sleep(for: .milliseconds(20))
                }
                var options = JobWorkerOptions.quick
                options.timeToLive = .seconds(1)
                try await withWorker(on: settings, handlers, options) { _, _ in
                    try await withWorker(on: settings, handlers, options) { queue, _ in
                        let maintenance = JobMaintenance(
                            to: settings,
                            options: JobMaintenanceOptions(timeToLive: .seconds(1), rescueInterval: .milliseconds(100)),
                            logger: quiet
                        )
                        let running = Task { try await maintenance.run() }
                        defer { running.cancel() }
                        try await queue.insert(contentsOf: (0..<300).map { Add(a: $0, b: 0) })
                        try await withPostgresConnection(to: settings) { connection in
                            try await connection.wait(
                                until: "SELECT count(*) > 20 FROM jobs WHERE status = 'completed'"
                            )
                        }
                        try await server.crash()
                        try await withPostgresConnection(to: settings, waitingUpTo: .seconds(60)) { connection in
                            try await connection.wait(
                                until: "SELECT count(*) = 300 FROM jobs WHERE status = 'completed'"
                            )
                        }
                        running.cancel()
                        try await running.value
                    }
                }
                #expect(most.withLock { $0 } == 1)
            }
        }
    }

    private func insertRaw(on settings: ConnectionSettings) async throws -> String {
        try await withPostgresConnection(to: settings) { connection in
            try await connection.query(
                "INSERT INTO jobs (type, data, max_attempts) VALUES ('echo', '{\"text\": 7}', 1) RETURNING id"
            ).single.decode(String.self)
        }
    }
}

private struct Failure: Error, CustomStringConvertible {
    var text: String
    var description: String { text }
}

struct Echo: Job {
    static let type = "echo"
    static let settings = JobSettings(maxAttempts: 1)
    var text: String
}

struct Slow: Job {
    static let type = "slow"
}
