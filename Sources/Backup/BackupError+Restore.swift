import Postgres

extension BackupError {
    static func noBinaryRows() -> BackupError {
        BackupError(
            .restoreFailed,
            "what should be rows in binary form is none",
            state: "nothing of it was taken",
            next: "check the snapshot with `lastro backup verify --full`"
        )
    }

    private static let nothingMade = "nothing of it stays on the server; the repository is as it was"
    private static let nothingDone = "nothing was restored"
    private static let rolledBack = "rolled back; the database is as it was"

    static func databaseExists(_ name: String) -> Self {
        Self(
            .databaseExists,
            "there is a database \"\(name)\"",
            state: "it is as it was",
            next: "restore into another one, or put it into the place of that one with --replace, which keeps it"
        )
    }

    static func contradiction(_ first: String, _ second: String) -> Self {
        Self(.unusableOption, "\(first) and \(second) contradict each other", state: nothingDone, next: "leave one out")
    }

    static func noDatabase(_ name: String) -> Self {
        Self(
            .unusableOption,
            "there is no database \"\(name)\" whose tables the rows could go into",
            state: nothingDone,
            next: "name one that has the tables, or leave out --data-only"
        )
    }

    static func busyDatabase(_ name: String) -> Self {
        Self(
            .busy,
            "another restore works on database \"\(name)\"",
            state: nothingDone,
            next: "wait for its end, or see to it that it ends"
        )
    }

    static func irreplaceable(_ name: String) -> Self {
        Self(
            .unusableOption,
            "database \"\(name)\" cannot be replaced: it is the server's own, a template, or its owner's whose rights you lack",
            state: nothingDone,
            next: "restore as a member of the role that owns it, or into another database"
        )
    }

    static func staysConnected(_ name: String, _ sessions: Int) -> Self {
        Self(
            .busy,
            "database \"\(name)\" still has \(sessions == 1 ? "a session" : "\(sessions) sessions") or a prepared transaction, "
                + "which do not end",
            state: "it is open again and as it was; what was restored was dropped",
            next: "end them (pg_stat_activity, pg_prepared_xacts), and do it again"
        )
    }

    static func rowsOfParent(_ table: String, parent: String) -> Self {
        Self(
            .unusableOption,
            "the rows of \"\(table)\" are in the snapshot as those of \"\(parent)\", whose partition it is",
            state: nothingDone,
            next: "restore --tables \(parent)"
        )
    }

    static func otherDatabaseMeanwhile(_ name: String) -> Self {
        Self(
            .busy,
            "database \"\(name)\" was renamed or dropped meanwhile",
            state: "what was restored was dropped",
            next: "see who did it, and do it again"
        )
    }

    static func noMappedRole(_ name: String, for other: String) -> Self {
        Self(
            .lacking,
            "there is no role \"\(name)\", which --map-role puts into the place of \"\(other)\"",
            state: nothingDone,
            next: "make it, or name another one"
        )
    }

    static func mayNotMakeRole(_ name: String, _ error: PostgresError, made: [String]) -> Self {
        Self(
            .lacking,
            "the role \"\(name)\" of the snapshot is missing, and may not be made: \(error)",
            state: made.isEmpty
                ? nothingDone : "made, and kept: the roles \(made.joined(separator: ", ")); nothing else",
            next: "let a role with the right to make it restore, or make it first; `--roles none` makes no roles, "
                + "`--no-owner` needs none"
        )
    }

    static func noTable(_ pattern: String) -> Self {
        Self(
            .unusableOption,
            "the snapshot has no table \(pattern)",
            state: nothingDone,
            next: "`lastro backup show --identity FILE` lists its tables"
        )
    }

    static func severalSchemas(_ schemas: [String], into name: String) -> Self {
        Self(
            .unusableOption,
            schemas.isEmpty
                ? "there is nothing to put into schema \(name)"
                : "what is restored is in the schemas \(schemas.joined(separator: ", ")), and not all of it fits into \(name)",
            state: nothingDone,
            next: "choose the tables of one schema with --tables"
        )
    }

    static func schemaExists(_ name: String) -> Self {
        Self(
            .unusableOption,
            "there is a schema \(name) already",
            state: rolledBack,
            next: "name one that is not there: it is made"
        )
    }

    static func noSuchTarget(_ table: String, columns: [String]) -> Self {
        Self(
            .unusableOption,
            "the database has no table \(table) with the columns \(columns.joined(separator: ", "))",
            state: rolledBack,
            next: "choose tables with --tables, or leave out --data-only so that they are made"
        )
    }

    static func notEmpty(_ table: String) -> Self {
        Self(
            .unusableOption,
            "table \(table) is not empty",
            state: rolledBack,
            next: "empty it, or restore beside it with --into-schema"
        )
    }

    static func unknownEncoding() -> Self {
        Self(
            .unsupported,
            "the schema is of a database without an encoding (SQL_ASCII), and is no UTF-8",
            state: nothingMade,
            next: "restore with the script that `lastro backup export` writes"
        )
    }

    /// What the server says to a statement of the snapshot's.
    static func refused(_ title: String, _ error: PostgresError) -> Self {
        Self(
            error.isOutcomeOfDrill ? .restoreFailed : .serverRefused,
            "\(title): \(error.message)\(error.sqlState.map { " (SQLSTATE \($0.rawValue))" } ?? "")",
            state: nothingMade,
            next: error.sqlState.map { [.undefinedTable, "42883"].contains($0) } == true
                ? "if that is found by search_path alone, name its schema with --search-path; or restore with --lenient"
                : error.isOutcomeOfDrill
                    ? "make what it needs, leave it out with the options of restore, or restore where it is"
                    : "do away with what it says, and do it again",
            sqlState: error.sqlState
        )
    }

    static func restoreFailed(_ words: String) -> Self {
        Self(
            .restoreFailed,
            "the schema cannot be restored: \(words)",
            state: nothingMade,
            next: "do away with what it says, and do it again"
        )
    }

    static func otherContent(_ table: String? = nil, rows: Int, expected: Int) -> Self {
        let what = rows == expected ? "its \(rows) rows are not those" : "it has \(rows) rows and not the \(expected)"
        return Self(
            .otherContent,
            (table.map { "\($0): " } ?? "") + "\(what) that were backed up",
            state: nothingMade,
            next: "use another snapshot, and keep this one for inspection"
        )
    }

    static func otherSchema(_ id: SnapshotID) -> Self {
        Self(
            .otherContent,
            "the schema that snapshot \(id) restores to is not the one that was backed up",
            state: "the private server was stopped and removed; the repository is as it was",
            next: "restore it beside the original, and see with `lastro diff` what differs"
        )
    }

    static func noServer(major: Int) -> Self {
        Self(
            .noProgram,
            "there is no PostgreSQL \(major) or newer on this machine to restore on",
            state: "nothing was tried",
            next: "install one, or name its folder in LASTRO_PG_BIN"
        )
    }

    static func noExtension(_ name: String, _ words: String) -> Self {
        Self(
            .noProgram,
            "the private server has no extension \(name): \(words)",
            state: "nothing was restored; the drill neither passed nor failed",
            next: "install the extension's package on this machine"
        )
    }
}
