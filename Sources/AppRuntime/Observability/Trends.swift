import Foundation
import Postgres
import Synchronization

extension MaintenanceDuty {
    /// Writes what happened in the last minute into `ops_metrics`, and how the components are into `ops_health`.
    ///
    /// Hand it to ``JobMaintenance``. A minute is written once, whoever leads; a component when its state changes, and once a
    /// minute. Both are kept for thirty days, and the last state of a component for ever.
    ///
    /// - Parameter source: where snapshots come from.
    /// - Returns: the duty.
    public static func trends(from source: SnapshotSource) -> MaintenanceDuty {
        let forgottenAt = Mutex(ContinuousClock.now)
        return MaintenanceDuty("trends", every: .seconds(10)) { connection, term in
            let snapshot = try await source.snapshot()
            try await Trends.store(snapshot, as: term, on: connection)
            try await HealthTrend.store(snapshot, as: term, on: connection)
            let isTime = forgottenAt.withLock { last in
                guard last.duration(to: .now) > .seconds(600) else { return false }
                last = .now
                return true
            }
            if isTime { try await Trends.forget(on: connection) }
        }
    }
}

/// The figures of a minute in `ops_metrics`.
enum Trends {
    static let batch = 5000

    /// The names that are written once a minute, with what they say of a snapshot; nil for what there is nothing to say of.
    static let metrics: [(name: String, value: @Sendable (RuntimeSnapshot, AttemptFigures) -> Double?)] = [
        ("jobs_ended_per_minute", { _, minute in Double(minute.ended) }),
        ("jobs_error_rate", { _, minute in minute.errorRate }),
        ("job_run_seconds", { _, minute in minute.averageSeconds }),
        ("job_run_p50_seconds", { _, minute in minute.seconds(at: 0.5) }),
        ("job_run_p95_seconds", { _, minute in minute.seconds(at: 0.95) }),
        ("job_run_p99_seconds", { _, minute in minute.seconds(at: 0.99) }),
        ("job_wait_seconds", { _, minute in minute.averageWait }),
        ("jobs_runnable", { snapshot, _ in Double(snapshot.counts.runnable.number) }),
        ("jobs_scheduled", { snapshot, _ in Double(snapshot.counts.scheduled.number) }),
        ("jobs_running", { snapshot, _ in Double(snapshot.counts.running) }),
        ("jobs_oldest_runnable_age_seconds", { snapshot, _ in snapshot.oldestRunnableAge }),
        ("scheduler_lag_seconds", { snapshot, _ in snapshot.schedulerLag }),
        ("db_connections", { snapshot, _ in Double(snapshot.database.connections) }),
        ("db_latency_seconds", { snapshot, _ in snapshot.database.latency }),
        ("db_oldest_snapshot_seconds", { snapshot, _ in snapshot.database.oldestSnapshot }),
        ("db_dead_rows", { snapshot, _ in Double(snapshot.database.deadRows) }),
    ]

    /// Stores the last minute that is over for ten seconds, unless it is stored already.
    static func store(
        _ snapshot: RuntimeSnapshot,
        as term: LeaderTerm,
        on connection: PostgresConnection
    ) async throws {
        // An acknowledgement that began in the minute has committed by then.
        let number = Int(snapshot.takenAt.timeIntervalSince1970 - 70) / 60
        let minute = Date(timeIntervalSince1970: Double(number) * 60)
        guard let figures = snapshot.minutes.first(where: { $0.minute == minute }) else { return }
        let rows = metrics.compactMap { metric in
            metric.value(snapshot, figures.attempts).map { (name: metric.name, value: $0) }
        }
        try await connection.query(
            """
            INSERT INTO ops_metrics (nome, valor, coletado_em)
            SELECT m.name, m.value, $3::timestamptz FROM unnest($1::text[], $2::float8[]) AS m (name, value)
            WHERE \(leads("$4", "$5")) AND NOT EXISTS (
                SELECT FROM ops_metrics o WHERE o.nome = '\(metrics[0].name)' AND o.coletado_em = $3::timestamptz
            )
            """,
            rows.map(\.name),
            rows.map(\.value),
            minute,
            term.holder,
            term.term
        )
    }

    /// Whether a term still is the leader's, as SQL.
    static func leads(_ holder: String, _ term: String) -> String {
        """
        EXISTS (
            SELECT FROM runtime_leader WHERE role = '\(Leadership.role)' AND holder = \(holder)::uuid AND term = \(term)
                AND expires_at > clock_timestamp()
        )
        """
    }

    private static var names: String {
        let own = metrics.map(\.name) + RequestMetric.allCases.map(\.rawValue)
        return (own + ["http_route_requests_per_minute", "http_route_p95_seconds"]).map { "'\($0)'" }
            .joined(separator: ", ")
    }

    /// Deletes what is older than thirty days.
    static func forget(on connection: PostgresConnection) async throws {
        for sql in forgetting {
            while try await connection.query(sql).tag.rowCount == batch {}
        }
    }

    /// Only what the runtime itself wrote: the tables are the application's too.
    private static let forgetting = [
        """
        DELETE FROM ops_metrics WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM ops_metrics WHERE nome IN (\(names)) AND coletado_em < now() - interval '30 days'
            LIMIT \(batch)
        ))
        """,
        """
        DELETE FROM ops_health WHERE ctid = ANY (ARRAY(
            SELECT h.ctid FROM ops_health h
            WHERE h.verificado_em < now() - interval '30 days' AND h.detalhes ->> 'by' = 'lastro' AND EXISTS (
                SELECT FROM ops_health n WHERE n.componente = h.componente AND n.verificado_em > h.verificado_em
            )
            LIMIT \(batch)
        ))
        """,
    ]
}

/// The components in `ops_health`.
enum HealthTrend {
    /// Stores the states that changed, and those that were last written a minute ago.
    static func store(
        _ snapshot: RuntimeSnapshot,
        as term: LeaderTerm,
        on connection: PostgresConnection
    ) async throws {
        let rows = components(of: snapshot)
        try await connection.query(
            """
            INSERT INTO ops_health (componente, estado, latencia, detalhes)
            SELECT c.component, c.state, make_interval(secs => c.latency),
                jsonb_strip_nulls(jsonb_build_object('by', 'lastro', 'detail', c.detail))
            FROM unnest($1::text[], $2::text[], $3::float8[], $4::text[]) AS c (component, state, latency, detail)
            LEFT JOIN LATERAL (
                SELECT estado, verificado_em FROM ops_health h WHERE h.componente = c.component
                ORDER BY h.verificado_em DESC LIMIT 1
            ) l ON true
            WHERE \(Trends.leads("$5", "$6"))
                AND (l.estado IS DISTINCT FROM c.state OR l.verificado_em <= now() - interval '1 minute')
            """,
            rows.map(\.component),
            rows.map(\.state),
            rows.map(\.latency),
            rows.map(\.detail),
            term.holder,
            term.term
        )
    }

    /// What the leader's process knows of its components, and what the figures say of the queue and the scheduler.
    static func components(of snapshot: RuntimeSnapshot) -> [HealthFigures] {
        let own = snapshot.health.filter { $0.checkedAt == snapshot.takenAt }
        let age = snapshot.oldestRunnableAge
        let hasWorkers = snapshot.workers.contains { $0.silence < 30 }
        let queue =
            age > 60
            ? (hasWorkers ? "the oldest job waits for \(Int(age)) s" : "jobs wait, and no worker is there") : nil
        let lag = snapshot.schedulerLag
        let derived = [
            ("database", nil, snapshot.database.latency),
            ("jobs", queue, nil),
            ("scheduler", lag > 60 ? "a schedule is \(Int(lag)) s late" : nil, nil),
        ].map { (component: String, detail: String?, latency: Double?) in
            HealthFigures(
                component: component,
                state: detail == nil ? "up" : "degraded",
                latency: latency,
                detail: detail,
                checkedAt: snapshot.takenAt
            )
        }
        return own + derived.filter { one in !own.contains { $0.component == one.component } }
    }
}
