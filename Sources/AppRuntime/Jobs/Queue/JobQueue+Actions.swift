import Postgres

extension JobQueue {
    /// Lets a job run now: one that waits for its time or its next attempt, or one that has failed or was cancelled.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - actor: who wants it; recorded in `job_events`.
    /// - Throws: ``AppRuntimeError`` with code `no-job` or `wrong-state`; ``PostgresError``.
    public func retry(_ id: String, by actor: String) async throws {
        try await pool.withConnection { try await retry(id, by: actor, on: $0) }
        wake.callLocal()
    }

    func retry(_ id: String, by actor: String, on connection: PostgresConnection) async throws {
        let back = try await connection.query(
            """
            WITH back AS (
                UPDATE jobs SET scheduled_for = NULL
                WHERE id = $1::uuid AND status = 'pending' AND scheduled_for IS NOT NULL RETURNING id, type, attempts
            ), event AS (
                INSERT INTO job_events (job_id, kind, actor, details)
                SELECT id, 'retried', $2, jsonb_build_object('attempts', attempts) FROM back
            )
            SELECT pg_notify('\(JobWake.channel)', type)::text FROM back
            """,
            id,
            actor
        )
        guard back.isEmpty else { return }
        guard try await redrive([id], by: actor, on: connection).isEmpty else { return }
        throw try await refusal(of: id, wanted: "waiting for its time, failed or cancelled", on: connection)
    }

    /// Gives up a job that waits: it counts as failed, and can be redriven.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - actor: who wants it; recorded in `job_events`.
    /// - Throws: ``AppRuntimeError`` with code `no-job` or `wrong-state`; ``PostgresError``.
    public func discard(_ id: String, by actor: String) async throws {
        try await pool.withConnection { try await discard(id, by: actor, on: $0) }
    }

    func discard(_ id: String, by actor: String, on connection: PostgresConnection) async throws {
        let gone = try await connection.query(
            """
            WITH gone AS (
                UPDATE jobs SET status = 'failed', completed_at = now(),
                    error = coalesce(error || E'\\n', '') || 'discarded by ' || $2
                WHERE id = $1::uuid AND status = 'pending' RETURNING id
            )
            INSERT INTO job_events (job_id, kind, actor) SELECT id, 'discarded', $2 FROM gone RETURNING job_id
            """,
            id,
            actor
        )
        guard gone.isEmpty else { return }
        throw try await refusal(of: id, wanted: "pending", on: connection)
    }

    /// Puts the jobs of a type that failed last back into the queue, a thousand at most.
    ///
    /// - Parameters:
    ///   - type: the type.
    ///   - limit: how many at most.
    ///   - actor: who wants it; recorded in `job_events`.
    /// - Returns: how many were put back.
    /// - Throws: ``PostgresError``.
    @discardableResult
    public func redriveFailed(of type: String, limit: Int = 1000, by actor: String) async throws -> Int {
        let back = try await pool.withConnection { try await redriveFailed(of: type, limit: limit, by: actor, on: $0) }
        wake.callLocal()
        return back
    }

    func redriveFailed(
        of type: String,
        limit: Int,
        by actor: String,
        on connection: PostgresConnection
    ) async throws -> Int {
        let ids = try await connection.query(
            """
            SELECT id FROM jobs WHERE status = 'failed' AND type = $1 AND completed_at IS NOT NULL
            ORDER BY completed_at DESC LIMIT $2::int
            """,
            type,
            min(max(limit, 0), 1000)
        ).decode(as: String.self)
        return try await redrive(ids, by: actor, on: connection).count
    }

    /// Inserts a job of a type that a handler is known for, from a payload that somebody else wrote.
    ///
    /// - Returns: the job's id.
    /// - Throws: ``AppRuntimeError`` with code `payload`; ``PostgresError``.
    func insert(
        _ data: String,
        as entry: JobHandlers.Entry,
        of type: String,
        _ insertion: JobInsertion,
        on connection: PostgresConnection
    ) async throws -> String {
        let row = JobRow(type: type, data: try entry.normalise(data), settings: entry.settings, insertion)
        let event = try PostgresStatement(
            "INSERT INTO job_events (job_id, kind, actor) VALUES ($1, 'created', $2)",
            row.id,
            insertion.actor
        )
        try await send(try row.statements + [event], inserting: row, on: connection)
        return row.id
    }
}
