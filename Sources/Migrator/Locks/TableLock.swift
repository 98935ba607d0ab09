/// A lock on a table that keeps its users waiting, by the names of the PostgreSQL manual, "Explicit Locking".
public enum TableLock: String, Comparable, Sendable {
    /// Writers wait, and other changes of the table.
    case shareRowExclusive = "SHARE ROW EXCLUSIVE"
    /// Writers wait, and `SELECT … FOR UPDATE`.
    case exclusive = "EXCLUSIVE"
    /// Everybody waits, readers too.
    case accessExclusive = "ACCESS EXCLUSIVE"

    private var strength: Int {
        switch self {
        case .shareRowExclusive: 0
        case .exclusive: 1
        case .accessExclusive: 2
        }
    }

    /// Whether a lock is the weaker one.
    public static func < (left: TableLock, right: TableLock) -> Bool { left.strength < right.strength }
}
