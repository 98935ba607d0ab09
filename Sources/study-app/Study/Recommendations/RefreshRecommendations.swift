import AppRuntime
import Foundation
import Postgres

/// Works out what each learner had best study next.
struct RefreshRecommendations: Job {
    static let type = "recommendation-refresh"
    static let settings = JobSettings(
        timeout: .seconds(3600),
        retry: RetryPolicy(base: .seconds(60)),
        limits: JobLimits(running: 1)
    )

    /// For whom: those who studied in so many days before the run.
    var activeDays = 30

    init(activeDays: Int = 30) { self.activeDays = activeDays }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        activeDays = try container.decodeIfPresent(Int.self, forKey: .activeDays) ?? 30
    }
}

/// What a run did.
struct RecommendationSummary: Codable, Hashable, Sendable {
    /// For how many learners.
    var learners = 0
    /// How many weights of topics changed.
    var priorities = 0
    /// How many proposals there are now.
    var proposals = 0
    /// How many of earlier runs were taken away.
    var removed = 0
}

/// Keeps `recco_prioridades`, `recco_predictions` and `recco_states`, by mastery and by how often exams ask for a topic.
struct RecommendationService: Sendable {
    let pool: PostgresPool

    /// Works out priorities and proposals as of an instant.
    ///
    /// A run may be repeated: what was proposed and never shown is replaced. Weights that the learner or a teacher has set
    /// stay as they are.
    ///
    /// - Parameters:
    ///   - instant: the time of the run.
    ///   - activeDays: for who studied in so many days before it.
    ///   - report: is told how far it is, from 0 to 1.
    /// - Returns: what was done.
    /// - Throws: `PostgresError`; `CancellationError`.
    func refresh(
        at instant: Date,
        activeDays: Int,
        report: (Double) -> Void = { _ in }
    ) async throws -> RecommendationSummary {
        let (model, learners) = try await pool.withConnection { connection in
            (
                try await connection.query(RecommendationQueries.model).single.decode(String.self),
                try await connection.query(RecommendationQueries.activeLearners, instant, activeDays)
                    .decode(as: String.self)
            )
        }
        var summary = RecommendationSummary()
        try await pool.forBatches(of: learners, report: report) { connection, batch in
            let queries = RecommendationQueries.self
            summary.learners += batch.count
            summary.priorities += try await connection.query(queries.priorities, batch, instant).tag.rowCount
            summary.removed += try await connection.query(queries.removal, batch, model).tag.rowCount
            summary.proposals += try await connection.query(queries.proposals, batch, instant, model).tag.rowCount
            try await connection.query(queries.states, batch, instant, model)
        }
        summary.removed += try await pool.withConnection { connection in
            try await connection.query(RecommendationQueries.expired, instant).tag.rowCount
                + connection.query(RecommendationQueries.expiredPriorities, instant).tag.rowCount
        }
        return summary
    }
}
