import Postgres
import SQLSyntax

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Restores a snapshot on a private server, compares it, and throws it away: what makes a backup a backup.
///
/// What the snapshot holds is run as a role without special rights; the superuser makes extensions only. Owners and
/// privileges are left out.
public struct Drill: Sendable {
    private let repository: Repository
    private let identities: [AgeIdentity]
    /// How many sessions load data at once.
    public var jobs = 4

    /// Makes ready for a drill.
    ///
    /// - Parameters:
    ///   - repository: where the snapshot is.
    ///   - identities: who decrypts it.
    public init(of repository: Repository, with identities: [AgeIdentity]) {
        self.repository = repository
        self.identities = identities
    }

    /// What a drill has shown.
    public struct Result: Hashable, Sendable {
        /// What was restored.
        public let restoration: Restoration.Result
        /// How long the restore took, on this machine.
        public let duration: Duration
        /// When it was done, as ISO 8601.
        public let time: String
    }

    /// Drills a snapshot, and records in the repository that it passed.
    ///
    /// - Parameter name: the snapshot's name or the beginning of it; nil for the newest.
    /// - Returns: what the drill has shown.
    /// - Throws: ``BackupError`` if the snapshot cannot be restored to what it was; `LocalServerError`.
    public func callAsFunction(_ name: String? = nil) async throws -> Result {
        let id = try repository.snapshot(named: name)
        let manifest = try Manifest.read(of: repository.index(of: id).index, in: repository, with: identities)
        let server = ServerVersion(number: manifest.database.serverVersion)
        let installation = try await PostgresInstallation.all()
            .filter { $0.version.major >= server.major }
            .min { $0.version.major < $1.version.major }
        guard let installation else { throw BackupError.noServer(major: server.major) }
        let options = LocalServer.Options(
            installation: installation,
            settings: ["maintenance_work_mem": "256MB", "max_wal_size": "4GB"]
        )
        let result = try await withLocalServer(options) { local in
            let administrator = try ConnectionSettings(local.connectionString())
            var restoration = Restoration(
                from: repository,
                with: identities,
                to: try ConnectionSettings(local.connectionString(database: "drill", user: "lastro"))
            )
            restoration.jobs = jobs
            restoration.keepsOwners = false
            restoration.preparation = { manifest, database in
                try await Self.makeExtensions(manifest.database.extensions, in: administrator.with(database: database))
            }
            let start = ContinuousClock.now
            let restored = try await restoration(id.description)
            return Result(
                restoration: restored,
                duration: ContinuousClock.now - start,
                time: Date().formatted(.iso8601)
            )
        }
        guard result.restoration.schemaIsEqual else { throw BackupError.otherSchema(id) }
        try record(result, of: id)
        return result
    }

    private static func makeExtensions(_ extensions: [Manifest.Extension], in settings: ConnectionSettings) async throws
    {
        guard !extensions.isEmpty else { return }
        try await withPostgresConnection(to: settings) { connection in
            for item in extensions {
                let schema = Identifier.quote(item.schema)
                if !["public", "pg_catalog"].contains(item.schema) {
                    try await connection.script("CREATE SCHEMA IF NOT EXISTS \(schema) AUTHORIZATION lastro")
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

    private func record(_ result: Result, of id: SnapshotID) throws {
        let (seconds, attoseconds) = result.duration.components
        try repository.record(
            DrillRecord(
                snapshot: id,
                time: result.time,
                seconds: Double(seconds) + Double(attoseconds) / 1e18,
                rows: result.restoration.rows,
                result: .passed
            )
        )
    }
}
