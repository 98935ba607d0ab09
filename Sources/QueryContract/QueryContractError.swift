import SQLSyntax
public import SourceText

/// Why the queries of a folder cannot be read.
public struct QueryContractError: Error, Hashable, Sendable {
    /// What kind of failure it was; stable from release to release.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The kind as a word for machines.
        public let rawValue: String

        /// Makes a code from its word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// There is no folder of queries.
        public static let noFolder = Code(rawValue: "no-folder")
        /// A file cannot be read, or is no text.
        public static let unreadableFile = Code(rawValue: "unreadable-file")
        /// A file cannot be split into statements.
        public static let unsplittable = Code(rawValue: "unsplittable")
        /// Names and statements do not go together.
        public static let naming = Code(rawValue: "naming")
    }

    /// What kind of failure it was.
    public let code: Code
    /// What happened.
    public let message: String
    /// Where.
    public let location: SourceLocation?
    /// What to do.
    public let next: String

    private init(_ code: Code, _ message: String, at location: SourceLocation? = nil, next: String) {
        self.code = code
        self.message = message
        self.location = location
        self.next = next
    }

    /// Whether the command line names something that is not there.
    public var isUsage: Bool { code == .noFolder }
}

extension QueryContractError: CustomStringConvertible {
    /// The whole story, the state and the next step on lines of their own.
    public var description: String {
        (location.map { "\($0): " } ?? "") + "\(message)\n  state: no query was checked\n  next:  \(next)"
    }
}

extension QueryContractError {
    static func noFolder(_ path: String) -> Self {
        Self(
            .noFolder,
            "there is no folder \(path) to read queries from",
            next: "put the application's queries there, or name another folder with --queries"
        )
    }

    static func unreadable(_ file: String) -> Self {
        Self(.unreadableFile, "\(file) cannot be read", next: "see to it that it may be read")
    }

    static func noText(_ file: String) -> Self {
        Self(.unreadableFile, "\(file) is not UTF-8", next: "write it as UTF-8")
    }

    static func cannotSplit(_ error: SQLSyntaxError) -> Self {
        Self(
            .unsplittable,
            error.message,
            at: error.file.map { SourceLocation(file: $0, position: error.position) },
            next: error.next
        )
    }

    static func noName(at location: SourceLocation) -> Self {
        Self(
            .naming,
            "there is no name for this query",
            at: location,
            next: "write `-- name: pick_next_job` on a line of its own above it"
        )
    }

    static func noStatement(_ name: String, at location: SourceLocation) -> Self {
        Self(
            .naming,
            "\(name) names no query",
            at: location,
            next: "write its statement below the name, or take it out"
        )
    }

    static func duplicate(_ name: String, at location: SourceLocation, first: SourceLocation) -> Self {
        Self(.naming, "\(name) is the name of another query too, at \(first)", at: location, next: "rename one of them")
    }
}
