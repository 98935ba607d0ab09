import Postgres
import SQLSyntax
import SourceText

/// What can be wrong between the files and the history, in words.
extension MigratorError {
    static func halfUndone(_ migration: Migration) -> MigratorError {
        MigratorError(
            .halfUndone,
            "\(migration.name) is half taken back: steps of its way back ran, and others did not",
            at: SourceLocation(file: migration.path),
            state: nothingWasRun,
            next:
                "run `lastro undo`, which goes on with the step that is next; or put back by hand what is gone, and say so with "
                + "`lastro mark`"
        )
    }

    static func changed(_ migration: Migration, applied: Checksum?) -> MigratorError {
        MigratorError(
            .checksumMismatch,
            "changed after it was applied: checksum \(migration.checksum.short), in the history \(applied?.short ?? "none")",
            at: SourceLocation(file: migration.path, position: SourcePosition(line: 1, column: 1)),
            state: nothingWasRun,
            next: "restore the file and put the change into a new migration, or accept it with `lastro repair`"
        )
    }

    static func noLongerWhatRan(_ migration: Migration) -> MigratorError {
        MigratorError(
            .checksumMismatch,
            "changed after it was applied, so that what it made then cannot be made again",
            at: SourceLocation(file: migration.path, position: SourcePosition(line: 1, column: 1)),
            state: nothingWasRun,
            next: migration.kind == .repeatable
                ? "apply it with `lastro migrate` first, or compare with a catalog file (`--against FILE`)"
                : "restore the file, or accept it with `lastro repair`, or compare with a catalog file (`--against FILE`)"
        )
    }

    static func unreadableChecksum(of migration: Migration) -> MigratorError {
        MigratorError(
            .checksumMismatch,
            "the history has something in the place of its checksum that is none",
            at: SourceLocation(file: migration.path, position: SourcePosition(line: 1, column: 1)),
            state: nothingWasRun,
            next:
                "find out who changed the row; `lastro repair \(migration.name) --reason …` notes the file as it is now"
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

    static func foreign(_ name: String, entries: [HistoryEntry], hasFile: Bool) -> MigratorError {
        let rows = entries.map { "\"\($0.name)\"" }.joined(separator: ", ")
        let removal = "take the row out with `lastro repair \(name) --reason …`"
        return MigratorError(
            .foreignRow,
            entries.count > 1
                ? "\(name) has several rows in the history: \(rows)"
                : "the history has a row \(rows) that Lastro did not write",
            state: nothingWasRun,
            next: hasFile
                ? "if the migration really ran, say so with `lastro mark \(name) --reason …`; if not, \(removal)"
                : "no file is called so: \(removal)"
        )
    }

    static func unknownMigration(_ name: String, in directory: MigrationDirectory) -> MigratorError {
        if let squash = directory.migrations.first(where: { $0.replaced.contains { $0.isCalled(name) } }) {
            return MigratorError(
                .unknownMigration,
                "\(name) was squashed into \(squash.name)",
                state: nothingWasRun,
                next: "name \(squash.name), or a migration behind it"
            )
        }
        return unknownMigration(name, in: " in \(directory.path)", among: directory.inOrder.map(\.name))
    }

    static func unknownMigration(_ name: String, in place: String = "", among names: [String]) -> MigratorError {
        MigratorError(
            .unknownMigration,
            "no migration is called \"\(name)\"\(place)",
            state: nothingWasRun,
            next: names.nearest(to: name).map { "perhaps \($0) is meant" } ?? "`lastro status` lists them"
        )
    }

    static func nullNames(_ count: Int, in table: HistoryTable) -> MigratorError {
        MigratorError(
            .unusableHistory,
            "\(count) \(count == 1 ? "row" : "rows") of \(table.name) have no name",
            state: nothingWasRun,
            next: "find out what they mean, and delete or name them"
        )
    }

    static func anotherTable(schema: String, name: String) -> MigratorError {
        MigratorError(
            .unusableHistory,
            "\(schema).\(name) is there, and is no history: it has other columns",
            state: nothingWasRun,
            next: "name another table with --history-table"
        )
    }

    static func unusableRole(_ error: PostgresError) -> MigratorError {
        MigratorError(
            .unusableRole,
            error.inWords,
            state: nothingWasRun,
            next: "name a role that is there, with --role, and that the connection's own role is a member of"
        )
    }

    static func historyUnreadable(_ error: PostgresError) -> MigratorError {
        MigratorError(
            historyCode(for: error),
            "the history cannot be read: \(error.inWords)",
            state: nothingWasRun,
            next: historyAdvice(
                for: error,
                withoutRight: "grant the role SELECT on the table, or connect as its owner",
                otherwise: "see docs/history-table.md"
            )
        )
    }

    static func historyNotMade(_ error: PostgresError, table: HistoryTable) -> MigratorError {
        MigratorError(
            historyCode(for: error),
            "the history's tables cannot be made in schema \(table.schema): \(error.inWords)",
            state: nothingWasRun,
            next: historyAdvice(
                for: error,
                withoutRight: "grant the role CREATE on the schema, or name another place with --history-table",
                otherwise: "mend the cause and run again"
            )
        )
    }

    /// Whether it is the server or the role that stands in the way, or how the history is.
    static func historyCode(for error: PostgresError) -> Code {
        switch error.sqlState {
        case .insufficientPrivilege?, .readOnlyTransaction?, "53100": .historyRefused
        default: .unusableHistory
        }
    }

    static func historyAdvice(
        for error: PostgresError,
        withoutRight: String,
        otherwise: String
    ) -> String {
        switch error.sqlState {
        case .insufficientPrivilege?: withoutRight
        case .readOnlyTransaction?, "53100": advice(for: error)
        default: otherwise
        }
    }

    static func noSchema() -> MigratorError {
        MigratorError(
            .unusableHistory,
            "the search_path of this role names no schema that exists, so there is no place for the history",
            state: nothingWasRun,
            next: "create the schema, or set search_path for the role or the database"
        )
    }

    static func unusableSchema(_ name: String, found: String?) -> MigratorError {
        MigratorError(
            .unusableHistory,
            "the schema \(Identifier.quote(name)) cannot come first in the search path: the server takes "
                + (found.map { "\(Identifier.quote($0)) in its place" } ?? "none"),
            state: nothingWasRun,
            next:
                "see that it is there, and grant the role USAGE on it; a schema that is called $user has to get another name"
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

    static func nothingToRepair(_ name: String) -> MigratorError {
        MigratorError(
            .wrongState,
            "nothing about \(name) needs repair",
            state: "nothing was changed",
            next: "`lastro verify` lists what does"
        )
    }
}
