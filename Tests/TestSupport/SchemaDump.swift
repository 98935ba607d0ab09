public import Postgres
import Subprocess
import SystemPackage

/// What `pg_dump --schema-only` prints of a database, without what differs from run to run.
///
/// - Parameters:
///   - settings: what reaches the database.
///   - major: the version whose `pg_dump` it is; nil for any.
/// - Returns: the script, without comments and empty lines.
/// - Throws: what `pg_dump` said.
public func schemaDump(of settings: ConnectionSettings, major: Int? = nil) async throws -> String {
    let installation = try await PostgresInstallation.find(major: major)
    let result = try await run(
        .path(installation.program("pg_dump")),
        arguments: [
            "--schema-only", "--host", settings["host"] ?? "", "--port", settings["port"] ?? "5432",
            "--username", settings["user"] ?? "", settings["dbname"] ?? "",
        ],
        output: .string(limit: 1 << 24),
        error: .string(limit: 1 << 16)
    )
    guard result.terminationStatus.isSuccess else { throw DumpFailure(words: result.standardError) }
    let lines = result.standardOutput.split(separator: "\n").filter { line in
        !line.hasPrefix("--") && !line.hasPrefix("\\restrict") && !line.hasPrefix("\\unrestrict")
    }
    return lines.joined(separator: "\n")
}

private struct DumpFailure: Error {
    let words: String
}
