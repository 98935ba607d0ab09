import SystemPackage

extension BackupError {
    static func noTableToRead(_ pattern: String) -> BackupError {
        BackupError(
            .unusableOption,
            "there is no table \(pattern)",
            state: "the repository is unchanged",
            next: "name tables as the database has them, with * and ? for what you leave open"
        )
    }

    private static let nothingNew = "the repository has no new snapshot; those that were there are as they were"

    static func unreadableTables(_ names: [String]) -> Self {
        let shown = names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
        return Self(
            .unreadableTables,
            "the role may not read \(names.count == 1 ? "the table" : "\(names.count) tables") \(shown)",
            state: nothingNew,
            next: "grant it pg_read_all_data, or SELECT on each and USAGE on their schemas"
        )
    }

    static func schemaChanged(_ why: String? = nil) -> Self {
        Self(
            .schemaChanged,
            "the schema changed, or a table was locked, while the snapshot was being taken"
                + (why.map { ": \($0)" } ?? ""),
            state: nothingNew,
            next: "do it again when no migration or long transaction is under way"
        )
    }

    static func noThread(_ status: Int32) -> Self {
        Self(
            .unsupported,
            "the system gives no thread: \(Errno(rawValue: status))",
            state: nothingNew,
            next: "ask for fewer sessions with --jobs, or raise the limit of processes"
        )
    }

    static func programFailed(_ program: String, _ words: String) -> Self {
        Self(
            .programFailed,
            "\(program) failed: \(words)",
            state: nothingNew,
            next: "do away with what it says, and do it again"
        )
    }

    static func noProgram(_ program: String, major: Int, found: [String]) -> Self {
        Self(
            .noProgram,
            "there is no \(program) of PostgreSQL \(major) or newer"
                + (found.isEmpty ? "" : "; found were \(found.joined(separator: ", "))"),
            state: nothingNew,
            next: "install the client's programs of the server's version, or name their folder in LASTRO_PG_BIN"
        )
    }

    static func tookTooLong(_ limit: Duration) -> Self {
        Self(
            .givenUp,
            "the backup took longer than \(limit.components.seconds) s",
            state: nothingNew,
            next: "allow more time with --max-duration, or use more sessions with --jobs"
        )
    }

    static func inTheWay(of pid: Int, user: String, limit: Duration) -> Self {
        Self(
            .givenUp,
            "session \(pid) of \(user) waited for a table for more than \(limit.components.seconds) s, so the backup gave way",
            state: nothingNew,
            next: "do it again when no migration is under way, or let others wait longer with --yield"
        )
    }

    static func tooManyTables(_ count: Int, limit: Int) -> Self {
        Self(
            .tooManyTables,
            "there are \(count) tables to lock, and the server has room for \(limit) locks in all",
            state: nothingNew,
            next: "raise max_locks_per_transaction"
        )
    }

    static func workersLost() -> Self {
        Self(
            .connectionsLost,
            "all connections that read data were lost",
            state: nothingNew,
            next: "see the server's log for why, and do it again"
        )
    }
}
