import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import AppRuntime

/// A job of which few may run at once.
private struct Narrow: Job {
    static let type = "narrow"
    static let settings = JobSettings(limits: JobLimits(running: 3, runningPerKey: 1))
    var key: String
}

private struct Rated: Job {
    static let type = "rated"
    static let settings = JobSettings(limits: JobLimits(startsPerSecond: 0.001, burst: 4))
}

private struct Done: Job {
    static let type = "done"
    var word: String
}

@Suite("Limits and batches")
struct LimitTests {
    @Test("never run more at once than a type and a key allow, over several workers")
    func concurrency() async throws {
        try await withJobDatabase { settings in
            struct Count { var now = 0, most = 0, keys: Set<String> = [], clashes = 0 }
            let count = Mutex(Count())
            var handlers = JobHandlers()
            handlers.register(Narrow.self) { job, _ in
                count.withLock { count in
                    count.now += 1
                    count.most = max(count.most, count.now)
                    if !count.keys.insert(job.key).inserted { count.clashes += 1 }
                }
                try await Task.sleep(for: .milliseconds(2))
                count.withLock { count in
                    count.now -= 1
                    count.keys.remove(job.key)
                }
            }
            try await withWorker(on: settings, handlers) { queue, connection in
                try await withWorker(on: settings, handlers) { _, _ in
                    for key in ["a", "b", "c", "d", "e"] {
                        try await queue.insert(
                            contentsOf: (0..<12).map { _ in Narrow(key: key) },
                            JobInsertion(concurrencyKey: key)
                        )
                    }
                    try await connection.wait(until: "SELECT count(*) = 60 FROM jobs WHERE status = 'completed'")
                }
            }
            count.withLock { count in
                #expect(count.most <= 3 && count.most > 1)
                #expect(count.clashes == 0)
            }
        }
    }

    @Test("start no more than the burst of a rate, and hold while a type is paused")
    func rate() async throws {
        try await withJobDatabase { settings in
            var handlers = JobHandlers()
            handlers.register(Rated.self) { _, _ in }
            handlers.register(Done.self) { _, _ in }
            try await withWorker(on: settings, handlers) { queue, connection in
                try await queue.insert(contentsOf: (0..<10).map { _ in Rated() })
                try await connection.wait(until: "SELECT count(*) = 4 FROM jobs WHERE status = 'completed'")
                try await queue.pause("done", by: "ana")
                let held = try await queue.insert(Done(word: "held"))
                let reason = try await queue.why(
                    connection.query("SELECT min(id::text) FROM jobs WHERE status = 'pending' AND type = 'rated'")
                        .single.decode(String.self)
                )
                #expect(reason?.code == "rate")
                // Jobs of other types that come later show that the worker has looked.
                try await queue.setLimits(JobLimits(), of: "rated", by: "ana")
                try await connection.wait(until: "SELECT count(*) = 10 FROM jobs WHERE status = 'completed'")
                #expect(try await queue.job(held)?.status == "pending")
                try await queue.resume("done", by: "ana")
                _ = try await queue.wait(for: held, toBe: "completed")
            }
        }
    }

    @Test("of the code follow its releases, and give way to those that somebody set")
    func controls() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                let pool = PostgresPool(to: settings, limit: 1)
                let limit = "SELECT max_running FROM job_controls"
                try await JobControls.storeOfCode(JobLimits(), of: "a", on: connection)
                #expect(try await connection.query(limit).isEmpty)
                try await JobControls.storeOfCode(JobLimits(running: 2), of: "a", on: connection)
                try await JobControls.storeOfCode(JobLimits(running: 3), of: "a", on: connection)
                #expect(try await connection.query(limit).decode(as: Int?.self) == [3])
                try await JobControls.storeOfCode(JobLimits(), of: "a", on: connection)
                #expect(try await connection.query(limit).decode(as: Int?.self) == [nil])
                try await JobQueue(pool: pool).setLimits(JobLimits(running: 1), of: "a", by: "ana")
                for limits in [JobLimits(), JobLimits(running: 9)] {
                    try await JobControls.storeOfCode(limits, of: "a", on: connection)
                    #expect(try await connection.query(limit).decode(as: Int?.self) == [1])
                }
                await pool.shutDown()
            }
        }
    }

    @Test("end a batch with one job, whatever became of its members")
    func batches() async throws {
        try await withJobDatabase { settings in
            let words = Mutex<[String]>([])
            var handlers = JobHandlers()
            handlers.register(Act.self) { job, _ in
                if job.how == "fail" { throw JobDirective.discard(because: "so told") }
            }
            handlers.register(Done.self) { job, _ in words.withLock { $0.append(job.word) } }
            try await withWorker(on: settings, handlers) { queue, connection in
                let batch = try await queue.makeBatch(named: "report", then: Done(word: "full"))
                try await queue.insert(
                    contentsOf: (0..<40).map { Act(how: $0.isMultiple(of: 7) ? "fail" : "") },
                    JobInsertion(batch: batch)
                )
                try await connection.wait(until: "SELECT count(*) = 0 FROM jobs WHERE status IN ('pending', 'running')")
                #expect(words.withLock { $0 }.isEmpty)
                try await queue.seal(batch)
                await #expect(throws: AppRuntimeError.self) { try await queue.seal(batch) }
                let empty = try await queue.makeBatch(named: "nothing", then: Done(word: "empty"))
                try await queue.seal(empty)
                let late = try await queue.makeBatch(named: "late", then: Done(word: "late"))
                let member = try await queue.insert(Act(how: ""), JobInsertion(scheduledAt: Date() + 0.3, batch: late))
                try await queue.seal(late)
                #expect(try await queue.job(member)?.status != "completed")
                try await connection.wait(
                    until: "SELECT count(*) = 3 FROM jobs WHERE type = 'done' AND status = 'completed'"
                )
                #expect(words.withLock { $0.sorted() } == ["empty", "full", "late"])
            }
        }
    }
}
