/// One statement of a plan, with what it may hurt.
public struct PlanStatement: Hashable, Sendable {
    /// The statement, without a semicolon at its end.
    public let sql: String
    /// What it may hurt.
    public let hazards: [Hazard]
    /// The strongest lock that it takes on a table which others may be using; nil for none worth telling.
    public let lock: TableLock?
    /// Whether it can run in a transaction: `CREATE INDEX CONCURRENTLY` cannot.
    public let isTransactional: Bool
    /// What else there is to be said of it; nil for nothing.
    public let note: String?

    /// Makes a statement.
    public init(
        _ sql: String,
        hazards: [Hazard] = [],
        lock: TableLock? = nil,
        isTransactional: Bool = true,
        note: String? = nil
    ) {
        self.sql = sql
        self.hazards = hazards
        self.lock = lock
        self.isTransactional = isTransactional
        self.note = note
    }

    /// The statement with a remark.
    func noting(_ words: String) -> PlanStatement {
        PlanStatement(sql, hazards: hazards, lock: lock, isTransactional: isTransactional, note: words)
    }
}

/// A way in which a statement may hurt; it is allowed by its name.
public struct Hazard: Hashable, Sendable {
    /// The kinds, by the names that allow them.
    public enum Kind: String, CaseIterable, Hashable, Sendable, Codable {
        case deletesData = "deletes-data"
        case rewritesTable = "rewrites-table"
        case accessExclusiveLock = "access-exclusive-lock"
        case shareLock = "share-lock"
        case indexBuild = "index-build"
        case indexDropped = "index-dropped"
        case validatesConstraint = "validates-constraint"
        case notTransactional = "not-transactional"
        case correctness = "correctness"
        case impactsPerformance = "impacts-performance"
        case authorisationChange = "authorisation-change"
        case extensionVersionChange = "extension-version-change"
        case irreversible = "irreversible"
        case untrackedDependency = "untracked-dependency"
    }

    /// What kind of hazard it is.
    public let kind: Kind
    /// What is hurt, and how, in one sentence without a full stop.
    public let message: String

    /// Names a hazard.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}

/// The table locks of the manual's section 13.3.1, weakest first.
public enum TableLock: String, CaseIterable, Hashable, Comparable, Sendable, Codable {
    case accessShare = "ACCESS SHARE"
    case rowShare = "ROW SHARE"
    case rowExclusive = "ROW EXCLUSIVE"
    case shareUpdateExclusive = "SHARE UPDATE EXCLUSIVE"
    case share = "SHARE"
    case shareRowExclusive = "SHARE ROW EXCLUSIVE"
    case exclusive = "EXCLUSIVE"
    case accessExclusive = "ACCESS EXCLUSIVE"

    /// Whether the left lock is the weaker one.
    public static func < (left: Self, right: Self) -> Bool {
        left.strength < right.strength
    }

    private var strength: Int {
        switch self {
        case .accessShare: 1
        case .rowShare: 2
        case .rowExclusive: 3
        case .shareUpdateExclusive: 4
        case .share: 5
        case .shareRowExclusive: 6
        case .exclusive: 7
        case .accessExclusive: 8
        }
    }
}
