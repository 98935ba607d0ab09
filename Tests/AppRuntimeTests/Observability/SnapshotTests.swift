import Foundation
import Postgres
import TestSupport
import Testing

@testable import AppRuntime

@Suite("A snapshot of the queue")
struct SnapshotTests {
    @Test("shows what waits, runs and has ended, by type, and who works")
    func shows() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await connection.script(
                    """
                    INSERT INTO jobs (type, status, priority, scheduled_for, created_at, completed_at) VALUES
                        ('a', 'pending', 9, NULL, now() - interval '10 s', NULL),
                        ('a', 'pending', 1, NULL, now() - interval '100 s', NULL),
                        ('a', 'pending', 5, now() - interval '30 s', now() - interval '1 h', NULL),
                        ('a', 'pending', 5, now() + interval '1 h', now() - interval '1 h', NULL),
                        ('b', 'pending', 5, NULL, now() - interval '1000 s', NULL),
                        ('b', 'failed', 5, NULL, now(), now()), ('b', 'completed', 5, NULL, now(), now());
                    INSERT INTO job_controls (type, paused_at, paused_by) VALUES ('b', now(), 'ana');
                    INSERT INTO job_workers (id, host, pid, version, types, last_seen)
                        VALUES ('00000000-0000-0000-0000-000000000001', 'h', 1, '1', '{a,b}', now() - interval '5 s');
                    INSERT INTO job_claims (job_id, worker_id, attempt, type, deadline) VALUES
                        (gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 1, 'c', now() - interval '1 s'),
                        (gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 1, 'c', now() + interval '1 h');
                    INSERT INTO job_rollups (minute, type, outcome, bucket, jobs, run_seconds, wait_seconds) VALUES
                        (date_trunc('minute', now()), 'a', 'completed', 3, 10, 0.06, 5),
                        (date_trunc('minute', now() - interval '10 min'), 'a', 'completed', 3, 10, 0.06, 5),
                        (date_trunc('minute', now() - interval '10 min'), 'a', 'retry', 5, 5, 0.12, 0),
                        (date_trunc('minute', now() - interval '5 h'), 'a', 'failed', 0, 75, 0, 0);
                    INSERT INTO job_schedule (name, type, cron, next_run_at) VALUES
                        ('late', 'a', '* * * * *', now() - interval '90 s'),
                        ('later', 'a', '* * * * *', now() + interval '90 s');
                    INSERT INTO ops_health (componente, estado, detalhes, verificado_em) VALUES
                        ('disc', 'up', '{}', now() - interval '1 min'), ('disc', 'down', '{"detail": "full"}', now()),
                        ('mail', 'up', '{}', now());
                    INSERT INTO ops_alertas (chave, severidade, titulo, detalhes) VALUES
                        ('x/1', 'baixa', 'one', '{"rule": "x", "value": 3}'), ('x/2', 'critica', 'two', '{"rule": "x"}');
                    INSERT INTO alert_silences (pattern, reason, actor, ends_at)
                        VALUES ('x/*', 'known', 'ana', now() + interval '1 h')
                    """
                )
                let source = SnapshotSource(to: settings)
                let snapshot = try await source.snapshot()
                #expect(snapshot.counts.runnable == JobCount(4, limit: 100))
                #expect(snapshot.counts.scheduled.number == 1 && snapshot.counts.failed.number == 1)
                #expect(snapshot.counts.running == 2)
                #expect(snapshot.counts.lastDay.completed == 20 && snapshot.counts.lastDay.failed == 75)
                #expect(snapshot.queues.map(\.type) == ["a", "b", "c"])
                let (a, b, c) = (snapshot.queues[0], snapshot.queues[1], snapshot.queues[2])
                #expect(a.runnable.number == 3 && b.runnable.number == 1)
                let age = try #require(a.oldestRunnableAge)
                #expect((100..<160).contains(age))
                #expect(a.lastHour.completed == 20 && a.lastHour.retried == 5 && a.lastHour.failed == 0)
                #expect(a.lastDay.failed == 75)
                #expect(b.isPaused && b.pausedBy == "ana")
                #expect(c.running == 2 && c.overdue == 1)
                #expect((100..<160).contains(snapshot.oldestRunnableAge))
                #expect(snapshot.minutes.count == 60)
                #expect(snapshot.minutes.map(\.attempts.completed).reduce(0, +) == 20)
                #expect(snapshot.minutes.map(\.attempts.errorRate).max() == 5.0 / 15)
                #expect(snapshot.workers.map(\.running) == [2] && snapshot.workers[0].silence >= 5)
                #expect(snapshot.schedules.map(\.name) == ["late", "later"])
                #expect((90..<150).contains(snapshot.schedulerLag))
                #expect(snapshot.leader == nil)
                #expect(snapshot.database.connections >= 2 && snapshot.database.maxConnections > 10)
                #expect(
                    snapshot.health.map { "\($0.component) \($0.state) \($0.detail ?? "")" } == [
                        "disc down full", "mail up ",
                    ]
                )
                #expect(snapshot.alerts.map(\.key) == ["x/2", "x/1"])
                let silenced = snapshot.alerts.filter { $0.silencedUntil != nil }
                #expect(silenced.count == 2 && silenced.map(\.value) == [nil, 3])

                let registry = PrometheusRegistry()
                SnapshotGauges(factory: registry).set(snapshot)
                let text = registry.text()
                for line in [
                    "lastro_jobs_runnable{type=\"a\"} 3", "lastro_jobs_running{type=\"c\"} 2",
                    "lastro_jobs_scheduled 1",
                    "lastro_leader_present 0", "lastro_alerts_open 2",
                ] {
                    #expect(text.contains("\n\(line)\n"), "\(text)")
                }
                await source.close()
            }
        }
    }

    @Test("costs for fifty who ask what it costs for one, and is kept for a while")
    func isShared() async throws {
        try await withJobDatabase { settings in
            let source = SnapshotSource(to: settings, lifetime: .seconds(3600))
            let moments = try await withThrowingTaskGroup { group in
                for _ in 0..<50 { group.addTask { try await source.snapshot().takenAt } }
                var moments: Set<Date> = []
                for try await moment in group { moments.insert(moment) }
                return moments
            }
            #expect(moments.count == 1)
            #expect(try await source.snapshot().takenAt == moments.first)
            #expect(await source.looks == 1)
            await source.close()
        }
    }

    @Test("reads as little of a large queue as of a small one [T25]")
    func isCheap() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                let rows = isLongTest ? 1_000_000 : 40_000
                // Vacuum takes a page for all visible only when the commits of its rows are known to be on the disk.
                try await connection.query("SET synchronous_commit = on")
                try await connection.query(
                    """
                    INSERT INTO jobs (name, type, status, priority, data, created_at, completed_at, scheduled_for)
                    SELECT 'n', 'type-' || n % 8, CASE WHEN n % 10 > 0 THEN 'completed' ELSE 'pending' END, n % 7,
                        '{"some": "payload of a usual size"}', now() - make_interval(secs => n % 1000),
                        CASE WHEN n % 10 > 0 THEN now() END,
                        CASE WHEN n % 20 = 0 THEN now() + make_interval(secs => n) END
                    FROM generate_series(1, \(rows)) n
                    """
                )
                try await connection.query(
                    """
                    INSERT INTO job_rollups
                    SELECT date_trunc('minute', now()) - make_interval(mins => m), 'type-' || t, o, b, 100, 1, 1
                    FROM generate_series(0, 180) m, generate_series(0, 7) t, unnest(ARRAY['completed', 'retry']) o,
                        generate_series(1, 5) b
                    """
                )
                // What autovacuum does sooner or later. Before it, a row of a page that is not known to be all visible is
                // looked up; the caps keep that within some milliseconds.
                try await connection.query("VACUUM ANALYZE jobs")
                var (buffers, milliseconds) = (0, 0.0)
                let edge = Int(Date().timeIntervalSince1970) / 60 - 1
                let poll: [(String, Int?)] =
                    [
                        SnapshotStatements.ready, SnapshotStatements.due, SnapshotStatements.totals,
                        SnapshotStatements.running, SnapshotStatements.controls, SnapshotStatements.workers,
                        SnapshotStatements.schedules, SnapshotStatements.leader, SnapshotStatements.health,
                        SnapshotStatements.alerts, SnapshotStatements.database,
                    ].map { ($0, nil) } + [(SnapshotStatements.recent, edge)]
                for (sql, edge) in poll {
                    let explain = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) \(sql)"
                    var best = Double.infinity
                    var read = 0
                    for _ in 0..<3 {
                        let answer: PostgresRows
                        if let edge {
                            answer = try await connection.query(explain, edge)
                        } else {
                            answer = try await connection.query(explain)
                        }
                        let plan = try ExplainedPlan(answer.single[0].text ?? "")
                        #expect(!plan.scansJobs, "\(sql)\n\(plan.text)")
                        (best, read) = (min(best, plan.milliseconds), plan.buffers)
                    }
                    print("  \(read) buffers, \(best) ms: \(sql.prefix(60).replacing("\n", with: " "))")
                    buffers += read
                    milliseconds += best
                }
                print("a poll of \(rows) jobs: \(buffers) buffers, \(milliseconds) ms")
                #expect(buffers <= 1000)
            }
        }
    }

    @Test("knows times from their ranges, and rates from counts")
    func percentiles() throws {
        var figures = AttemptFigures()
        #expect(figures.seconds(at: 0.5) == nil && figures.errorRate == 0 && figures.averageSeconds == nil)
        figures.add(RollupRow(outcome: "completed", bucket: 3, jobs: 90, runSeconds: 0.5))
        figures.add(RollupRow(outcome: "retry", bucket: 10, jobs: 10, runSeconds: 9.5))
        figures.add(RollupRow(outcome: "snooze", bucket: 20, jobs: 1000, runSeconds: 1000))
        #expect(figures.errorRate == 0.1)
        #expect(figures.averageSeconds == 0.1)
        let half = try #require(figures.seconds(at: 0.5))
        #expect(half > 0.004 && half <= 0.008)
        let most = try #require(figures.seconds(at: 0.9))
        #expect(most <= 0.008001)
        let last = try #require(figures.seconds(at: 0.99))
        #expect(last > 0.512 && last <= 1.024)
    }
}

/// What `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)` says.
struct ExplainedPlan {
    let text: String
    let buffers: Int
    let milliseconds: Double

    init(_ text: String) throws {
        self.text = text
        let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]]
        let top = try #require(json?.first)
        let plan = try #require(top["Plan"] as? [String: Any])
        buffers = try #require(plan["Shared Hit Blocks"] as? Int) + #require(plan["Shared Read Blocks"] as? Int)
        milliseconds = try #require(top["Execution Time"] as? Double)
    }

    /// Whether the whole table is read.
    var scansJobs: Bool {
        text.contains(/"Node Type": "Seq Scan",[^{}]*"Relation Name": "jobs"/)
    }
}

extension RollupRow {
    init(outcome: String, bucket: Int, jobs: Int, runSeconds: Double) {
        self.init(
            minute: 0,
            type: "t",
            outcome: outcome,
            bucket: bucket,
            jobs: jobs,
            runSeconds: runSeconds,
            waitSeconds: 0
        )
    }
}
