public import SourceText

/// What went wrong between this program and a PostgreSQL server.
///
/// Its description is written for people and never holds a password.
public struct PostgresError: Error, Hashable, Sendable {
    /// What kind of failure it was; stable from release to release.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The kind as a word for machines.
        public let rawValue: String

        /// Makes a code from its word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The server refused a statement; ``PostgresError/report`` holds its words.
        public static let server = Code(rawValue: "server")
        /// The connection settings cannot be understood.
        public static let settings = Code(rawValue: "settings")
        /// No connection could be made.
        public static let connectionFailed = Code(rawValue: "connection-failed")
        /// An open connection was cut; what the last statement did is unknown.
        public static let connectionLost = Code(rawValue: "connection-lost")
        /// The connection was closed by this program.
        public static let connectionClosed = Code(rawValue: "connection-closed")
        /// No connection of a pool became free in time.
        public static let poolTimeout = Code(rawValue: "pool-timeout")
        /// The pool was shut down.
        public static let poolClosed = Code(rawValue: "pool-closed")
        /// A value cannot be read as the type that was asked for.
        public static let decoding = Code(rawValue: "decoding")
        /// A value cannot be sent to the server.
        public static let encoding = Code(rawValue: "encoding")
        /// The connection was used in a way that its state does not allow.
        public static let misuse = Code(rawValue: "misuse")
    }

    /// What kind of failure it was.
    public let code: Code
    /// What happened.
    public let message: String
    /// The server's own report, where the server was the one to refuse.
    public let report: ServerReport?
    /// Where in the SQL that was sent the server saw the error.
    public let position: SourcePosition?
    /// How many statements of a script had ended before the one that failed.
    public let completedStatements: Int
    /// What the server had to say before it came to this, in order: all notices of the call that failed, also those of
    /// statements that had ended.
    public private(set) var notices: [ServerReport] = []
    /// What is so now.
    public let state: String?
    /// What to do.
    public let next: String?

    init(
        _ code: Code,
        _ message: String,
        report: ServerReport? = nil,
        position: SourcePosition? = nil,
        completedStatements: Int = 0,
        state: String? = nil,
        next: String? = nil
    ) {
        self.code = code
        self.message = message
        self.report = report
        self.position = position
        self.completedStatements = completedStatements
        self.state = state
        self.next = next
    }

    func with(notices: [ServerReport]) -> PostgresError {
        var copy = self
        copy.notices = notices
        return copy
    }

    /// The five-character code of the server's error; nil where the server did not speak.
    public var sqlState: SQLState? { report?.sqlState }
}

extension PostgresError: CustomStringConvertible {
    /// What happened, where, what is so now and what to do, on a line each.
    public var description: String {
        var text = message
        if let report {
            text += " (SQLSTATE \(report.sqlState.rawValue))"
            if let position { text += " at \(position)" }
            for (label, line) in [("detail", report.detail), ("hint", report.hint), ("where", report.context)] {
                if let line { text += "\n  \(label): \(line)" }
            }
        }
        if let state { text += "\n  state: \(state)" }
        if let next { text += "\n  next:  \(next)" }
        return text
    }
}
