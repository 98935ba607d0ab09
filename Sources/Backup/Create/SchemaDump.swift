import Postgres
import Subprocess
import SystemPackage

/// The schema, as pg_dump writes it into an archive: what comes before the data, and what comes behind it.
enum SchemaDump {
    /// More than any schema has.
    private static let sizeLimit = 1 << 30

    /// Runs pg_dump on a snapshot.
    static func archive(
        of settings: ConnectionSettings,
        snapshot: String,
        server: ServerVersion,
        lockTimeout: Duration
    ) async throws -> [UInt8] {
        let program = try await program(named: "pg_dump", for: server)
        let result = try await Subprocess.run(
            .path(program),
            arguments: [
                "--format=custom", "--compress=0", "--section=pre-data", "--section=post-data",
                // Large objects are read like tables; up to version 16 each would have its entry here too.
                "--no-blobs",
                "--snapshot=\(snapshot)", "--lock-wait-timeout=\(lockTimeout.milliseconds)", "--no-password",
            ],
            environment: .inherit.updating(environment(for: settings)),
            input: .none,
            output: .bytes(limit: sizeLimit),
            error: .string(limit: 1 << 16)
        )
        guard result.terminationStatus.isSuccess else {
            let words = settings.redacting(result.standardError.trimmingNewlines)
            // That is how its --lock-wait-timeout ends: it gives the LOCK a statement_timeout.
            throw words.contains("canceling statement due to statement timeout")
                ? BackupError.schemaChanged(words) : BackupError.programFailed("pg_dump", words)
        }
        return result.standardOutput
    }

    /// The program of a version that is at least the server's, of the lowest there is.
    static func program(named name: String, for server: ServerVersion) async throws -> FilePath {
        let installations = try await PostgresInstallation.all()
        let fitting =
            installations
            .filter { $0.version.major >= server.major }
            .sorted { $0.version.major < $1.version.major }
            .map { $0.program(name) }
            .first { (try? $0.stat()) != nil }  // some installations come without the client's programs
        guard let fitting else {
            throw BackupError.noProgram(name, major: server.major, found: installations.map { "\($0.version)" })
        }
        return fitting
    }

    static func environment(for settings: ConnectionSettings) -> [Environment.Key: String?] {
        Dictionary(
            uniqueKeysWithValues: settings.environment.map { (Environment.Key(stringLiteral: $0), $1) }
        )
    }
}

extension String {
    /// The text without newlines at its end.
    var trimmingNewlines: String {
        var text = self[...]
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}
