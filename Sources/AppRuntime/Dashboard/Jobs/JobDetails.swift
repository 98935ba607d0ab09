import Foundation
import Postgres

/// All that a page tells of one job.
struct JobDetails: Sendable {
    /// A line of `job_events`.
    struct Event: Sendable {
        let kind: String
        let actor: String?
        let details: String
        let time: Date
    }

    /// A line of `job_logs`.
    struct Line: Sendable {
        let level: String
        let message: String
        let details: String?
        let attempt: Int?
        let time: Date
    }

    /// What only some jobs have.
    struct Meta: Sendable {
        let concurrencyKey: String?
        let tags: [String]
        let actor: String?
        let trace: String?
        let handedBack: Int
        let batch: String?
        let worker: String?
        let deadline: Date?
        let isUnique: Bool
    }

    let entry: JobListing.Entry
    /// The payload, or its beginning.
    let data: String
    let dataBytes: Int
    let result: String?
    let error: String?
    let progressNote: String?
    let reason: JobReason?
    let meta: Meta
    let events: [Event]
    let lines: [Line]
    let now: Date

    static let longestData = 64 << 10
    static let lineCount = 300

    /// Reads a job; nil if there is none of that id.
    static func read(_ id: String, from queue: JobQueue) async throws -> JobDetails? {
        guard UUID(uuidString: id) != nil else { return nil }
        let rows = try await queue.pool.withConnection { connection in
            try await connection.pipeline(try statements(id))
        }
        guard let job = rows[0].first else { return nil }
        let reason = try await queue.why(id)
        let events = try rows[1].map { row in
            Event(
                kind: try String(postgres: row[0]),
                actor: row[1].text,
                details: try String(postgres: row[2]),
                time: try Date(postgres: row[3])
            )
        }
        let lines = try rows[2].map { row in
            Line(
                level: try String(postgres: row[0]),
                message: try String(postgres: row[1]),
                details: row[2].text,
                attempt: try Int?(postgres: row[3]),
                time: try Date(postgres: row[4])
            )
        }
        return JobDetails(
            entry: try JobListing.Entry(job),
            data: try String(postgres: job[15]),
            dataBytes: try Int(postgres: job[16]),
            result: job[17].text,
            error: job[18].text,
            progressNote: job[19].text,
            reason: reason,
            meta: try Meta(job, from: 20),
            events: events,
            lines: lines.reversed(),
            now: try Date(postgres: job[29])
        )
    }

    private static func statements(_ id: String) throws(PostgresError) -> [PostgresStatement] {
        [
            try PostgresStatement(
                """
                SELECT \(JobPart.columns), NULL, left(coalesce(j.data, '{}')::text, \(longestData)),
                    octet_length(coalesce(j.data, '{}')::text), left(j.result::text, \(longestData)), j.error, k.progress_note,
                    m.concurrency_key, array_to_json(coalesce(m.tags, '{}'))::text, m.actor, m.trace_parent,
                    coalesce(m.handed_back, 0), b.name, w.host || ' · ' || w.pid, k.deadline,
                    EXISTS (SELECT FROM job_unique u WHERE u.job_id = j.id), clock_timestamp()
                FROM jobs j LEFT JOIN job_claims k ON k.job_id = j.id LEFT JOIN job_workers w ON w.id = k.worker_id
                    LEFT JOIN job_meta m ON m.job_id = j.id LEFT JOIN job_batches b ON b.id = m.batch_id
                WHERE j.id = $1::uuid
                """,
                id
            ),
            try PostgresStatement(
                """
                SELECT kind, actor, details::text, happened_at FROM (
                    SELECT * FROM job_events WHERE job_id = $1::uuid ORDER BY id DESC LIMIT 100
                ) e ORDER BY id
                """,
                id
            ),
            try PostgresStatement(
                """
                SELECT level, left(message, 4000), left(details::text, 4000), attempt, created_at FROM job_logs
                WHERE job_id = $1::uuid ORDER BY created_at DESC, id DESC LIMIT \(lineCount)
                """,
                id
            ),
        ]
    }
}

extension JobDetails.Meta {
    init(_ row: PostgresRow, from column: Int) throws {
        concurrencyKey = row[column].text
        tags = try JSONDecoder().decode([String].self, from: Data(String(postgres: row[column + 1]).utf8))
        actor = row[column + 2].text
        trace = row[column + 3].text
        handedBack = try Int(postgres: row[column + 4])
        batch = row[column + 5].text
        worker = row[column + 6].text
        deadline = try Date?(postgres: row[column + 7])
        isUnique = try Bool(postgres: row[column + 8])
    }
}
