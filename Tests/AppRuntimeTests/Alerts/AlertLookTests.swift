import Foundation
import Migrator
import Postgres
import StudyPlatform
import TestSupport
import Testing

@testable import AppRuntime

@Suite("What alerts are found by")
struct AlertLookTests {
    private struct Vital: Job {
        static let type = "vital"
        static let settings = JobSettings(isCritical: true)
    }

    @Test("covers jobs, schedules, backups, drills, and what holds vacuum back [T11]")
    func standard() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await AlertRule.store(on: connection)
                var quick = AlertRule.standard
                for index in quick.indices {
                    quick[index].duration = .zero
                    if quick[index].name == AlertRule.oldSnapshot.name { quick[index].threshold = 0.01 }
                    if quick[index].name == AlertRule.deadRows.name { quick[index].threshold = 100 }
                }
                try await AlertRule.store(quick, on: connection)
                var handlers = JobHandlers()
                handlers.register(Vital.self) { _, _ in }
                handlers.register(Add.self) { _, _ in }
                #expect(handlers.criticalTypes == ["vital"])
                try await connection.script(
                    """
                    INSERT INTO jobs (type, status, completed_at) VALUES
                        ('vital', 'failed', now()), ('vital', 'failed', now() - interval '2 days'), ('add', 'failed', now());
                    INSERT INTO jobs (type, created_at) VALUES ('late', now() - interval '5 min');
                    INSERT INTO job_rollups (minute, type, outcome, bucket, jobs, run_seconds, wait_seconds)
                    SELECT date_trunc('minute', now() - interval '1 min'), 'add', o, 1, n, 0, 0
                    FROM (VALUES ('completed', 80), ('retry', 19), ('rescued', 1)) x (o, n);
                    INSERT INTO job_schedule (name, type, cron, next_run_at)
                        VALUES ('nightly', 'add', '0 3 * * *', now() - interval '2 min');
                    INSERT INTO ops_metrics (nome, valor, coletado_em)
                    SELECT n, v, date_trunc('minute', now() - interval '2 min')
                    FROM (VALUES ('http_requests_per_minute', 100), ('http_errors_per_minute', 30)) x (n, v);
                    INSERT INTO runtime_leader VALUES ('maintenance', gen_random_uuid(), 3, now() - interval '1 min');
                    INSERT INTO backup_metadata (repositorio, snapshot, estado, bytes, iniciado_em, concluido_em) VALUES
                        ('/old', 's1', 'completo', 1, now() - interval '3 days', now() - interval '2 days'),
                        ('/new', 's2', 'completo', 1, now() - interval '2 h', now() - interval '1 h');
                    INSERT INTO restore_history (backup_id, ensaio, destino, iniciado_em, concluido_em, sucesso)
                    SELECT id, true, 'd', now() - interval '1 h', now() - make_interval(mins => m), s
                    FROM backup_metadata, (VALUES (30, true), (10, false)) x (m, s) WHERE repositorio = '/old';
                    INSERT INTO restore_history (backup_id, ensaio, destino, iniciado_em, concluido_em, sucesso)
                    SELECT id, true, 'd', now() - interval '1 h', now() - make_interval(mins => m), s
                    FROM backup_metadata, (VALUES (30, false), (10, true)) x (m, s) WHERE repositorio = '/new';
                    INSERT INTO job_claims (job_id, worker_id, attempt, type)
                        SELECT gen_random_uuid(), gen_random_uuid(), 1, 'x' FROM generate_series(1, 500);
                    DELETE FROM job_claims
                    """
                )
                let source = SnapshotSource(to: settings, lifetime: .zero)
                // The old snapshot: a reader whose transaction stays open.
                try await withPostgresConnection(to: settings) { reader in
                    try await reader.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
                    try await reader.query("SELECT count(*) FROM jobs")
                    try await connection.wait(
                        until: "SELECT pg_stat_get_dead_tuples('job_claims'::regclass) > 100"
                    )
                    let looks: [AlertLook] = [.figures(from: source), .criticalJobs(handlers.criticalTypes), .backups]
                    for look in looks {
                        let found = try await look.look(connection)
                        try await AlertBook.judge(found, for: look.rules, as: nil, on: connection)
                    }
                    try await reader.query("ROLLBACK")
                }
                let open = try await connection.query("SELECT chave FROM ops_alertas").decode(as: String.self)
                #expect(
                    open.sorted() == [
                        "backup-old//old", "critical-job-failed/vital", "dead-rows", "drill-failed//old", "error-rate",
                        "jobs-rescued", "no-leader", "old-snapshot", "oldest-age/late", "request-error-rate",
                        "scheduler-late/nightly",
                    ]
                )
                await source.close()
            }
        }
    }

    @Test("covers migrations that are pending")
    func migrations() async throws {
        try await withTestDatabase { settings in
            let migrator = Migrator(directory: StudyPlatform.migrations, database: settings)
            try await withPostgresConnection(to: settings) { connection in
                let found = try await AlertLook.migrations(migrator).look(connection)
                #expect(found.map(\.key) == ["migration-pending"])
                #expect(found[0].value >= 18 && found[0].title.contains("0001_existing_schema"))
            }
        }
        try await withJobDatabase { settings in
            let migrator = Migrator(directory: StudyPlatform.migrations, database: settings)
            try await withPostgresConnection(to: settings) { connection in
                let found = try await AlertLook.migrations(migrator).look(connection)
                #expect(found.isEmpty)
            }
        }
    }

    @Test("opens an alert where nobody leads, which the next leader resolves")
    func noLeader() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await AlertRule.store(on: connection)
                try await connection.query("UPDATE alert_rules SET threshold = 0.3 WHERE name = 'no-leader'")
                try await connection.query(
                    "INSERT INTO runtime_leader VALUES ('maintenance', gen_random_uuid(), 3, now() - interval '40 s')"
                )
                let service = AlertService(to: settings, channels: [], every: .milliseconds(20), logger: quiet)
                let watching = Task { try await service.run() }
                let key = "FROM ops_alertas WHERE chave = 'no-leader'"
                // What was before the service began does not count.
                let rule = "SELECT (detalhes ->> 'value')::float8 < 35 \(key)"
                try await connection.wait(until: "SELECT count(*) = 1 \(key) AND resolvido_em IS NULL")
                #expect(try await connection.query(rule).decode(as: Bool.self) == [true])
                let source = SnapshotSource(to: settings, lifetime: .zero)
                let maintenance = JobMaintenance(
                    to: settings,
                    adding: MaintenanceDuty.alerts([.figures(from: source)]) + [.trends(from: source)],
                    logger: quiet
                )
                let leading = Task { try await maintenance.run() }
                try await connection.wait(until: "SELECT bool_and(resolvido_em IS NOT NULL) \(key)")
                for task in [watching, leading] {
                    task.cancel()
                    try await task.value
                }
                await source.close()
            }
        }
    }

    @Test("knows an anomaly by its distance from the median")
    func anomaly() throws {
        let usual = (0..<60).map { 100 + Double($0 % 7) }
        #expect(Anomaly(1, among: Array(usual.prefix(10))) == nil)
        #expect(Anomaly(.nan, among: usual) == nil)
        #expect(try abs(#require(Anomaly(104, among: usual)).score) < 1)
        let far = try #require(Anomaly(200, among: usual))
        #expect(far.score > Anomaly.limit && far.usual.contains(103) && !far.usual.contains(200))
        // Outliers among the earlier ones do not hide the next one, as they would with mean and deviation.
        let spoilt = usual + Array(repeating: 10_000.0, count: 8)
        #expect(try #require(Anomaly(10_000, among: spoilt)).score > 100)
        #expect(Anomaly(0, among: Array(repeating: 0, count: 60)) == nil)
        #expect(try #require(Anomaly(1, among: Array(repeating: 0, count: 60), floor: 1)).score < 1)
    }

    @Test("writes anomalies down once while they last")
    func anomalies() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await connection.query(
                    """
                    INSERT INTO ops_metrics (nome, valor, coletado_em)
                    SELECT n, CASE WHEN m = 1 AND n = 'jobs_runnable' THEN 5000 ELSE 100 + m % 7 END,
                        date_trunc('minute', now()) - make_interval(mins => m)
                    FROM generate_series(1, 100) m, unnest(ARRAY['jobs_runnable', 'jobs_ended_per_minute']) n
                    """
                )
                for _ in 0..<2 {
                    let found = try await AlertLook.anomalies.look(connection)
                    #expect(found.map(\.key) == ["anomaly/jobs_runnable"])
                }
                let rows = try await connection.query(
                    "SELECT metrica, observado, esperado @> 103::numeric, desvio > 3.5 FROM ops_anomalias"
                ).decode(as: (String, Double, Bool, Bool).self)
                #expect(rows.map { "\($0)" } == [#"("jobs_runnable", 5000.0, true, true)"#])
            }
        }
    }
}
