import Postgres
import SQLSyntax
import SourceText

/// The SQL of a migration or of its way back, looked at before it runs.
struct MigrationScript {
    let path: String
    /// The file's text without a byte order mark.
    let text: String
    let checksum: Checksum
    private let script: SQLScript

    init(of migration: Migration) throws(MigratorError) {
        try self.init(path: migration.path)
    }

    /// Reads a file and splits it into its statements.
    ///
    /// - Throws: ``MigratorError`` if the file cannot be read or split, or holds what cannot run inside the
    ///   transaction that goes around it.
    init(path: String) throws(MigratorError) {
        let file = try MigrationFile(path: path)
        self.path = path
        text = file.text
        checksum = file.checksum
        do {
            script = try SQLScript(utf8: file.bytes)
        } catch {
            throw .invalidScript(error, path: path)
        }
        for statement in script.statements { try check(statement) }
    }

    private func check(_ statement: SQLStatement) throws(MigratorError) {
        if statement.copyData != nil { throw .copyInFile(at: location(of: statement)) }
        switch statement.transactionBehavior {
        case .transactional, .addsEnumValue: break
        case .controlsTransaction:
            throw .controlsTransaction(statement.leadingWords.first ?? "", at: location(of: statement))
        case .cannotRunInTransaction(let command):
            throw .cannotRunInTransaction(command, at: location(of: statement))
        }
    }

    private func location(of statement: SQLStatement) -> SourceLocation {
        SourceLocation(file: path, position: script.position(ofByte: statement.range.lowerBound))
    }

    /// The error of a run that did not end well, with its place in this file.
    func error(for error: any Error, lastApplied: String?) -> MigratorError {
        switch error {
        case is CancellationError:
            return .interrupted(lastApplied: lastApplied)
        case let failure as ScriptFailure:
            let statements = script.statements
            let isInScript = statements.indices.contains(failure.statementIndex)
            let start = isInScript ? location(of: statements[failure.statementIndex]).position : nil
            return .statementFailed(
                failure.error,
                at: SourceLocation(file: path, position: failure.position ?? start),
                statement: isInScript ? (number: failure.statementIndex + 1, count: statements.count) : nil,
                lastApplied: lastApplied
            )
        case let error as PostgresError:
            return .statementFailed(
                error,
                at: SourceLocation(file: path),
                statement: nil,
                lastApplied: lastApplied
            )
        default:
            return .failed("\(error)", at: SourceLocation(file: path), lastApplied: lastApplied)
        }
    }
}
