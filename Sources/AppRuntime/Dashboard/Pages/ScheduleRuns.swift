import Foundation
import Postgres

/// The last times for which a schedule fired, and what became of their jobs.
struct ScheduleRun: Sendable {
    let schedule: String
    let slot: Date
    let job: String
    /// nil for a job that was deleted since.
    let status: String?

    /// Reads the last five of every schedule, by the key of `job_schedule_runs`.
    static func read(from pool: PostgresPool) async throws -> [ScheduleRun] {
        try await pool.withConnection { connection in
            try await connection.query(
                """
                SELECT s.name, r.slot, r.job_id, j.status
                FROM (SELECT id, name FROM job_schedule ORDER BY name LIMIT 500) s CROSS JOIN LATERAL (
                    SELECT slot, job_id FROM job_schedule_runs WHERE schedule_id = s.id ORDER BY slot DESC LIMIT 5
                ) r LEFT JOIN jobs j ON j.id = r.job_id
                ORDER BY s.name, r.slot DESC
                """
            ).map { row in
                ScheduleRun(
                    schedule: try String(postgres: row[0]),
                    slot: try Date(postgres: row[1]),
                    job: try String(postgres: row[2]),
                    status: row[3].text
                )
            }
        }
    }
}

extension PageModel {
    /// The schedules with their next and last times.
    init(schedules snapshot: RuntimeSnapshot, _ runs: [ScheduleRun], in language: DashboardLanguage, mayAct: Bool) {
        self.init()
        let runs = Dictionary(grouping: runs, by: \.schedule)
        self[flag: "mayAct"] = mayAct
        self[flag: "hasSchedules"] = !snapshot.schedules.isEmpty
        self[list: "schedules"] = snapshot.schedules.map { schedule in
            Self(schedule: schedule, runs[schedule.name] ?? [], at: snapshot.takenAt, in: language)
        }
    }

    private init(
        schedule: ScheduleFigures,
        _ runs: [ScheduleRun],
        at now: Date,
        in language: DashboardLanguage
    ) {
        let isLate = schedule.lateness > 10
        self.init(
            ("id", "schedule-" + StableHash(schedule.name).description),
            ("name", schedule.name),
            ("cron", schedule.cron),
            ("zone", schedule.timeZone),
            ("type", schedule.type),
            ("missed", language("missed-\(schedule.missed)")),
            ("kind", schedule.isEnabled ? isLate ? "bad" : "ok" : "quiet"),
            ("stateText", language.state(schedule.isEnabled ? isLate ? "late" : "enabled" : "disabled")),
            ("toggle", language(schedule.isEnabled ? "disable" : "enable"))
        )
        self[flag: "isEnabled"] = schedule.isEnabled
        var slots: [Date] = []
        do {
            let cron = try CronSchedule(schedule.cron, timeZone: schedule.timeZone)
            var after = schedule.nextSlot.map { $0.addingTimeInterval(-1) } ?? now
            while schedule.isEnabled, slots.count < 5, let slot = cron.next(after: after) {
                slots.append(slot)
                after = slot
            }
        } catch {
            self["problem"] = language("unreadable", error.message)
        }
        self[flag: "hasNext"] = !slots.isEmpty
        self[list: "next"] = slots.map { PageModel($0, to: now, in: language) }
        self[flag: "hasRuns"] = !runs.isEmpty
        self[list: "runs"] = runs.map { run in
            var model = PageModel(run.slot, to: now, in: language)
            model["job"] = run.job
            model["runState"] = run.status.map(language.state)
            model["runKind"] = PageModel.kind(ofJob: run.status ?? "")
            return model
        }
    }
}
