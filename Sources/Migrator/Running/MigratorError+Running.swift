import Postgres
import SourceText

/// How a run can end before its end, in words.
extension MigratorError {
    static func statementFailed(
        _ error: PostgresError,
        at location: SourceLocation,
        statement: (number: Int, count: Int)?,
        lastApplied: String?
    ) -> MigratorError {
        var words = statement.map { "statement \($0.number) of \($0.count): " } ?? ""
        words += error.message
        if let sqlState = error.sqlState { words += " (SQLSTATE \(sqlState))" }
        for (label, line) in [
            ("detail", error.report?.detail), ("hint", error.report?.hint), ("where", error.report?.context),
        ] {
            if let line { words += "\n  \(label): " + line.replacing("\n", with: "\n          ") }
        }
        return MigratorError(
            .statementFailed,
            words,
            at: location,
            state: "rolled back; " + lastAppliedInWords(lastApplied),
            next: advice(for: error)
        )
    }

    static func failed(_ words: String, at location: SourceLocation, lastApplied: String?) -> MigratorError {
        MigratorError(
            .statementFailed,
            words,
            at: location,
            state: "rolled back; " + lastAppliedInWords(lastApplied),
            next: "run again when the cause is mended"
        )
    }

    static func interrupted(lastApplied: String?) -> MigratorError {
        MigratorError(
            .interrupted,
            "the run was interrupted",
            state: stopped(lastApplied: lastApplied),
            next: "run again: it goes on from there"
        )
    }

    static func lockTimeout(_ holder: LockHolder?, waited: Duration) -> MigratorError {
        MigratorError(
            .lockTimeout,
            "another run did not end within \(waited.components.seconds) s" + (holder.map { ": \($0)" } ?? ""),
            state: nothingWasRun,
            next: "wait for it, or wait longer with --wait-lock"
        )
    }

    static func lockLost(lastApplied: String?) -> MigratorError {
        MigratorError(
            .lockLost,
            "the connection that keeps other runners away was cut",
            state: stopped(lastApplied: lastApplied),
            next: "run again: it goes on from there"
        )
    }

    static func connectionCut(_ error: PostgresError, afterApplying name: String) -> MigratorError {
        MigratorError(
            .lockLost,
            error.message,
            state: "\(name) is applied: its row is in the history; nothing behind it was run",
            next: "run again: it goes on from there"
        )
    }

    static func outcomeUnknown(_ error: any Error, name: String) -> MigratorError {
        MigratorError(
            .statementFailed,
            "\(name): the connection was cut, and the database could not be reached again: \(error)",
            state: "unknown: the migration is applied or rolled back, nothing in between",
            next: "run `lastro status` when the database can be reached; a new run does what is left"
        )
    }

    static func stopped(lastApplied: String?) -> String {
        "the migration under way was rolled back; " + lastAppliedInWords(lastApplied)
    }

    private static func lastAppliedInWords(_ name: String?) -> String {
        name.map { "the last applied migration is \($0)" } ?? "no migration is applied"
    }

    private static func advice(for error: PostgresError) -> String {
        switch error.sqlState {
        case .undefinedColumn?:
            "if an earlier CREATE TABLE IF NOT EXISTS names the column, the table was there already and was left as it "
                + "was; add the column with ALTER TABLE … ADD COLUMN IF NOT EXISTS"
        case .duplicateTable?, "42710", "42701":
            "find out who made the object; if this migration did in an earlier life, `lastro mark` it with a reason"
        case .insufficientPrivilege?:
            "grant the role what it lacks, or run as the owner"
        case .activeTransaction?:
            "put the statement into a migration of its own"
        case .lockNotAvailable?, .queryCanceled?:
            "run again when the table is less busy"
        case .readOnlyTransaction?:
            "connect to the primary"
        default:
            "mend the file and run again"
        }
    }
}
