import SQLSyntax
import SourceText

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What can be wrong with the files, in words.
extension MigratorError {
    static func noDirectory(_ path: String) -> MigratorError {
        MigratorError(
            .noDirectory,
            "there is no migrations folder",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: "name it with --migrations DIR, or make one with `lastro init`"
        )
    }

    static func unusableDirectory(_ path: String, _ number: Int32) -> MigratorError {
        guard number != ENOENT else { return noDirectory(path) }
        let isFile = number == ENOTDIR
        let why = String(cString: strerror(number))
        return MigratorError(
            .unreadableDirectory,
            isFile ? "it is no folder, so it holds no migrations" : "the migrations folder cannot be opened: \(why)",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: isFile
                ? "name the folder with --migrations DIR, or make room for it"
                : "see to it that this user may read the folder"
        )
    }

    static func folderIsLocked(_ path: String) -> MigratorError {
        MigratorError(
            .unwritableFile,
            "another process has been at work here for ten seconds",
            at: SourceLocation(file: path),
            state: "no file was changed",
            next: "run the command again when it has ended"
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

    static func invalidScript(
        _ error: SQLSyntaxError,
        path: String,
        position: SourcePosition? = nil
    ) -> MigratorError {
        MigratorError(
            .invalidScript,
            error.message,
            at: SourceLocation(file: path, position: position ?? error.position),
            state: nothingWasRun,
            next: error.next
        )
    }

    static func verificationWithSteps(_ path: String) -> MigratorError {
        MigratorError(
            .unsupportedStatement,
            "a file of checks runs in its migration's transaction, and holds what cannot",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: "leave only queries in it"
        )
    }

    static func controlsTransaction(_ words: String, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .unsupportedStatement,
            "\(words) is about a transaction, and the migration runs in one together with its row in the history",
            at: location,
            state: nothingWasRun,
            next:
                "leave it out; for blocks from BEGIN to COMMIT one by one, write `-- lastro: no-transaction` at the top"
        )
    }

    static func cannotRunInTransaction(_ command: String, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .unsupportedStatement,
            "\(command) cannot run in a transaction, and stands between BEGIN and COMMIT",
            at: location,
            state: nothingWasRun,
            next: "move it behind the COMMIT"
        )
    }

    static func looseTransactionControl(_ words: String, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .unsupportedStatement,
            "\(words) stands alone in a file that runs statement by statement",
            at: location,
            state: nothingWasRun,
            next: "leave it out, or make a block from BEGIN to COMMIT: a block is one step"
        )
    }

    static func blockWithoutEnd(at location: SourceLocation) -> MigratorError {
        MigratorError(
            .unsupportedStatement,
            "the file ends inside the transaction that begins here",
            at: location,
            state: nothingWasRun,
            next: "write COMMIT where it ends"
        )
    }

    static func needsTransaction(_ command: String, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .unsupportedStatement,
            "\(command) means nothing to the statements behind it in a file that runs statement by statement, since a run "
                + "that goes on later has another session",
            at: location,
            state: nothingWasRun,
            next: "put it and what needs it between BEGIN and COMMIT, or into a migration of its own"
        )
    }

    static func touchesHistory(_ command: String, table: String, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .unsupportedStatement,
            "\(command) on \(table), where it is on record what ran",
            at: location,
            state: nothingWasRun,
            next:
                "leave the table alone; `lastro repair` and `lastro mark` change the history, and if the table is another "
                + "tool's, give Lastro's another name with `history-table` in lastro.yaml"
        )
    }

    static func noDownFile(_ name: String, in layout: MigrationLayout) -> MigratorError {
        MigratorError(
            .noDownFile,
            "\(name) has no down file",
            state: nothingWasRun,
            next: "write \(layout.wayBack(of: name)), or put the change into a new migration"
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
