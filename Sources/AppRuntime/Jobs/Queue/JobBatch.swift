import Foundation
import Postgres

/// Jobs that belong together, with a job that comes when all of them have ended.
public struct JobBatch: Sendable, Hashable {
    /// The batch's id in `job_batches`.
    public let id: String
}

/// The job that comes when a batch has ended, as it is stored.
private struct BatchCompletion: Codable {
    var type: String
    var priority: Int
    var maxAttempts: Int
    var data: String

    enum CodingKeys: String, CodingKey {
        case type, priority, data
        case maxAttempts = "max_attempts"
    }
}

extension JobQueue {
    /// Makes a batch.
    ///
    /// Insert its jobs with ``JobInsertion/batch``, then ``seal(_:)`` it.
    ///
    /// - Parameters:
    ///   - name: a name for people.
    ///   - completion: the job that is inserted once every job of the batch has completed, failed or been cancelled;
    ///     it is inserted exactly once, and also if the batch has no jobs.
    /// - Returns: the batch, to which jobs can be added.
    /// - Throws: ``AppRuntimeError`` for a payload that cannot be written; ``PostgresError``.
    public func makeBatch<Completion: Job>(named name: String, then completion: Completion) async throws -> JobBatch {
        let row = try JobRow(completion, JobInsertion())
        let stored = BatchCompletion(
            type: row.type,
            priority: row.priority,
            maxAttempts: row.maxAttempts,
            data: row.data
        )
        let id = JobID.next()
        try await pool.withConnection { connection in
            try await connection.query(
                "INSERT INTO job_batches (id, name, completion) VALUES ($1, $2, $3)",
                id,
                name,
                PostgresJSON(stored)
            )
        }
        return JobBatch(id: id)
    }

    /// Says that a batch takes no more jobs: from now on its end is looked for.
    ///
    /// - Throws: ``AppRuntimeError`` with code `sealed-batch` if it was sealed before; ``PostgresError``.
    public func seal(_ batch: JobBatch) async throws {
        try await pool.withConnection { connection in
            let sealed = try await connection.query(
                "UPDATE job_batches SET sealed_at = clock_timestamp() WHERE id = $1 AND sealed_at IS NULL RETURNING id",
                batch.id
            )
            guard !sealed.isEmpty else { throw AppRuntimeError.sealedBatch(batch.id) }
            try await BatchEnd.look(at: [batch.id], on: connection)
        }
        wake.callLocal()
    }
}

/// Ends batches whose jobs have all ended, and inserts the job that comes then.
enum BatchEnd {
    /// Looks at batches after something of theirs has ended; whoever looks last sees that all have.
    ///
    /// - Returns: how many ended now.
    @discardableResult
    static func look(at batches: [String]?, on connection: PostgresConnection) async throws -> Int {
        try await connection.query(sql, batches).count
    }

    /// With null for its parameter it looks at every batch that has not ended.
    private static let sql = """
        WITH open AS (
            SELECT b.id, b.name, b.completion FROM job_batches b
            WHERE b.finished_at IS NULL AND b.sealed_at IS NOT NULL AND ($1::uuid[] IS NULL OR b.id = ANY ($1::uuid[]))
                AND NOT EXISTS (
                    SELECT FROM job_meta m JOIN jobs j ON j.id = m.job_id
                    WHERE m.batch_id = b.id AND j.status IN ('pending', 'running')
                )
            ORDER BY b.id LIMIT 500 FOR UPDATE OF b SKIP LOCKED
        ), ended AS (
            UPDATE job_batches b SET finished_at = clock_timestamp(), completion_job_id = gen_random_uuid()
            FROM open o WHERE b.id = o.id AND b.finished_at IS NULL
            RETURNING b.id, b.name, b.completion, b.completion_job_id
        ), inserted AS (
            INSERT INTO jobs (id, name, type, priority, max_attempts, data)
            SELECT e.completion_job_id, e.completion ->> 'type', e.completion ->> 'type',
                (e.completion ->> 'priority')::int, (e.completion ->> 'max_attempts')::int,
                (e.completion ->> 'data')::jsonb
            FROM ended e WHERE e.completion IS NOT NULL
            RETURNING id
        )
        SELECT e.id, pg_notify('\(JobWake.channel)', '')::text FROM ended e
        """
}
