extension BackupError {
    private static let nothingMade = "there is no new database; the repository is as it was"

    static func databaseExists(_ name: String) -> Self {
        Self(
            .databaseExists,
            "there is a database \"\(name)\"",
            state: "it is as it was",
            next: "restore into another one, or drop it first"
        )
    }

    static func restoreFailed(_ words: String) -> Self {
        Self(
            .restoreFailed,
            "pg_restore failed: \(words)",
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
