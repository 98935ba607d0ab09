import Postgres

extension MaintenanceDuty {
    /// Gives back the jobs of workers that have not been heard of for so long, and then forgets the workers.
    ///
    /// A row of a worker stays while it has claims, so that no job can lose the trace of who had it.
    static func rescue(after timeToLive: Duration, every interval: Duration) -> MaintenanceDuty {
        let metrics = JobMetrics()
        return MaintenanceDuty("rescue", every: interval) { connection, _ in
            var rescued = 0
            repeat {
                rescued = try await Rescue.run(after: timeToLive, on: connection)
                metrics.rescued(rescued)
            } while rescued == Rescue.batch
            try await connection.query(
                """
                DELETE FROM job_workers w
                WHERE w.last_seen < clock_timestamp() - make_interval(secs => $1)
                    AND NOT EXISTS (SELECT FROM job_claims k WHERE k.worker_id = w.id)
                """,
                timeToLive.storableSeconds
            )
        }
    }

    /// Ends batches whose last job ended while nobody looked.
    static var endBatches: MaintenanceDuty {
        MaintenanceDuty("batches", every: .seconds(2)) { connection, _ in
            try await BatchEnd.look(at: nil, on: connection)
        }
    }

    /// Gives back jobs that are marked as running although no worker holds them: somebody else wrote that.
    static func adoptOrphans(after age: Duration) -> MaintenanceDuty {
        MaintenanceDuty("orphans", every: .seconds(60)) { connection, _ in
            try await Rescue.adoptOrphans(after: age, on: connection)
        }
    }
}

/// Gives jobs back whose workers are gone.
///
/// Whatever ends first counts: a job whose end was acknowledged has no claim any more, and one whose claim was taken
/// away refuses the late acknowledgement.
enum Rescue {
    static let batch = 500

    /// Gives back one batch.
    ///
    /// - Returns: how many jobs.
    @discardableResult
    static func run(after timeToLive: Duration, on connection: PostgresConnection) async throws -> Int {
        try await connection.query(
            """
            WITH lost AS (
                SELECT k.job_id, k.token FROM job_claims k LEFT JOIN job_workers w ON w.id = k.worker_id
                WHERE w.id IS NULL OR w.last_seen < clock_timestamp() - make_interval(secs => $1)
                ORDER BY k.job_id LIMIT $2 FOR UPDATE OF k SKIP LOCKED
            ), gone AS (
                DELETE FROM job_claims k USING lost l WHERE k.job_id = l.job_id AND k.token = l.token
                RETURNING k.job_id, k.worker_id, k.attempt
            ), back AS (
                UPDATE jobs j SET
                    status = CASE WHEN j.attempts < coalesce(j.max_attempts, 3) THEN 'pending' ELSE 'failed' END,
                    scheduled_for = CASE WHEN j.attempts < coalesce(j.max_attempts, 3)
                        THEN now() + make_interval(secs => least(3600, 2 ^ least(j.attempts, 20)) * (0.75 + random() / 2))
                        ELSE j.scheduled_for END,
                    error = 'worker lost: ' || g.worker_id,
                    completed_at = CASE WHEN j.attempts >= coalesce(j.max_attempts, 3) THEN now() END
                FROM gone g WHERE j.id = g.job_id AND j.status = 'running'
                RETURNING j.id, j.type, j.status, g.worker_id
            ), counted AS (
                INSERT INTO job_rollups AS r (minute, type, outcome, bucket, jobs, run_seconds, wait_seconds)
                SELECT date_trunc('minute', now()), coalesce(type, ''),
                    CASE WHEN status = 'failed' THEN 'failed' ELSE 'rescued' END, 0, count(*), 0, 0
                FROM back GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
                ON CONFLICT (minute, type, outcome, bucket) DO UPDATE SET jobs = r.jobs + excluded.jobs
            ), told AS (
                INSERT INTO job_events (job_id, kind, details)
                SELECT id, 'rescued', jsonb_build_object('worker', worker_id, 'status', status) FROM back
            )
            SELECT job_id FROM gone
            """,
            timeToLive.storableSeconds,
            batch
        ).count
    }

    /// Gives back jobs that have been marked as running for so long without a claim.
    @discardableResult
    static func adoptOrphans(after age: Duration, on connection: PostgresConnection) async throws -> Int {
        try await connection.query(
            """
            WITH orphans AS (
                SELECT j.id FROM jobs j
                WHERE j.status = 'running' AND (j.started_at IS NULL OR j.started_at <= now() - make_interval(secs => $1))
                    AND NOT EXISTS (SELECT FROM job_claims k WHERE k.job_id = j.id)
                ORDER BY j.id LIMIT $2 FOR UPDATE OF j SKIP LOCKED
            ), back AS (
                UPDATE jobs j SET
                    status = CASE WHEN coalesce(j.attempts, 0) < coalesce(j.max_attempts, 3) THEN 'pending' ELSE 'failed' END,
                    completed_at = CASE WHEN coalesce(j.attempts, 0) >= coalesce(j.max_attempts, 3) THEN now() END,
                    error = 'was marked as running, but no worker held it'
                FROM orphans o WHERE j.id = o.id RETURNING j.id, j.status
            )
            INSERT INTO job_events (job_id, kind, details)
            SELECT id, 'orphan', jsonb_build_object('status', status) FROM back RETURNING id
            """,
            age.storableSeconds,
            batch
        ).count
    }
}
