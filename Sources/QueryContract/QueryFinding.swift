public import Postgres
public import SourceText

/// What came of checking a query.
public struct QueryResult: Sendable {
    /// The query.
    public let query: Query
    /// What is wrong with it, and what could not be judged.
    public let findings: [QueryFinding]

    /// How a query stands.
    public enum State: String, Hashable, Sendable {
        /// It can be run as it is.
        case valid
        /// It would fail.
        case broken
        /// A part of it could not be judged, and nothing is known to be wrong.
        case notCheckable = "not-checkable"
    }

    /// How the query stands.
    public var state: State {
        findings.isEmpty ? .valid : findings.contains(where: \.isBreaking) ? .broken : .notCheckable
    }
}

/// One thing that is said of a query.
public struct QueryFinding: Hashable, Sendable {
    /// What kind of thing it is; stable from release to release.
    public enum Kind: String, Hashable, Sendable {
        /// The server knows no column, table, function, type or schema of a name.
        case unknownName = "unknown-name"
        /// The server refuses the statement for another reason.
        case refused
        /// The role that runs it may not.
        case privilege
        /// An INSERT leaves a column empty that must not be.
        case missingValue = "missing-value"
        /// What it needs to be set up cannot be made.
        case setup
        /// It cannot be judged.
        case notCheckable = "not-checkable"
    }

    /// What kind of thing it is.
    public let kind: Kind
    /// Where in the file.
    public let location: SourceLocation
    /// What is so.
    public let message: String
    /// The server's code for it.
    public let sqlState: SQLState?
    /// The migration that has yet to bring what is missing, took it away, or asks for what is not given.
    public let migration: String?
    /// What to do.
    public let next: String

    /// Whether the query would fail.
    public var isBreaking: Bool { kind != .notCheckable }

    init(
        _ kind: Kind,
        at location: SourceLocation,
        _ message: String,
        sqlState: SQLState? = nil,
        migration: String? = nil,
        next: String
    ) {
        self.kind = kind
        self.location = location
        self.message = message
        self.sqlState = sqlState
        self.migration = migration
        self.next = next
    }
}
