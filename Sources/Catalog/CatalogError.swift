/// What keeps a catalog from being had: what happened, what state there is, what to do.
public struct CatalogError: Error, Hashable, Sendable {
    /// What kind of failure it was; stable from release to release.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The kind as a word for machines.
        public let rawValue: String

        /// Makes a code from its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A file that cannot be read.
        public static let unreadableFile = Code(rawValue: "unreadable-catalog-file")
        /// A file that holds no catalog, or half of one.
        public static let damagedFile = Code(rawValue: "damaged-catalog-file")
        /// A file that a later release wrote.
        public static let unknownFormat = Code(rawValue: "unknown-format")
        /// A schema that others changed whenever it was read.
        public static let changedMeanwhile = Code(rawValue: "changed-meanwhile")
    }

    /// What kind of failure it was.
    public let code: Code
    /// What happened.
    public let message: String
    /// What state there is now.
    public let state: String
    /// What to do.
    public let next: String

    init(_ code: Code, _ message: String, next: String) {
        self.code = code
        self.message = message
        state = "nothing was run"
        self.next = next
    }
}

extension CatalogError: CustomStringConvertible {
    /// The whole story, the state and the next step on lines of their own.
    public var description: String { "\(message)\n  state: \(state)\n  next:  \(next)" }
}
