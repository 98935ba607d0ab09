import Postgres

extension JobQueue {
    /// Cancels a job: one that waits at once, one that runs by asking its worker, wherever that is.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - actor: who wants it; recorded in `job_events`.
    /// - Returns: whether the job is cancelled already, and not only asked to stop.
    /// - Throws: ``AppRuntimeError`` with code `no-job` or `wrong-state`; ``PostgresError``.
    @discardableResult
    public func cancel(_ id: String, by actor: String) async throws -> Bool {
        try await pool.withConnection { try await cancel(id, by: actor, on: $0) }
    }

    func cancel(_ id: String, by actor: String, on connection: PostgresConnection) async throws -> Bool {
        let outcome = try await connection.query(
            """
            WITH waiting AS (
                UPDATE jobs SET status = 'cancelled', completed_at = now(), error = 'cancelled by ' || $2
                WHERE id = $1::uuid AND status = 'pending' RETURNING id
            ), running AS (
                UPDATE job_claims SET cancel_requested = coalesce(cancel_requested, now())
                WHERE job_id = $1::uuid RETURNING job_id
            ), event AS (
                INSERT INTO job_events (job_id, kind, actor)
                SELECT id, 'cancelled', $2 FROM waiting
                UNION ALL SELECT job_id, 'cancel-requested', $2 FROM running
            )
            SELECT 'cancelled' FROM waiting
            UNION ALL SELECT 'asked' || pg_notify('\(JobWake.cancelChannel)', job_id::text)::text FROM running
            """,
            id,
            actor
        ).decode(as: String.self).first
        if let outcome { return outcome == "cancelled" }
        throw try await refusal(of: id, wanted: "pending or running", on: connection)
    }

    /// Puts jobs that have failed or were cancelled back into the queue, with at least one more attempt.
    ///
    /// - Returns: how many were put back; others were in another state, or gone.
    @discardableResult
    public func redrive(_ ids: [String], by actor: String) async throws -> Int {
        let back = try await pool.withConnection { try await redrive(ids, by: actor, on: $0) }
        wake.callLocal()
        return back.count
    }

    func redrive(_ ids: [String], by actor: String, on connection: PostgresConnection) async throws -> [String] {
        try await connection.query(
            """
            WITH back AS (
                UPDATE jobs SET status = 'pending', scheduled_for = NULL, completed_at = NULL, started_at = NULL,
                    max_attempts = greatest(coalesce(max_attempts, 3), coalesce(attempts, 0) + 1)
                WHERE id = ANY ($1::uuid[]) AND status IN ('failed', 'cancelled') RETURNING id, attempts
            ), event AS (
                INSERT INTO job_events (job_id, kind, actor, details)
                SELECT id, 'redriven', $2, jsonb_build_object('attempts', attempts) FROM back
            ), told AS (
                SELECT pg_notify('\(JobWake.channel)', '') WHERE EXISTS (SELECT FROM back)
            )
            SELECT back.id FROM back LEFT JOIN told ON true
            """,
            ids,
            actor
        ).decode(as: String.self)
    }

    /// Stops workers from taking jobs of a type; those that run go on.
    public func pause(_ type: String, by actor: String) async throws {
        try await pool.withConnection { connection in
            try await connection.query(
                """
                WITH c AS (
                    INSERT INTO job_controls (type, paused_at, paused_by) VALUES ($1, now(), $2)
                    ON CONFLICT (type) DO UPDATE SET paused_at = now(), paused_by = excluded.paused_by
                    WHERE job_controls.paused_at IS NULL RETURNING type
                )
                INSERT INTO job_events (kind, actor, details)
                SELECT 'paused', $2, jsonb_build_object('type', type) FROM c
                """,
                type,
                actor
            )
        }
    }

    /// Lets workers take jobs of a type again.
    public func resume(_ type: String, by actor: String) async throws {
        try await pool.withConnection { connection in
            try await connection.query(
                """
                WITH c AS (
                    UPDATE job_controls SET paused_at = NULL, paused_by = NULL
                    WHERE type = $1 AND paused_at IS NOT NULL RETURNING type
                ), told AS (
                    SELECT type, pg_notify('\(JobWake.channel)', type) FROM c
                )
                INSERT INTO job_events (kind, actor, details)
                SELECT 'resumed', $2, jsonb_build_object('type', type) FROM told
                """,
                type,
                actor
            )
        }
        wake.callLocal()
    }

    /// Sets the limits of a type by hand; they hold from the next fetch on, and before those of the code.
    ///
    /// - Parameters:
    ///   - limits: the limits; nil gives the type back to the code, whose limits hold from the next start of a worker on.
    ///   - type: the type.
    ///   - actor: who wants it; recorded in `job_events`.
    /// - Throws: ``PostgresError``.
    public func setLimits(_ limits: JobLimits?, of type: String, by actor: String) async throws {
        try await pool.withConnection { connection in
            try await connection.withTransaction { connection in
                try await JobControls.store(
                    limits ?? JobLimits(),
                    of: type,
                    by: limits == nil ? nil : actor,
                    on: connection
                )
                try await connection.query(
                    "INSERT INTO job_events (kind, actor, details) VALUES ('limited', $1, jsonb_build_object('type', $2::text))",
                    actor,
                    type
                )
            }
        }
    }

    func refusal(
        of id: String,
        wanted: String,
        on connection: PostgresConnection
    ) async throws -> AppRuntimeError {
        let state = try await connection.query("SELECT status FROM jobs WHERE id = $1::uuid", id).decode(
            as: String.self
        )
        return state.first.map { .wrongState(id, $0, wanted: wanted) } ?? .noJob(id)
    }
}

/// The limits of types, as they are stored.
enum JobControls {
    /// Stores the limits of the code, in the place of those of an older release, but not of what somebody set by hand.
    static func storeOfCode(_ limits: JobLimits, of type: String, on connection: PostgresConnection) async throws {
        guard limits.storable.isUnlimited else {
            return try await store(limits, of: type, by: nil, replacesManual: false, on: connection)
        }
        try await connection.query(
            """
            UPDATE job_controls SET max_running = NULL, max_per_key = NULL, rate_limit = NULL, rate_burst = NULL
            WHERE type = $1 AND limits_by IS NULL
            """,
            type
        )
    }

    /// Stores limits in the name of somebody, or of the code.
    static func store(
        _ limits: JobLimits,
        of type: String,
        by actor: String?,
        replacesManual: Bool = true,
        on connection: PostgresConnection
    ) async throws {
        let limits = limits.storable
        try await connection.query(
            """
            INSERT INTO job_controls (type, max_running, max_per_key, rate_limit, rate_burst, rate_tokens, limits_by)
            VALUES ($1, $2, $3, $4, $5, coalesce($5::float8, 0), $6)
            ON CONFLICT (type) DO UPDATE SET max_running = excluded.max_running, max_per_key = excluded.max_per_key,
                rate_limit = excluded.rate_limit, rate_burst = excluded.rate_burst, limits_by = excluded.limits_by
            WHERE $7 OR job_controls.limits_by IS NULL
            """,
            type,
            limits.running,
            limits.runningPerKey,
            limits.startsPerSecond,
            limits.startsPerSecond.map { _ in limits.burst },
            actor,
            replacesManual
        )
    }
}

extension JobLimits {
    /// The limits as every fetch can count with them: numbers of four bytes, no rate that is not finite, a burst up to a billion.
    fileprivate var storable: JobLimits {
        JobLimits(
            running: running.map { Int(Int32(clamping: $0)) },
            runningPerKey: runningPerKey.map { Int(Int32(clamping: $0)) },
            startsPerSecond: startsPerSecond.flatMap { $0.isFinite ? $0 : nil },
            burst: burst.isNaN ? 1 : min(max(burst, 1), 1e9)
        )
    }
}
