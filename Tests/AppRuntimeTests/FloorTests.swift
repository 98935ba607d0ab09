import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import AppRuntime

/// What a worker does when it fetches, with the times that a test gives.
struct Looker {
    private let worker = UUID().uuidString.lowercased()
    private let types = ["add", "act"]
    var floors = FetchFloors(pollInterval: .seconds(1))

    /// The next look's statement, behind an EXPLAIN or nothing.
    func statement(_ limit: Int, at now: ContinuousClock.Instant, behind prefix: String = "") throws
        -> PostgresStatement
    {
        try FetchStatement.statement(
            types,
            limit: limit,
            worker: worker,
            timeouts: [60, 60],
            in: floors.stretches(at: now),
            behind: prefix
        )
    }

    /// Takes jobs in a look that is said to have taken so long; gives their ids.
    mutating func take(
        _ limit: Int,
        at now: ContinuousClock.Instant,
        in duration: Duration = .milliseconds(100),
        on connection: PostgresConnection
    ) async throws -> [FetchedJob] {
        let statement = try statement(limit, at: now)
        let rows = try await connection.pipeline([try PostgresStatement(WorkerTransaction.taking), statement])[1]
        let stretches = floors.stretches(at: now)
        floors.looked(from: stretches, limit: limit, start: now, end: now + duration, took: rows)
        return try FetchedJob.all(of: rows)
    }
}

@Suite("Floors of a worker's fetch")
struct FloorTests {
    private let start = ContinuousClock.now

    /// Inserts jobs of both types, on so many levels, all of one time.
    private func insert(_ jobs: Int, levels: Int = 1, on connection: PostgresConnection) async throws {
        try await connection.query(
            """
            INSERT INTO jobs (type, data, priority)
            SELECT CASE WHEN random() < 0.3 THEN 'add' ELSE 'act' END, '{}', 5 - floor(random() * $2::int)
            FROM generate_series(1, $1::int)
            """,
            jobs,
            levels
        )
    }

    @Test("take jobs in the order of the queue, over levels and types, with newer ones coming in between")
    func order() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                var looker = Looker()
                for round in 0..<6 {
                    try await insert(120, levels: 4 * round + 1, on: connection)
                    for _ in 0..<6 {
                        let limit = Int.random(in: 1...20)
                        let next = try await connection.query(
                            "SELECT id::text FROM jobs WHERE status = 'pending' ORDER BY priority DESC, created_at, id LIMIT $1",
                            limit
                        ).decode(as: String.self)
                        let taken = try await looker.take(limit, at: start, on: connection).map(\.id)
                        #expect(taken.sorted() == next.sorted(), "round \(round)")
                    }
                    #expect(looker.floors.stretches(at: start)?.isEmpty == false)
                }
                while try await !looker.take(100, at: start, on: connection).isEmpty {}
                let left = try await connection.query("SELECT FROM jobs WHERE attempts IS DISTINCT FROM 1")
                #expect(left.isEmpty)
            }
        }
    }

    @Test("hide what comes to stand above them, until they end")
    func end() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                var looker = Looker()
                #expect(looker.floors.stretches(at: start) == nil)
                try await insert(30, on: connection)
                let first = try await looker.take(20, at: start, on: connection)
                #expect(first.count == 20)

                // A transaction that began before the others, a job without a level, and one that a worker gives back.
                let late = try await connection.query(
                    """
                    INSERT INTO jobs (type, data, priority, created_at)
                    VALUES ('add', '{}', 5, now() - interval '1 minute'), ('act', '{}', NULL, now()) RETURNING id::text
                    """
                ).decode(as: String.self)
                let back = first[7]
                try await connection.query("DELETE FROM job_claims WHERE job_id = $1", back.id)
                try await connection.query(
                    "UPDATE jobs SET status = 'pending', started_at = NULL WHERE id = $1",
                    back.id
                )
                // One of a higher level is found at once.
                let urgent = try await connection.query(
                    "INSERT INTO jobs (type, data, priority) VALUES ('act', '{}', 9) RETURNING id::text"
                ).single.decode(String.self)

                let last = start + .milliseconds(999)
                let second = try await looker.take(100, at: last, on: connection).map(\.id)
                #expect(second.count == 11 && second.contains(urgent))
                #expect(Set(second).isDisjoint(with: late + [back.id]))
                #expect(looker.floors.rest(at: last) == .milliseconds(1))

                let third = try await looker.take(100, at: start + .seconds(1), on: connection).map(\.id)
                #expect(third.sorted() == (late + [back.id]).sorted())
            }
        }
    }

    @Test("hold for twenty times as long as a look took, for a second or a poll at most")
    func patience() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await insert(100, on: connection)
                var looker = Looker()
                _ = try await looker.take(10, at: start, in: .milliseconds(3), on: connection)
                #expect(looker.floors.rest(at: start) == .milliseconds(60))
                // A look from the floors makes them no longer.
                _ = try await looker.take(10, at: start + .milliseconds(50), in: .seconds(1), on: connection)
                #expect(looker.floors.rest(at: start + .milliseconds(50)) == .milliseconds(10))
                _ = try await looker.take(10, at: start + .seconds(1), in: .seconds(1), on: connection)
                #expect(looker.floors.rest(at: start + .seconds(1)) == .seconds(1))

                looker.floors = FetchFloors(pollInterval: .milliseconds(20))
                _ = try await looker.take(10, at: start, in: .seconds(1), on: connection)
                #expect(looker.floors.rest(at: start) == .milliseconds(20))
                #expect(looker.floors.stretches(at: start + .milliseconds(20)) == nil)
            }
        }
    }

    @Test("leave no job to nobody, and none to two, with many looking at once")
    func several() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await insert(600, levels: 3, on: connection)
                let taken = try await withThrowingTaskGroup { group in
                    for _ in 0..<3 {
                        group.addTask {
                            try await withPostgresConnection(to: settings) { connection in
                                var looker = Looker()
                                var ids: [String] = []
                                while true {
                                    let began = ContinuousClock.now
                                    let isWhole = looker.floors.stretches(at: began) == nil
                                    let jobs = try await looker.take(7, at: began, on: connection)
                                    ids += jobs.map(\.id)
                                    if jobs.isEmpty {
                                        if isWhole { return ids }
                                        looker.floors = FetchFloors(pollInterval: .seconds(1))
                                    }
                                }
                            }
                        }
                    }
                    return try await group.reduce(into: [String]()) { $0 += $1 }
                }
                #expect(taken.count == 600 && Set(taken).count == 600)
            }
        }
    }

    @Test("let nothing starve: a worker with always more to do finds a job of a transaction that took long")
    func late() async throws {
        try await withJobDatabase { settings in
            let late = Mutex(false)
            var handlers = JobHandlers()
            handlers.register(Act.self) { job, _ in if job.how == "late" { late.withLock { $0 = true } } }
            try await withWorker(on: settings, handlers) { queue, _ in
                try await withPostgresConnection(to: settings) { slow in
                    try await slow.query("BEGIN")
                    let id = try await queue.insert(Act(how: "late"), on: slow)
                    try await queue.insert(contentsOf: (0..<400).map { _ in Act(how: "now") })
                    var isCommitted = false
                    let limit = ContinuousClock.now + .seconds(60)
                    while !late.withLock({ $0 }), .now < limit {
                        let ids = try await queue.insert(contentsOf: (0..<400).map { _ in Act(how: "now") })
                        _ = try await queue.wait(for: ids[0], toBe: "completed")
                        if !isCommitted { try await slow.query("COMMIT") }
                        isCommitted = true
                    }
                    #expect(try await queue.wait(for: id, toBe: "completed").attempts == 1)
                }
            }
        }
    }
}
