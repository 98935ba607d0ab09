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

    /// Blocks that one fetch of a worker reads, which takes 100 jobs.
    private func fetchBuffers(of looker: Looker, on connection: PostgresConnection) async throws -> Int {
        let statement = try looker.statement(100, at: .now, behind: "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ")
        try await connection.query("BEGIN")
        try await connection.query(WorkerTransaction.taking)
        let answer = try await connection.query(statement)
        try await connection.query("ROLLBACK")
        let plan = try ExplainedPlan(answer.single[0].text ?? "")
        #expect(plan.text.contains("\"Actual Rows\": 100,"))
        return plan.buffers
    }

    @Test("fetch little more, and drain on, while somebody holds an old snapshot [T11]")
    func oldSnapshot() async throws {
        let jobs = isLongTest ? 50_000 : 3000
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                func fill() async throws {
                    try await connection.query(
                        "INSERT INTO jobs (type, data) SELECT 'add', '{\"a\": 1, \"b\": 2}' FROM generate_series(1, 300)"
                    )
                }
                let clean = try await drain(jobs, on: settings)
                try await connection.query("DELETE FROM jobs")
                try await connection.query("VACUUM ANALYZE jobs")
                try await fill()
                let cleanBuffers = try await fetchBuffers(of: Looker(), on: connection)
                try await connection.query("DELETE FROM jobs")
                try await connection.query("VACUUM ANALYZE jobs")
                try await withPostgresConnection(to: settings) { reader in
                    try await reader.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
                    try await reader.query("SELECT count(*) FROM jobs")
                    let held = try await drain(jobs, on: settings)
                    try await fill()
                    var looker = Looker()
                    let wholeBuffers = try await fetchBuffers(of: looker, on: connection)
                    // The floor is made to hold for as long as the test takes.
                    _ = try await looker.take(100, at: .now + .seconds(600), in: .seconds(600), on: connection)
                    let buffers = try await fetchBuffers(of: looker, on: connection)
                    try await reader.query("ROLLBACK")
                    print(
                        """
                        \(jobs) jobs: \(clean) s, with an old snapshot \(held) s; a fetch \(cleanBuffers) and \(buffers) \
                        blocks, the first of a second \(wholeBuffers)
                        """
                    )
                    #expect(buffers <= 5 * cleanBuffers)
                    if isLongTest { #expect(held <= 2 * clean) }
                }
            }
        }
    }

    @Test("find few claims among thousands by their keys, though they were counted when there was one")
    func claims() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                func claimAll() async throws {
                    try await connection.query(
                        """
                        INSERT INTO job_claims (job_id, worker_id, attempt, type)
                        SELECT id, '00000000-0000-0000-0000-000000000001', 1, type FROM jobs ON CONFLICT DO NOTHING
                        """
                    )
                }
                try await connection.query(
                    """
                    INSERT INTO jobs (name, type, data, status) SELECT 'add', 'add', '{}', 'running'
                    FROM generate_series(1, 3000)
                    """
                )
                // Counted in a quiet minute behind a busy one: many pages, one row.
                try await claimAll()
                try await connection.query("DELETE FROM job_claims WHERE token < (SELECT max(token) FROM job_claims)")
                try await connection.query("VACUUM ANALYZE job_claims")
                try await claimAll()
                let claims = try await connection.query("SELECT job_id::text, token FROM job_claims LIMIT 500")
                    .map { try $0.decode(String.self, Int.self) }
                let plan = try await plan(
                    of: AckStatement.sql,
                    [
                        claims.map(\.0).literal, claims.map { "\($0.1)" }.literal,
                        claims.map { _ in "completed" }.literal,
                        claims.map { _ in "null" }.literal, claims.map { _ in "null" }.literal,
                        claims.map { _ in "0" }.literal, "'00000000-0000-0000-0000-000000000001'",
                    ],
                    within: WorkerTransaction.ending,
                    on: connection
                )
                let removed = plan.filter { $0.contains("Rows Removed by Join Filter") }
                #expect(removed.isEmpty, "\(plan.joined(separator: "\n"))")
                #expect(try await connection.query("SELECT FROM job_claims").count == 2500)
            }
        }
    }

    @Test("take jobs by their keys and places, though the plan is from when there were none")
    func growth() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await connection.query("ALTER TABLE jobs SET (autovacuum_enabled = off)")
                try await connection.query("VACUUM ANALYZE jobs, job_meta")
                try await connection.query("PREPARE early AS \(FetchStatement.unlimited)")
                let parameters = ["'{add}'", "100", "'\(UUID().uuidString)'", "'{60}'"]
                func plan() async throws -> [String] {
                    try await self.plan(of: nil, parameters, within: WorkerTransaction.taking, on: connection)
                }
                _ = try await plan()
                try await connection.query(
                    "INSERT INTO jobs (type, data) SELECT 'add', '{\"a\": 1, \"b\": 2}' FROM generate_series(1, 5000)"
                )
                let late = try await plan()
                let whole = late.filter {
                    $0.contains("Seq Scan on jobs") || $0.contains("Rows Removed by Join Filter")
                }
                #expect(whole.isEmpty, "\(late.joined(separator: "\n"))")
                #expect(late.contains { $0.contains("Tid Scan on jobs") && $0.contains("loops=100") })
                #expect(try await connection.query("SELECT FROM job_claims").count == 100)
            }
        }
    }

    /// How the server runs a statement with literals as parameters, planned for any; nil for the one that is called `early`.
    private func plan(
        of statement: String?,
        _ parameters: [String],
        within settings: String,
        on connection: PostgresConnection
    ) async throws -> [String] {
        try await connection.query("BEGIN")
        try await connection.query(settings)
        if let statement { try await connection.query("PREPARE early AS \(statement)") }
        let plan = try await connection.query(
            "EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) EXECUTE early (\(parameters.joined(separator: ", ")))"
        ).map { $0[0].text ?? "" }
        try await connection.query("COMMIT")
        return plan
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
                var (best, bestWithout, all) = (Double.infinity, Double.infinity, 0.0)
                for _ in 0..<(isLongTest ? 5 : 1) {
                    let time = try await insertAll { try await queue.insert($0) }
                    best = min(best, time)
                    all += time
                    guard isLongTest else { continue }
                    let without = try await insertAll { job in
                        let row = try JobRow(job, JobInsertion())
                        try await pool.withConnection { _ = try await $0.pipeline(row.statements) }
                    }
                    bestWithout = min(bestWithout, without)
                }
                let refilled = Double(JobWake.rate) * all
                let count = try await heard()
                print(
                    "\(clients) x \(each) inserts: \(best) s, without notifications \(bestWithout) s, \(count) notifications"
                )
                #expect(count >= 1 && Double(count) <= Double(JobWake.burst) + 2 * refilled + 4)
                if isLongTest { #expect(best <= bestWithout / 0.9) }
            }
            await pool.shutDown()
        }
    }

    @Test("notify for every job at 20 a second, for the first of a burst, and for the rest of it once")
    func bucket() {
        let start = ContinuousClock.now
        var steady = NotificationBucket()
        let taken = (0..<200).count { steady.take(at: start + .milliseconds(50 * $0)) }
        #expect(taken == 200)

        var burst = NotificationBucket()
        let later = ContinuousClock.now
        let atOnce = (0..<100).count { _ in burst.take(at: later) }
        let wait = burst.borrow(at: later)
        #expect(atOnce == JobWake.burst)
        #expect(wait <= .milliseconds(40) && wait > .milliseconds(39))
        let isThereEarly = burst.take(at: later + .milliseconds(79))
        let isThere = burst.take(at: later + .milliseconds(80))
        #expect(!isThereEarly && isThere)
    }
}

extension [String] {
    /// An array as SQL writes it, of words without anything special.
    fileprivate var literal: String { "'{\(joined(separator: ","))}'" }
}
