import Foundation
import Postgres

/// Jobs as a list shows them.
struct JobList: Codable, Hashable, Sendable {
    struct Row: Codable, Hashable, Sendable {
        let id: String
        let type: String
        let status: String
        let attempts: Int
        let maxAttempts: Int
        let createdAt: String
        let scheduledFor: String?
        let error: String?

        enum CodingKeys: String, CodingKey {
            case id, type, status, attempts, error
            case maxAttempts = "max_attempts"
            case createdAt = "created_at"
            case scheduledFor = "scheduled_for"
        }
    }

    let jobs: [Row]

    /// Reads the newest jobs.
    ///
    /// - Parameters:
    ///   - status: only those of a status; nil for all.
    ///   - type: only those of a type; nil for all.
    ///   - limit: how many at most.
    ///   - pool: the database.
    /// - Throws: `PostgresError`.
    init(status: String?, type: String?, limit: Int, from pool: PostgresPool) async throws {
        func newest(where condition: String) -> String {
            """
            (SELECT * FROM jobs WHERE \(condition) AND ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR type = $2)
            ORDER BY created_at DESC, id DESC LIMIT $3)
            """
        }
        jobs = try await pool.withConnection { connection in
            try await connection.query(
                """
                SELECT id::text, coalesce(type, ''), coalesce(status, ''), coalesce(attempts, 0), coalesce(max_attempts, 3),
                    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                    to_char(scheduled_for AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), error
                FROM (
                    \(newest(where: "status IS DISTINCT FROM 'running'")) UNION ALL \(newest(where: "status = 'running'"))
                ) j
                ORDER BY created_at DESC, id DESC LIMIT $3
                """,
                status,
                type,
                limit
            ).map { row in
                Row(
                    id: try String(postgres: row[0]),
                    type: try String(postgres: row[1]),
                    status: try String(postgres: row[2]),
                    attempts: try Int(postgres: row[3]),
                    maxAttempts: try Int(postgres: row[4]),
                    createdAt: row[5].text ?? "",
                    scheduledFor: row[6].text,
                    error: row[7].text
                )
            }
        }
    }

    /// The list for people: a line a job, with the first line of its error.
    var text: String {
        guard !jobs.isEmpty else { return "no jobs" }
        return jobs.map { job in
            let error = job.error?.split(whereSeparator: \.isNewline).first.map { "  \($0.prefix(100))" } ?? ""
            let due = job.scheduledFor.map { "  not before \($0)" } ?? ""
            return
                "\(job.id)  \(job.status)  \(job.type)  \(job.attempts)/\(job.maxAttempts)  \(job.createdAt)\(due)\(error)"
        }.joined(separator: "\n")
    }
}

extension JobList {
    /// The jobs that have failed for good.
    ///
    /// - Parameters:
    ///   - type: only those of a type; nil for all.
    ///   - limit: how many at most, the newest.
    ///   - pool: the database.
    /// - Returns: their ids.
    /// - Throws: `PostgresError`.
    static func dead(type: String?, limit: Int, in pool: PostgresPool) async throws -> [String] {
        try await pool.withConnection { connection in
            try await connection.query(
                """
                SELECT id::text FROM jobs WHERE status = 'failed' AND ($1::text IS NULL OR type = $1)
                ORDER BY completed_at DESC LIMIT $2
                """,
                type,
                limit
            ).decode(as: String.self)
        }
    }
}
