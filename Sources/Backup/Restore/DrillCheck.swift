import Postgres
import SQLSyntax
import SourceText

/// Assertions about a restored database: statements none of which may fail, or give a false.
public struct DrillCheck: Sendable {
    private let script: SQLScript
    private let file: String

    /// Reads a file's statements.
    ///
    /// - Parameters:
    ///   - utf8: the file's bytes.
    ///   - file: its name, for messages.
    /// - Throws: ``BackupError`` if it is no SQL that can be run.
    public init(utf8: [UInt8], file: String) throws {
        self.file = file
        do {
            script = try SQLScript(utf8: utf8, file: file)
        } catch {
            throw BackupError.unusableCheck("\(error)")
        }
    }

    /// Runs the statements, each by itself, in a transaction that is rolled back.
    func run(on connection: PostgresConnection) async throws {
        try await connection.script("BEGIN")
        for statement in script.statements {
            let location = SourceLocation(file: file, position: script.position(ofByte: statement.range.lowerBound))
            let results: [PostgresRows]
            do {
                results = try await connection.script(statement.text)
            } catch let error as PostgresError where error.code != .connectionLost {
                throw BackupError.failedCheck("a check failed: \(error.message)", at: location)
            }
            for rows in results {
                let isFalse = rows.contains { row in
                    zip(rows.columns.indices, rows.columns).contains { index, column in
                        column.typeOID == Self.boolean && row[index].text == "f"
                    }
                }
                if isFalse { throw BackupError.failedCheck("this check gave false", at: location) }
            }
        }
        try await connection.script("ROLLBACK")
    }

    /// `bool` in `pg_type`.
    private static let boolean: UInt32 = 16
}
