import Postgres
import SQLSyntax
import SourceText

/// The SQL of a migration or of its way back, looked at before it runs.
struct MigrationScript {
    /// What is sent, without what belongs to another part of the file.
    let source: MigrationText
    private let script: SQLScript

    var path: String { source.source.path }
    var text: String { source.text }
    var checksum: Checksum { source.checksum }

    /// Reads a file and splits it into its statements.
    ///
    /// - Throws: ``MigratorError`` if the file cannot be read or split, or holds what cannot run inside the
    ///   transaction that goes around it.
    init(of source: MigrationSource, placeholders: [String: String]?) throws(MigratorError) {
        let text = try MigrationText(of: source, placeholders: placeholders)
        self.source = text
        do {
            script = try SQLScript(utf8: text.bytes)
        } catch {
            throw .invalidScript(error, path: source.path, position: error.position.map(text.filePosition(of:)))
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
        SourceLocation(file: path, position: source.filePosition(ofByte: statement.range.lowerBound))
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
                at: SourceLocation(file: path, position: failure.position.map(source.filePosition(of:)) ?? start),
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
