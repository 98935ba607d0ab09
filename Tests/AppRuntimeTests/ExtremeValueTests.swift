import Foundation
import Postgres
import TestSupport
import Testing

@testable import AppRuntime

@Suite("What no column holds")
struct ExtremeValueTests {
    @Test("is a hundred years or nothing of a handler's time, and holds nobody up [T8]", .timeLimit(.minutes(3)))
    func delays() async throws {
        try await withJobDatabase { settings in
            var handlers = JobHandlers()
            handlers.register(Act.self) { job, context in
                switch job.how {
                case "snooze": throw JobDirective.snooze(for: .seconds(Int.max))
                case "retry": throw JobDirective.retry(after: .seconds(10_000_000_000_000), because: "much later")
                case "past" where context.attempt == 1: throw JobDirective.retry(after: .seconds(Int.min), because: "")
                default: break
                }
            }
            handlers.register(Endless.self) { _, _ in throw CancellationError() }
            try await withWorker(on: settings, handlers) { queue, connection in
                let patient = try await queue.insert(contentsOf: ["snooze", "retry"].map { Act(how: $0) })
                let endless = try await queue.insert(Endless())
                let past = try await queue.insert(Act(how: "past"))
                #expect(try await queue.wait(for: past, toBe: "completed").attempts == 2)
                for id in patient + [endless] {
                    try await connection.wait(
                        until:
                            "SELECT coalesce(scheduled_for > now() + interval '70 years', false) FROM jobs WHERE id = '\(id)'"
                    )
                }
                #expect(try await queue.job(endless)?.maxAttempts == Int(Int32.max))
                _ = try await queue.wait(for: queue.insert(Act(how: "")), toBe: "completed")
                #expect(try await connection.query("SELECT FROM job_events").isEmpty)
            }
        }
    }

    @Test("is no progress, and keeps no other from being written")
    func progress() async throws {
        try await withJobDatabase { settings in
            var handlers = JobHandlers()
            handlers.register(Slow.self) { _, context in
                context.report(progress: 0.25)
                context.report(progress: 0.0 / 0)
                context.log(.info, "goes on")
                try await Task.sleep(for: .seconds(600))
            }
            try await withWorker(on: settings, handlers) { queue, connection in
                try await queue.insert(contentsOf: [Slow(), Slow()])
                try await connection.wait(until: "SELECT count(*) = 2 FROM job_claims WHERE progress = 0.25")
                try await connection.wait(until: "SELECT count(*) = 2 FROM job_logs")
            }
        }
    }

    @Test("ends neither a worker's other jobs nor those of a batch, where it is the server that takes no end")
    func refusedEnds() async throws {
        try await withJobDatabase { settings in
            var handlers = JobHandlers()
            handlers.register(Act.self) { _, _ in }
            handlers.register(Add.self) { _, _ in }
            try await withPostgresConnection(to: settings) { connection in
                try await connection.script(
                    """
                    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN RAISE EXCEPTION 'no end will do' USING ERRCODE = '22023'; END $$;
                    CREATE TRIGGER refuse BEFORE UPDATE ON jobs FOR EACH ROW
                        WHEN (OLD.status = 'running' AND NEW.type = 'act') EXECUTE FUNCTION refuse();
                    INSERT INTO job_batches (id, name, completion, sealed_at) VALUES (
                        '00000000-0000-0000-0000-000000000001', 'spoilt', '{"type": "add", "priority": 1e12, "data": "{}"}', now()
                    )
                    """
                )
            }
            try await withWorker(on: settings, handlers) { queue, connection in
                let stuck = try await queue.insert(Act(how: ""))
                let spoilt = JobBatch(id: "00000000-0000-0000-0000-000000000001")
                try await queue.insert(contentsOf: (0..<30).map { Add(a: $0, b: 0) }, JobInsertion(batch: spoilt))
                try await connection.wait(until: "SELECT count(*) = 30 FROM jobs WHERE status = 'completed'")
                // Nobody holds what no end was taken of: a sweep finds it.
                try await connection.wait(until: "SELECT count(*) = 0 FROM job_claims")
                #expect(try await queue.job(stuck)?.status == "running")
                #expect(try await connection.query("SELECT FROM job_events WHERE kind = 'ack-stale'").isEmpty)
            }
        }
    }

    @Test("is as much as there is where limits, priorities and times to keep things are set")
    func settings() async throws {
        try await withJobDatabase { settings in
            let pool = PostgresPool(to: settings, limit: 1)
            let queue = JobQueue(pool: pool)
            let id = try await queue.insert(Add(a: 1, b: 1), JobInsertion(priority: .max, maxAttempts: .max))
            #expect(try await queue.job(id)?.priority == Int(Int32.max))
            for limits in [
                JobLimits(running: .max, runningPerKey: .max), JobLimits(startsPerSecond: 5, burst: .infinity),
                JobLimits(startsPerSecond: .nan), JobLimits(startsPerSecond: 5, burst: .nan),
            ] { try await queue.setLimits(limits, of: "add", by: "ana") }
            _ = try await queue.insertUnique(Add(a: 2, b: 2), within: .seconds(Int.max))
            try await withPostgresConnection(to: settings) { connection in
                let forEver = Duration.seconds(Int.max)
                let options = JobMaintenanceOptions(
                    keepsCompleted: forEver,
                    keepsCancelled: forEver,
                    keepsFailed: forEver,
                    keepsTraces: forEver
                )
                try await MaintenanceDuty.retain(options).work(connection, LeaderTerm(holder: "", term: 1))
            }
            await pool.shutDown()
        }
        #expect(RetryPolicy(base: .seconds(Int.max), longest: .seconds(Int.max)).delay(after: 40, jitter: 1.25) > .zero)
    }
}

/// A job whose settings are as large as their types allow.
private struct Endless: Job {
    static let type = "endless"
    static let settings = JobSettings(
        priority: .max,
        maxAttempts: .max,
        timeout: .seconds(Int.max),
        retry: RetryPolicy(base: .seconds(Int.max), longest: .seconds(Int.max)),
        limits: JobLimits(startsPerSecond: 1000, burst: .infinity)
    )
}
