import SourceText

/// What can be wrong between a folder and its `lastro.sum`, in words.
extension MigratorError {
    private static let writeAnew = "if that is meant, say so with `lastro verify --write`"

    static func differsFromSum(_ path: String, sum: Checksum, found: Checksum) -> MigratorError {
        MigratorError(
            .sumMismatch,
            "differs from lastro.sum: checksum \(found.short), there \(sum.short)",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: writeAnew
        )
    }

    static func missingFromFolder(_ files: [String], sum: String) -> MigratorError {
        MigratorError(
            .sumMismatch,
            "\(files.joined(separator: ", ")): missing, though lastro.sum lists \(files.count == 1 ? "it" : "them")",
            at: SourceLocation(file: sum),
            state: nothingWasRun,
            next: "bring \(files.count == 1 ? "it" : "them") back; " + writeAnew
        )
    }

    static func missingFromSum(_ files: [String], sum: String) -> MigratorError {
        MigratorError(
            .sumMismatch,
            "\(files.joined(separator: ", ")): new, and not in lastro.sum",
            at: SourceLocation(file: sum),
            state: nothingWasRun,
            next: writeAnew
        )
    }

    static func brokenChain(at file: String, sum: String, line: Int?) -> MigratorError {
        MigratorError(
            .sumMismatch,
            "the chain is broken at \(file): its line does not follow from those above it, as after a merge",
            at: SourceLocation(file: sum, position: line.map { SourcePosition(line: $0, column: 1) }),
            state: nothingWasRun,
            next:
                "see that the migrations of both branches fit together in this order, then run `lastro verify --write`"
        )
    }

    static func unreadableSum(_ text: String, path: String, line: Int) -> MigratorError {
        let isConflict = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].contains { text.hasPrefix($0) }
        return MigratorError(
            .sumMismatch,
            isConflict ? "a merge conflict is open" : "the line is none of lastro.sum",
            at: SourceLocation(file: path, position: SourcePosition(line: line, column: 1)),
            state: nothingWasRun,
            next: "see that the migrations are right, then write the file anew with `lastro verify --write`"
        )
    }
}
