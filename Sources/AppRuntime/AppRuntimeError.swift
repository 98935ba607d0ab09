/// Why a part of the runtime refuses or stops: what happened, what is so now, what to do next.
public struct AppRuntimeError: Error, Hashable, Sendable {
    /// What kind of failure it was.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The kind as a word for machines; stable from release to release.
        public let rawValue: String

        /// Makes a code from its word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// A cron expression cannot be understood.
        public static let invalidCron = Code(rawValue: "invalid-cron")
        /// There is no time zone of that name.
        public static let unknownTimeZone = Code(rawValue: "unknown-time-zone")
        /// Migrations are pending where none may be.
        public static let notMigrated = Code(rawValue: "not-migrated")
        /// The database is newer than what this program declares to work with.
        public static let schemaTooNew = Code(rawValue: "schema-too-new")
        /// The database is not what its migrations make.
        public static let drift = Code(rawValue: "drift")
        /// Something else that the gate looked at is not as it must be.
        public static let checkFailed = Code(rawValue: "check-failed")
        /// A listener could not take its address.
        public static let listenerFailed = Code(rawValue: "listener-failed")
        /// A job's payload cannot be written or read as JSON.
        public static let payload = Code(rawValue: "payload")
        /// There is no such job.
        public static let noJob = Code(rawValue: "no-job")
        /// The job is in a state in which this cannot be done to it.
        public static let wrongState = Code(rawValue: "wrong-state")
        /// A unique key is fought over.
        public static let contended = Code(rawValue: "contended")
        /// A batch cannot be sealed a second time.
        public static let sealedBatch = Code(rawValue: "sealed-batch")
        /// What a handler returned is too large to be stored.
        public static let resultTooLarge = Code(rawValue: "result-too-large")
        /// A channel of alerts is not set up rightly, or did not take an alert.
        public static let channel = Code(rawValue: "channel")
        /// There is no handler for a type of jobs.
        public static let noHandler = Code(rawValue: "no-handler")
        /// A duty of the leader took too long.
        public static let stalledDuty = Code(rawValue: "stalled-duty")
    }

    /// What kind of failure it was.
    public let code: Code
    /// What happened, and where.
    public let message: String
    /// What is so now.
    public let state: String
    /// What to do.
    public let next: String

    init(_ code: Code, _ message: String, state: String, next: String) {
        self.code = code
        self.message = message
        self.state = state
        self.next = next
    }
}

extension AppRuntimeError: CustomStringConvertible {
    /// The whole story, the state and the next step on lines of their own.
    public var description: String { "\(message)\n  state: \(state)\n  next:  \(next)" }
}
