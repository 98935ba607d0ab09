import Postgres

/// Says how attempts ended, many at once: only for claims that the worker still holds, by their tokens.
///
/// Fewer rows come back than were sent where a claim was lost; of these nothing is changed. The counts of
/// `job_rollups` are written in the same statement, so that they are neither lost nor doubled.
enum AckStatement {
    /// How many hand-backs by stopping workers are free of an attempt.
    static let freeHandBacks = 10

    /// Its parameters are, as arrays of one length, job, token, outcome, result, error and delay in seconds; the worker.
    ///
    /// Each step takes along what the next one needs, so that no two of them have to be joined, and three conditions are
    /// written so that the planner goes through the keys whatever the tables have grown to since they were analysed. The
    /// CASE over worker and token it takes for half of the rows; as plain equalities it took them for one, and compared
    /// every claim with every end. The outcome that equals itself it takes for one of 200, too few to read all jobs for.
    /// The concatenation keeps it away from `idx_jobs_running`, whose dead entries grow with every job until the next
    /// vacuum.
    static let sql = """
        WITH a AS (
            SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::jsonb[], $5::text[], $6::float8[])
                AS t (job_id, token, outcome, result, error, delay)
        ), \(claims(of: "$7")), back AS (
            INSERT INTO job_meta (job_id, handed_back)
            SELECT job_id, 1 FROM gone WHERE outcome = 'interrupted'
            ON CONFLICT (job_id) DO UPDATE SET handed_back = job_meta.handed_back + 1
        ), costly AS (
            INSERT INTO job_events (job_id, kind) SELECT g.job_id, 'handed-back-often' FROM gone g
            WHERE g.outcome = 'interrupted'
                AND \(freeHandBacks) <= (SELECT m.handed_back FROM job_meta m WHERE m.job_id = g.job_id)
        ), said AS (
            SELECT g.*, g.outcome = 'interrupted' AND \(freeHandBacks) <= coalesce(
                CASE WHEN g.outcome = 'interrupted'
                    THEN (SELECT m.handed_back FROM job_meta m WHERE m.job_id = g.job_id) END, 0) AS is_costly
            FROM gone g WHERE g.outcome || '' = g.outcome
        ), ended AS (
            UPDATE jobs j SET
                status = CASE
                    WHEN s.outcome IN ('completed', 'cancelled') THEN s.outcome
                    WHEN s.outcome = 'snooze' OR s.outcome = 'interrupted' AND NOT s.is_costly THEN 'pending'
                    WHEN s.outcome IN ('retry', 'interrupted') AND j.attempts < coalesce(j.max_attempts, 3)
                        THEN 'pending'
                    ELSE 'failed' END,
                attempts = CASE
                    WHEN s.outcome = 'snooze' OR s.outcome = 'interrupted' AND NOT s.is_costly THEN j.attempts - 1
                    ELSE j.attempts END,
                scheduled_for = CASE
                    WHEN s.outcome = 'snooze' OR s.outcome = 'retry' AND j.attempts < coalesce(j.max_attempts, 3)
                        THEN now() + make_interval(secs => s.delay)
                    WHEN s.outcome = 'interrupted' THEN NULL
                    ELSE j.scheduled_for END,
                result = coalesce(s.result, j.result),
                error = CASE
                    WHEN s.outcome IN ('retry', 'failed', 'cancelled') OR s.is_costly THEN s.error
                    ELSE j.error END,
                started_at = CASE WHEN s.outcome = 'interrupted' THEN NULL ELSE j.started_at END,
                completed_at = CASE
                    WHEN s.outcome IN ('completed', 'cancelled', 'failed') THEN now()
                    WHEN (s.outcome = 'retry' OR s.is_costly) AND j.attempts >= coalesce(j.max_attempts, 3)
                        THEN now() END
            FROM said s
            WHERE j.id = s.job_id AND j.status || '' = 'running'
            RETURNING j.id, j.type, j.status, j.attempts, s.outcome, s.claimed_at, j.created_at, j.scheduled_for
        ), \(counts)
        SELECT id, status, attempts FROM ended

        """

    /// What ``sql`` does with attempts all of which have completed, in fewer steps: most have.
    ///
    /// Its parameters are, as arrays of one length, job, token and result; the worker.
    static let completions = """
        WITH a AS (
            SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::jsonb[]) AS t (job_id, token, result)
        ), \(claims(of: "$4")), said AS (
            SELECT * FROM gone WHERE token + 0 = token
        ), ended AS (
            UPDATE jobs j SET status = 'completed', result = coalesce(s.result, j.result), completed_at = now()
            FROM said s
            WHERE j.id = s.job_id AND j.status || '' = 'running'
            RETURNING j.id, j.type, j.status, j.attempts, 'completed' AS outcome, s.claimed_at, j.created_at, j.scheduled_for
        ), \(counts)
        SELECT id, status, attempts FROM ended

        """

    /// Takes the claims that the worker still holds.
    private static func claims(of worker: String) -> String {
        """
        gone AS (
            DELETE FROM job_claims k USING (SELECT * FROM a ORDER BY job_id) a
            WHERE k.job_id = a.job_id
                AND CASE WHEN k.worker_id = \(worker)::uuid AND k.token = a.token THEN true ELSE false END
            RETURNING k.claimed_at, a.*
        )
        """
    }

    /// Adds ended attempts to the counts of their minute; `extract` would count in decimals, which takes many times as long.
    private static let counts = """
        timed AS (
            SELECT *, date_part('epoch', clock_timestamp() - claimed_at) AS seconds FROM ended
        ), counted AS (
            INSERT INTO job_rollups AS r (minute, type, outcome, bucket, jobs, run_seconds, wait_seconds)
            SELECT date_trunc('minute', now()), coalesce(type, ''),
                CASE WHEN outcome = 'retry' AND status = 'failed' THEN 'failed' ELSE outcome END,
                ceil(ln(greatest(1, 1000 * seconds)) / ln(2))::int2, count(*), sum(seconds),
                sum(CASE WHEN status IN ('completed', 'failed', 'cancelled')
                    THEN greatest(0, date_part('epoch', claimed_at - greatest(created_at, scheduled_for)))
                    ELSE 0 END)
            FROM timed GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
            ON CONFLICT (minute, type, outcome, bucket) DO UPDATE SET jobs = r.jobs + excluded.jobs,
                run_seconds = r.run_seconds + excluded.run_seconds, wait_seconds = r.wait_seconds + excluded.wait_seconds
        )
        """

    /// The statement for these acknowledgements.
    ///
    /// A plan that was made for a few claims may compare each of them with each end: many ends at once have a text, and so a
    /// plan, of their own, which is made when there are as many claims.
    static func statement(_ all: [Acknowledgement], worker: String) throws(PostgresError) -> PostgresStatement {
        let size = all.count < 10 ? "" : all.count < 100 ? "-- tens" : "-- hundreds"
        if all.allSatisfy({ $0.outcome == .completed }) {
            return try PostgresStatement(
                completions + size,
                all.map(\.jobID),
                all.map(\.token),
                all.map(\.result),
                worker
            )
        }
        return try PostgresStatement(
            sql + size,
            all.map(\.jobID),
            all.map(\.token),
            all.map(\.outcome.rawValue),
            all.map(\.result),
            all.map(\.error),
            all.map(\.delay.storableSeconds),
            worker
        )
    }
}
