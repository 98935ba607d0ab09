import AppRuntime
import AppRuntimeTesting
import Foundation
import Logging
import Postgres
import TestSupport
import Testing

@Suite("The help for tests of applications")
struct TestingTests {
    private var handlers: JobHandlers {
        var handlers = JobHandlers()
        handlers.register(Add.self, returning: Int.self) { job, context in
            context.report(progress: 0.5)
            context.log(.info, "adding, for \(context.idempotencyKey)")
            return job.a + job.b
        }
        handlers.register(Act.self) { job, _ in
            switch job.how {
            case "retry": throw JobDirective.retry(after: .seconds(7), because: "busy")
            case "discard": throw JobDirective.discard(because: "useless")
            case "fail": throw URLError(.badURL)
            default: break
            }
        }
        return handlers
    }

    @Test("runs a job inline, without a database")
    func inline() async throws {
        let sum = try await handlers.runInline(Add(a: 2, b: 3), id: "the-id")
        #expect(sum.outcome == "completed" && sum.result == "5" && sum.error == nil)
        #expect(sum.progress == 0.5 && sum.lines == ["adding, for the-id"])
        let busy = try await handlers.runInline(Act(how: "retry"))
        #expect(busy.outcome == "retry" && busy.error == "busy" && busy.delay == .seconds(7))
        #expect(try await handlers.runInline(Act(how: "discard")).outcome == "failed")
        #expect(try await handlers.runInline(Act(how: "fail"), attempt: 2).outcome == "retry")
        // The last attempt is not followed by another one.
        #expect(try await handlers.runInline(Act(how: "fail"), attempt: 3).outcome == "failed")
        await #expect(throws: AppRuntimeError.self) { _ = try await JobHandlers().runInline(Add(a: 1, b: 1)) }
    }

    @Test("drains a queue, and leaves what is not due")
    func drains() async throws {
        try await withJobDatabase { settings in
            let pool = PostgresPool(to: settings, limit: 2)
            let queue = JobQueue(pool: pool)
            try await queue.insert(contentsOf: (0..<200).map { Add(a: $0, b: 1) })
            try await queue.insert(Act(how: "discard"))
            try await queue.insert(Add(a: 1, b: 1), JobInsertion(scheduledAt: Date() + 3600))
            let drained = try await drain(settings, with: handlers)
            #expect(drained.completed == 200 && drained.failed == 1 && drained.waiting == 1)
            await pool.shutDown()
        }
    }

    @Test("moves the clock of a database: what is due later runs, and schedules fire")
    func clock() async throws {
        try await withJobDatabase { settings in
            let clock = try await TestClock(in: settings)
            let pool = PostgresPool(to: clock.settings, limit: 2)
            let queue = JobQueue(pool: pool)
            let id = try await queue.insert(Add(a: 1, b: 1), JobInsertion(scheduledAt: Date() + 60))
            #expect(try await drain(clock.settings, with: handlers).waiting == 1)
            try await clock.advance(by: .seconds(61))
            #expect(try await clock.now().timeIntervalSinceNow > 55)
            #expect(try await drain(clock.settings, with: handlers).completed == 1)
            #expect(try await queue.job(id)?.status == "completed")
            // A leader that lives on while the clock jumps by a day keeps its lead, and fires.
            try await withPostgresConnection(to: clock.settings) { connection in
                let daily = try JobSchedule("daily", "0 3 * * *", job: Add(a: 3, b: 4))
                try await JobSchedule.store([daily], on: connection)
                let maintenance = JobMaintenance(to: clock.settings, adding: [.schedules(logger: quiet)], logger: quiet)
                let leading = Task { try await maintenance.run() }
                try await connection.wait(until: "SELECT count(*) = 1 FROM job_schedule WHERE next_run_at > now()")
                try await clock.advance(by: .seconds(86_400))
                try await connection.wait(until: "SELECT count(*) = 1 FROM jobs WHERE name = 'daily'")
                leading.cancel()
                try await leading.value
                #expect(try await connection.query("SELECT term FROM runtime_leader").decode(as: Int.self) == [1])
            }
            try await drain(clock.settings, with: handlers)
            try await withPostgresConnection(to: clock.settings) { connection in
                let daily = try await connection.query("SELECT status FROM jobs WHERE name = 'daily'").decode(
                    as: String.self
                )
                #expect(daily == ["completed"])
            }
            await pool.shutDown()
        }
    }
}
