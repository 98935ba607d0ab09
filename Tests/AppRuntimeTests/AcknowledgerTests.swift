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
}
