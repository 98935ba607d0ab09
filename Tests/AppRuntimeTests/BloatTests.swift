import Foundation
import Postgres
import TestSupport
import Testing

@testable import AppRuntime

@Suite("Old snapshots and notifications")
struct BloatTests {
    /// Seconds in which a worker drains so many jobs.
    private func drain(_ count: Int, on settings: ConnectionSettings) async throws -> Double {
        var handlers = JobHandlers()
        handlers.register(Add.self) { _, _ in }
        let options = JobWorkerOptions(concurrency: 1000, pollInterval: .milliseconds(50))
        return try await withWorker(on: settings, JobHandlers(), .quick) { queue, connection in
            try await queue.insert(contentsOf: (0..<count).map { Add(a: $0, b: 0) })
            let open = "FROM jobs WHERE status IN ('pending', 'running')"
            let start = ContinuousClock.now
            return try await withWorker(on: settings, handlers, options) { _, _ in
                try await connection.wait(until: "SELECT NOT EXISTS (SELECT \(open))")
                return start.duration(to: .now) / .seconds(1)
            }
        }
    }

    /// Blocks that one fetch reads.
    private func fetchBuffers(on connection: PostgresConnection) async throws -> Int {
        try await connection.query("BEGIN")
        let answer = try await connection.query(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) \(FetchStatement.unlimited)",
            ["add"],
            100,
            UUID().uuidString,
            [60.0]
        )
        try await connection.query("ROLLBACK")
        return try ExplainedPlan(answer.single[0].text ?? "").buffers
    }

    @Test("fetch little more, and drain on, while somebody holds an old snapshot [T11]")
    func oldSnapshot() async throws {
        let jobs = isLongTest ? 50_000 : 3000
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                func fill() async throws {
                    try await connection.query(
                        "INSERT INTO jobs (type, data) SELECT 'add', '{\"a\": 1, \"b\": 2}' FROM generate_series(1, 200)"
                    )
                }
                let clean = try await drain(jobs, on: settings)
                try await connection.query("DELETE FROM jobs")
                try await connection.query("VACUUM ANALYZE jobs")
                try await fill()
                let cleanBuffers = try await fetchBuffers(on: connection)
                try await connection.query("DELETE FROM jobs")
                try await connection.query("VACUUM ANALYZE jobs")
                let (held, buffers) = try await withPostgresConnection(to: settings) { reader in
                    try await reader.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
                    try await reader.query("SELECT count(*) FROM jobs")
                    let held = try await drain(jobs, on: settings)
                    try await fill()
                    let buffers = try await fetchBuffers(on: connection)
                    try await reader.query("ROLLBACK")
                    return (held, buffers)
                }
                print(
                    "\(jobs) jobs: \(clean) s, with an old snapshot \(held) s; a fetch \(cleanBuffers) and \(buffers) blocks"
                )
                #expect(buffers <= 10 * cleanBuffers)
                if isLongTest { #expect(held <= 2 * clean) }
            }
        }
    }

    @Test("notify once for many jobs at once, and seldom for many one by one [T12]")
    func notifications() async throws {
        let (clients, each, many) = isLongTest ? (16, 1000, 50_000) : (16, 40, 5000)
        try await withJobDatabase { settings in
            let pool = PostgresPool(to: settings, limit: clients)
            let queue = JobQueue(pool: pool)
            try await withPostgresConnection(to: settings) { listener in
                let stream = try await listener.notifications(on: JobWake.channel, "end")
                try await queue.insert(contentsOf: (0..<many).map { Add(a: $0, b: 0) })
                func heard() async throws -> Int {
                    try await pool.withConnection { try await $0.query("SELECT pg_notify('end', '')") }
                    var count = 0
                    for try await notification in stream {
                        if notification.channel == "end" { return count }
                        count += 1
                    }
                    return count
                }
                #expect(try await heard() == 1)

                /// Seconds in which all clients insert their jobs one by one.
                func insertAll(_ insert: @escaping @Sendable (Add) async throws -> Void) async throws -> Double {
                    let start = ContinuousClock.now
                    try await withThrowingTaskGroup { group in
                        for client in 0..<clients {
                            group.addTask {
                                for index in 0..<each { try await insert(Add(a: client, b: index)) }
                            }
                        }
                        try await group.waitForAll()
                    }
                    return start.duration(to: .now) / .seconds(1)
                }
                var (best, bestWithout) = (Double.infinity, Double.infinity)
                for _ in 0..<(isLongTest ? 3 : 1) {
                    best = min(best, try await insertAll { try await queue.insert($0) })
                    guard isLongTest else { continue }
                    let without = try await insertAll { job in
                        let row = try JobRow(job, JobInsertion())
                        try await pool.withConnection { _ = try await $0.pipeline(row.statements) }
                    }
                    bestWithout = min(bestWithout, without)
                }
                let windows = best / (JobWake.window / .seconds(1)) * (isLongTest ? 3 : 1)
                let count = try await heard()
                print(
                    "\(clients) x \(each) inserts: \(best) s, without notifications \(bestWithout) s, \(count) notifications"
                )
                #expect(count >= 1 && Double(count) <= 4 * windows + 4)
                if isLongTest { #expect(best <= bestWithout / 0.9) }
            }
            await pool.shutDown()
        }
    }
}
