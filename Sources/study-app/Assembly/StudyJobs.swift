import AppRuntime
import Foundation
import Logging
import Postgres

/// The platform's background work: what each kind of job does, and when it comes back.
struct StudyJobs: Sendable {
    let progress: ProgressService
    let recommendations: RecommendationService
    let backups: BackupService

    /// Makes the work of a database.
    init(database: ConnectionSettings, pool: PostgresPool, backups: BackupConfiguration) {
        progress = ProgressService(pool: pool)
        recommendations = RecommendationService(pool: pool)
        self.backups = BackupService(database: database, pool: pool, configuration: backups)
    }

    /// What to do with each kind of job.
    var handlers: JobHandlers {
        var handlers = JobHandlers()
        handlers.register(ProgressRollUp.self, returning: ProgressSummary.self) { job, context in
            try await progress.rollUp(until: context.due, days: job.days) { context.report(progress: $0) }
        }
        handlers.register(RefreshRecommendations.self, returning: RecommendationSummary.self) { job, context in
            try await recommendations.refresh(at: context.due, activeDays: job.activeDays) {
                context.report(progress: $0)
            }
        }
        handlers.register(BackUp.self, returning: BackUpSummary.self) { _, context in
            let summary = try await backups.run(at: context.due, attempt: "\(context.id)-\(context.attempt)") { words in
                context.log(.info, words)
            }
            if let reason = summary.skipped { context.log(.warning, "skipped: \(reason)") }
            return summary
        }
        return handlers
    }

    /// When they come back.
    static func schedules() throws -> [JobSchedule] {
        [
            try JobSchedule(
                "progress-rollup",
                "10 3 * * *",
                timeZone: "America/Sao_Paulo",
                job: ProgressRollUp()
            ),
            try JobSchedule(
                "recommendation-refresh",
                "40 3 * * *",
                timeZone: "America/Sao_Paulo",
                job: RefreshRecommendations()
            ),
            // Looks into backup_schedule, whose rows have times of their own.
            try JobSchedule("backup", "*/15 * * * *", job: BackUp()),
        ]
    }
}

extension JobContext {
    /// The time that the job is for: its schedule's, so that a run that comes late does what it would have done in time.
    fileprivate var due: Date {
        guard let slot else { return Date() }
        let styles = [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)]
        return styles.lazy.compactMap { try? $0.parse(slot) }.first ?? Date()  // written by the server: one of the two
    }
}
