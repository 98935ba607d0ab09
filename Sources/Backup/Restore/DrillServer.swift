import Postgres
import SQLSyntax

/// Where a drill restores: on a private server, or on one that the user gives.
///
/// On the private one foreign SQL runs as a role without special rights, and the superuser makes extensions only. On a given
/// one all is done as the role that was given.
struct DrillServer: Sendable {
    /// Makes extensions.
    let administrator: ConnectionSettings
    /// The role that restores; nil for the one that was given.
    let builder: String?

    /// Starts a private server of the snapshot's version or the next newer one, and lends it.
    static func withPrivate<Result>(
        for server: ServerVersion,
        _ body: (DrillServer) async throws -> Result
    ) async throws -> Result {
        let installation = try await PostgresInstallation.all()
            .filter { $0.version.major >= server.major }
            .min { $0.version.major < $1.version.major }
        guard let installation else { throw BackupError.noServer(major: server.major) }
        let options = LocalServer.Options(
            installation: installation,
            settings: ["maintenance_work_mem": "256MB", "max_wal_size": "4GB"]
        )
        return try await withLocalServer(options) { local in
            let administrator = try ConnectionSettings(local.connectionString())
            return try await body(DrillServer(administrator: administrator, builder: "lastro"))
        }
    }

    /// The database that is restored, as who restores reaches it.
    func settings(of database: String) -> ConnectionSettings {
        let settings = administrator.with(database: database)
        return builder.map { settings.with("user", $0) } ?? settings
    }

    /// What the server does not have and the snapshot needs.
    func lacks(_ manifest: Manifest) async throws -> (extensions: [String], words: [String]) {
        try await withPostgresConnection(to: administrator) { connection in
            let source = ServerVersion(number: manifest.database.serverVersion)
            guard connection.serverVersion.major >= source.major else {
                throw BackupError.olderScratch(connection.serverVersion, than: source)
            }
            let present = Set(
                try await connection.query("SELECT name::text FROM pg_available_extensions").decode(as: String.self)
            )
            let missing = manifest.database.extensions.map(\.name).filter { !present.contains($0) }
            return (missing, missing.map { "the extension \($0)" })
        }
    }

    /// Makes the extensions of a snapshot, but for those that are missing.
    func makeExtensions(_ extensions: [Manifest.Extension], in database: String) async throws {
        guard !extensions.isEmpty else { return }
        let owner = builder.map { " AUTHORIZATION \($0)" } ?? ""
        try await withPostgresConnection(to: administrator.with(database: database)) { connection in
            for item in extensions {
                let schema = Identifier.quote(item.schema)
                if !["public", "pg_catalog"].contains(item.schema) {
                    try await connection.script("CREATE SCHEMA IF NOT EXISTS \(schema)\(owner)")
                }
                do {
                    try await connection.script(
                        "CREATE EXTENSION IF NOT EXISTS \(Identifier.quote(item.name)) WITH SCHEMA \(schema) CASCADE"
                    )
                } catch let error as PostgresError {
                    throw BackupError.noExtension(item.name, error.message)
                }
            }
        }
    }
}
