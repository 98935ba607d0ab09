/// Why there is no plan, or why one was not carried out: what happened, in what state the database is, what to do next.
public struct SchemaDiffError: Error, Hashable, Sendable {
    /// What kind of failure it was; stable from release to release.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The kind as a word for machines.
        public let rawValue: String

        /// Makes a code from its word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// A change that cannot be done rightly.
        public static let refusedChange = Code(rawValue: "refused-change")
        /// Objects that need each other in a way that no order of statements satisfies.
        public static let dependencyCycle = Code(rawValue: "dependency-cycle")
        /// Words that name no schema.
        public static let unknownSource = Code(rawValue: "unknown-source")
        /// A source that is there and cannot be read.
        public static let unreadableSource = Code(rawValue: "unreadable-source")
        /// A rename that was asked for and cannot be made.
        public static let unusableRename = Code(rawValue: "unusable-rename")
        /// SQL that a scratch server does not take.
        public static let notBuilt = Code(rawValue: "not-built")
        /// The server refused a statement of a plan.
        public static let statementFailed = Code(rawValue: "statement-failed")
        /// A plan has hazards that nobody allowed.
        public static let hazardNotAllowed = Code(rawValue: "hazard-not-allowed")
        /// A plan was made for another schema than the one that is there.
        public static let targetMoved = Code(rawValue: "target-moved")
        /// A plan did not do on a copy what it should.
        public static let notProved = Code(rawValue: "not-proved")
        /// A squashed file does not lead to what its migrations lead to, or cannot be written.
        public static let notSquashed = Code(rawValue: "not-squashed")
        /// A plan ran and did not lead to what it was made for.
        public static let notAsPlanned = Code(rawValue: "not-as-planned")
    }

    /// What kind of failure it was.
    public let code: Code
    /// What happened.
    public let message: String
    /// What state the database is in now.
    public let state: String
    /// What to do.
    public let next: String

    init(_ code: Code, _ message: String, state: String = "nothing was run", next: String) {
        self.code = code
        self.message = message
        self.state = state
        self.next = next
    }

    /// Whether the command line names something that is not there.
    public var isUsage: Bool { [.unknownSource, .unreadableSource, .unusableRename].contains(code) }

    /// Whether something that was checked is not as it must be, so that nothing was run.
    public var isRefusal: Bool {
        [.refusedChange, .dependencyCycle, .hazardNotAllowed, .targetMoved, .notSquashed].contains(code)
    }
}

extension SchemaDiffError: CustomStringConvertible {
    /// The whole story, the state and the next step on lines of their own.
    public var description: String { "\(message)\n  state: \(state)\n  next:  \(next)" }
}
