import Postgres
import SourceText

/// What the server refused in a migration's transaction, with its place.
struct TransactionFailure: Error {
    /// Where it was refused.
    enum Place: Hashable {
        /// In the file; statements are counted from 0.
        case script(statement: Int)
        /// In the text of the file from a statement on, which the server could not read.
        case text(from: Int)
        /// In a file that runs beside it; statements are counted from 0.
        case beside(Beside, statement: Int)
        /// In a statement of Lastro's own around it.
        case around(MigrationTransaction.Purpose)
    }

    /// What a file beside the migration's own is.
    enum Beside {
        case before
        case after
        case verification
    }

    let error: PostgresError
    let place: Place
    /// Where in the file; nil where the server gave no position.
    let position: SourcePosition?

    /// Whether another row of the same name was in the history already.
    func isCollision(in table: HistoryTable) -> Bool {
        place == .around(.fence) && error.sqlState == .uniqueViolation && error.report?.table == table.name
    }

    /// Whether a statement of the history's row was not ready any more.
    var lacksPrepared: Bool {
        [.around(.fence), .around(.completion)].contains(place) && error.sqlState == "26000"
    }

    /// Whether a lock could not be had in time, so that another try makes sense.
    var isLockTimeout: Bool { error.sqlState == .lockNotAvailable }

    /// Whether two transactions stood in each other's way, so that another try makes sense.
    var isConflict: Bool {
        ["40P01", "40001"].contains(error.sqlState) || isCatalogConflict
    }

    /// How often another try makes sense; nil for as often as for a lock.
    ///
    /// Two entries of one name in a catalog are those of two sessions, which is over with the next try, or both the file's own.
    var retryLimit: Int? { isCatalogConflict ? 3 : nil }

    /// Whether two transactions changed one object at the same moment, such as an extension that every schema's migration
    /// makes IF NOT EXISTS.
    private var isCatalogConflict: Bool {
        guard let report = error.report else { return false }
        let isSameRow = report.sqlState == .uniqueViolation && report.schema == "pg_catalog"
        return isSameRow || report.sqlState == "XX000" && report.message.hasPrefix("tuple concurrently")
    }
}

/// A check after a migration that gave a false.
struct VerificationFailure: Error {
    /// Which statement of the file of checks, counted from 0.
    let statement: Int
}
