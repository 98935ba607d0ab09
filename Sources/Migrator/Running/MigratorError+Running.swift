import Postgres
import SourceText

/// How a run can end before its end, in words.
extension MigratorError {
    static func statementFailed(
        _ error: PostgresError,
        at location: SourceLocation,
        statement: (number: Int, count: Int)?,
        lastApplied: String?,
        state: String? = nil
    ) -> MigratorError {
        let words = (statement.map { "statement \($0.number) of \($0.count): " } ?? "") + error.inWords
        return MigratorError(
            .statementFailed,
            words,
            at: location,
            state: state ?? "rolled back; " + lastAppliedInWords(lastApplied),
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

    /// The error of a run that something else ended.
    static func interrupted(lastApplied: String?, by error: any Error) -> MigratorError {
        error is CancellationError
            ? .interrupted(lastApplied: lastApplied)
            : MigratorError(
                .statementFailed,
                "\(error)",
                state: stopped(lastApplied: lastApplied),
                next: "run again when the cause is mended"
            )
    }

    static func stepFailed(_ error: PostgresError, step: Int, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .statementFailed,
            "step \(step): \(error.inWords)",
            at: location,
            state: stepsDone(before: step - 1),
            next: "mend the cause and run again: it goes on with this step"
        )
    }

    static func stepsDone(before index: Int) -> String {
        index == 0
            ? "the file runs step by step, and none of its steps is done"
            : "the file runs step by step; the steps before this one are done and on record"
    }

    /// The error of a step whose connection was cut: what became of it is for the next run to find out.
    static func stepCut(_ error: PostgresError, of name: String, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .outcomeUnknown,
            "\(name): \(error.message)",
            at: location,
            state:
                "the file runs step by step; the steps before this one are done and on record, and this one may be done, "
                + "or go on in its server process",
            next: "run again: the next run waits for that process, sees what it has done, and goes on"
        )
    }

    static func stepChanged(_ step: Int, of name: String, isDone: Bool, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .checksumMismatch,
            "step \(step) of \(name) was \(isDone ? "run" : "begun") from another text than the file has now",
            at: location,
            state: nothingWasRun,
            next: "restore that statement and change what comes behind it, or put the change into a new migration"
        )
    }

    static func invalidIndex(_ name: String, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .statementFailed,
            "the index \(name) is there and invalid",
            at: location,
            state: "the steps before this one are done and on record",
            next: "run again: an invalid index is dropped before the next build"
        )
    }

    /// - Parameters:
    ///   - words: the statement that sets something for the session.
    ///   - isInFile: whether the file has it, and not the run by its options.
    ///   - location: the statement, or the file.
    ///   - lastApplied: the last migration that is applied.
    /// - Returns: the error.
    static func needsDirectConnection(
        _ words: String,
        isInFile: Bool,
        at location: SourceLocation,
        lastApplied: String?
    ) -> MigratorError {
        MigratorError(
            .unsupportedStatement,
            "\(words) sets something for the session, the file runs statement by statement, and a pooler gives each statement "
                + "a session of its choice",
            at: location,
            state: "nothing of the file was run; " + lastAppliedInWords(lastApplied),
            next: "connect directly, with --direct-database URL"
                + (isInFile ? ", or put the setting between BEGIN and COMMIT as SET LOCAL" : "")
        )
    }

    static func assertionFailed(_ sql: String, at location: SourceLocation, lastApplied: String?) -> MigratorError {
        MigratorError(
            .assertionFailed,
            "this does not hold: \(sql)",
            at: location,
            state: "rolled back; " + lastAppliedInWords(lastApplied),
            next: "bring the database into the state that the migration expects, or correct the condition"
        )
    }

    static func verificationFailed(at location: SourceLocation, state: String) -> MigratorError {
        MigratorError(
            .assertionFailed,
            "this check gave false after the migration had run",
            at: location,
            state: state,
            next: "mend the migration, or the check"
        )
    }

    static func historyRowGone(_ name: String, at location: SourceLocation, lastApplied: String?) -> MigratorError {
        MigratorError(
            .unusableHistory,
            "the row of \(name) in the history did not last until its transaction's end",
            at: location,
            state: "rolled back; " + lastAppliedInWords(lastApplied),
            next: "see to it that the migration, or a trigger or rule on the history's table, leaves its rows alone"
        )
    }

    static func historyRefused(_ error: PostgresError, name: String, lastApplied: String?) -> MigratorError {
        MigratorError(
            historyCode(for: error),
            "\(name) could not be put into the history: \(error.inWords)",
            state: "rolled back; " + lastAppliedInWords(lastApplied),
            next: historyAdvice(
                for: error,
                withoutRight: "grant the role what it lacks on the history's tables, or connect as their owner",
                otherwise: "see that the history's tables are as docs/history-table.md says"
            )
        )
    }

    static func orphanAlive(_ sessions: [Blocker], waited: Duration, lastApplied: String?) -> MigratorError {
        MigratorError(
            .lockTimeout,
            "a session of an earlier run did not end within \(waited.milliseconds) ms: "
                + sessions.map(\.description).joined(separator: "; "),
            state: "it works on by itself, and nothing else was run",
            next: "wait for it, or end it with --terminate-orphans"
        )
    }

    static func onlyStandby() -> MigratorError {
        MigratorError(
            .outcomeUnknown,
            "the server that answers is a standby",
            state: "unknown",
            next: "run again when there is a primary"
        )
    }

    static func stillRunning(_ error: PostgresError, name: String, pid: Int) -> MigratorError {
        MigratorError(
            .outcomeUnknown,
            "\(name): \(error.message); its server process \(pid) works on",
            state: "unknown: the migration is applied once that process has committed, or wholly absent",
            next: "run again: the next run waits for that process; with --terminate-orphans it ends it"
        )
    }

    static func failedOver(_ error: PostgresError, name: String, lost: [String]) -> MigratorError {
        MigratorError(
            .outcomeUnknown,
            "\(name): \(error.message); another server has taken over, without \(lost.joined(separator: ", "))",
            state: "these migrations of this run are not applied on the server that answers now",
            next: "run again: it applies them anew"
        )
    }

    static func historyLocked(_ blockers: [Blocker], waited: Duration) -> MigratorError {
        MigratorError(
            .lockTimeout,
            "the history could not be read within \(waited.milliseconds) ms, since its table is locked by "
                + blockers.map(\.description).joined(separator: "; "),
            state: nothingWasRun,
            next: "see what that session is doing, or wait longer with --wait-lock"
        )
    }

    static func lockTimeout(_ holder: LockHolder?, waited: Duration) -> MigratorError {
        MigratorError(
            .lockTimeout,
            "another run did not end within \(waited.milliseconds) ms" + (holder.map { ": \($0)" } ?? ""),
            state: nothingWasRun,
            next: "wait for it, or wait longer with --wait-lock"
        )
    }

    static func hookWithSteps(_ path: String) -> MigratorError {
        MigratorError(
            .unsupportedStatement,
            "a hook's file runs in a transaction, and holds what cannot",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: "put it into a migration"
        )
    }

    static func hookStatementFailed(
        _ error: PostgresError,
        _ hook: MigrationHook,
        at location: SourceLocation
    ) -> MigratorError {
        MigratorError(
            .hookFailed,
            error.inWords,
            at: location,
            state: standing(after: hook),
            next: "mend the hook and run again"
        )
    }

    /// What is so when a hook's file around a whole run did not go through.
    static func standing(after hook: MigrationHook) -> String {
        hook == .beforeRun ? nothingWasRun : "the hook was rolled back; the migrations of this run are applied"
    }

    static func hookFailed(_ hook: MigrationHook, _ error: any Error, migration: String?) -> MigratorError {
        MigratorError(
            .hookFailed,
            "the hook \(hook.rawValue): \(error)",
            state: standing(atAction: hook, of: migration),
            next: "mend the hook and run again"
        )
    }

    /// The snapshot that a run was to begin with was not taken.
    ///
    /// - Parameters:
    ///   - reason: what happened.
    ///   - next: what to do about it.
    /// - Returns: the error.
    public static func backupFailed(_ reason: String, next: String) -> MigratorError {
        MigratorError(
            .backupFailed,
            "no snapshot was taken, and without one nothing may be lost: \(reason)",
            state: nothingWasRun,
            next: next
        )
    }

    static func poolTooSmall(waited: Duration) -> MigratorError {
        MigratorError(
            .poolTooSmall,
            "the pooler gave no second connection within \(waited.milliseconds) ms, and a run needs two: one keeps the lock, "
                + "the other one works",
            state: nothingWasRun,
            next: "give this database a pool of two or more, or connect directly, with --direct-database URL"
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
            .outcomeUnknown,
            "\(name): the connection was cut, and the database could not be reached again"
                + (error is CancellationError ? " before the run was interrupted" : ": \(error)"),
            state: "unknown: the migration is applied or rolled back, nothing in between",
            next: "run `lastro status` when the database can be reached; a new run does what is left"
        )
    }

    static func stopped(lastApplied: String?) -> String {
        "the migration under way was rolled back; " + lastAppliedInWords(lastApplied)
    }

    static func lastAppliedInWords(_ name: String?) -> String {
        name.map { "the last applied migration is \($0)" } ?? "no migration is applied"
    }

    static func advice(for error: PostgresError) -> String {
        if [.connectionLost, .connectionFailed].contains(error.code) {
            return error.next ?? "run again; the log of the server, or of a pooler before it, may say who cut it"
        }
        return switch error.sqlState {
        case .undefinedColumn?:
            "if an earlier CREATE TABLE IF NOT EXISTS names the column, the table was there already and was left as it "
                + "was; add the column with ALTER TABLE … ADD COLUMN IF NOT EXISTS"
        case .duplicateTable?, "42710", "42701":
            "find out who made the object; if this migration did in an earlier life, `lastro mark` it with a reason"
        case .insufficientPrivilege?:
            "grant the role what it lacks, or run as the owner"
        case .activeTransaction?:
            "put the statement into a migration of its own"
        case .lockNotAvailable?:
            "run again when the table is less busy"
        case .queryCanceled?:
            "give it more time with `-- lastro: statement-timeout …`, or run again when the server is less busy"
        case .readOnlyTransaction?:
            "connect to the primary; on a primary, see who set default_transaction_read_only"
        case "53100":
            "make room on the server's disk and run again"
        default:
            "mend the file and run again"
        }
    }
}

extension PostgresError {
    /// The server's words with all that belongs to them, on lines of their own behind the first.
    var inWords: String {
        var words = message
        if let sqlState { words += " (SQLSTATE \(sqlState))" }
        for (label, line) in [("detail", report?.detail), ("hint", report?.hint), ("where", report?.context)] {
            if let line { words += "\n  \(label): " + line.replacing("\n", with: "\n          ") }
        }
        return words
    }
}
