public import SourceText

/// Why migrations did not run, or stopped: what happened, where, what state the database is in, what to do next.
public struct MigratorError: Error, Hashable, Sendable {
    /// What kind of failure it was; stable from release to release.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The kind as a word for machines.
        public let rawValue: String

        /// Makes a code from its word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// There is no migrations folder at the path.
        public static let noDirectory = Code(rawValue: "no-directory")
        /// The migrations folder is there, and cannot be read.
        public static let unreadableDirectory = Code(rawValue: "unreadable-directory")
        /// A file cannot be made.
        public static let unwritableFile = Code(rawValue: "unwritable-file")
        /// No file name can be made of a migration's title.
        public static let unusableTitle = Code(rawValue: "unusable-title")
        /// Files of SQL whose names fit nothing.
        public static let misnamedFile = Code(rawValue: "misnamed-file")
        /// Two files have the same version.
        public static let duplicateVersion = Code(rawValue: "duplicate-version")
        /// The files of a folder follow more than one layout.
        public static let mixedLayouts = Code(rawValue: "mixed-layouts")
        /// Lastro reads the layout, but adds nothing to it.
        public static let unsupportedLayout = Code(rawValue: "unsupported-layout")
        /// A plan of Sqitch cannot be read.
        public static let invalidPlan = Code(rawValue: "invalid-plan")
        /// Two files are hooks of one moment.
        public static let duplicateHook = Code(rawValue: "duplicate-hook")
        /// The markers that divide a file into parts are not there, or not as they must be.
        public static let missingMarker = Code(rawValue: "missing-marker")
        /// A directive is none, or its value is none.
        public static let invalidDirective = Code(rawValue: "invalid-directive")
        /// A placeholder has no value.
        public static let unknownPlaceholder = Code(rawValue: "unknown-placeholder")
        /// A migration needs another that does not come before it.
        public static let unmetRequirement = Code(rawValue: "unmet-requirement")
        /// The files are not as `lastro.sum` says.
        public static let sumMismatch = Code(rawValue: "sum-mismatch")
        /// A down or a verify file stands without its migration.
        public static let downWithoutMigration = Code(rawValue: "down-without-migration")
        /// A file cannot be read.
        public static let unreadableFile = Code(rawValue: "unreadable-file")
        /// A file is not UTF-8, or holds NUL characters.
        public static let invalidText = Code(rawValue: "invalid-text")
        /// A file cannot be split into statements, or holds something that only psql understands.
        public static let invalidScript = Code(rawValue: "invalid-script")
        /// A file holds statements that the migrator does not run inside its transaction.
        public static let unsupportedStatement = Code(rawValue: "unsupported-statement")
        /// A batched migration cannot be run as it is written.
        public static let invalidBatch = Code(rawValue: "invalid-batch")
        /// An applied file is not what it was.
        public static let checksumMismatch = Code(rawValue: "checksum-mismatch")
        /// Only a part of what a squashed file replaces ran.
        public static let squashIncomplete = Code(rawValue: "squash-incomplete")
        /// What a squashed file replaces ran from files that nobody has compared.
        public static let squashUnverified = Code(rawValue: "squash-unverified")
        /// Files are still there that a squashed file replaces.
        public static let squashUnfinished = Code(rawValue: "squash-unfinished")
        /// Migrations cannot be made one file.
        public static let cannotSquash = Code(rawValue: "cannot-squash")
        /// An applied migration has no file any more.
        public static let missingFile = Code(rawValue: "missing-file")
        /// A pending migration comes before one that is applied.
        public static let outOfOrder = Code(rawValue: "out-of-order")
        /// The history has a row that another hand put there.
        public static let foreignRow = Code(rawValue: "foreign-row")
        /// The history table cannot be used as it is.
        public static let unusableHistory = Code(rawValue: "unusable-history")
        /// The server does not let the history be read or written: a standby, a role without the right, a full disk.
        public static let historyRefused = Code(rawValue: "history-refused")
        /// Several things are wrong; each has its own error in the text.
        public static let several = Code(rawValue: "several")
        /// No migration is called so.
        public static let unknownMigration = Code(rawValue: "unknown-migration")
        /// The operation does not fit the state of the history.
        public static let wrongState = Code(rawValue: "wrong-state")
        /// A migration to undo has no down file.
        public static let noDownFile = Code(rawValue: "no-down-file")
        /// What runs around migrations failed.
        public static let hookFailed = Code(rawValue: "hook-failed")
        /// The snapshot that a run was to begin with was not taken.
        public static let backupFailed = Code(rawValue: "backup-failed")
        /// The role that migrations run as cannot be taken on.
        public static let unusableRole = Code(rawValue: "unusable-role")
        /// A condition that a migration names does not hold.
        public static let assertionFailed = Code(rawValue: "assertion-failed")
        /// What became of a migration cannot be told.
        public static let outcomeUnknown = Code(rawValue: "outcome-unknown")
        /// The server refused a statement of a migration.
        public static let statementFailed = Code(rawValue: "statement-failed")
        /// IF NOT EXISTS made a statement do nothing, and what was there is not what it declares.
        public static let skippedStatement = Code(rawValue: "skipped-statement")
        /// The run was stopped before its end.
        public static let interrupted = Code(rawValue: "interrupted")
        /// Another runner did not end in time.
        public static let lockTimeout = Code(rawValue: "lock-timeout")
        /// The pooler has no second server connection for a run.
        public static let poolTooSmall = Code(rawValue: "pool-too-small")
        /// Some of many targets failed.
        public static let targetsFailed = Code(rawValue: "targets-failed")
        /// Some of many targets were refused, and nothing was run on these.
        public static let targetsRefused = Code(rawValue: "targets-refused")
        /// None of many targets could be reached.
        public static let targetsUnreachable = Code(rawValue: "targets-unreachable")
        /// The history's table is named with a schema, and many schemas would share it.
        public static let sharedHistory = Code(rawValue: "shared-history")
        /// No schema fits the pattern, or no target has the name.
        public static let noTarget = Code(rawValue: "no-target")
        /// The way back of a migration was begun and did not come to its end.
        public static let halfUndone = Code(rawValue: "half-undone")
        /// The connection that holds the run lock was cut.
        public static let lockLost = Code(rawValue: "lock-lost")
    }

    /// What kind of failure it was.
    public let code: Code
    /// What happened.
    public let message: String
    /// The file and the place in it, where one is to blame.
    public let location: SourceLocation?
    /// What state the database is in now.
    public let state: String
    /// What to do.
    public let next: String

    /// The state after a refusal.
    static let nothingWasRun = "nothing was run"

    init(_ code: Code, _ message: String, at location: SourceLocation? = nil, state: String, next: String) {
        self.code = code
        self.message = message
        self.location = location
        self.state = state
        self.next = next
    }

    /// Whether something that was checked is not as it must be, so that nothing was run.
    public var isRefusal: Bool {
        ![
            .statementFailed, .skippedStatement, .assertionFailed, .hookFailed, .backupFailed, .outcomeUnknown,
            .interrupted,
            .lockTimeout, .lockLost,
            .poolTooSmall, .historyRefused, .unusableRole, .noDirectory, .unreadableDirectory, .unwritableFile,
            .unusableTitle,
            .unknownMigration, .targetsFailed, .targetsUnreachable, .noTarget, .sharedHistory,
        ].contains(code)
    }
}

extension MigratorError: CustomStringConvertible {
    /// The whole story, the state and the next step on lines of their own.
    public var description: String {
        if code == .several { return message }
        return (location.map { "\($0): " } ?? "") + message + "\n  state: \(state)\n  next:  \(next)"
    }
}
