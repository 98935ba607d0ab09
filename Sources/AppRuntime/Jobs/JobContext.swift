public import Logging

/// What a handler knows of the job that it works on, and may say about it.
public struct JobContext: Sendable {
    /// The job's id in `jobs`.
    public let id: String
    /// The job's type.
    public let type: String
    /// Which attempt this is, counted from 1.
    public let attempt: Int
    /// How many attempts there are in all.
    public let maxAttempts: Int
    /// The same text in every attempt at this job, and in no other job: a key for what must not be done twice.
    ///
    /// A handler runs at least once: a worker that dies behind its last statement leaves a job that is tried again.
    public var idempotencyKey: String { id }
    /// The time for which a schedule fired the job; nil for jobs that no schedule made.
    public var slot: String? { FetchedJob.slot(in: payload) }
    /// The W3C trace context of whoever asked for the job.
    public let traceParent: String?
    /// A logger that names the job and the attempt.
    ///
    /// Made when it is asked for: most handlers have nothing to say, and its metadata costs more than they do.
    public var logger: Logger {
        var logger = base
        logger[metadataKey: "job_id"] = "\(id)"
        logger[metadataKey: "attempt"] = "\(attempt)"
        return logger
    }
    /// Whether the application has a tracer; to find out costs more than many a job.
    let isTraced: Bool
    let payload: String
    let base: Logger
    let reports: JobReports

    /// Says how far the work is, for pages and the API; it is written within a second.
    ///
    /// - Parameters:
    ///   - fraction: from 0 to 1; what is no finite number, such as a part of nothing, is not reported.
    ///   - note: a few words.
    public func report(progress fraction: Double, _ note: String? = nil) {
        guard fraction.isFinite else { return }
        reports.add(progress: min(max(fraction, 0), 1), note: note, of: id)
    }

    /// Adds a line to the job's own log in `job_logs`, which stays with the job; it is written within a second.
    public func log(_ level: JobLogLevel = .info, _ message: String) {
        reports.add(JobLogLine(jobID: id, attempt: attempt, level: level, message: message))
    }
}

/// How grave a line of a job's log is.
public enum JobLogLevel: String, Sendable, CaseIterable {
    /// For whoever wrote the handler.
    case debug
    /// What happened.
    case info
    /// What somebody should look at.
    case warning
    /// What went wrong.
    case error
}

/// A line for `job_logs`.
struct JobLogLine: Sendable {
    var jobID: String
    var attempt: Int
    var level: JobLogLevel
    var message: String
}
