import Foundation
import Postgres

/// What is known of a job beside its row: who asked for it, who holds it, what was done to it.
struct JobHistory: Sendable {
    /// Something that happened to a job.
    struct Event: Sendable {
        let at: Date
        let kind: String
        let actor: String?
        /// More about it, as JSON.
        let details: String
    }

    /// Begins with the columns of ``JobMembers``.
    let row: PostgresRow
    let data: String
    let result: String?
    let tags: [String]
    let actor: String?
    let batch: String?
    let concurrencyKey: String?
    let traceParent: String?
    /// The worker that holds it, and until when its handler ought to have ended.
    let worker: (id: String, host: String?, pid: Int?, deadline: Date?, isAskedToStop: Bool)?
    /// What happened, the oldest first; the last two hundred.
    let timeline: [Event]

    /// Reads it; nil if there is no job of that id.
    init?(_ id: String, on connection: PostgresConnection) async throws {
        let answers = try await connection.pipeline([
            try PostgresStatement(
                """
                SELECT \(JobMembers.columns()), coalesce(j.data, '{}'), j.result, m.tags, m.actor, m.batch_id, m.concurrency_key, m.trace_parent,
                    k.worker_id, w.host, w.pid, k.deadline, k.cancel_requested IS NOT NULL,
                    coalesce(j.created_at, 'epoch'), j.started_at, j.completed_at
                FROM jobs j LEFT JOIN job_claims k ON k.job_id = j.id LEFT JOIN job_meta m ON m.job_id = j.id
                LEFT JOIN job_workers w ON w.id = k.worker_id
                WHERE j.id = $1::uuid
                """,
                id
            ),
            try PostgresStatement(
                """
                SELECT happened_at, kind, actor, details FROM (
                    SELECT * FROM job_events WHERE job_id = $1::uuid ORDER BY id DESC LIMIT 200
                ) e ORDER BY id
                """,
                id
            ),
        ])
        guard let row = answers[0].first else { return nil }
        self.row = row
        data = try String(postgres: row[14])
        result = row[15].text
        tags = try [String]?(postgres: row[16]) ?? []
        actor = row[17].text
        batch = row[18].text
        concurrencyKey = row[19].text
        traceParent = row[20].text
        worker = try row[21].text.map { worker in
            (
                worker, row[22].text, try Int?(postgres: row[23]), try Date?(postgres: row[24]),
                try Bool(postgres: row[25])
            )
        }
        let events = try answers[1].map { row in
            Event(
                at: try Date(postgres: row[0]),
                kind: try String(postgres: row[1]),
                actor: row[2].text,
                details: row[3].text ?? "{}"
            )
        }
        let own = try [
            ("inserted", row[26]), ("started", row[27]), (String(postgres: row[3]), row[28]),
        ].compactMap { kind, time in
            try Date?(postgres: time).map { Event(at: $0, kind: kind, actor: nil, details: "{}") }
        }
        timeline = (own + events).sorted { $0.at < $1.at }
    }
}
