import Postgres
import SourceText

extension BackupError {
    private static let thrownAway = "the drill's database was removed; the drill is on record as failed"

    static func unusableCheck(_ words: String) -> Self {
        Self(.unusableOption, words, state: "nothing was restored", next: "correct the file of --check")
    }

    static func failedCheck(_ words: String, at location: SourceLocation) -> Self {
        Self(
            .otherContent,
            words,
            at: location,
            state: thrownAway,
            next: "restore the snapshot beside the original, and look; or correct the check"
        )
    }

    static func lacking(_ things: [String]) -> Self {
        Self(
            .lacking,
            "the server of the drill lacks \(things.joined(separator: ", "))",
            state: "nothing was restored; no drill is on record",
            next:
                "install what is missing, name a server that has it with --scratch, or leave out what needs it with --partial: "
                + "such a drill is on record as partial, and not as passed"
        )
    }

    static func mayNotMake(_ objects: [String]) -> Self {
        Self(
            .lacking,
            "the role of the drill may not make \(objects.joined(separator: ", "))",
            state: "the drill's database was removed; no drill is on record",
            next:
                "leave them and what needs them out with --partial: such a drill is on record as partial, and not as passed; or name a "
                + "server of its own with --scratch and a superuser, as whom what the snapshot holds runs then"
        )
    }

    static func olderScratch(_ version: ServerVersion, than source: ServerVersion) -> Self {
        Self(
            .lacking,
            "the server of --scratch is PostgreSQL \(version), and the snapshot comes from \(source)",
            state: "nothing was restored; no drill is on record",
            next: "name a server of the same major version or a newer one"
        )
    }

    /// Whether it says something of the snapshot, and not of who drills it.
    var isOutcomeOfDrill: Bool {
        isAboutRepository || code == .restoreFailed || code == .otherContent
    }
}

extension PostgresError {
    /// Whether it says something of the snapshot: a statement of the restore that the server refused for what it is.
    var isOutcomeOfDrill: Bool {
        guard code == .server, let sqlState else { return false }
        // Not what the role may not do, nor what the server or its operator is to blame for.
        return sqlState != "42501" && !["08", "28", "53", "55", "57", "58", "XX"].contains(sqlState.errorClass)
    }
}
