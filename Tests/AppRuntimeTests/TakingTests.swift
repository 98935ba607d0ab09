import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import AppRuntime

@Suite("Taking jobs")
struct TakingTests {
    @Test("comes before there is room, runs no more than it may, and gives back what would have to wait")
    func ahead() async throws {
        try await withJobDatabase { settings in
            let running = Atomic(0)
            let most = Atomic(0)
            let gate = Atomic(false)
            let begun = Mutex<Set<Int>>([])
            var handlers = JobHandlers()
            handlers.register(Add.self) { job, _ in
                let now = running.add(1, ordering: .relaxed).newValue
                most.max(now, ordering: .relaxed)
                defer { running.subtract(1, ordering: .relaxed) }
                begun.withLock { _ = $0.insert(job.a) }
                // Some are to end while a fetch is on its way.
                try await Task.sleep(for: .microseconds(500 * (job.a % 8)))
                while job.a > 2000, !gate.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(5)) }
            }
            try await withPostgresConnection(to: settings) { connection in
                try await connection.query(
                    """
                    INSERT INTO jobs (type, data, created_at)
                    SELECT 'add', jsonb_build_object('a', i, 'b', 0), now() + make_interval(secs => 0.000001 * i)
                    FROM generate_series(1, 2100) i
                    """
                )
            }
            var options = JobWorkerOptions.quick
            options.concurrency = 40
            try await withWorker(on: settings, handlers, options) { _, connection in
                // A worker that is not stopping gives back only what waited in the process.
                try await connection.wait(until: "SELECT EXISTS (SELECT FROM job_meta WHERE handed_back > 0)")
                try await connection.wait(
                    until: """
                        SELECT count(*) = 40 FROM job_claims
                        HAVING NOT EXISTS (SELECT FROM jobs WHERE status = 'pending' AND (data->>'a')::int <= 2000)
                        """
                )
                let waited = try await connection.query(
                    "SELECT (j.data->>'a')::int FROM jobs j JOIN job_meta m ON m.job_id = j.id WHERE m.handed_back > 0"
                ).decode(as: Int.self)
                #expect(begun.withLock { $0.isDisjoint(with: waited) }, "\(waited) had begun")
                gate.store(true, ordering: .relaxed)
                try await connection.wait(until: "SELECT count(*) = 2100 FROM jobs WHERE status = 'completed'")
                #expect(try await connection.query("SELECT FROM jobs WHERE attempts <> 1").isEmpty)
            }
            #expect(most.load(ordering: .relaxed) <= 40)
        }
    }

    @Test("minds no claim that was left on a job which somebody put back by hand", arguments: [nil, 6])
    func staleClaims(limit: Int?) async throws {
        try await withJobDatabase { settings in
            var handlers = JobHandlers()
            handlers.register(Add.self) { _, _ in }
            let (worker, other) = (UUID().uuidString, UUID().uuidString)
            try await withPostgresConnection(to: settings) { connection in
                try await connection.script(
                    """
                    INSERT INTO jobs (type, data, status)
                    SELECT 'add', '{"a": 1, "b": 2}', CASE WHEN i < 9 THEN 'pending' ELSE 'running' END FROM generate_series(1, 10) i;
                    INSERT INTO job_workers (id, host, pid, version, types, last_seen)
                    SELECT w::uuid, 'h', 1, '1', '{add}', now() + interval '1 hour' FROM unnest('{\(worker),\(other)}'::text[]) w;
                    INSERT INTO job_claims (job_id, worker_id, attempt, type)
                    SELECT id, CASE status WHEN 'pending' THEN '\(worker)' ELSE '\(other)' END::uuid, 1, 'add'
                    FROM (
                        (SELECT * FROM jobs WHERE status = 'pending' LIMIT 2) UNION ALL (SELECT * FROM jobs WHERE status = 'running')
                    ) j;
                    INSERT INTO job_controls (type, max_running, limits_by)
                    SELECT 'add', n, 'test' FROM unnest('{\(limit.map(String.init) ?? "")}'::int[]) n
                    """
                )
            }
            try await withWorker(on: settings, handlers) { _, connection in
                try await connection.wait(until: "SELECT count(*) = 8 FROM jobs WHERE status = 'completed'")
                let left = try await connection.query("SELECT worker_id::text FROM job_claims").decode(as: String.self)
                #expect(left.map { $0.uppercased() } == [other, other])
            }
        }
    }

    @Test("gives back what the server gave to a worker that never heard of it")
    func lostReplies() async throws {
        try await withJobDatabase { settings in
            var handlers = JobHandlers()
            handlers.register(Add.self) { job, _ in
                while job.a == 2 { try await Task.sleep(for: .milliseconds(10)) }
            }
            var options = JobWorkerOptions.quick
            // No rescue could be what brings it back.
            options.timeToLive = .seconds(600)
            try await withWorker(on: settings, handlers, options) { _, connection in
                try await connection.query("INSERT INTO jobs (type, data) VALUES ('add', '{\"a\": 2, \"b\": 2}')")
                try await connection.wait(until: "SELECT count(*) = 1 FROM job_claims")
                // A fetch is on its way when its connection is cut, and leaves what one does whose reply is lost behind its commit.
                let fetches = "application_name LIKE 'lastro jobs: fetch%' AND datname = current_database()"
                try await connection.script("BEGIN; LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE")
                try await connection.wait(
                    until: "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND \(fetches)"
                )
                try await connection.script(
                    """
                    INSERT INTO jobs (type, data, status, started_at, attempts)
                    VALUES ('add', '{"a": 1, "b": 2}', 'running', now(), 1);
                    INSERT INTO job_claims (job_id, worker_id, attempt, type)
                    SELECT j.id, w.id, 1, 'add' FROM jobs j, job_workers w WHERE (j.data->>'a')::int = 1;
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE \(fetches);
                    COMMIT
                    """
                )
                try await connection.wait(until: "SELECT count(*) = 1 FROM jobs WHERE status = 'completed'")
                // The one that the worker knows goes on.
                let others = try await connection.query(
                    "SELECT data->>'a', status, attempts FROM jobs WHERE status <> 'completed'"
                )
                #expect(
                    try others.decode(as: (String, String, Int).self).map { "\($0) \($1) \($2)" } == ["2 running 1"]
                )
                try await connection.query("UPDATE job_claims SET cancel_requested = now()")
            }
        }
    }
}
