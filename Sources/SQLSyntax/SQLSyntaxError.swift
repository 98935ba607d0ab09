public import SourceText

/// Why a text is not SQL that this module can read.
///
/// A statement that PostgreSQL 15's grammar refuses is no error of this kind: see ``SyntaxTree/Outcome``. Reading SQL
/// changes nothing, so there is no state to report; who reads before running something adds it.
public struct SQLSyntaxError: Error, Hashable, Sendable {
    /// What kind of failure it was; stable from release to release.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The code as it appears in reports.
        public let rawValue: String

        /// Makes a code from its text.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// A quote or a comment is not closed.
        public static let unterminated = Code(rawValue: "unterminated")
        /// A parenthesis has no partner.
        public static let unbalancedParenthesis = Code(rawValue: "unbalanced-parenthesis")
        /// The body of an SQL function has no END.
        public static let unterminatedBody = Code(rawValue: "unterminated-body")
        /// A psql command stands where only SQL may.
        public static let metaCommand = Code(rawValue: "meta-command")
        /// A zero byte is in the text.
        public static let zeroByte = Code(rawValue: "zero-byte")
        /// Something stands between a `COPY … FROM STDIN` and its data.
        public static let textBeforeCopyData = Code(rawValue: "text-before-copy-data")
        /// A name is not written as PostgreSQL writes names.
        public static let invalidName = Code(rawValue: "invalid-name")
        /// A text is too long or too deeply nested for the parser.
        public static let tooComplex = Code(rawValue: "too-complex")
        /// The parser failed for reasons of its own.
        public static let parserFailure = Code(rawValue: "parser-failure")
    }

    /// What kind of failure it was.
    public let code: Code
    /// What happened, in words.
    public let message: String
    /// The file, if its name is known.
    public let file: String?
    /// The line and column, where there is one.
    public let position: SourcePosition?
    /// What to do about it.
    public let next: String
}

extension SQLSyntaxError: CustomStringConvertible {
    /// The file and place, what happened, and what to do, in two lines.
    public var description: String {
        let place = [file, position?.description].compactMap { $0 }.joined(separator: ":")
        return "\(place)\(place.isEmpty ? "" : ": ")\(message)\n  next:  \(next)"
    }
}
