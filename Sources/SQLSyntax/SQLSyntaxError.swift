public import SourceText

/// What is wrong with a text of SQL before any server sees it.
public struct SQLSyntaxError: Error, Hashable, Sendable {
    /// What kind of failure it was; stable from release to release.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The kind as a word for machines.
        public let rawValue: String

        /// Makes a code from its word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// A string, comment, quoted name, parenthesis or body that does not end.
        public static let unterminated = Code(rawValue: "unterminated")
        /// A command that only psql understands.
        public static let metaCommand = Code(rawValue: "meta-command")
        /// A NUL character, which PostgreSQL takes nowhere.
        public static let nulCharacter = Code(rawValue: "nul-character")
        /// A name that is none.
        public static let invalidName = Code(rawValue: "invalid-name")
    }

    /// What kind of failure it was.
    public let code: Code
    /// What is wrong.
    public let message: String
    /// Where in the text.
    public let position: SourcePosition
    /// What to do.
    public let next: String

    init(_ code: Code, _ message: String, at position: SourcePosition, next: String) {
        self.code = code
        self.message = message
        self.position = position
        self.next = next
    }
}

extension SQLSyntaxError: CustomStringConvertible {
    /// The place, what is wrong there, and what to do.
    public var description: String { "\(position): \(message)\n  next:  \(next)" }
}
