import Postgres

/// Takes jobs that may run, in one statement: marks them as running and claims them for a worker.
///
/// Every type has a branch of its own over `idx_jobs_ready`, so that a wall of other types costs nothing. Jobs with a
/// time come through `idx_jobs_due`, so that a future job of high priority is not looked at until it is due; of these
/// the longest due are looked at, at most twice what is wanted or 200. Among what was found priority decides, then age.
enum FetchStatement {
    /// Takes jobs of types that nothing limits.
    ///
    /// Its parameters are the types, how many jobs at most, the worker and the timeouts of the types in seconds. Types
    /// that are paused or limited give nothing, whatever the worker thinks of them.
    static let unlimited = "\(pick(from: wholeQueue)), \(start)"

    /// Takes jobs as ``unlimited`` does, from the floors on: with its parameters and those of ``FetchFloors/Parameters``.
    ///
    /// A stretch is a level of priority from a place on, or a gap between levels. Both have an index condition of their own, so
    /// that what lies below a floor is not even read; and as no stretch is begun before the one above it is through, not
    /// more rows are locked than without.
    static let fromFloors = "\(pick(from: stretches)), \(start)"

    /// Finds and locks what ``unlimited`` would take, with the same parameters.
    static let found = "\(pick(from: wholeQueue)) SELECT id FROM picked WHERE $3::uuid IS NULL"

    /// Jobs of one type that wait for nothing, where a condition holds, in their order.
    private static func waiting(where condition: String = "true") -> String {
        """
        SELECT j.id, j.ctid AS place, j.priority, j.created_at FROM jobs j
        WHERE j.type = t.type AND j.status = 'pending' AND j.scheduled_for IS NULL
            AND coalesce(j.attempts, 0) < coalesce(j.max_attempts, 3) AND \(condition)
        ORDER BY j.priority DESC, j.created_at, j.id LIMIT $2 FOR UPDATE SKIP LOCKED
        """
    }

    private static let wholeQueue = waiting()

    private static let stretches = """
        SELECT w.* FROM (
            SELECT * FROM unnest($5::int[], $6::timestamptz[], $7::uuid[], $8::bigint[], $9::bigint[])
                WITH ORDINALITY AS x (level, since, id, above, below, number)
            ORDER BY number
        ) s CROSS JOIN LATERAL (
            SELECT * FROM (\(waiting(where: "j.priority = s.level AND (j.created_at, j.id) >= (s.since, s.id)"))) l
            UNION ALL
            SELECT * FROM (\(waiting(where: "j.priority > s.above AND j.priority < s.below"))) g
        ) w LIMIT $2
        """

    private static func pick(from ready: String) -> String {
        """
        WITH t AS MATERIALIZED (
            SELECT x.type, x.timeout FROM unnest($1::text[], $4::float8[]) AS x (type, timeout)
            WHERE NOT EXISTS (
                SELECT FROM job_controls c
                WHERE c.type = x.type
                    AND (c.paused_at IS NOT NULL OR c.max_running IS NOT NULL OR c.max_per_key IS NOT NULL
                        OR c.rate_limit IS NOT NULL)
            )
        ), ready AS MATERIALIZED (
            SELECT r.*, t.timeout
            FROM t CROSS JOIN LATERAL (
                \(ready)
            ) r
        ), near AS MATERIALIZED (
            SELECT j.id, t.timeout FROM jobs j JOIN t ON t.type = j.type
            WHERE j.status = 'pending' AND j.scheduled_for <= now()
                AND coalesce(j.attempts, 0) < coalesce(j.max_attempts, 3)
            ORDER BY j.scheduled_for LIMIT greatest(2 * $2::bigint, 200)
        ), due AS MATERIALIZED (
            SELECT j.id, j.ctid AS place, j.priority, j.created_at, n.timeout FROM near n JOIN jobs j ON j.id = n.id
            WHERE j.status = 'pending' AND j.scheduled_for <= now()
            ORDER BY j.priority DESC, j.created_at, j.id LIMIT $2 FOR UPDATE OF j SKIP LOCKED
        ), picked AS (
            SELECT id, place, timeout FROM (SELECT * FROM ready UNION ALL SELECT * FROM due) u
            ORDER BY priority DESC NULLS LAST, created_at, id LIMIT $2
        )
        """
    }

    /// The statement of one fetch: ``fromFloors`` where it is told where to look, otherwise ``unlimited``.
    static func statement(
        _ types: [String],
        limit: Int,
        worker: String,
        timeouts: [Double],
        in stretches: [FetchFloors.Stretch]?,
        behind prefix: String = ""
    ) throws(PostgresError) -> PostgresStatement {
        guard let floors = stretches?.parameters else {
            return try PostgresStatement(prefix + unlimited, types, limit, worker, timeouts)
        }
        return try PostgresStatement(
            prefix + fromFloors,
            types,
            limit,
            worker,
            timeouts,
            floors.levels,
            floors.times,
            floors.ids,
            floors.above,
            floors.below
        )
    }

    /// Takes away the claims on jobs that wait: somebody has put these back by hand.
    ///
    /// By their tokens, so that one that a worker has renewed meanwhile stays.
    static let dropStaleClaims = """
        DELETE FROM job_claims k USING (
            SELECT k.job_id, k.token FROM job_claims k JOIN jobs j ON j.id = k.job_id WHERE j.status = 'pending'
        ) s
        WHERE k.job_id = s.job_id AND k.token = s.token
        """

    /// Whether any of the types is limited, and not paused.
    static let hasLimited = """
        SELECT EXISTS (
            SELECT FROM job_controls
            WHERE type = ANY ($1::text[]) AND paused_at IS NULL
                AND (max_running IS NOT NULL OR max_per_key IS NOT NULL OR rate_limit IS NOT NULL)
        )
        """

    /// Locks the controls of limited types and adds to their tokens what time has brought, before ``limited``.
    ///
    /// A statement of its own in the same transaction: the next one sees what those who held the lock before have done.
    static let lockControls = """
        WITH l AS (SELECT type FROM job_controls WHERE type = ANY ($1::text[]) ORDER BY type FOR UPDATE)
        UPDATE job_controls c
        SET rate_tokens = least(c.rate_burst, c.rate_tokens
                + c.rate_limit * extract(epoch FROM clock_timestamp() - c.rate_at)),
            rate_at = clock_timestamp()
        FROM l WHERE c.type = l.type AND c.rate_limit IS NOT NULL
        """

    /// Takes jobs of limited types, with the parameters of ``unlimited``; ``lockControls`` comes first.
    static let limited = """
        WITH t AS MATERIALIZED (
            SELECT x.type, x.timeout, c.max_per_key, least(
                $2::bigint,
                coalesce(c.max_running - (SELECT count(*) FROM job_claims k WHERE k.type = x.type), $2::bigint),
                CASE WHEN c.rate_limit IS NULL THEN $2::bigint ELSE floor(c.rate_tokens)::bigint END
            ) AS room
            FROM unnest($1::text[], $4::float8[]) AS x (type, timeout)
            JOIN job_controls c ON c.type = x.type
            WHERE c.paused_at IS NULL
        ), candidate AS MATERIALIZED (
            SELECT r.*, t.type, t.room, t.max_per_key, t.timeout
            FROM t CROSS JOIN LATERAL (
                SELECT j.id, j.ctid AS place, j.priority, j.created_at, m.concurrency_key
                FROM jobs j LEFT JOIN job_meta m ON m.job_id = j.id
                WHERE t.room > 0 AND j.type = t.type AND j.status = 'pending'
                    AND (j.scheduled_for IS NULL OR j.scheduled_for <= now())
                    AND coalesce(j.attempts, 0) < coalesce(j.max_attempts, 3)
                    AND (t.max_per_key IS NULL OR m.concurrency_key IS NULL OR t.max_per_key > (
                        SELECT count(*) FROM job_claims k
                        WHERE k.type = t.type AND k.concurrency_key = m.concurrency_key
                    ))
                ORDER BY j.priority DESC, j.created_at, j.id
                LIMIT CASE WHEN t.max_per_key IS NULL THEN t.room ELSE 10 * t.room END FOR UPDATE OF j SKIP LOCKED
            ) r
        ), keyed AS (
            SELECT c.*, CASE WHEN c.max_per_key IS NULL OR c.concurrency_key IS NULL THEN true ELSE
                c.max_per_key >= row_number() OVER (
                    PARTITION BY c.type, c.concurrency_key ORDER BY c.priority DESC, c.created_at, c.id
                ) + (SELECT count(*) FROM job_claims k WHERE k.type = c.type AND k.concurrency_key = c.concurrency_key)
                END AS has_room
            FROM candidate c
        ), numbered AS (
            SELECT *, row_number() OVER (PARTITION BY type ORDER BY priority DESC, created_at, id) AS number
            FROM keyed WHERE has_room
        ), picked AS (
            SELECT id, place, timeout, type FROM numbered WHERE number <= room
            ORDER BY priority DESC NULLS LAST, created_at, id LIMIT $2
        ), spent AS (
            UPDATE job_controls c SET rate_tokens = c.rate_tokens - n.jobs
            FROM (SELECT type, count(*) AS jobs FROM picked GROUP BY type) n
            WHERE c.type = n.type AND c.rate_limit IS NOT NULL
        ), \(start)
        """

    /// Starts what was picked.
    ///
    /// The rows are locked, so that their places stay; and each step takes along what the next
    /// one needs, as the planner cannot know how many rows come out of a step and would join them in loops. A claim that
    /// is there already lets all fail, and ``dropStaleClaims`` comes in: to be ready for one cost every job a tenth more.
    private static let start = """
        started AS (
            UPDATE jobs j SET status = 'running', attempts = coalesce(j.attempts, 0) + 1, started_at = now(), error = NULL
            FROM (
                SELECT p.place, p.timeout, m.concurrency_key, m.batch_id, m.trace_parent
                FROM picked p LEFT JOIN job_meta m ON m.job_id = p.id
            ) p
            WHERE j.ctid = p.place AND j.status = 'pending'
            RETURNING j.id, j.type, j.data, j.attempts, j.max_attempts, nextval('job_claim_tokens') AS token,
                date_part('epoch', j.started_at - greatest(j.created_at, j.scheduled_for)) AS waited,
                p.timeout, p.concurrency_key, p.batch_id, p.trace_parent,
                j.priority, CASE WHEN j.scheduled_for IS NULL THEN j.created_at END AS queued_at
        ), claimed AS (
            INSERT INTO job_claims (job_id, worker_id, token, attempt, type, concurrency_key, deadline)
            SELECT id, $3::uuid, token, attempts, type, concurrency_key, now() + make_interval(secs => timeout)
            FROM started
        )
        SELECT id, type, data, attempts, coalesce(max_attempts, 3), token, waited, batch_id, trace_parent,
            priority, queued_at
        FROM started
        """
}
