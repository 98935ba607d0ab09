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
            "\(name) went on for its max-duration of \(limit.components.seconds) s and is not done",
            state: "\(rows) rows are done, each range with its record",
            next: "run again: it goes on from there"
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
