/// Why the job system cannot do what it was asked for.
public struct JobError: Error, Hashable, Sendable {
    /// What kind of failure it was; stable from release to release.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The kind as a word for machines.
        public let rawValue: String

        /// Makes a code from its word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// A job's payload cannot be written or read as JSON.
        public static let payload = Code(rawValue: "payload")
        /// There is no such job.
        public static let noJob = Code(rawValue: "no-job")
        /// The job is in a state in which this cannot be done to it.
        public static let wrongState = Code(rawValue: "wrong-state")
        /// A unique key is fought over.
        public static let contended = Code(rawValue: "contended")
        /// A batch takes no more jobs.
        public static let sealedBatch = Code(rawValue: "sealed-batch")
        /// What a handler returned is too large to be stored.
        public static let resultTooLarge = Code(rawValue: "result-too-large")
        /// A duty of the leader took too long.
        public static let stalledDuty = Code(rawValue: "stalled-duty")
        /// A time, a cron expression or a name in a schedule cannot be read.
        public static let schedule = Code(rawValue: "schedule")
    }

    /// What kind of failure it was.
    public let code: Code
    /// What happened.
    public let message: String
    /// What to do.
    public let next: String?
}

extension JobError: CustomStringConvertible {
    /// What happened, and what to do.
    public var description: String { message + (next.map { "\n  next:  \($0)" } ?? "") }
}

extension JobError {
    static func unwritablePayload(_ type: String, _ reason: String) -> JobError {
        JobError(
            code: .payload,
            message: "a job of type \(type) cannot be written as JSON: \(reason)",
            next: nil
        )
    }

    static func unreadablePayload(_ type: String, _ reason: String) -> JobError {
        JobError(
            code: .payload,
            message: "the data of this job is no \(type): \(reason)",
            next: "mend the data, or let the type read what older releases wrote, and redrive the job"
        )
    }

    static func noJob(_ id: String) -> JobError {
        JobError(code: .noJob, message: "there is no job \(id)", next: "ended jobs are deleted after a while")
    }

    static func wrongState(_ id: String, _ state: String, wanted: String) -> JobError {
        JobError(code: .wrongState, message: "job \(id) is \(state), not \(wanted)", next: nil)
    }

    static func contended(_ type: String) -> JobError {
        JobError(
            code: .contended,
            message: "a unique job of type \(type) came and went each time it was looked for",
            next: "insert it again"
        )
    }

    static func sealedBatch(_ id: String) -> JobError {
        JobError(
            code: .sealedBatch,
            message: "batch \(id) takes no more jobs: it was sealed",
            next: "make another batch"
        )
    }

    static func resultTooLarge(_ bytes: Int) -> JobError {
        JobError(
            code: .resultTooLarge,
            message: "the handler returned \(bytes) bytes, more than the \(StorableText.longestResult) that are stored",
            next: "store them elsewhere and return where"
        )
    }

    static func stalledDuty(_ name: String, after time: Duration) -> JobError {
        JobError(
            code: .stalledDuty,
            message: "the duty \(name) did not end within \(time)",
            next: "another process leads now; look at what the database is waiting for"
        )
    }
}
