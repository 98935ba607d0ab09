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
            let gate = Atomic(false)
            var handlers = JobHandlers()
            handlers.register(Add.self) { job, _ in
                while job.a == 1, !gate.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(5)) }
            }
            var options = JobWorkerOptions.quick
            options.acknowledgementBatch = 8
            try await withWorker(on: settings, handlers, options) { queue, connection in
                let first = try await queue.insert(Add(a: 1, b: 0))
                try await connection.wait(until: "SELECT count(*) = 1 FROM job_claims")
                try await withPostgresConnection(to: settings) { holder in
                    try await holder.script("BEGIN; SELECT FROM job_claims WHERE job_id = '\(first)' FOR UPDATE")
                    gate.store(true, ordering: .relaxed)
                    try await connection.wait(until: "SELECT EXISTS (\(waiting))")
                    // A few that are left wait for the session whose turn it is.
                    try await queue.insert(contentsOf: (0..<40).map { _ in Add(a: 2, b: 0) })
                    try await connection.wait(until: "SELECT count(*) >= 37 FROM jobs WHERE status = 'completed'")
                    try await connection.query(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = current_database() AND application_name LIKE 'lastro jobs: acknowledge %'
                            AND pid NOT IN (\(waiting))
                        """
                    )
                    try await queue.insert(contentsOf: (0..<40).map { _ in Add(a: 3, b: 0) })
                    try await connection.wait(until: "SELECT count(*) >= 77 FROM jobs WHERE status = 'completed'")
                    #expect(try await queue.job(first)?.status == "running")
                    try await holder.script("COMMIT")
                }
                try await connection.wait(until: "SELECT count(*) = 81 FROM jobs WHERE status = 'completed'")
                #expect(try await connection.query("SELECT FROM jobs WHERE attempts <> 1").isEmpty)
                let counted = try await connection.query("SELECT sum(jobs)::int FROM job_rollups").decode(as: Int.self)
                #expect(counted == [81])
            }
        }
    }
}
