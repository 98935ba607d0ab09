import Postgres

/// What is wrong with the rows of a queue, by the rules that its statements keep.
public struct JobCheck: Sendable, Hashable {
    /// One rule that is broken.
    public struct Finding: Sendable, Hashable, Codable {
        /// The rule as a word for machines.
        public let rule: String
        /// What is wrong.
        public let message: String
        /// How many rows.
        public let count: Int
        /// Some of the jobs.
        public let examples: [String]
    }

    /// The broken rules; empty for a healthy queue.
    public let findings: [Finding]
}

extension JobQueue {
    /// Looks for rows that contradict each other, and mends them if that is wanted, each with a row in `job_events`.
    ///
    /// - Parameters:
    ///   - actor: who wants it mended; nil to look only.
    ///   - timeToLive: after how long without a heartbeat a worker counts as dead.
    /// - Returns: what was found, also where it is mended now.
    /// - Throws: ``PostgresError``.
    public func check(mendingFor actor: String? = nil, timeToLive: Duration = .seconds(30)) async throws -> JobCheck {
        try await pool.withConnection { connection in
            var findings: [JobCheck.Finding] = []
            for rule in JobRule.all {
                let rows = try await connection.query(rule.find, timeToLive.storableSeconds)
                guard !rows.isEmpty else { continue }
                let ids = try rows.map { try String(postgres: $0[0]) }
                findings.append(
                    JobCheck.Finding(
                        rule: rule.name,
                        message: rule.message,
                        count: ids.count,
                        examples: Array(ids.prefix(5))
                    )
                )
                if let actor { try await rule.mend(ids, for: actor, timeToLive: timeToLive, on: connection) }
            }
            return JobCheck(findings: findings)
        }
    }
}

/// A rule of the queue: what breaks it, and what mends that.
private struct JobRule: Sendable {
    let name: String
    let message: String
    /// Gives the ids of what breaks it; its parameter is a worker's time to live in seconds.
    let find: String
    let repair: Repair

    enum Repair: Sendable {
        /// A statement that takes the ids, and looks again whether the rule is broken.
        case statement(String)
        /// What maintenance does by itself, sooner or later.
        case maintenance(@Sendable (_ timeToLive: Duration, PostgresConnection) async throws -> Void)
    }

    func mend(
        _ ids: [String],
        for actor: String,
        timeToLive: Duration,
        on connection: PostgresConnection
    ) async throws {
        try await connection.withTransaction { connection in
            switch repair {
            case .statement(let sql): try await connection.query(sql, ids)
            case .maintenance(let repair): try await repair(timeToLive, connection)
            }
            try await connection.query(
                """
                INSERT INTO job_events (job_id, kind, actor, details)
                SELECT id, 'repaired', $2, jsonb_build_object('rule', $3::text) FROM unnest($1::uuid[]) AS id
                """,
                ids,
                actor,
                name
            )
        }
    }

    /// More rows than this are left to the next look.
    private static let limit = 10_000

    static let all = [
        JobRule(
            name: "running-without-claim",
            message: "jobs are marked as running, but no worker holds them",
            find: """
                SELECT j.id FROM jobs j WHERE j.status = 'running' AND $1::float8 > 0
                    AND NOT EXISTS (SELECT FROM job_claims k WHERE k.job_id = j.id) LIMIT \(limit)
                """,
            repair: .maintenance { _, connection in
                while try await Rescue.adoptOrphans(after: .zero, on: connection) == Rescue.batch {}
            }
        ),
        JobRule(
            name: "claim-without-worker",
            message: "workers that are gone hold jobs",
            find: """
                SELECT k.job_id FROM job_claims k LEFT JOIN job_workers w ON w.id = k.worker_id
                WHERE w.id IS NULL OR w.last_seen < clock_timestamp() - make_interval(secs => $1) LIMIT \(limit)
                """,
            repair: .maintenance { timeToLive, connection in
                while try await Rescue.run(after: timeToLive, on: connection) == Rescue.batch {}
            }
        ),
        JobRule(
            name: "claim-without-running-job",
            message: "claims are held on jobs that do not run, or are gone",
            find: """
                SELECT k.job_id FROM job_claims k LEFT JOIN jobs j ON j.id = k.job_id
                WHERE j.status IS DISTINCT FROM 'running' AND $1::float8 > 0 LIMIT \(limit)
                """,
            repair: .statement(
                """
                DELETE FROM job_claims k WHERE k.job_id = ANY ($1::uuid[])
                    AND NOT EXISTS (SELECT FROM jobs j WHERE j.id = k.job_id AND j.status = 'running')
                """
            )
        ),
        JobRule(
            name: "pending-without-attempts",
            message: "jobs wait although all their attempts are used up: no worker takes them",
            find: """
                SELECT id FROM jobs WHERE status = 'pending' AND $1::float8 > 0
                    AND coalesce(attempts, 0) >= coalesce(max_attempts, 3) LIMIT \(limit)
                """,
            repair: .statement(
                """
                UPDATE jobs SET status = 'failed', completed_at = now(), error = coalesce(error, 'no attempts left')
                WHERE id = ANY ($1::uuid[]) AND status = 'pending'
                    AND coalesce(attempts, 0) >= coalesce(max_attempts, 3)
                """
            )
        ),
        JobRule(
            name: "ended-without-time",
            message: "jobs have ended at no time: retention never deletes them",
            find: """
                SELECT id FROM jobs WHERE status IN ('completed', 'failed', 'cancelled') AND completed_at IS NULL
                    AND $1::float8 > 0 LIMIT \(limit)
                """,
            repair: .statement(
                """
                UPDATE jobs SET completed_at = now() WHERE id = ANY ($1::uuid[]) AND completed_at IS NULL
                    AND status IN ('completed', 'failed', 'cancelled')
                """
            )
        ),
        JobRule(
            name: "unknown-status",
            message: "jobs have a status that no worker knows",
            find: """
                SELECT id FROM jobs WHERE $1::float8 > 0 AND coalesce(status, '')
                    NOT IN ('pending', 'running', 'completed', 'failed', 'cancelled') LIMIT \(limit)
                """,
            repair: .statement(
                """
                UPDATE jobs SET status = 'failed', completed_at = now(), error = 'had the status ' || coalesce(status, 'NULL')
                WHERE id = ANY ($1::uuid[]) AND coalesce(status, '')
                    NOT IN ('pending', 'running', 'completed', 'failed', 'cancelled')
                """
            )
        ),
    ]
}
