import Postgres
import SourceText

/// What can be wrong with a batched migration, in words.
extension MigratorError {
    static func batchNeedsOneStatement(_ count: Int, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .invalidBatch,
            "a batched migration is one statement, and the file has \(count)",
            at: location,
            state: nothingWasRun,
            next: "put the others into migrations of their own"
        )
    }

    static func batchBound(
        _ name: String,
        _ comparison: String,
        key: String,
        at location: SourceLocation
    ) -> MigratorError {
        MigratorError(
            .invalidBatch,
            "the statement has to say where its range \(name == "from" ? "begins" : "ends"), as \(key) \(comparison) :\(name)",
            at: location,
            state: nothingWasRun,
            next: "write WHERE \(key) >= :from AND \(key) < :to"
        )
    }

    static func batchWithoutTable(at location: SourceLocation) -> MigratorError {
        MigratorError(
            .invalidBatch,
            "it is not clear which table has the key",
            at: location,
            state: nothingWasRun,
            next: "name it: `-- lastro: batch table=schema.name key=…`"
        )
    }

    static func batchKeyMissing(_ key: String, table: String, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .invalidBatch,
            "there is no column \(key) in a table \(table)",
            at: location,
            state: nothingWasRun,
            next: "name the key with key=…, and its table with table=…"
        )
    }

    static func batchKeyNotUnique(_ key: String, table: String, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .invalidBatch,
            "\(key) of \(table) is no key: ranges need a column that is NOT NULL and has a unique index of its own",
            at: location,
            state: nothingWasRun,
            next: "take the primary key, or make such an index first"
        )
    }

    static func batchPaused(_ name: String, rows: Int, limit: Duration) -> MigratorError {
        MigratorError(
            .interrupted,
            "\(name) went on for its max-duration of \(limit.milliseconds) ms and is not done",
            state: rangesDone(rows, of: name),
            next: "run again: it goes on from there"
        )
    }

    /// The error of a backfill that was interrupted, or whose connection was cut.
    static func batchStopped(_ name: String, rows: Int, by error: any Error) -> MigratorError {
        guard let error = error as? PostgresError else {
            return MigratorError(
                .interrupted,
                "the run was interrupted",
                state: rangesDone(rows, of: name),
                next: "run again: it goes on from there"
            )
        }
        return MigratorError(
            error.code == .connectionLost ? .outcomeUnknown : .statementFailed,
            "\(name): \(error.inWords)",
            // Whether a COMMIT under way took effect is for the next run to find out.
            state: rangesDone(rows, of: name)
                + (error.code == .connectionLost ? "; the range under way is done and on record, or rolled back" : ""),
            next: "run again: it goes on from there"
        )
    }

    static func batchLockLost(_ name: String, rows: Int) -> MigratorError {
        MigratorError(
            .lockLost,
            "the connection that keeps other runners away was cut",
            state: rangesDone(rows, of: name),
            next: "run again: it goes on from there"
        )
    }

    private static func rangesDone(_ rows: Int, of name: String) -> String {
        "\(rows) rows of \(name) are done, each range on record; it is not in the history yet"
    }

    static func batchNotDone(_ error: MigratorError, _ name: String, rows: Int) -> MigratorError {
        MigratorError(
            error.code,
            error.message,
            at: error.location,
            state: rangesDone(rows, of: name),
            next: "bring the rest into order by hand, or correct the condition, and run again"
        )
    }

    static func batchFailed(
        _ error: PostgresError,
        at location: SourceLocation,
        from: String?,
        to: String?,
        rows: Int
    ) -> MigratorError {
        MigratorError(
            .statementFailed,
            "in the range from \(from ?? "the first row") to \(to ?? "the last row"): \(error.inWords)",
            at: location,
            state: "this range was rolled back; \(rows) rows of the ranges before it are done and on record",
            next: "mend the file or the rows and run again: it goes on from there"
        )
    }
}
