public import Foundation
import Postgres

/// A job as it stands.
public struct JobState: Sendable, Hashable, Codable {
    /// The id.
    public let id: String
    /// A name for people.
    public let name: String
    /// The type.
    public let type: String
    /// `pending`, `running`, `completed`, `failed` or `cancelled`.
    public let status: String
    /// Which go first, the higher number.
    public let priority: Int
    /// How often it was tried.
    public let attempts: Int
    /// How often it is tried in all.
    public let maxAttempts: Int
    /// The payload, as JSON.
    public let data: String
    /// What the handler returned, as JSON.
    public let result: String?
    /// Why the last attempt failed.
    public let error: String?
    /// Not before this time.
    public let scheduledFor: Date?
    /// When the last attempt began.
    public let startedAt: Date?
    /// When it ended.
    public let completedAt: Date?
    /// When it was inserted.
    public let createdAt: Date
    /// How far a running one is, from 0 to 1.
    public let progress: Double?
    /// What it says of that.
    public let progressNote: String?

    enum CodingKeys: String, CodingKey {
        case id, name, type, status, priority, attempts, data, result, error, progress
        case maxAttempts = "max_attempts"
        case scheduledFor = "scheduled_for"
        case startedAt = "started_at"
        case completedAt = "completed_at"
        case createdAt = "created_at"
        case progressNote = "progress_note"
    }

    static let columns = """
        j.id, coalesce(j.name, j.type, ''), coalesce(j.type, ''), coalesce(j.status, 'pending'), coalesce(j.priority, 0),
        coalesce(j.attempts, 0), coalesce(j.max_attempts, 3), coalesce(j.data, '{}'), j.result, j.error, j.scheduled_for,
        j.started_at, j.completed_at, coalesce(j.created_at, 'epoch'::timestamptz), k.progress, k.progress_note
        """

    init(_ row: PostgresRow) throws(PostgresError) {
        id = try String(postgres: row[0])
        name = try String(postgres: row[1])
        type = try String(postgres: row[2])
        status = try String(postgres: row[3])
        priority = try Int(postgres: row[4])
        attempts = try Int(postgres: row[5])
        maxAttempts = try Int(postgres: row[6])
        data = try String(postgres: row[7])
        result = row[8].text
        error = row[9].text
        scheduledFor = try Date?(postgres: row[10])
        startedAt = try Date?(postgres: row[11])
        completedAt = try Date?(postgres: row[12])
        createdAt = try Date(postgres: row[13])
        progress = try Double?(postgres: row[14])
        progressNote = row[15].text
    }
}

extension JobQueue {
    /// A job as it stands now; nil if there is none of that id.
    public func job(_ id: String) async throws -> JobState? {
        try await pool.withConnection { connection in
            let rows = try await connection.query(
                "SELECT \(JobState.columns) FROM jobs j LEFT JOIN job_claims k ON k.job_id = j.id WHERE j.id = $1::uuid",
                id
            )
            return try rows.first.map(JobState.init)
        }
    }
}
