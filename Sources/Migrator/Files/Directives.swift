public import SourceText

/// What the comments at the head of a migration's file tell Lastro: `-- lastro: no-transaction` and its like.
public struct Directives: Hashable, Sendable {
    /// A value with its place in the file.
    public struct Located<Value: Hashable & Sendable>: Hashable, Sendable {
        /// The value.
        public let value: Value
        /// Where it stands.
        public let position: SourcePosition
    }

    /// A lint rule that the file is allowed to break.
    public struct Allowance: Hashable, Sendable {
        /// The rule.
        public let rule: String
        /// Why; empty if nobody said.
        public let reason: String
    }

    /// How a migration is repeated over parts of a table, each in a transaction of its own.
    public struct Batch: Hashable, Sendable {
        /// The column whose values cut the table into parts.
        public internal(set) var key: String = ""
        /// How many rows a part has.
        public internal(set) var size = 5000
        /// How long to rest between parts.
        public internal(set) var pause: Duration = .zero
        /// How far a replica may be behind before the run waits for it; nil for any distance.
        public internal(set) var maxLag: Duration?
        /// How long the parts may take in one run; nil for as long as it takes.
        public internal(set) var maxDuration: Duration?
        /// The table; nil for the one that the file's statement changes.
        public internal(set) var table: String?
    }

    /// Where the file asks to run outside a transaction; nil if it does not.
    public internal(set) var noTransaction: SourcePosition?
    /// How long its statements may wait for a lock.
    public internal(set) var lockTimeout: Located<Duration>?
    /// How long each of its statements may take.
    public internal(set) var statementTimeout: Located<Duration>?
    /// The lint rules that it may break.
    public internal(set) var allowances: [Located<Allowance>] = []
    /// The migrations that come before it.
    public internal(set) var requirements: [Located<String>] = []
    /// Conditions that must hold before it runs.
    public internal(set) var assertions: [Located<String>] = []
    /// How it is cut into parts.
    public internal(set) var batch: Located<Batch>?
    /// A query that answers true when there is no part left.
    public internal(set) var batchDone: Located<String>?
    /// The migrations that it stands for.
    public internal(set) var replaced: [Located<ReplacedMigration>] = []

    /// Makes the directives of a file that has none.
    public init() {}

    /// The words with which a directive can begin.
    static let words = [
        "no-transaction", "lock-timeout", "statement-timeout", "allow", "requires", "assert", "batch", "batch-done",
        "replaces", "idempotent",
    ]
}
