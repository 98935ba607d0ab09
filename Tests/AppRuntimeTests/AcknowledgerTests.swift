import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import AppRuntime

@Suite("Ends on their way to the server")
struct AcknowledgerTests {
    private let waiting = """
        SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'lastro jobs: acknowledge %'
            AND wait_event_type = 'Lock'
        """

    @Test("are sent beside those that have to wait, by a session that may die")
    func areSentBeside() async throws {
        try await withJobDatabase { settings in
            let firstGate = Atomic(false)
            let secondGate = Atomic(false)
            var handlers = JobHandlers()
            handlers.register(Add.self) { job, _ in
                while job.a == 1, !firstGate.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(5)) }
                while job.a == 2, !secondGate.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(5)) }
            }
            var options = JobWorkerOptions.quick
            options.acknowledgementBatch = 8
            try await withWorker(on: settings, handlers, options) { queue, connection in
                func insertMany() async throws {
                    try await queue.insert(contentsOf: (0..<40).map { _ in Add(a: 3, b: 0) })
                }
                let held = try await queue.insert(contentsOf: [Add(a: 1, b: 0), Add(a: 2, b: 0)])
                try await connection.wait(until: "SELECT count(*) = 2 FROM job_claims")
                try await withPostgresConnection(to: settings) { holder in
                    let list = held.map { "'\($0)'" }.joined(separator: ", ")
                    try await holder.script("BEGIN; SELECT FROM job_claims WHERE job_id IN (\(list)) FOR UPDATE")
                    firstGate.store(true, ordering: .relaxed)
                    try await connection.wait(until: "SELECT count(*) = 1 FROM (\(waiting)) w")
                    let first = try await connection.query(waiting).single.decode(Int.self)
                    // A few that are left wait for the session whose turn it is.
                    try await insertMany()
                    try await connection.wait(until: "SELECT count(*) >= 37 FROM jobs WHERE status = 'completed'")
                    secondGate.store(true, ordering: .relaxed)
                    try await insertMany()
                    try await connection.wait(until: "SELECT count(*) = 2 FROM (\(waiting)) w")
                    let second = try await connection.query("\(waiting) AND pid <> $1", first).single.decode(Int.self)
                    try await connection.query("SELECT pg_terminate_backend($1)", second)
                    try await connection.wait(until: "SELECT count(*) = 2 FROM (\(waiting)) w WHERE pid <> \(second)")
                    #expect(try await queue.job(held[0])?.status == "running")
                    try await holder.script("COMMIT")
                }
                try await connection.wait(until: "SELECT count(*) = 82 FROM jobs WHERE status = 'completed'")
                #expect(try await connection.query("SELECT FROM jobs WHERE attempts <> 1").isEmpty)
                let counted = try await connection.query("SELECT sum(jobs)::int FROM job_rollups").decode(as: Int.self)
                #expect(counted == [82])
            }
        }
    }

    @Test("are all sent before it returns, though the second session holds the last ones or there never is one")
    func areAllSent() async throws {
        try await withJobDatabase { settings in
            for hasHelper in [true, false] {
                try await withPostgresConnection(to: settings) { connection in
                    let worker = UUID().uuidString.lowercased()
                    let jobs = try await Self.take(20, as: worker, on: connection)
                    let nobody = settings.with("dbname", "no_such_database")
                    let acknowledger = Acknowledger(
                        connection: ReopenedConnection(settings, for: "acknowledge", of: worker),
                        helper: ReopenedConnection(hasHelper ? settings : nobody, for: "acknowledge", of: worker),
                        worker: worker,
                        limit: 8,
                        logger: quiet,
                        metrics: JobMetrics()
                    )
                    try await withPostgresConnection(to: settings) { holder in
                        let isOver = Atomic(false)
                        // The first session waits for the first one's lock, and the second for the last one's.
                        let held = [jobs[0], jobs[19]].map { "'\($0.id)'" }.joined(separator: ", ")
                        try await holder.script("BEGIN; SELECT FROM job_claims WHERE job_id IN (\(held)) FOR UPDATE")
                        let running = Task {
                            await acknowledger.run {}
                            isOver.store(true, ordering: .relaxed)
                        }
                        acknowledger.add(Acknowledger.Item(acknowledgement: Self.end(of: jobs[0])))
                        try await connection.wait(until: "SELECT count(*) = 1 FROM (\(waiting)) w")
                        for job in jobs.dropFirst() {
                            acknowledger.add(Acknowledger.Item(acknowledgement: Self.end(of: job)))
                        }
                        acknowledger.close()
                        try await connection.wait(until: "SELECT count(*) = \(hasHelper ? 2 : 1) FROM (\(waiting)) w")
                        try await Task.sleep(for: .milliseconds(200))
                        let wasOver = isOver.load(ordering: .relaxed)
                        #expect(!wasOver)
                        try await holder.script("COMMIT")
                        await running.value
                    }
                    let completed = try await connection.query("SELECT count(*) FROM jobs WHERE status = 'completed'")
                    #expect(try completed.single.decode(Int.self) == 20)
                    #expect(acknowledger.backlog == 0)
                    try await connection.query("DELETE FROM jobs")
                }
            }
        }
    }

    private static func take(
        _ count: Int,
        as worker: String,
        on connection: PostgresConnection
    ) async throws -> [FetchedJob] {
        try await connection.query("INSERT INTO jobs (type) SELECT 'add' FROM generate_series(1, $1)", count)
        try await connection.query(
            "INSERT INTO job_workers (id, host, pid, version, types) VALUES ($1, 'h', 1, '1', '{add}')",
            worker
        )
        let rows = try await connection.query(FetchStatement.unlimited, ["add"], count, worker, [60.0])
        return try FetchedJob.all(of: rows)
    }

    private static func end(of job: FetchedJob) -> Acknowledgement {
        Acknowledgement(jobID: job.id, token: job.token, outcome: .completed)
    }
}
