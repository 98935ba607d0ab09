import Foundation
public import Postgres

/// A job that comes back at fixed times.
public struct JobSchedule: Sendable {
    /// The name, by which its row in `job_schedule` is known.
    public let name: String
    /// The times.
    public let cron: CronSchedule
    /// What becomes of times at which nobody was there.
    public let missed: MissedRunPolicy
    let type: String
    let priority: Int
    let maxAttempts: Int
    let data: String

    /// Where the payload of a schedule's row says how often a fired job is tried; the job's own payload does not have it.
    static let attemptsKey = "$max_attempts"

    /// Makes a schedule of a job.
    ///
    /// A fired job's payload has `slot` beside what `job` says: the time for which it was fired, by which a handler can
    /// tell two of them apart.
    ///
    /// - Parameters:
    ///   - name: the name; one schedule a name.
    ///   - cron: five fields, or a macro such as `@hourly`.
    ///   - timeZone: the IANA name of the zone in which the fields are read.
    ///   - missed: what becomes of missed times.
    ///   - job: the work.
    /// - Throws: ``AppRuntimeError`` for an expression or a zone that cannot be read; ``AppRuntimeError`` for the payload.
    public init<Work: Job>(
        _ name: String,
        _ cron: String,
        timeZone: String = "UTC",
        missed: MissedRunPolicy = .once,
        job: Work
    ) throws {
        self.name = name
        self.cron = try CronSchedule(cron, timeZone: timeZone)
        self.missed = missed
        let row = try JobRow(job, JobInsertion())
        type = row.type
        priority = row.priority
        maxAttempts = row.maxAttempts
        data = row.data
    }

    /// Stores schedules: new ones begin with their next time from now, and so does one whose times have changed.
    ///
    /// What people changed in the row beside the times, such as `enabled`, stays. Schedules that the code no longer has
    /// stay as well: another release may have them.
    ///
    /// - Throws: ``PostgresError``.
    public static func store(_ schedules: [JobSchedule], on connection: PostgresConnection) async throws {
        for schedule in schedules {
            let (missed, limit) = schedule.missed.columns
            try await connection.query(
                """
                INSERT INTO job_schedule AS s (name, type, cron, timezone, data, priority, missed, missed_limit)
                VALUES ($1, $2, $3, $4, $5::jsonb || jsonb_build_object('\(Self.attemptsKey)', $9::int), $6, $7, $8)
                ON CONFLICT (name) DO UPDATE SET type = excluded.type, cron = excluded.cron,
                    timezone = excluded.timezone, data = excluded.data, priority = excluded.priority,
                    missed = excluded.missed, missed_limit = excluded.missed_limit,
                    next_run_at = CASE WHEN (s.cron, s.timezone) = (excluded.cron, excluded.timezone)
                        THEN s.next_run_at END
                WHERE (s.type, s.cron, s.timezone, s.data, s.priority, s.missed, s.missed_limit) IS DISTINCT FROM (
                    excluded.type, excluded.cron, excluded.timezone, excluded.data, excluded.priority,
                    excluded.missed, excluded.missed_limit
                )
                """,
                schedule.name,
                schedule.type,
                schedule.cron.expression.fields,
                schedule.cron.zoneName,
                schedule.data,
                schedule.priority,
                missed,
                limit,
                schedule.maxAttempts
            )
        }
    }
}

extension MissedRunPolicy {
    /// The policy as `job_schedule` has it.
    var columns: (missed: String, limit: Int) {
        switch self {
        case .skip: ("skip", 1)
        case .once: ("once", 1)
        case .all(let count): ("all", count)
        }
    }

    init(missed: String, limit: Int) {
        switch missed {
        case "skip": self = .skip
        case "all": self = .all(max: limit)
        default: self = .once
        }
    }
}
