import Postgres
import SourceText

/// A migration's script in one transaction with its row in the history, sent in one round trip.
///
/// Everything goes to the server as one text: the server parses all of it before it runs any, and stops at the first
/// statement that fails (PostgreSQL manual, "Multiple Statements in a Simple Query").
struct MigrationTransaction {
    /// The statements before the script.
    let opening: [String]
    let script: MigrationScript
    /// The statements behind it.
    let closing: [String]
    /// Whether the commit waits until it is on disk.
    let isDurable: Bool

    /// Runs the transaction; when it throws, nothing of it stays.
    ///
    /// - Returns: the server's notices, in order.
    /// - Throws: ``ScriptFailure`` for what the server refused; ``PostgresError``; `CancellationError`.
    @discardableResult
    func run(on connection: PostgresConnection) async throws -> [ServerReport] {
        do {
            return try await connection.script(text).flatMap(\.notices)
        } catch {
            await connection.rollBack()
            guard let error = error as? PostgresError, error.code == .server else { throw error }
            throw ScriptFailure(
                error: error,
                // The statements before the script stand on a line of their own.
                position: error.position.map { SourcePosition(line: $0.line - 1, column: $0.column) },
                statementIndex: error.completedStatements - opening.count - 1
            )
        }
    }

    /// The text, with the script's first line on line 2.
    private var text: String {
        let end = Self.reset + closing + (isDurable ? [] : ["SET LOCAL synchronous_commit = off"]) + ["COMMIT"]
        return """
            \((["BEGIN"] + opening).joined(separator: "; "));
            \(script.text)
            ; \(end.joined(separator: "; "))
            """
    }

    /// Takes back what a script may have set for its session, so that the next one starts as if it were the first.
    private static let reset = [
        "RESET SESSION AUTHORIZATION", "RESET ALL", "CLOSE ALL", "UNLISTEN *", "DEALLOCATE ALL", "DISCARD TEMP",
        "DISCARD SEQUENCES",
    ]
}

/// What the server refused in a script, with its place there.
struct ScriptFailure: Error {
    let error: PostgresError
    /// Where in the script; nil where the server gave no position.
    let position: SourcePosition?
    /// Which statement of the script, counted from 0; out of range for the statements around the script.
    let statementIndex: Int

    /// Whether another row of the same name was in the history already.
    func isCollision(in table: HistoryTable) -> Bool {
        statementIndex < 0 && error.sqlState == .uniqueViolation && error.report?.table == table.name
    }
}
