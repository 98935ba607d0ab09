import Foundation
public import Logging
import Postgres

extension MaintenanceDuty {
    /// Inserts the jobs of the schedules in `job_schedule` whose time has come.
    ///
    /// Which slot is next stands in the database, so that it is fired once whoever leads, also when the leader dies just
    /// before it. Hand it to ``JobMaintenance``.
    public static func schedules(logger: Logger = Logger(label: "lastro.scheduler")) -> MaintenanceDuty {
        MaintenanceDuty("schedules", every: .milliseconds(500)) { connection, term in
            let rows = try await connection.query(
                """
                SELECT id, name, cron, timezone, missed, missed_limit, next_run_at, clock_timestamp()
                FROM job_schedule WHERE enabled AND (next_run_at IS NULL OR next_run_at <= clock_timestamp())
                ORDER BY next_run_at, name LIMIT 500
                """
            )
            for row in rows {
                let due = try DueSchedule(row)
                do {
                    try await due.fire(as: term, on: connection)
                } catch let error as AppRuntimeError {
                    // One that was spoilt by hand must not stop the others.
                    logger.error(
                        "a schedule cannot be read",
                        metadata: ["schedule": "\(due.name)", "error": "\(error)"]
                    )
                }
            }
        }
    }
}

/// A schedule whose time has come, or whose next time is not known yet.
struct DueSchedule: Sendable {
    let id: String
    let name: String
    let cron: String
    let timeZone: String
    let missed: MissedRunPolicy
    /// The slot that the database waits for, as the server writes it: a time of its own precision.
    let next: String?
    let nextDate: Date?
    let now: Date

    init(_ row: PostgresRow) throws(PostgresError) {
        id = try String(postgres: row[0])
        name = try String(postgres: row[1])
        cron = try String(postgres: row[2])
        timeZone = try String(postgres: row[3])
        missed = MissedRunPolicy(missed: try String(postgres: row[4]), limit: try Int(postgres: row[5]))
        next = row[6].text
        nextDate = try Date?(postgres: row[6])
        now = try Date(postgres: row[7])
    }

    /// Inserts the jobs that are due and moves on to the next slot, in one statement, if nobody has done so before and
    /// the term is still the leader's.
    ///
    /// - Returns: how many jobs were inserted.
    @discardableResult
    func fire(as term: LeaderTerm, on connection: PostgresConnection) async throws -> Int {
        let schedule = try CronSchedule(cron, timeZone: timeZone)
        let decision =
            nextDate.map { missed.decide(schedule, after: $0.addingTimeInterval(-1), now: now) }
            ?? MissedRunDecision(slots: [], next: schedule.next(after: now))
        let key = JobSchedule.attemptsKey
        return try await connection.query(
            """
            WITH s AS (
                UPDATE job_schedule SET next_run_at = $4,
                    last_run_at = coalesce(($3::timestamptz[])[cardinality($3::timestamptz[])], last_run_at)
                WHERE id = $1 AND next_run_at IS NOT DISTINCT FROM $2::timestamptz AND enabled AND EXISTS (
                    SELECT FROM runtime_leader
                    WHERE role = '\(Leadership.role)' AND holder = $5::uuid AND term = $6
                        AND expires_at > clock_timestamp()
                ) RETURNING id, name, type, priority,
                    CASE jsonb_typeof(data) WHEN 'object' THEN data - '\(key)' ELSE data END AS data,
                    CASE jsonb_typeof(data -> '\(key)') WHEN 'number'
                        THEN greatest(1, least((data -> '\(key)')::numeric, \(Int32.max)))::int ELSE 3 END AS attempts
            ), r AS (
                INSERT INTO job_schedule_runs (schedule_id, slot, job_id)
                SELECT s.id, x.slot, gen_random_uuid() FROM s CROSS JOIN unnest($3::timestamptz[]) AS x (slot)
                ON CONFLICT DO NOTHING RETURNING slot, job_id
            ), j AS (
                INSERT INTO jobs (id, name, type, priority, max_attempts, data)
                SELECT r.job_id, s.name, s.type, s.priority, s.attempts, s.data || jsonb_build_object('slot', r.slot)
                FROM r CROSS JOIN s ORDER BY r.slot RETURNING type
            )
            SELECT pg_notify('\(JobWake.channel)', type)::text FROM j
            """,
            id,
            next,
            decision.slots,
            decision.next,
            term.holder,
            term.term
        ).count
    }
}
