import Postgres

extension MaintenanceDuty {
    /// Adds the minutes of `job_rollups` that are two hours old up to hours, so that a day's sum stays cheap.
    static var foldRollups: MaintenanceDuty {
        MaintenanceDuty("rollups", every: .seconds(600)) { connection, _ in
            try await connection.query(foldStatement)
        }
    }
}

/// The row of an hour's first minute takes in the others.
///
/// It is not deleted, so that a row is never written twice in one statement. No acknowledgement writes minutes of that age any more.
private let foldStatement = """
    WITH old AS (
        DELETE FROM job_rollups
        WHERE minute >= now() - interval '3 days' AND minute < date_trunc('hour', now(), 'UTC') - interval '2 hours'
            AND minute <> date_trunc('hour', minute, 'UTC')
        RETURNING *
    )
    INSERT INTO job_rollups AS r (minute, type, outcome, bucket, jobs, run_seconds, wait_seconds)
    SELECT date_trunc('hour', minute, 'UTC'), type, outcome, bucket, sum(jobs), sum(run_seconds), sum(wait_seconds)
    FROM old GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (minute, type, outcome, bucket) DO UPDATE SET jobs = r.jobs + excluded.jobs,
        run_seconds = r.run_seconds + excluded.run_seconds, wait_seconds = r.wait_seconds + excluded.wait_seconds
    """
