import Foundation
public import Postgres

/// What makes two jobs of a type the same.
public enum JobUniqueness: Sendable, Hashable {
    /// Their whole payload.
    case payload
    /// A key that the caller makes.
    case key(String)
}

/// What became of an insertion that had to be unique.
public struct UniqueInsertion: Sendable, Hashable {
    /// The job that holds the key: the new one, or the one that was there.
    public let id: String
    /// Whether the job is new.
    public let isInserted: Bool
}

extension JobQueue {
    /// Puts a job into the queue unless one that is the same waits or runs already.
    ///
    /// The key is a row with a primary key, so it holds between transactions that run at the same time: one that is
    /// about to insert the same waits for the other's end, and takes over if that is rolled back. A key is free again
    /// when its job has ended or it expires. A retry never asks for it anew.
    ///
    /// - Parameters:
    ///   - job: the work.
    ///   - uniqueness: what makes two jobs the same.
    ///   - window: how long the key is held at most; nil until the job ends.
    ///   - insertion: when and how it is to run.
    /// - Returns: the job that holds the key.
    /// - Throws: ``AppRuntimeError``; ``PostgresError``.
    public func insertUnique<Work: Job>(
        _ job: Work,
        by uniqueness: JobUniqueness = .payload,
        within window: Duration? = nil,
        _ insertion: JobInsertion = JobInsertion()
    ) async throws -> UniqueInsertion {
        try await pool.withConnection { connection in
            try await connection.withTransaction { connection in
                try await insertUnique(job, by: uniqueness, within: window, insertion, on: connection)
            }
        }
    }

    /// The same, within the transaction that is open on the caller's connection, at READ COMMITTED.
    public func insertUnique<Work: Job>(
        _ job: Work,
        by uniqueness: JobUniqueness = .payload,
        within window: Duration? = nil,
        _ insertion: JobInsertion = JobInsertion(),
        on connection: PostgresConnection
    ) async throws -> UniqueInsertion {
        let row = try JobRow(job, insertion)
        let key =
            switch uniqueness {
            case .payload: row.data
            case .key(let key): key
            }
        // A key may go between the attempt to take it and the look at who has it.
        for _ in 0..<5 {
            let found = try await connection.query(
                uniqueStatement,
                Work.type + "|" + key,
                row.id,
                window.map(\.storableSeconds),
                row.name,
                Work.type,
                row.priority,
                row.data,
                row.maxAttempts,
                insertion.scheduledAt
            )
            guard let first = found.first else { continue }
            let (id, isInserted) = try first.decode(String.self, Bool.self)
            if isInserted {
                try await send(insertion.hasMeta ? [try row.meta] : [], inserting: row, on: connection)
            }
            return UniqueInsertion(id: id, isInserted: isInserted)
        }
        throw AppRuntimeError.contended(Work.type)
    }
}

/// Takes the key and inserts the job, or tells who has the key.
///
/// Only a job that is seen to have ended frees its key: one that was committed since the statement began is not seen.
private let uniqueStatement = """
    WITH k AS (
        INSERT INTO job_unique (key, job_id, expires_at)
        VALUES (sha256(convert_to($1, 'UTF8')), $2::uuid, now() + make_interval(secs => $3::float8))
        ON CONFLICT (key) DO UPDATE SET job_id = excluded.job_id, expires_at = excluded.expires_at
        WHERE job_unique.expires_at < now() OR EXISTS (
            SELECT FROM jobs j WHERE j.id = job_unique.job_id AND j.status NOT IN ('pending', 'running')
        )
        RETURNING job_id
    ), n AS (
        INSERT INTO jobs (id, name, type, priority, data, max_attempts, scheduled_for)
        SELECT job_id, $4, $5, $6, $7, $8, $9 FROM k RETURNING id
    )
    SELECT id, true FROM n
    UNION ALL
    SELECT job_id, false FROM job_unique WHERE key = sha256(convert_to($1, 'UTF8')) AND NOT EXISTS (SELECT FROM n)
    """
