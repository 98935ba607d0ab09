/// How an attempt at a job ended, in the words that ``AckStatement`` knows.
enum JobOutcome: String, Sendable, CaseIterable {
    case completed
    /// Failed, and tried again while there are attempts left.
    case retry
    /// Failed for good.
    case failed
    /// Put off without an attempt being counted.
    case snooze
    /// Given back by a worker that stops, without an attempt being counted.
    case interrupted
    case cancelled
}

/// What a handler throws to say what becomes of its job.
///
/// Any other error is a failed attempt: the job is tried again after the delay of its ``RetryPolicy``. A time may be anything from
/// none to a hundred years: more than that is as much, and what lies in the past is now.
public enum JobDirective: Error, Sendable, Hashable {
    /// Try again after this time; the attempt counts.
    case retry(after: Duration, because: String)
    /// Give the job up, whatever attempts are left.
    case discard(because: String)
    /// Put the job off; the attempt does not count.
    case snooze(for: Duration)
}

/// How one attempt ended, as it goes to the server.
struct Acknowledgement: Sendable {
    var jobID: String
    var token: Int
    var outcome: JobOutcome
    var result: String?
    var error: String?
    var delay: Duration = .zero
}
