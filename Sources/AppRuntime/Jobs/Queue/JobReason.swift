import Postgres

/// Why a job is not running.
public struct JobReason: Sendable, Hashable, Encodable {
    /// The reason as a word for machines: `ended`, `running`, `unheld`, `future`, `paused`, `exhausted`, `no-handler`, `limit`,
    /// `key-limit`, `rate`, `behind` or `next`.
    public let code: String
    /// What stands in the sentence, in its order.
    let facts: [String]

    /// The reason in a sentence.
    public var text: String { Self.sentence(Self.sentences[code] ?? code, facts) }

    enum CodingKeys: String, CodingKey { case code, text }

    /// Writes the code and the sentence.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(code, forKey: .code)
        try container.encode(text, forKey: .text)
    }

    /// The sentences by code, with `{}` for each fact.
    static let sentences = [
        "ended": "it ended at {} as {}",
        "running": "it is running since {} on {}, process {}",
        "unheld": "it is marked as running, but no worker holds it: the next sweep gives it back",
        "exhausted": "all {} attempts are used up: redrive it",
        "future": "it is not due before {}",
        "paused": "jobs of type {} are paused since {} by {}",
        "no-handler": "no live worker has a handler for type {}",
        "limit": "{} jobs of type {} are running, and no more than {} may",
        "key-limit": "{} jobs with the key {} are running, and no more than {} may",
        "rate": "jobs of type {} start at most {} times a second",
        "behind": "{} jobs of its type go first",
        "next": "a worker takes it with the next fetch",
    ]

    /// A sentence with its facts, one after the other.
    static func sentence(_ text: String, _ facts: [String]) -> String {
        var facts = facts[...]
        return text.split(separator: "{}", omittingEmptySubsequences: false).enumerated().reduce(into: "") {
            if $1.offset > 0 { $0 += facts.popFirst() ?? "" }
            $0 += $1.element
        }
    }
}

extension JobQueue {
    /// The first reason why a job is not running; nil if there is none of that id.
    public func why(_ id: String, workerTimeToLive: Duration = .seconds(30)) async throws -> JobReason? {
        try await pool.withConnection { connection in
            let rows = try await connection.query(whyStatement, id, workerTimeToLive.storableSeconds)
            return try rows.first.map { row in
                let (code, facts) = try row.decode(String.self, [String].self)
                return JobReason(code: code, facts: facts)
            }
        }
    }
}

/// The checks of a fetch, one by one, in the order in which it makes them; and what there is to say of each.
private let whyStatement = """
    SELECT r.code, array_replace(CASE r.code
        WHEN 'ended' THEN ARRAY[\(utc("j.completed_at")), j.status]
        WHEN 'running' THEN ARRAY[\(utc("k.claimed_at")), wk.host, wk.pid::text]
        WHEN 'exhausted' THEN ARRAY[coalesce(j.max_attempts, 3)::text]
        WHEN 'future' THEN ARRAY[\(utc("j.scheduled_for"))]
        WHEN 'paused' THEN ARRAY[j.type, \(utc("c.paused_at")), c.paused_by]
        WHEN 'no-handler' THEN ARRAY[j.type::text]
        WHEN 'limit' THEN ARRAY[n.running::text, j.type, c.max_running::text]
        WHEN 'key-limit' THEN ARRAY[n.of_key::text, m.concurrency_key, c.max_per_key::text]
        WHEN 'rate' THEN ARRAY[j.type, c.rate_limit::text]
        WHEN 'behind' THEN ARRAY[n.ahead || CASE WHEN n.ahead >= 1000 THEN '+' ELSE '' END]
        ELSE '{}' END::text[], NULL, '?')
    FROM jobs j
    LEFT JOIN job_controls c ON c.type = j.type
    LEFT JOIN job_meta m ON m.job_id = j.id
    LEFT JOIN job_claims k ON k.job_id = j.id
    LEFT JOIN job_workers wk ON wk.id = k.worker_id
    CROSS JOIN LATERAL (
        SELECT (
            SELECT count(*) FROM job_workers w
            WHERE w.state = 'up' AND w.last_seen > now() - make_interval(secs => $2) AND j.type::text = ANY (w.types)
        ) AS workers,
        (SELECT count(*) FROM job_claims x WHERE x.type = j.type) AS running,
        (SELECT count(*) FROM job_claims x WHERE x.type = j.type AND x.concurrency_key = m.concurrency_key) AS of_key,
        (
            SELECT count(*) FROM (
                SELECT FROM jobs o
                WHERE o.type = j.type AND o.status = 'pending' AND o.scheduled_for IS NULL
                    AND (o.priority > j.priority OR o.priority = j.priority AND (o.created_at, o.id) < (j.created_at, j.id))
                LIMIT 1000
            ) o
        ) AS ahead
    ) n
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN j.status IN ('completed', 'failed', 'cancelled') THEN 'ended'
            WHEN j.status = 'running' AND k.job_id IS NULL THEN 'unheld'
            WHEN j.status = 'running' THEN 'running'
            WHEN coalesce(j.attempts, 0) >= coalesce(j.max_attempts, 3) THEN 'exhausted'
            WHEN j.scheduled_for > now() THEN 'future'
            WHEN c.paused_at IS NOT NULL THEN 'paused'
            WHEN n.workers = 0 THEN 'no-handler'
            WHEN c.max_running <= n.running THEN 'limit'
            WHEN c.max_per_key <= n.of_key THEN 'key-limit'
            WHEN c.rate_limit IS NOT NULL AND least(c.rate_burst,
                c.rate_tokens + c.rate_limit * extract(epoch FROM now() - c.rate_at)) < 1 THEN 'rate'
            WHEN n.ahead > 0 THEN 'behind'
            ELSE 'next' END AS code
    ) r
    WHERE j.id = $1::uuid
    """

/// A time as people read it.
private func utc(_ column: String) -> String {
    "to_char(\(column) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC'"
}
