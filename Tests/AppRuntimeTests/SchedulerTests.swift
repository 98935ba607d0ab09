import Foundation
import Logging
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import AppRuntime

@Suite("The scheduler")
struct SchedulerTests {
    private struct Tick: Job {
        static let type = "tick"
        var note = "n"
    }

    @Test("fires each slot once, whoever leads, and refuses who leads no more [T15]")
    func once() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await JobSchedule.store([JobSchedule("s", "* * * * *", job: Tick())], on: connection)
                let former = Leadership(timeToLive: .milliseconds(1))
                #expect(try await former.claim(on: connection))
                let stale = LeaderTerm(holder: former.holder, term: 1)
                let leader = Leadership()
                while try await !leader.claim(on: connection) { try await Task.sleep(for: .milliseconds(2)) }
                let term = LeaderTerm(holder: leader.holder, term: try #require(leader.term))
                #expect(term.term == 2)
                let duty = MaintenanceDuty.schedules(logger: quiet)
                try await duty.work(connection, term)
                #expect(try await connection.query("SELECT count(*) FROM jobs").decode(as: Int.self) == [0])
                let later = "next_run_at > now() AND next_run_at <= now() + interval '60 s'"
                #expect(try await connection.query("SELECT \(later) FROM job_schedule").decode(as: Bool.self) == [true])
                // The clock moves by a minute.
                try await connection.query("UPDATE job_schedule SET next_run_at = next_run_at - interval '1 min'")
                try await duty.work(connection, stale)
                #expect(try await connection.query("SELECT count(*) FROM jobs").decode(as: Int.self) == [0])
                try await withThrowingTaskGroup { group in
                    for _ in 0..<4 {
                        group.addTask {
                            try await withPostgresConnection(to: settings) { try await duty.work($0, term) }
                        }
                    }
                    try await group.waitForAll()
                }
                let jobs = try await connection.query(
                    """
                    SELECT j.name, j.data ->> 'note', (j.data ->> 'slot')::timestamptz = s.last_run_at,
                        r.slot = s.last_run_at
                    FROM jobs j CROSS JOIN job_schedule s JOIN job_schedule_runs r ON r.job_id = j.id
                    """
                ).decode(as: (String, String, Bool, Bool).self)
                #expect(jobs.map { "\($0)" } == [#"("s", "n", true, true)"#])
            }
        }
    }

    @Test(
        "makes up for missed slots as it is told [T16]",
        arguments: [(MissedRunPolicy.skip, 0), (.once, 1), (.all(max: 5), 5)]
    )
    func missed(policy: MissedRunPolicy, count: Int) async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                let schedule = try JobSchedule(
                    "s",
                    "0 3 * * *",
                    timeZone: "America/Sao_Paulo",
                    missed: policy,
                    job: Tick()
                )
                try await JobSchedule.store([schedule], on: connection)
                let (duty, term) = (MaintenanceDuty.schedules(logger: quiet), try await lead(connection))
                try await duty.work(connection, term)
                // Nobody was there for two weeks; the slot of today, or yesterday's, is hours old.
                try await connection.query("UPDATE job_schedule SET next_run_at = next_run_at - interval '15 days'")
                try await duty.work(connection, term)
                try await duty.work(connection, term)
                #expect(try await connection.query("SELECT count(*) FROM jobs").decode(as: Int.self) == [count])
                let next = "SELECT next_run_at > now() FROM job_schedule"
                #expect(try await connection.query(next).decode(as: Bool.self) == [true])
            }
        }
    }

    @Test("begins anew where the times change, and goes on beside a schedule that cannot be read")
    func changes() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await JobSchedule.store([JobSchedule("a", "@yearly", job: Tick())], on: connection)
                let (duty, term) = (MaintenanceDuty.schedules(logger: quiet), try await lead(connection))
                try await duty.work(connection, term)
                try await JobSchedule.store([JobSchedule("a", "@yearly", job: Tick(note: "other"))], on: connection)
                let known = "SELECT next_run_at IS NOT NULL FROM job_schedule WHERE name = 'a'"
                #expect(try await connection.query(known).decode(as: Bool.self) == [true])
                try await JobSchedule.store([JobSchedule("a", "@hourly", job: Tick())], on: connection)
                #expect(try await connection.query(known).decode(as: Bool.self) == [false])
                try await connection.query(
                    """
                    INSERT INTO job_schedule (name, type, cron, timezone, next_run_at) VALUES
                        ('bad', 'tick', '99 * * * *', 'UTC', now()), ('nowhere', 'tick', '* * * * *', 'Mars/One', now())
                    """
                )
                try await duty.work(connection, term)
                #expect(try await connection.query(known).decode(as: Bool.self) == [true])
            }
        }
    }

    @Test("has fired jobs tried as often as their settings say, and leaves that out of the payload")
    func attempts() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await JobSchedule.store(
                    [
                        JobSchedule("a", "* * * * *", job: Once()), JobSchedule("b", "* * * * *", job: Tick()),
                    ],
                    on: connection
                )
                try await connection.query(
                    """
                    INSERT INTO job_schedule (name, type, cron, data) VALUES
                        ('c', 'tick', '* * * * *', '{"note": "n"}'),
                        ('d', 'tick', '* * * * *', '{"$max_attempts": 1e99}'),
                        ('e', 'tick', '* * * * *', '{"$max_attempts": "often"}')
                    """
                )
                let (duty, term) = (MaintenanceDuty.schedules(logger: quiet), try await lead(connection))
                try await duty.work(connection, term)
                try await connection.query("UPDATE job_schedule SET next_run_at = next_run_at - interval '1 min'")
                try await duty.work(connection, term)
                let jobs = try await connection.query(
                    "SELECT name, max_attempts, (data - 'slot')::text FROM jobs ORDER BY name"
                ).decode(as: (String, Int, String).self)
                #expect(
                    jobs.map { "\($0.0) \($0.1) \($0.2)" } == [
                        "a 1 {}", #"b 3 {"note": "n"}"#, #"c 3 {"note": "n"}"#, "d \(Int32.max) {}", "e 3 {}",
                    ]
                )
            }
        }
    }

    private struct Once: Job {
        static let type = "once"
        static let settings = JobSettings(maxAttempts: 1)
    }

    @Test("goes on with another leader when the first one dies or its duty fails [T19]")
    func leaders() async throws {
        try await withJobDatabase { settings in
            let failing = Mutex(true)
            struct Broken: Error {}
            let duty = MaintenanceDuty("broken", every: .milliseconds(20)) { connection, term in
                if failing.withLock({ $0 }) { throw Broken() }
                try await connection.query(
                    "INSERT INTO job_events (kind, actor) VALUES ('duty', $1)",
                    term.holder
                )
            }
            let first = JobMaintenance(to: settings, adding: [duty], logger: quiet)
            let second = JobMaintenance(to: settings, logger: quiet)
            let running = Task { try await first.run() }
            try await withPostgresConnection(to: settings) { connection in
                try await connection.wait(
                    until: "SELECT count(*) = 1 FROM runtime_leader WHERE expires_at < clock_timestamp()"
                )
                failing.withLock { $0 = false }
                try await connection.wait(until: "SELECT count(*) > 2 FROM job_events WHERE kind = 'duty'")
                #expect(first.isLeading)
                let other = Task { try await second.run() }
                running.cancel()
                try await running.value
                try await connection.wait(until: "SELECT term > 1 AND expires_at > now() FROM runtime_leader")
                other.cancel()
                try await other.value
            }
        }
    }

    @Test("goes on with another leader when a duty of the first one does not end [T19]")
    func stalls() async throws {
        try await withJobDatabase { settings in
            let endless = MaintenanceDuty("work", every: .milliseconds(20), timeout: .milliseconds(200)) {
                connection,
                _ in
                try await connection.query("SELECT pg_sleep(600)")
            }
            let working = MaintenanceDuty("work", every: .milliseconds(20)) { connection, term in
                try await connection.query("INSERT INTO job_events (kind, actor) VALUES ('duty', $1)", term.holder)
            }
            let first = JobMaintenance(to: settings, adding: [endless], logger: quiet)
            let second = JobMaintenance(to: settings, adding: [working], logger: quiet)
            let running = Task { try await first.run() }
            try await withPostgresConnection(to: settings) { connection in
                // It has led, and gave up the lead.
                try await connection.wait(
                    until: "SELECT count(*) = 1 FROM runtime_leader WHERE expires_at < clock_timestamp()"
                )
                let other = Task { try await second.run() }
                try await connection.wait(until: "SELECT count(*) > 2 FROM job_events WHERE kind = 'duty'")
                try await connection.wait(
                    until: """
                        SELECT count(*) = 0 FROM pg_stat_activity
                        WHERE datname = current_database() AND state = 'active' AND query LIKE 'SELECT pg_sleep(600)%'
                        """
                )
                for task in [running, other] {
                    task.cancel()
                    try await task.value
                }
            }
        }
    }

    @Test("stops what the leader is doing when that is to end, and lets another one lead")
    func endsDuties() async throws {
        try await withJobDatabase { settings in
            let endless = MaintenanceDuty("endless", every: .seconds(1), timeout: .seconds(600)) { connection, _ in
                try await connection.query("SELECT pg_sleep(600)")
            }
            let maintenance = JobMaintenance(to: settings, adding: [endless], logger: quiet)
            let isOver = Atomic(false)
            let running = Task {
                try await maintenance.run()
                isOver.store(true, ordering: .releasing)
            }
            try await withPostgresConnection(to: settings) { connection in
                let sleeps = """
                    SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND state = 'active' AND query LIKE 'SELECT pg_sleep(600)%'
                    """
                try await connection.wait(until: "SELECT (\(sleeps)) = 1")
                running.cancel()
                try await wait(for: "the leader has ended") { isOver.load(ordering: .acquiring) }
                try await connection.wait(until: "SELECT (\(sleeps)) = 0")
                #expect(
                    try await connection.query("SELECT FROM runtime_leader WHERE expires_at > clock_timestamp()")
                        .isEmpty
                )
            }
            try await running.value
        }
    }

    private func lead(_ connection: PostgresConnection) async throws -> LeaderTerm {
        let leader = Leadership()
        _ = try await leader.claim(on: connection)
        return LeaderTerm(holder: leader.holder, term: try #require(leader.term))
    }
}
