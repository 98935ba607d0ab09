import Foundation
import Postgres
import TestSupport
import Testing

@testable import AppRuntime

@Suite("Maintenance")
struct MaintenanceTests {
    @Test("deletes what ended long ago, each status after its own time, with its logs")
    func retention() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await connection.script(
                    """
                    INSERT INTO jobs (name, type, status, completed_at)
                    SELECT status || ' ' || age, CASE age WHEN 1 THEN 't' WHEN 25 THEN 'u' END, status, now() - make_interval(hours => age)
                    FROM unnest(ARRAY['completed', 'cancelled', 'failed']) AS status, unnest(ARRAY[1, 25, 31 * 24]) AS age;
                    INSERT INTO jobs (name, type, created_at) VALUES ('old but pending', 't', now() - interval '1 year');
                    INSERT INTO job_logs (job_id, message) SELECT id, 'm' FROM jobs;
                    INSERT INTO job_events (kind, happened_at) VALUES ('new', now()), ('old', now() - interval '1 year')
                    """
                )
                let duty = MaintenanceDuty.retain(JobMaintenanceOptions())
                try await duty.work(connection, LeaderTerm(holder: "", term: 1))
                let left = try await connection.query("SELECT name FROM jobs ORDER BY name").decode(as: String.self)
                #expect(left.sorted() == ["cancelled 1", "completed 1", "failed 1", "failed 25", "old but pending"])
                #expect(try await connection.query("SELECT count(*) FROM job_logs").decode(as: Int.self) == [5])
                #expect(try await connection.query("SELECT kind FROM job_events").decode(as: String.self) == ["new"])
            }
        }
    }

    @Test("takes jobs from who has not been heard of, and from nobody for how long they run [T4]")
    func heartbeats() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await connection.script(
                    """
                    INSERT INTO job_workers (id, host, pid, version, types, last_seen)
                        VALUES ('00000000-0000-0000-0000-000000000001', 'h', 1, '1', '{t}', now());
                    INSERT INTO jobs (name, type, status, attempts, started_at)
                        VALUES ('long', 't', 'running', 1, now() - interval '1 day');
                    INSERT INTO job_claims (job_id, worker_id, attempt, type, claimed_at)
                        SELECT id, '00000000-0000-0000-0000-000000000001', 1, 't', started_at FROM jobs
                    """
                )
                #expect(try await Rescue.run(after: .seconds(30), on: connection) == 0)
                try await connection.query("UPDATE job_workers SET last_seen = now() - interval '31 s'")
                #expect(try await Rescue.run(after: .seconds(30), on: connection) == 1)
                let (status, attempts) = try await connection.query("SELECT status, attempts FROM jobs").single.decode(
                    String.self,
                    Int.self
                )
                #expect(status == "pending" && attempts == 1)
            }
        }
    }

    @Test("gives back what is marked as running and held by nobody, once it is old enough")
    func orphans() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await connection.script(
                    """
                    INSERT INTO jobs (name, type, status, attempts, started_at) VALUES
                        ('young', 't', 'running', 1, now()), ('old', 't', 'running', 1, now() - interval '6 min'),
                        ('tired', 't', 'running', 3, now() - interval '6 min');
                    INSERT INTO jobs (id, name, type, status, attempts, started_at)
                        VALUES (gen_random_uuid(), 'held', 't', 'running', 1, now() - interval '1 day');
                    INSERT INTO job_claims (job_id, worker_id, attempt, type)
                        SELECT id, gen_random_uuid(), 1, 't' FROM jobs WHERE name = 'held'
                    """
                )
                #expect(try await Rescue.adoptOrphans(after: .seconds(300), on: connection) == 2)
                let states = try await connection.query(
                    "SELECT name, status FROM jobs ORDER BY name"
                ).decode(as: (String, String).self)
                #expect(
                    states.map { "\($0.0) \($0.1)" } == [
                        "held running", "old pending", "tired failed", "young running",
                    ]
                )
            }
        }
    }

    @Test("leaves what a living worker holds to it, also where somebody has it mended")
    func mending() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                let pool = PostgresPool(to: settings, limit: 1)
                try await connection.script(
                    """
                    INSERT INTO job_workers (id, host, pid, version, types, last_seen) VALUES
                        ('00000000-0000-0000-0000-000000000001', 'alive', 1, '1', '{t}', now()),
                        ('00000000-0000-0000-0000-000000000002', 'dead', 2, '1', '{t}', now() - interval '1 hour');
                    INSERT INTO jobs (name, type, status, attempts, started_at)
                        VALUES ('alive', 't', 'running', 1, now()), ('dead', 't', 'running', 1, now());
                    INSERT INTO job_claims (job_id, worker_id, attempt, type)
                        SELECT j.id, w.id, 1, 't' FROM jobs j JOIN job_workers w ON w.host = j.name
                    """
                )
                let found = try await JobQueue(pool: pool).check(mendingFor: "ana")
                #expect(found.findings.map(\.rule) == ["claim-without-worker"])
                let states = try await connection.query("SELECT name, status FROM jobs ORDER BY name").decode(
                    as: (String, String).self
                )
                #expect(states.map { "\($0.0) \($0.1)" } == ["alive running", "dead pending"])
                await pool.shutDown()
            }
        }
    }
}
