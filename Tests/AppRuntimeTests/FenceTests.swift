import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import AppRuntime

/// Workers that are made of the statements alone, so that some can die, and some can pause past their time to live, at
/// any point, and so that a statement can be tried without its fence.
@Suite("The fence of acknowledgements")
struct FenceTests {
    /// The statements of acknowledgements.
    private struct Ack: Sendable {
        var any = AckStatement.sql
        var completions = AckStatement.completions
    }

    @Test("lets every job complete once, by the last worker that claimed it [T1, T2]")
    func withFence() async throws {
        let report = try await stress(Ack())
        #expect(report.completed == report.jobs && report.double == 0 && report.usurped == 0 && report.claims == 0)
        #expect(report.stale > 0, "no late acknowledgement was tried: \(report)")
    }

    @Test("is what makes that so: without it others' jobs are completed")
    func withoutFence() async throws {
        let fence = /k.worker_id = (\$.)::uuid AND k.token = a.token/
        var mutated = Ack()
        mutated.any.replace(fence) { "\($0.output.1)::uuid IS NOT NULL" }
        mutated.completions.replace(fence) { "\($0.output.1)::uuid IS NOT NULL" }
        #expect(mutated.any != Ack().any && mutated.completions != Ack().completions)
        let report = try await stress(mutated)
        #expect(report.usurped > 0, "\(report)")
    }

    @Test(
        "lets stand what came first, an end or a rescue, to the last byte [T1]",
        arguments: ["completed", "failed", "cancelled", "retry", "snooze", "interrupted"]
    )
    func firstStands(outcome: String) async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                for isRescuedFirst in [false, true] {
                    let worker = UUID().uuidString
                    try await connection.query("DELETE FROM jobs")
                    try await connection.query("INSERT INTO jobs (type) VALUES ('stress')")
                    try await connection.query(
                        """
                        INSERT INTO job_workers (id, host, pid, version, types, last_seen)
                        VALUES ($1, 'h', 1, '1', '{stress}', now() - interval '1 hour')
                        """,
                        worker
                    )
                    let rows = try await connection.query(FetchStatement.unlimited, ["stress"], 1, worker, [60.0])
                    let job = try #require(try FetchedJob.all(of: rows).first)
                    func end() async throws -> Int {
                        let end = Acknowledgement(
                            jobID: job.id,
                            token: job.token,
                            outcome: try #require(JobOutcome(rawValue: outcome)),
                            result: "1",
                            error: "why",
                            delay: .seconds(5)
                        )
                        return try await connection.query(AckStatement.statement([end], worker: worker)).count
                    }
                    func rescue() async throws -> Int { try await Rescue.run(after: .seconds(30), on: connection) }
                    func row() async throws -> String {
                        try await connection.query("SELECT to_jsonb(j)::text FROM jobs j").single.decode(String.self)
                    }
                    #expect(try await (isRescuedFirst ? rescue() : end()) == 1)
                    let first = try await row()
                    #expect(!first.contains("\"running\""))
                    #expect(try await (isRescuedFirst ? end() : rescue()) == 0)
                    #expect(try await row() == first)
                }
            }
        }
    }

    private struct Report {
        var jobs = 0
        var completed = 0
        var double = 0
        var usurped = 0
        var stale = 0
        var claims = 0
    }

    private struct Tally {
        var lastToken: [String: Int] = [:]
        var completions: [String: [Int]] = [:]
        var stale = 0
    }

    private final class Shared: Sendable {
        let tally = Mutex(Tally())
        let isOver = Mutex(false)
    }

    private final class Flag: Sendable {
        let isUp = Mutex(true)
    }

    private func stress(_ ack: Ack) async throws -> Report {
        let jobs = isLongTest ? 8000 : 600
        let workers = isLongTest ? 12 : 6
        return try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await connection.query(
                    "INSERT INTO jobs (type, max_attempts) SELECT 'stress', 100 FROM generate_series(1, $1)",
                    jobs
                )
                let shared = Shared()
                try await withThrowingTaskGroup { group in
                    for index in 0..<workers {
                        group.addTask {
                            try await Self.work(index, on: settings, ack, shared)
                        }
                    }
                    group.addTask {
                        try await withPostgresConnection(to: settings) { connection in
                            while !shared.isOver.withLock({ $0 }) {
                                _ = try await Rescue.run(after: Self.timeToLive, on: connection)
                                // A rescued job waits for seconds; here it need not.
                                try await connection.query(
                                    "UPDATE jobs SET scheduled_for = NULL WHERE status = 'pending' AND scheduled_for IS NOT NULL"
                                )
                                try await Task.sleep(for: .milliseconds(20))
                            }
                        }
                    }
                    let limit = ContinuousClock.now + .seconds(isLongTest ? 600 : 60)
                    while ContinuousClock.now < limit {
                        let left = try await connection.query(
                            "SELECT count(*) FROM jobs WHERE status IN ('pending', 'running')"
                        ).single.decode(Int.self)
                        if left == 0 { break }
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    shared.isOver.withLock { $0 = true }
                    try await group.waitForAll()
                }
                let (completed, claims) = try await connection.query(
                    "SELECT count(*) FILTER (WHERE status = 'completed'), (SELECT count(*) FROM job_claims) FROM jobs"
                ).single.decode(Int.self, Int.self)
                return shared.tally.withLock { tally in
                    Report(
                        jobs: jobs,
                        completed: completed,
                        double: tally.completions.values.count { $0.count > 1 },
                        usurped: tally.completions.count { job, tokens in tokens.contains { $0 != tally.lastToken[job] }
                        },
                        stale: tally.stale,
                        claims: claims
                    )
                }
            }
        }
    }

    private static let timeToLive = Duration.milliseconds(250)

    /// One worker after another under one number: some die with what they hold, some pause until it is others'.
    private static func work(
        _ index: Int,
        on settings: ConnectionSettings,
        _ ack: Ack,
        _ shared: Shared
    ) async throws {
        var random = SeededGenerator(seed: UInt64(index + 1))
        try await withPostgresConnection(to: settings) { connection in
            while !shared.isOver.withLock({ $0 }) {
                let id = UUID().uuidString
                try await connection.query(
                    "INSERT INTO job_workers (id, host, pid, version, types) VALUES ($1, 'h', 1, '1', '{stress}')",
                    id
                )
                let beats = Flag()
                let beat = Task {
                    try await withPostgresConnection(to: settings) { connection in
                        while beats.isUp.withLock({ $0 }) {
                            try await connection.query(
                                "UPDATE job_workers SET last_seen = clock_timestamp() WHERE id = $1",
                                id
                            )
                            try await Task.sleep(for: .milliseconds(30))
                        }
                    }
                }
                defer { beats.isUp.withLock { $0 = false } }
                while !shared.isOver.withLock({ $0 }) {
                    let rows = try await connection.query(FetchStatement.unlimited, ["stress"], 10, id, [60.0])
                    guard !rows.isEmpty else {
                        try await Task.sleep(for: .milliseconds(10))
                        continue
                    }
                    let fetched = try FetchedJob.all(of: rows)
                    shared.tally.withLock { tally in
                        for job in fetched { tally.lastToken[job.id] = max(tally.lastToken[job.id] ?? 0, job.token) }
                    }
                    let fate = Int.random(in: 0..<100, using: &random)
                    if fate < 5 { break }
                    if fate < 15 {
                        beats.isUp.withLock { $0 = false }
                        try await beat.value
                        try await Task.sleep(for: timeToLive * Double.random(in: 1.5...3, using: &random))
                    } else if fate < 30 {
                        // Slow, but alive: nobody may take these away.
                        try await Task.sleep(for: timeToLive * Double.random(in: 0.5...2, using: &random))
                    }
                    let outcomes = fetched.map { _ in
                        Int.random(in: 0..<20, using: &random) == 0 ? "interrupted" : "completed"
                    }
                    let (ids, tokenList, nothing) = (
                        fetched.map(\.id), fetched.map(\.token), fetched.map { _ in String?.none }
                    )
                    let answer =
                        outcomes.contains("interrupted")
                        ? try await connection.query(
                            ack.any,
                            ids,
                            tokenList,
                            outcomes,
                            nothing,
                            nothing,
                            fetched.map { _ in 0.0 },
                            id
                        )
                        : try await connection.query(ack.completions, ids, tokenList, nothing, id)
                    let tokens = Dictionary(uniqueKeysWithValues: fetched.map { ($0.id, $0.token) })
                    let ended = try answer.decode(as: (String, String, Int).self)
                    shared.tally.withLock { tally in
                        tally.stale += fetched.count - ended.count
                        for (job, status, _) in ended where status == "completed" {
                            tally.completions[job, default: []].append(tokens[job] ?? 0)
                        }
                    }
                    if !beats.isUp.withLock({ $0 }) { break }
                }
                beats.isUp.withLock { $0 = false }
                try await beat.value
            }
        }
    }
}
