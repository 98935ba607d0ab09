import AppRuntime
import Foundation
import Postgres

/// Sums up what everybody has studied, by day, week and month, and measures how well they know each topic.
struct ProgressRollUp: Job {
    static let type = "progress-rollup"
    static let settings = JobSettings(
        timeout: .seconds(3600),
        retry: RetryPolicy(base: .seconds(60)),
        limits: JobLimits(running: 1)
    )

    /// How many days before the time of the run are summed up anew; their sums are the same however often that is done.
    var days = 2

    init(days: Int = 2) { self.days = days }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        days = try container.decodeIfPresent(Int.self, forKey: .days) ?? 2
    }
}

/// What a run did.
struct ProgressSummary: Codable, Hashable, Sendable {
    /// For how many learners something was summed up.
    var learners = 0
    /// How many rows of days, weeks, months and measurements were written because they were not so before.
    var days = 0
    var weeks = 0
    var months = 0
    var topics = 0
}

/// Keeps `progress_diario`, `progress_semanal`, `progress_mensal` and `progress_evolucao`.
struct ProgressService: Sendable {
    let pool: PostgresPool

    /// Sums up the days before an instant, learner by learner.
    ///
    /// Whatever was summed up before is written again only where it differs, so that a run may be repeated, and one that
    /// was cut off leaves whole learners behind it.
    ///
    /// - Parameters:
    ///   - instant: the time of the run; what is later is left to the next one.
    ///   - days: how many days are summed up, and the one of the instant as far as it has come.
    ///   - report: is told how far it is, from 0 to 1.
    /// - Returns: what was done.
    /// - Throws: `PostgresError`; `CancellationError`.
    func rollUp(
        until instant: Date,
        days: Int,
        report: (Double) -> Void = { _ in }
    ) async throws -> ProgressSummary {
        let (learners, zones) = try await pool.withConnection { connection in
            (
                try await connection.query(ProgressQueries.activeLearners, instant, days).decode(as: String.self),
                try await connection.query(ProgressQueries.unknownZones).decode(as: String.self)
            )
        }
        var summary = ProgressSummary()
        try await pool.forBatches(of: learners, report: report) { connection, batch in
            var written: [Int] = []
            for statement in ProgressQueries.all {
                written.append(try await connection.query(statement, batch, instant, days, zones).tag.rowCount)
            }
            summary.learners += batch.count
            summary.days += written[0]
            summary.weeks += written[1]
            summary.months += written[2]
            summary.topics += written[3]
        }
        return summary
    }
}
