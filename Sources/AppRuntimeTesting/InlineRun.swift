public import AppRuntime

/// What came of a job that was run inline.
public struct InlineRun: Sendable, Hashable {
    /// How it ended, in the words of the queue: `completed`, `retry`, `failed`, `snooze`.
    public let outcome: String
    /// What the handler returned, as JSON.
    public let result: String?
    /// Why it did not succeed.
    public let error: String?
    /// After which time it would be tried again.
    public let delay: Duration
    /// The lines that the handler wrote into the job's log.
    public let lines: [String]
    /// How far the handler said it was, last.
    public let progress: Double?
}

extension JobHandlers {
    /// Runs a job at once, in the caller's task and without a database: its payload goes through JSON as it would in the
    /// queue, and what the handler throws becomes what the queue would make of it.
    ///
    /// - Parameters:
    ///   - job: the work.
    ///   - attempt: which attempt it is.
    ///   - id: the job's id, and so its idempotency key.
    /// - Returns: what came of it.
    /// - Throws: ``AppRuntimeError`` if the payload cannot be written; `CancellationError` if the task was cancelled.
    public func runInline<Work: Job>(
        _ job: Work,
        attempt: Int = 1,
        id: String = "00000000-0000-4000-8000-000000000001"
    ) async throws -> InlineRun {
        let run = try await inlineOutcome(of: job, attempt: attempt, id: id)
        try Task.checkCancellation()
        return InlineRun(
            outcome: run.outcome,
            result: run.result,
            error: run.error,
            delay: run.delay,
            lines: run.lines,
            progress: run.progress
        )
    }
}
