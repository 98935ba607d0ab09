import AppRuntime
import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@Suite("The job queue")
struct JobQueueTests {
    static let nobody = "00000000-0000-7000-8000-000000000000"

    @Test("inserts within the caller's transaction, or not at all")
    func transactional() async throws {
        try await withQueue { queue, connection in
            struct Undo: Error {}
            await #expect(throws: Undo.self) {
                try await connection.withTransaction { connection in
                    try await queue.insert(Slow(), on: connection)
                    try await queue.insert(contentsOf: [Slow(), Slow()], on: connection)
                    throw Undo()
                }
            }
            #expect(try await connection.query("SELECT count(*) FROM jobs").decode(as: Int.self) == [0])
            let id = try await connection.withTransaction { try await queue.insert(Slow(), on: $0) }
            #expect(try await queue.job(id)?.status == "pending")
            let many = try await connection.withTransaction { connection in
                try await queue.insert(contentsOf: [Slow(), Slow()], JobInsertion(tags: ["a"]), on: connection)
            }
            #expect(many.count == 2)
            #expect(try await connection.query("SELECT count(*) FROM jobs").decode(as: Int.self) == [3])
        }
    }

    @Test("keeps one job of a unique key, whoever rolls back [T10]")
    func unique() async throws {
        try await withQueue { queue, connection in
            let settings = connection.settings
            struct Undo: Error {}
            let ids = try await withThrowingTaskGroup(of: String?.self) { group in
                for index in 0..<8 {
                    group.addTask {
                        try await withPostgresConnection(to: settings) { connection in
                            do {
                                return try await connection.withTransaction { connection in
                                    let found = try await queue.insertUnique(Slow(), by: .key("k"), on: connection)
                                    if index != 3 { throw Undo() }
                                    return found.id
                                }
                            } catch is Undo {
                                return nil
                            }
                        }
                    }
                }
                return try await group.reduce(into: [String?]()) { $0.append($1) }.compactMap { $0 }
            }
            #expect(try await connection.query("SELECT id FROM jobs").decode(as: String.self) == ids)
            let again = try await queue.insertUnique(Slow(), by: .key("k"))
            #expect(!again.isInserted && [again.id] == ids)
            let together = try await withThrowingTaskGroup(of: UniqueInsertion.self) { group in
                for _ in 0..<8 { group.addTask { try await queue.insertUnique(Add(a: 1, b: 2)) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(together.map(\.id)).count == 1 && together.count { $0.isInserted } == 1)
            try await connection.query("UPDATE jobs SET status = 'completed', completed_at = now()")
            #expect(try await queue.insertUnique(Slow(), by: .key("k")).isInserted)
            #expect(try await queue.insertUnique(Slow(), by: .key("w"), within: .zero).isInserted)
            #expect(try await queue.insertUnique(Slow(), by: .key("w")).isInserted)
        }
    }

    @Test("says why a job does not run")
    func why() async throws {
        try await withQueue { queue, connection in
            func why(_ id: String) async throws -> String? { try await queue.why(id)?.code }
            #expect(try await why(Self.nobody) == nil)
            let first = try await queue.insert(Slow())
            #expect(try await why(first) == "no-handler")
            try await connection.query(
                "INSERT INTO job_workers (id, host, pid, version, types) VALUES (gen_random_uuid(), 'h', 1, '1', '{slow}')"
            )
            #expect(try await why(first) == "next")
            let second = try await queue.insert(Slow(), JobInsertion(concurrencyKey: "k"))
            #expect(try await why(second) == "behind")
            try await queue.pause("slow", by: "ana")
            let paused = try #require(try await queue.why(second))
            #expect(paused.code == "paused" && paused.text.hasSuffix("by ana"))
            try await queue.resume("slow", by: "ana")
            let later = try await queue.insert(Slow(), JobInsertion(scheduledAt: Date() + 60))
            #expect(try await why(later) == "future")
            let words = try #require(try await queue.why(later)?.text)
            #expect(words.wholeMatch(of: /it is not due before [0-9]{4}-[0-9-]{5} [0-9:]{8} UTC/) != nil, "\(words)")
            try await queue.setLimits(JobLimits(running: 1, runningPerKey: 1), of: "slow", by: "ana")
            try await connection.query(
                "INSERT INTO job_claims (job_id, worker_id, attempt, type, concurrency_key) "
                    + "SELECT gen_random_uuid(), id, 1, 'slow', 'k' FROM job_workers"
            )
            #expect(try await why(second) == "limit")
            try await queue.setLimits(JobLimits(runningPerKey: 1), of: "slow", by: "ana")
            #expect(try await why(second) == "key-limit")
            try await connection.query("UPDATE jobs SET attempts = 3 WHERE id = $1", first)
            #expect(try await why(first) == "exhausted")
            try await queue.cancel(first, by: "ana")
            #expect(try await why(first) == "ended")
            try await connection.query("UPDATE jobs SET status = 'running' WHERE id = $1", later)
            #expect(try await why(later) == "unheld")
        }
    }

    @Test("finds and mends rows that contradict each other")
    func check() async throws {
        try await withQueue { queue, connection in
            try await queue.insert(contentsOf: (0..<6).map { _ in Slow() })
            #expect(try await queue.check().findings.isEmpty)
            try await connection.script(
                """
                WITH n AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM jobs)
                UPDATE jobs j SET
                    status = (ARRAY['running', 'pending', 'completed', 'odd', 'running', 'pending'])[n.n],
                    attempts = (ARRAY[1, 3, 1, 1, 1, 0])[n.n]
                FROM n WHERE n.id = j.id;
                INSERT INTO job_claims (job_id, worker_id, attempt, type)
                SELECT id, gen_random_uuid(), 1, 'slow' FROM (SELECT id FROM jobs ORDER BY id OFFSET 4) j
                """
            )
            let broken = [
                "running-without-claim", "claim-without-worker", "claim-without-running-job",
                "pending-without-attempts", "ended-without-time", "unknown-status",
            ]
            let found = try await queue.check()
            #expect(found.findings.map(\.rule) == broken)
            _ = try await queue.check(mendingFor: "ana")
            #expect(try await queue.check().findings.isEmpty)
            let states = try await connection.query("SELECT status FROM jobs ORDER BY id").decode(as: String.self)
            #expect(states == ["pending", "failed", "completed", "failed", "pending", "pending"])
            let events = "SELECT count(*) FROM job_events WHERE kind = 'repaired' AND actor = 'ana'"
            #expect(try await connection.query(events).decode(as: Int.self) == [6])
        }
    }

    private func withQueue(_ body: (JobQueue, PostgresConnection) async throws -> Void) async throws {
        try await withJobDatabase { settings in
            let pool = PostgresPool(to: settings, limit: 8)
            try await withPostgresConnection(to: settings) { try await body(JobQueue(pool: pool), $0) }
            await pool.shutDown()
        }
    }
}
