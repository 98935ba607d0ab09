import Postgres

/// What a snapshot asks: nothing that grows with the rows of `jobs`.
///
/// What waits is counted on partial indexes and only so far, what runs has few rows of its own, and what has ended was
/// added up by the acknowledgements.
enum SnapshotStatements {
    /// How far jobs that are due are counted, over all types.
    static let readyLimit = 5000
    /// How far others are counted.
    ///
    /// Together it is some milliseconds even where vacuum has not been for long, and each
    /// row has to be looked up.
    static let limit = 2000
    /// How many of the longest due jobs are looked at for their types.
    private static let dueLimit = 500

    /// Types with jobs that have no time: how many there are, up to a part of the limit, and the oldest.
    ///
    /// Both the types and the priorities of a type are found by jumping from one to the next in `idx_jobs_ready`.
    static let ready = """
        WITH RECURSIVE t AS (
            (SELECT j.type, 1 AS place FROM jobs j WHERE j.status = 'pending' AND j.scheduled_for IS NULL
            ORDER BY j.type LIMIT 1)
            UNION ALL
            SELECT (
                SELECT j.type FROM jobs j
                WHERE j.status = 'pending' AND j.scheduled_for IS NULL AND j.type > t.type ORDER BY j.type LIMIT 1
            ), t.place + 1 FROM t WHERE t.type IS NOT NULL AND t.place < 200
        ), share AS MATERIALIZED (
            SELECT greatest(200, \(readyLimit) / greatest(1, count(type))) AS most FROM t
        )
        SELECT t.type, n.jobs, s.most,
            extract(epoch FROM clock_timestamp() - o.oldest)::float8
        FROM t CROSS JOIN share s CROSS JOIN LATERAL (
            SELECT count(*) AS jobs FROM (
                SELECT FROM jobs j WHERE j.type = t.type AND j.status = 'pending' AND j.scheduled_for IS NULL
                LIMIT s.most
            ) x
        ) n CROSS JOIN LATERAL (
            WITH RECURSIVE p AS (
                (SELECT j.priority, j.created_at, 1 AS place FROM jobs j
                WHERE j.type = t.type AND j.status = 'pending' AND j.scheduled_for IS NULL AND j.priority IS NOT NULL
                ORDER BY j.priority DESC, j.created_at, j.id LIMIT 1)
                UNION ALL
                SELECT x.priority, x.created_at, p.place + 1 FROM p CROSS JOIN LATERAL (
                    SELECT j.priority, j.created_at FROM jobs j
                    WHERE j.type = t.type AND j.status = 'pending' AND j.scheduled_for IS NULL
                        AND j.priority < p.priority
                    ORDER BY j.priority DESC, j.created_at, j.id LIMIT 1
                ) x WHERE p.place < 100
            )
            SELECT min(created_at) AS oldest FROM p
        ) o WHERE t.type IS NOT NULL
        """

    /// Jobs whose time has come, by type, of the longest due; and how many are due in all, are not due, have failed.
    static let due = """
        SELECT coalesce(type, ''), count(*), extract(epoch FROM clock_timestamp() - min(scheduled_for))::float8
        FROM (
            SELECT j.type, j.scheduled_for FROM jobs j WHERE j.status = 'pending' AND j.scheduled_for <= now()
            ORDER BY j.scheduled_for LIMIT \(dueLimit)
        ) d GROUP BY 1
        """

    static let totals = """
        SELECT clock_timestamp(), (
            SELECT count(*) FROM (
                SELECT FROM jobs j WHERE j.status = 'pending' AND j.scheduled_for <= now() LIMIT \(limit)) x
        ), (
            SELECT count(*) FROM (
                SELECT FROM jobs j WHERE j.status = 'pending' AND j.scheduled_for > now() LIMIT \(limit)) x
        ), (
            SELECT count(*) FROM (SELECT FROM jobs j WHERE j.status = 'failed' LIMIT \(limit)) x
        )
        """

    static let running = """
        SELECT type, count(*), count(*) FILTER (WHERE deadline < clock_timestamp()) FROM job_claims GROUP BY type
        """

    static let controls = """
        SELECT type, paused_at IS NOT NULL, paused_by, max_running, rate_limit FROM job_controls
        """

    /// What ended since a minute that is not over for sure.
    static let recent = """
        SELECT extract(epoch FROM minute)::int8 / 60, type, outcome, bucket, jobs, run_seconds, wait_seconds
        FROM job_rollups WHERE minute >= to_timestamp($1::int8 * 60)
        """

    /// What ended in the minutes of the hour before that, over all types.
    static let minutes = """
        SELECT extract(epoch FROM minute)::int8 / 60, '', outcome, bucket, sum(jobs)::int8, sum(run_seconds),
            sum(wait_seconds)
        FROM job_rollups WHERE minute >= to_timestamp($1::int8 * 60) - interval '1 hour'
            AND minute < to_timestamp($1::int8 * 60)
        GROUP BY 1, 3, 4
        """

    /// What ended in the hour and the day before that, by type; the hour has the number 1.
    static let types = """
        SELECT (minute >= to_timestamp($1::int8 * 60) - interval '1 hour')::int, type, outcome, bucket,
            sum(jobs)::int8, sum(run_seconds), sum(wait_seconds)
        FROM job_rollups WHERE minute >= to_timestamp($1::int8 * 60) - interval '1 day'
            AND minute < to_timestamp($1::int8 * 60)
        GROUP BY 1, 2, 3, 4
        """

    static let workers = """
        SELECT w.id, w.host, w.pid, w.version, w.types, w.state, w.started_at, w.last_seen,
            greatest(0, extract(epoch FROM clock_timestamp() - w.last_seen))::float8, coalesce(k.jobs, 0)
        FROM job_workers w
        LEFT JOIN (SELECT worker_id, count(*) AS jobs FROM job_claims GROUP BY worker_id) k ON k.worker_id = w.id
        ORDER BY w.started_at DESC, w.id LIMIT 500
        """

    static let schedules = """
        SELECT name, type, cron, timezone, enabled, missed, last_run_at, next_run_at,
            CASE WHEN enabled THEN greatest(0, extract(epoch FROM clock_timestamp() - next_run_at))
                ELSE 0 END::float8
        FROM job_schedule ORDER BY enabled DESC, next_run_at NULLS FIRST, name LIMIT 500
        """

    static let leader = """
        SELECT holder, term, expires_at, greatest(0, extract(epoch FROM clock_timestamp() - expires_at))::float8
        FROM runtime_leader WHERE role = '\(Leadership.role)'
        """

    /// The newest row of each component, by jumping from one to the next.
    ///
    /// What nobody has looked at for ten minutes tells nothing of now.
    static let health = """
        WITH RECURSIVE c AS (
            (SELECT componente FROM ops_health ORDER BY componente LIMIT 1)
            UNION ALL
            SELECT (SELECT h.componente FROM ops_health h WHERE h.componente > c.componente
                ORDER BY h.componente LIMIT 1)
            FROM c WHERE c.componente IS NOT NULL
        )
        SELECT h.componente, h.estado, extract(epoch FROM h.latencia)::float8, h.detalhes ->> 'detail', h.verificado_em
        FROM c CROSS JOIN LATERAL (
            SELECT * FROM ops_health h WHERE h.componente = c.componente ORDER BY h.verificado_em DESC LIMIT 1
        ) h
        WHERE h.verificado_em > now() - interval '10 minutes'
        """

    static let alerts = """
        SELECT a.id, a.chave, coalesce(a.detalhes ->> 'rule', ''), a.severidade, a.titulo,
            (a.detalhes ->> 'value')::float8, a.aberto_em, \(AlertSilence.end(of: "a.chave")),
            a.reconhecido_por IS NOT NULL OR a.detalhes ? 'acknowledged_by'
        FROM ops_alertas a WHERE a.resolvido_em IS NULL ORDER BY a.severidade DESC, a.aberto_em DESC LIMIT 100
        """

    /// Connections, and what keeps vacuum from cleaning up; a prepared transaction counts like a session.
    static let database = """
        SELECT s.connections, current_setting('max_connections')::int,
            greatest(0, s.snapshot, (SELECT extract(epoch FROM clock_timestamp() - min(prepared)) FROM pg_prepared_xacts))::float8,
            coalesce((SELECT greatest(max(age(xmin)), max(age(catalog_xmin))) FROM pg_replication_slots), 0),
            coalesce(pg_stat_get_dead_tuples(to_regclass('jobs')), 0)
                + coalesce(pg_stat_get_dead_tuples(to_regclass('job_claims')), 0)
        FROM (
            SELECT count(*) FILTER (WHERE datname = current_database()) AS connections,
                extract(epoch FROM clock_timestamp() - min(xact_start) FILTER (
                    WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid() AND backend_type <> 'autovacuum worker'
                )) AS snapshot
            FROM pg_stat_activity
        ) s
        """

    /// The figures of requests, by minute and name.
    static let requests = """
        SELECT extract(epoch FROM coletado_em)::int8 / 60, nome, sum(valor), max(valor) FROM ops_metrics
        WHERE nome = ANY ($2::text[]) AND coletado_em >= to_timestamp($1::int8 * 60) - interval '1 hour' GROUP BY 1, 2
        """
}
