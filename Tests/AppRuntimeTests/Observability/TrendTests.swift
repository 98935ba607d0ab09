import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import AppRuntime

@Suite("Trends")
struct TrendTests {
    @Test("are written by the leader, once a minute, and components when they change")
    func areWritten() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await connection.script(
                    """
                    INSERT INTO job_rollups (minute, type, outcome, bucket, jobs, run_seconds, wait_seconds)
                    SELECT date_trunc('minute', now() - make_interval(secs => s)), 'a', o, 3, n, n * 0.01, n * 2
                    FROM generate_series(0, 180, 60) s, (VALUES ('completed', 75), ('failed', 25)) x (o, n);
                    INSERT INTO jobs (type, created_at) VALUES ('a', now() - interval '2 min')
                    """
                )
                let source = SnapshotSource(to: settings, lifetime: .zero)
                let leader = Leadership()
                #expect(try await leader.claim(on: connection))
                let term = LeaderTerm(holder: leader.holder, term: try #require(leader.term))
                let snapshot = try await source.snapshot()
                for term in [LeaderTerm(holder: term.holder, term: 7), term, term] {
                    try await Trends.store(snapshot, as: term, on: connection)
                    try await HealthTrend.store(snapshot, as: term, on: connection)
                }
                let values = Dictionary(
                    uniqueKeysWithValues: try await connection.query("SELECT nome, valor FROM ops_metrics").decode(
                        as: (String, Double).self
                    )
                )
                #expect(values["jobs_ended_per_minute"] == 100)
                #expect(values["jobs_error_rate"] == 0.25)
                #expect(values["job_run_seconds"] == 0.01 && values["job_wait_seconds"] == 2)
                #expect(values["jobs_runnable"] == 1 && values["db_connections"] ?? 0 > 0)
                let health = "SELECT componente || ' ' || estado FROM ops_health ORDER BY 1"
                let degraded = ["database up", "jobs degraded", "scheduler up"]
                #expect(try await connection.query(health).decode(as: String.self) == degraded)
                try await connection.query("DELETE FROM jobs")
                try await HealthTrend.store(try await source.snapshot(), as: term, on: connection)
                let after = try await connection.query(health).decode(as: String.self)
                #expect(after == ["database up", "jobs degraded", "jobs up", "scheduler up"])
                await source.close()
            }
        }
    }

    @Test("of requests are kept in memory until a minute is over, and stored once")
    func requests() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                // The last but one minute, so that a snapshot counts it.
                let start = (Date().timeIntervalSince1970 / 60).rounded(.down) * 60 - 120
                let now = Mutex(Date(timeIntervalSince1970: start))
                let figures = RequestFigures(now: { now.withLock { $0 } })
                for index in 0..<100 {
                    figures.record(
                        method: "GET",
                        route: "/api/jobs/{id}",
                        status: index < 90 ? 200 : 503,
                        duration: .milliseconds(index < 90 ? 4 : 400)
                    )
                }
                #expect(figures.takeEnded().isEmpty)
                now.withLock { $0 = Date(timeIntervalSince1970: start + 60) }
                figures.record(method: "GET", route: "/", status: 200, duration: .milliseconds(1))
                let ended = figures.takeEnded()
                #expect(ended.map(\.minute) == [Int(start) / 60])
                for _ in 0..<2 { try await RequestTrends.store(ended, of: "here:1", on: connection) }
                try await RequestTrends.store(ended, of: "there:1", on: connection)
                let source = SnapshotSource(to: settings)
                let minute = try #require(try await source.snapshot().requests.first)
                #expect(minute.requests == 200 && minute.errors == 20 && minute.errorRate == 0.1)
                #expect((0.043...0.044).contains(minute.averageSeconds))
                #expect((0.004...0.005).contains(minute.p50) && (0.4...0.5).contains(minute.p95))
                let routes = try await connection.query(
                    "SELECT DISTINCT rotulos ->> 'route' FROM ops_metrics WHERE rotulos ? 'route'"
                ).decode(as: String.self)
                #expect(routes == ["GET /api/jobs/{id}"])
                #expect(figures.takeAll().count == 1)
                await source.close()
            }
        }
    }

    @Test("of jobs keep their sums when minutes become hours")
    func folding() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await connection.query(
                    """
                    INSERT INTO job_rollups (minute, type, outcome, bucket, jobs, run_seconds, wait_seconds)
                    SELECT date_trunc('minute', now()) - make_interval(mins => m), 'a', 'completed', 3, m, 1, 2
                    FROM generate_series(0, 600) m
                    """
                )
                let sums = "SELECT sum(jobs)::int8, sum(run_seconds), sum(wait_seconds) FROM job_rollups"
                let before = try await connection.query(sums).single.decode(Int.self, Double.self, Double.self)
                let term = LeaderTerm(holder: "", term: 1)
                for _ in 0..<2 { try await MaintenanceDuty.foldRollups.work(connection, term) }
                #expect(try await connection.query(sums).single.decode(Int.self, Double.self, Double.self) == before)
                let left = try await connection.query("SELECT count(*) FROM job_rollups").single.decode(Int.self)
                #expect(left < 200)
                let recent = "SELECT count(*) FROM job_rollups WHERE minute > now() - interval '2 hours'"
                #expect(try await connection.query(recent).single.decode(Int.self) == 120)
            }
        }
    }

    @Test("are written by an observer that runs beside the application")
    func observer() async throws {
        try await withJobDatabase { settings in
            let source = SnapshotSource(to: settings, lifetime: .zero)
            let figures = RequestFigures()
            figures.record(method: "GET", route: "/", status: 200, duration: .milliseconds(1))
            let observer = RuntimeObserver(
                source,
                requests: figures,
                to: settings,
                every: .milliseconds(10),
                logger: quiet
            )
            let running = Task { try await observer.run() }
            while await source.latest == nil { await Task.yield() }
            running.cancel()
            try await running.value
            try await withPostgresConnection(to: settings) { connection in
                let stored = try await connection.query(
                    "SELECT valor FROM ops_metrics WHERE nome = 'http_requests_per_minute'"
                ).decode(as: Double.self)
                #expect(stored == [1])
            }
        }
    }
}
