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

    /// The first reason why a job is not running, in words; nil if there is none of that id.
    public func why(_ id: String, workerTimeToLive: Duration = .seconds(30)) async throws -> JobReason? {
        try await pool.withConnection { connection in
            let rows = try await connection.query(whyStatement, id, workerTimeToLive / .seconds(1))
            return try rows.first.map { row in
                let (code, text) = try row.decode(String.self, String.self)
                return JobReason(code: code, text: text)
            }
        }
    }
}

/// Why a job is not running.
public struct JobReason: Sendable, Hashable, Codable {
    /// The reason as a word for machines: `ended`, `running`, `future`, `paused`, `exhausted`, `no-handler`, `limit`,
    /// `key-limit`, `rate`, `behind` or `next`.
    public let code: String
    /// The reason in a sentence.
    public let text: String
}

/// The checks of a fetch, one by one, in the order in which it makes them.
private let whyStatement = """
    SELECT CASE
        WHEN j.status IN ('completed', 'failed', 'cancelled') THEN 'ended'
        WHEN j.status = 'running' THEN 'running'
        WHEN coalesce(j.attempts, 0) >= coalesce(j.max_attempts, 3) THEN 'exhausted'
        WHEN j.scheduled_for > now() THEN 'future'
        WHEN c.paused_at IS NOT NULL THEN 'paused'
        WHEN w.workers = 0 THEN 'no-handler'
        WHEN c.max_running <= r.running THEN 'limit'
        WHEN c.max_per_key <= kr.running THEN 'key-limit'
        WHEN c.rate_limit IS NOT NULL AND least(c.rate_burst,
            c.rate_tokens + c.rate_limit * extract(epoch FROM now() - c.rate_at)) < 1 THEN 'rate'
        WHEN p.ahead > 0 THEN 'behind'
        ELSE 'next' END,
    CASE
        WHEN j.status IN ('completed', 'failed', 'cancelled') THEN
            'it ended at ' || coalesce(j.completed_at::text, 'an unknown time') || ' as ' || j.status
        WHEN j.status = 'running' THEN coalesce(
            'it is running since ' || k.claimed_at || ' on ' || wk.host || ', process ' || wk.pid,
            'it is marked as running, but no worker holds it: the next sweep gives it back')
        WHEN coalesce(j.attempts, 0) >= coalesce(j.max_attempts, 3) THEN
            'all ' || coalesce(j.max_attempts, 3) || ' attempts are used up: redrive it'
        WHEN j.scheduled_for > now() THEN 'it is not due before ' || j.scheduled_for
        WHEN c.paused_at IS NOT NULL THEN
            'jobs of type ' || j.type || ' are paused since ' || c.paused_at || ' by ' || coalesce(c.paused_by, 'somebody')
        WHEN w.workers = 0 THEN 'no live worker has a handler for type ' || coalesce(j.type, 'NULL')
        WHEN c.max_running <= r.running THEN
            r.running || ' jobs of type ' || j.type || ' are running, and no more than ' || c.max_running || ' may'
        WHEN c.max_per_key <= kr.running THEN
            kr.running || ' jobs with the key ' || m.concurrency_key || ' are running, and no more than '
            || c.max_per_key || ' may'
        WHEN c.rate_limit IS NOT NULL AND least(c.rate_burst,
            c.rate_tokens + c.rate_limit * extract(epoch FROM now() - c.rate_at)) < 1 THEN
            'jobs of type ' || j.type || ' start at most ' || c.rate_limit || ' times a second'
        WHEN p.ahead > 0 THEN
            CASE WHEN p.ahead >= 1000 THEN 'at least 1000' ELSE p.ahead::text END || ' jobs of its type go first'
        ELSE 'a worker takes it with the next fetch' END
    FROM jobs j
    LEFT JOIN job_controls c ON c.type = j.type
    LEFT JOIN job_meta m ON m.job_id = j.id
    LEFT JOIN job_claims k ON k.job_id = j.id
    LEFT JOIN job_workers wk ON wk.id = k.worker_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS workers FROM job_workers w
        WHERE w.state = 'up' AND w.last_seen > now() - make_interval(secs => $2) AND j.type::text = ANY (w.types)
    ) w
    CROSS JOIN LATERAL (SELECT count(*) AS running FROM job_claims x WHERE x.type = j.type) r
    CROSS JOIN LATERAL (
        SELECT count(*) AS running FROM job_claims x WHERE x.type = j.type AND x.concurrency_key = m.concurrency_key
    ) kr
    CROSS JOIN LATERAL (
        SELECT count(*) AS ahead FROM (
            SELECT FROM jobs o
            WHERE o.type = j.type AND o.status = 'pending' AND o.scheduled_for IS NULL
                AND (o.priority > j.priority OR o.priority = j.priority AND (o.created_at, o.id) < (j.created_at, j.id))
            LIMIT 1000
        ) o
    ) p
    WHERE j.id = $1::uuid
    """
