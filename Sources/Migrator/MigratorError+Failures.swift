import Postgres
import SQLSyntax
import SourceText

/// Every failure of this module in words.
extension MigratorError {
    private static let nothingWasRun = "nothing was run"

    // MARK: files

    static func noDirectory(_ path: String) -> MigratorError {
        MigratorError(
            .noDirectory,
            "there is no migrations folder",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: "name it with --migrations DIR, or make one with `lastro init`"
        )
    }

    static func misnamedFiles(_ names: [String], in path: String) -> MigratorError {
        MigratorError(
            .misnamedFile,
            "\(names.joined(separator: ", ")): the name of a migration is NNNN_name.sql or NNNN_name.down.sql",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: "rename \(names.count == 1 ? "it" : "them"), or move what is no migration to another folder"
        )
    }

    static func duplicateVersion(_ version: MigrationVersion, files: [String], in path: String) -> MigratorError {
        MigratorError(
            .duplicateVersion,
            "\(files.joined(separator: " and ")) have one version, \(version)",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: "give the one that ran nowhere yet the next free number"
        )
    }

    static func downWithoutMigration(_ names: [String], in path: String) -> MigratorError {
        MigratorError(
            .downWithoutMigration,
            "\(names.joined(separator: ", ")): there is no migration of that name to take back",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: "name it like its migration, with .down.sql at the end"
        )
    }

    static func unreadableFile(_ path: String, why: String) -> MigratorError {
        MigratorError(
            .unreadableFile,
            "the file cannot be read: \(why)",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: "see to it that it is a file that this user may read"
        )
    }

    static func notUTF8(_ path: String, bytes: [UInt8]) -> MigratorError {
        let looksLikeUTF16 = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        let valid = bytes.validUTF8PrefixCount
        return MigratorError(
            .invalidText,
            looksLikeUTF16 ? "the file is UTF-16, not UTF-8" : "the file is not UTF-8",
            at: SourceLocation(file: path, position: LineIndex(utf8: bytes.prefix(valid)).position(ofByte: valid)),
            state: nothingWasRun,
            next: "save it as UTF-8"
        )
    }

    static func containsNUL(_ path: String, bytes: [UInt8], offset: Int) -> MigratorError {
        MigratorError(
            .invalidText,
            "the file holds a NUL character",
            at: SourceLocation(file: path, position: LineIndex(utf8: bytes).position(ofByte: offset)),
            state: nothingWasRun,
            next: "take it out; if there are many, the file is UTF-16: save it as UTF-8"
        )
    }

    static func several(_ errors: [any Error]) -> MigratorError {
        MigratorError(
            .several,
            errors.map { "\($0)" }.joined(separator: "\n"),
            state: nothingWasRun,
            next: "mend each of them"
        )
    }

    // MARK: files against the history

    static func changed(_ migration: Migration, applied: Checksum?) -> MigratorError {
        MigratorError(
            .checksumMismatch,
            "changed after it was applied: checksum \(migration.checksum.short), in the history \(applied?.short ?? "none")",
            at: SourceLocation(file: migration.path, position: SourcePosition(line: 1, column: 1)),
            state: nothingWasRun,
            next: "restore the file and put the change into a new migration, or accept it with `lastro repair`"
        )
    }

    static func missing(_ entry: HistoryEntry) -> MigratorError {
        MigratorError(
            .missingFile,
            "\(entry.name) was applied, and its file is gone",
            state: nothingWasRun,
            next: "bring the file back, or forget the row with `lastro repair \(entry.name) --reason …`"
        )
    }

    static func outOfOrder(_ migration: Migration, newest: String) -> MigratorError {
        MigratorError(
            .outOfOrder,
            "pending, though \(newest) is applied already",
            at: SourceLocation(file: migration.path),
            state: nothingWasRun,
            next: "give it a number above the newest, or run it all the same with --allow-out-of-order"
        )
    }

    static func foreign(_ name: String, entries: [HistoryEntry]) -> MigratorError {
        let rows = entries.map { "\"\($0.name)\"" }.joined(separator: ", ")
        return MigratorError(
            .foreignRow,
            entries.count > 1
                ? "\(name) has several rows in the history: \(rows)"
                : "the history has a row \(rows) that Lastro did not write",
            state: nothingWasRun,
            next: "if the migration really ran, say so with `lastro mark \(name) --reason …`; if not, take the row out "
                + "with `lastro repair \(name) --reason …`"
        )
    }

    static func unknownMigration(_ name: String, in directory: MigrationDirectory) -> MigratorError {
        let nearest = directory.migrations.map(\.name).nearest(to: name)
        return MigratorError(
            .unknownMigration,
            "no migration is called \"\(name)\" in \(directory.path)",
            state: nothingWasRun,
            next: nearest.map { "perhaps \($0) is meant" } ?? "`lastro status` lists them"
        )
    }

    // MARK: the history table

    static func nullNames(_ count: Int, in table: HistoryTable) -> MigratorError {
        MigratorError(
            .unusableHistory,
            "\(count) \(count == 1 ? "row" : "rows") of \(table.name) have no name",
            state: nothingWasRun,
            next: "find out what they mean, and delete or name them"
        )
    }

    static func noSchema() -> MigratorError {
        MigratorError(
            .unusableHistory,
            "the search_path of this role names no schema that exists, so there is no place for the history",
            state: nothingWasRun,
            next: "create the schema, or set search_path for the role or the database"
        )
    }

    static func historyHasRows(_ table: HistoryTable) -> MigratorError {
        MigratorError(
            .wrongState,
            "\(table.name) has rows already: a baseline is for a database without a history",
            state: "nothing was changed",
            next: "mark single migrations with `lastro mark NAME --reason …`"
        )
    }

    static func alreadyApplied(_ name: String) -> MigratorError {
        MigratorError(
            .wrongState,
            "\(name) counts as applied already",
            state: "nothing was changed",
            next: "`lastro status` shows where each migration stands"
        )
    }

    static func notApplied(_ name: String) -> MigratorError {
        MigratorError(
            .wrongState,
            "\(name) is not applied, so there is no way back to it",
            state: "nothing was changed",
            next: "`lastro status` shows where each migration stands"
        )
    }

    static func unusableTitle(_ title: String) -> MigratorError {
        MigratorError(
            .wrongState,
            "\"\(title)\" holds no letter and no digit for a file name",
            state: "no file was made",
            next: "say in a few words what the migration does"
        )
    }

    static func nothingToRepair(_ name: String) -> MigratorError {
        MigratorError(
            .wrongState,
            "nothing about \(name) needs repair",
            state: "nothing was changed",
            next: "`lastro verify` lists what does"
        )
    }

    // MARK: scripts

    static func invalidScript(_ error: SQLSyntaxError, path: String) -> MigratorError {
        MigratorError(
            .invalidScript,
            error.message,
            at: SourceLocation(file: path, position: error.position),
            state: nothingWasRun,
            next: error.next
        )
    }

    static func controlsTransaction(_ words: String, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .unsupportedStatement,
            "\(words) would end the transaction that a migration runs in with its row in the history",
            at: location,
            state: nothingWasRun,
            next: "leave it out: the whole file is one transaction already"
        )
    }

    static func cannotRunInTransaction(_ words: String, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .unsupportedStatement,
            "\(words) cannot run inside the transaction that a migration runs in",
            at: location,
            state: nothingWasRun,
            next: "run it by hand and `lastro mark` the migration, or use the form that runs in a transaction"
        )
    }

    static func copyInFile(at location: SourceLocation) -> MigratorError {
        MigratorError(
            .unsupportedStatement,
            "the data behind COPY … FROM STDIN cannot be sent together with the file's other statements",
            at: location,
            state: nothingWasRun,
            next: "write the rows as INSERT; pg_dump does so with --inserts"
        )
    }

    static func noDownFile(_ name: String) -> MigratorError {
        MigratorError(
            .noDownFile,
            "\(name) has no down file",
            state: nothingWasRun,
            next: "write \(name).down.sql, or put the change into a new migration"
        )
    }

    static func fileChangedMeanwhile(_ path: String, lastApplied: String?) -> MigratorError {
        MigratorError(
            .checksumMismatch,
            "the file was changed while the run was under way",
            at: SourceLocation(file: path),
            state: stopped(lastApplied: lastApplied),
            next: "run again when nobody edits the migrations"
        )
    }

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

    private static func stopped(lastApplied: String?) -> String {
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

extension [String] {
    /// The entry that looks most like a name, if one looks like it at all.
    func nearest(to name: String) -> String? {
        let candidates = filter { $0.contains(name) } + filter { $0.commonPrefix(with: name).count * 2 > name.count }
        return candidates.first
    }
}

extension String {
    fileprivate func commonPrefix(with other: String) -> Substring {
        prefix(zip(self, other).prefix { $0 == $1 }.count)
    }
}

extension [UInt8] {
    /// How many bytes at the head are valid UTF-8.
    fileprivate var validUTF8PrefixCount: Int {
        var decoder = UTF8()
        var iterator = makeIterator()
        var count = 0
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): count += UTF8.width(scalar)
            case .emptyInput, .error: return count
            }
        }
    }
}
