import Logging

/// What came of a job that was run without a queue; for the module AppRuntimeTesting.
package struct InlineOutcome: Sendable {
    package let outcome: String
    package let result: String?
    package let error: String?
    package let delay: Duration
    package let lines: [String]
    package let progress: Double?
}

extension JobHandlers {
    /// Runs a job in the caller's task, as a worker would.
    package func inlineOutcome<Work: Job>(of job: Work, attempt: Int, id: String) async throws -> InlineOutcome {
        let row = try JobRow(job, JobInsertion())
        guard let handler = entries[Work.type] else { throw AppRuntimeError.noHandler(Work.type) }
        let reports = JobReports()
        let context = JobContext(
            id: id,
            type: Work.type,
            attempt: attempt,
            maxAttempts: handler.settings.maxAttempts,
            traceParent: nil,
            isTraced: RuntimeSpan.isWanted,
            payload: row.data,
            base: Logger(label: "lastro.inline"),
            reports: reports
        )
        let outcome: Result<String?, any Error>
        do {
            outcome = .success(try await handler.work(row.data, context))
        } catch {
            outcome = .failure(error)
        }
        let entry = RunningJobs.Entry(
            job: FetchedJob(id: id, type: Work.type, data: row.data, attempt: attempt, maxAttempts: row.maxAttempts),
            settings: handler.settings,
            started: .now
        )
        let acknowledgement = entry.acknowledgement(of: outcome)
        // A worker's statement gives up a job whose attempts are used up.
        let isLast = acknowledgement.outcome == .retry && attempt >= row.maxAttempts
        let (progress, lines) = reports.gathered
        return InlineOutcome(
            outcome: (isLast ? JobOutcome.failed : acknowledgement.outcome).rawValue,
            result: acknowledgement.result,
            error: acknowledgement.error,
            delay: acknowledgement.delay,
            lines: lines.map(\.message),
            progress: progress[id]?.0
        )
    }
}
