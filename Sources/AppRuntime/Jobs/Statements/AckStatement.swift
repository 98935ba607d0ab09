import Postgres

/// Says how attempts ended, many at once: only for claims that the worker still holds, by their tokens.
///
/// Fewer rows come back than were sent where a claim was lost; of these nothing is changed. The counts of
/// `job_rollups` are written in the same statement, so that they are neither lost nor doubled.
enum AckStatement {
    /// How many hand-backs by stopping workers are free of an attempt.
    static let freeHandBacks = 10

    /// Its parameters are, as arrays of one length, job, token, outcome, result, error and delay in seconds; the worker.
    static let sql = """
        WITH a AS (
            SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::jsonb[], $5::text[], $6::float8[])
                AS t (job_id, token, outcome, result, error, delay)
        ), held AS (
            SELECT k.job_id FROM job_claims k JOIN a USING (job_id)
            WHERE k.worker_id = $7::uuid AND k.token = a.token ORDER BY k.job_id FOR UPDATE OF k
        ), gone AS (
            DELETE FROM job_claims k USING held h WHERE k.job_id = h.job_id RETURNING k.job_id, k.claimed_at
        ), back AS (
            INSERT INTO job_meta (job_id, handed_back)
            SELECT a.job_id, 1 FROM a JOIN gone g ON g.job_id = a.job_id WHERE a.outcome = 'interrupted'
            ON CONFLICT (job_id) DO UPDATE SET handed_back = job_meta.handed_back + 1
            RETURNING job_id, handed_back
        ), ended AS (
            UPDATE jobs j SET
                status = CASE
                    WHEN a.outcome IN ('completed', 'cancelled') THEN a.outcome
                    WHEN a.outcome = 'snooze' THEN 'pending'
                    WHEN a.outcome = 'interrupted' AND (b.handed_back <= \(freeHandBacks) OR j.attempts < j.max_attempts)
                        THEN 'pending'
                    WHEN a.outcome = 'retry' AND j.attempts < coalesce(j.max_attempts, 3) THEN 'pending'
                    ELSE 'failed' END,
                attempts = CASE
                    WHEN a.outcome = 'snooze' OR a.outcome = 'interrupted' AND b.handed_back <= \(freeHandBacks)
                        THEN j.attempts - 1
                    ELSE j.attempts END,
                scheduled_for = CASE
                    WHEN a.outcome = 'snooze' OR a.outcome = 'retry' AND j.attempts < coalesce(j.max_attempts, 3)
                        THEN now() + make_interval(secs => a.delay)
                    WHEN a.outcome = 'interrupted' THEN NULL
                    ELSE j.scheduled_for END,
                result = coalesce(a.result, j.result),
                error = CASE
                    WHEN a.outcome IN ('retry', 'failed', 'cancelled') THEN a.error
                    WHEN a.outcome = 'interrupted' AND b.handed_back > \(freeHandBacks) THEN a.error
                    ELSE j.error END,
                started_at = CASE WHEN a.outcome = 'interrupted' THEN NULL ELSE j.started_at END,
                completed_at = CASE
                    WHEN a.outcome IN ('completed', 'cancelled', 'failed') THEN now()
                    WHEN a.outcome = 'retry' AND j.attempts >= coalesce(j.max_attempts, 3) THEN now()
                    WHEN a.outcome = 'interrupted' AND b.handed_back > \(freeHandBacks)
                        AND j.attempts >= coalesce(j.max_attempts, 3) THEN now() END
            FROM a JOIN gone g ON g.job_id = a.job_id LEFT JOIN back b ON b.job_id = a.job_id
            WHERE j.id = a.job_id AND j.status = 'running'
            RETURNING j.id, j.type, j.status, j.attempts, a.outcome, g.claimed_at, j.created_at, j.scheduled_for
        ), counted AS (
            INSERT INTO job_rollups AS r (minute, type, outcome, bucket, jobs, run_seconds, wait_seconds)
            SELECT date_trunc('minute', now()), coalesce(e.type, ''),
                CASE WHEN e.outcome = 'retry' AND e.status = 'failed' THEN 'failed' ELSE e.outcome END AS final,
                greatest(0, ceil(log(2, greatest(1, 1000 * extract(epoch FROM clock_timestamp() - e.claimed_at)))))::int2
                    AS bucket,
                count(*), sum(extract(epoch FROM clock_timestamp() - e.claimed_at)),
                sum(CASE WHEN e.status IN ('completed', 'failed', 'cancelled')
                    THEN greatest(0, extract(epoch FROM e.claimed_at - greatest(e.created_at, e.scheduled_for)))
                    ELSE 0 END)
            FROM ended e GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
            ON CONFLICT (minute, type, outcome, bucket) DO UPDATE SET jobs = r.jobs + excluded.jobs,
                run_seconds = r.run_seconds + excluded.run_seconds, wait_seconds = r.wait_seconds + excluded.wait_seconds
        )
        SELECT id, status, attempts FROM ended
        """

    /// The statement for these acknowledgements.
    static func statement(_ all: [Acknowledgement], worker: String) throws(PostgresError) -> PostgresStatement {
        try PostgresStatement(
            sql,
            all.map(\.jobID),
            all.map(\.token),
            all.map(\.outcome.rawValue),
            all.map(\.result),
            all.map(\.error),
            all.map(\.delay.inSeconds),
            worker
        )
    }
}
