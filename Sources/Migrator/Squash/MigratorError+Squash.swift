import SourceText

/// What can be wrong with squashed files, in words.
extension MigratorError {
    static func squashIncomplete(_ migration: Migration, missing: [String]) -> MigratorError {
        let count = migration.replaced.count { $0.within == nil }
        return MigratorError(
            .squashIncomplete,
            "replaces \(count) migrations, of which some ran on this database and others did not: "
                + missing.joined(separator: ", ") + (missing.count == 1 ? " is missing" : " are missing"),
            at: SourceLocation(file: migration.path, position: SourcePosition(line: 1, column: 1)),
            state: nothingWasRun,
            next: "run `lastro migrate` with a revision of the folder that still has \(missing.last ?? "them"), then "
                + "with this one"
        )
    }

    /// The same with the revision to catch up from.
    func catchingUp(from revision: String) -> MigratorError {
        MigratorError(
            code,
            message,
            at: location,
            state: state,
            next:
                "check out \(revision), the last revision with all of them, run `lastro migrate` there, then again here"
        )
    }

    static func squashChanged(_ migration: Migration, _ changes: [SquashStanding.Change]) -> MigratorError {
        let words = changes.map { change in
            "\(change.name) (\(change.replaced.short) in the file, \(change.applied?.short ?? "unreadable") in the history)"
        }
        return MigratorError(
            .checksumMismatch,
            "replaces migrations that ran from other files on this database: \(words.joined(separator: ", "))",
            at: SourceLocation(file: migration.path, position: SourcePosition(line: 1, column: 1)),
            state: nothingWasRun,
            next:
                "compare in a revision of the folder that still has them; there `lastro repair NAME --reason …` accepts "
                + "the files, and here `lastro mark \(migration.name) --reason …` says that all is there"
        )
    }

    static func squashUnverified(_ migration: Migration, _ names: [String]) -> MigratorError {
        MigratorError(
            .squashUnverified,
            "replaces migrations whose files nobody has compared with what ran on this database: "
                + names.joined(separator: ", "),
            at: SourceLocation(file: migration.path, position: SourcePosition(line: 1, column: 1)),
            state: nothingWasRun,
            next:
                "`lastro migrate` compares the schema and goes on if it is equal; `lastro migrate --reason …` goes on "
                + "without"
        )
    }

    static func squashDiffers(_ names: [String], differences: [String]) -> MigratorError {
        let shown = differences.prefix(5).joined(separator: "; ")
        let more = differences.count > 5 ? "; and \(differences.count - 5) more" : ""
        return MigratorError(
            .squashUnverified,
            "\(names.joined(separator: ", ")): nobody has compared the file with what ran, and the schema is not what the "
                + "folder makes: \(shown)\(more)",
            state: nothingWasRun,
            next: "`lastro drift` shows what differs; if it is meant, `lastro migrate --reason …` goes on all the same"
        )
    }

    static func squashNotCompared(_ names: [String], why: String) -> MigratorError {
        MigratorError(
            .squashUnverified,
            "\(names.joined(separator: ", ")): nobody has compared the file with what ran, and the schema cannot be compared "
                + "here: \(why.split(separator: "\n").first ?? "")",
            state: nothingWasRun,
            next: "run it where a private server can be started, or say with `lastro migrate --reason …` why they count"
        )
    }

    static func squashUnfinished(_ name: String, leftovers: [String], in path: String) -> MigratorError {
        MigratorError(
            .squashUnfinished,
            "\(name) replaces \(leftovers.joined(separator: ", ")), whose "
                + (leftovers.count == 1 ? "file is" : "files are") + " still there",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: "`lastro squash --to \(name)` finishes it; if a merge brought them back, delete them"
        )
    }

    static func undoOfSquash(_ name: String, by squash: String) -> MigratorError {
        MigratorError(
            .noDownFile,
            name == squash
                ? "\(name) stands for migrations that ran before it was made, so it has no way back"
                : "\(name) was squashed into \(squash), so there is no way back any more",
            state: "nothing was changed",
            next: "put the change into a new migration"
        )
    }

    static func cannotSquash(_ what: String, at location: SourceLocation? = nil, next: String) -> MigratorError {
        MigratorError(.cannotSquash, what, at: location, state: "no file was changed", next: next)
    }

    static func leftoverChanged(_ file: String, in squash: String) -> MigratorError {
        MigratorError(
            .squashUnfinished,
            "the file is not any more what \(squash) replaces",
            at: SourceLocation(file: file),
            state: "no file was deleted",
            next: "put the change into a new migration and restore the file, or delete \(squash) and squash anew"
        )
    }
}
