import SQLSyntax
import SourceText

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
