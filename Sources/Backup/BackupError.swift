import Postgres
public import SourceText

/// Why something could not be backed up, read or restored: what happened, where, what state things are in, what to do next.
public struct BackupError: Error, Hashable, Sendable {
    /// What kind of failure it was; stable from release to release.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The kind as a word for machines.
        public let rawValue: String

        /// Makes a code from its word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// What was given as a recipient is none, or one that is not supported.
        public static let unusableRecipient = Code(rawValue: "unusable-recipient")
        /// What was given as an identity is none, or one that is not supported.
        public static let unusableIdentity = Code(rawValue: "unusable-identity")
        /// A key file cannot be made.
        public static let unwritableKeyFile = Code(rawValue: "unwritable-key-file")
        /// The armor of an age file is malformed.
        public static let malformedArmor = Code(rawValue: "malformed-armor")
        /// The header of an age file is malformed, or not authentic.
        public static let malformedHeader = Code(rawValue: "malformed-header")
        /// A passphrase's work factor is above the limit.
        public static let excessiveWorkFactor = Code(rawValue: "excessive-work-factor")
        /// No identity is one of the file's recipients, or the passphrase is wrong.
        public static let noMatch = Code(rawValue: "no-match")
        /// The content of an age file is not authentic to its end.
        public static let damagedPayload = Code(rawValue: "damaged-payload")
        /// A stream cannot be read or written.
        public static let stream = Code(rawValue: "stream")
        /// The store of a repository cannot be read or written.
        public static let store = Code(rawValue: "store")
        /// The host's own keys cannot be read or made.
        public static let unusableHostKeys = Code(rawValue: "unusable-host-keys")
        /// There is no such snapshot.
        public static let noSnapshot = Code(rawValue: "no-snapshot")
        /// An index or a manifest is malformed, or not where it belongs.
        public static let malformedSnapshot = Code(rawValue: "malformed-snapshot")
        /// An index is not signed by who has to have signed it.
        public static let untrusted = Code(rawValue: "untrusted")
        /// A file of the repository is missing, or not what was written.
        public static let damagedRepository = Code(rawValue: "damaged-repository")
        /// Data cannot be compressed, or compressed data not be read.
        public static let compression = Code(rawValue: "compression")
        /// Tables that the role may not read.
        public static let unreadableTables = Code(rawValue: "unreadable-tables")
        /// The schema changed while the snapshot was being taken, again and again.
        public static let schemaChanged = Code(rawValue: "schema-changed")
        /// The database holds something that is not backed up.
        public static let unsupported = Code(rawValue: "unsupported")
        /// A program of PostgreSQL failed.
        public static let programFailed = Code(rawValue: "program-failed")
        /// A program of PostgreSQL is not there.
        public static let noProgram = Code(rawValue: "no-program")
        /// No connection is left to read with.
        public static let connectionsLost = Code(rawValue: "connections-lost")
        /// There is a database of the name that is to be restored to.
        public static let databaseExists = Code(rawValue: "database-exists")
        /// The server that is to be restored on lacks something.
        public static let lacking = Code(rawValue: "lacking")
        /// Somebody works on what is to be restored to.
        public static let busy = Code(rawValue: "busy")
        /// The server refused a statement for reasons of its own: no space, no right, no time.
        public static let serverRefused = Code(rawValue: "server-refused")
        /// A part of the schema cannot be made.
        public static let restoreFailed = Code(rawValue: "restore-failed")
        /// What was restored is not what was backed up.
        public static let otherContent = Code(rawValue: "other-content")
        /// The backup took too long, or held up somebody for too long.
        public static let givenUp = Code(rawValue: "given-up")
        /// The server cannot lock as many tables as there are.
        public static let tooManyTables = Code(rawValue: "too-many-tables")
        /// An option does not fit what it is used on.
        public static let unusableOption = Code(rawValue: "unusable-option")
        /// libcrypto refused a call.
        public static let cryptography = Code(rawValue: "cryptography")
    }

    /// What kind of failure it was.
    public let code: Code
    /// What happened.
    public let message: String
    /// Where.
    public let location: SourceLocation?
    /// What things look like now.
    public let state: String
    /// What to do.
    public let next: String
    /// The server's own code, where it refused a statement of the snapshot's.
    let sqlState: SQLState?

    init(
        _ code: Code,
        _ message: String,
        at location: SourceLocation? = nil,
        state: String,
        next: String,
        sqlState: SQLState? = nil
    ) {
        self.code = code
        self.message = message
        self.location = location
        self.state = state
        self.next = next
        self.sqlState = sqlState
    }

    /// Whether a repository was found to be other than it was written.
    public var isAboutRepository: Bool {
        [.untrusted, .damagedRepository, .malformedSnapshot, .compression, .malformedHeader, .damagedPayload].contains(
            code
        )
    }

    /// Whether the command line is wrong, or names something that cannot be used.
    public var isUsage: Bool {
        [
            .unusableRecipient, .unusableIdentity, .unwritableKeyFile, .noSnapshot, .unusableHostKeys,
            .unreadableTables, .noProgram, .databaseExists, .unusableOption, .lacking,
        ].contains(code)
    }
}

extension BackupError: CustomStringConvertible {
    /// The whole story, the state and the next step on lines of their own.
    public var description: String {
        (location.map { "\($0): " } ?? "") + "\(message)\n  state: \(state)\n  next:  \(next)"
    }
}
