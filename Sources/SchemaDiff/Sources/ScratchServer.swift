public import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A server on which schemas are built and looked at: a private one, or one that the user gives.
///
/// What a folder says is somebody else's SQL. On the private server it runs as a role without special rights; the
/// superuser makes the database, the roles and the extensions that it names.
public struct ScratchServer: Sendable {
    /// The session that makes databases, roles and extensions.
    let administrator: ConnectionSettings
    /// The role that builds; nil for the one that the user gave.
    let builder: String?

    /// What databases are called: a given server's own are never taken for Lastro's.
    static let prefix = "lastro_scratch_"

    /// Takes a server that the user gives; databases are made and dropped on it.
    public init(given settings: ConnectionSettings) {
        administrator = settings
        builder = nil
    }

    /// Takes a private server.
    public init(_ server: LocalServer) throws {
        administrator = try ConnectionSettings(server.connectionString())
        builder = "lastro"
    }

    /// Makes an empty database for a closure, and drops it behind it.
    func withDatabase<Result>(_ body: (ScratchDatabase) async throws -> Result) async throws -> Result {
        let name = Self.prefix + UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(16)
        let owner = builder.map { " OWNER \($0)" } ?? ""
        try await withPostgresConnection(to: administrator) { connection in
            _ = try await connection.query("CREATE DATABASE \(name) TEMPLATE template0\(owner)")
        }
        func drop() async throws {
            try await withPostgresConnection(to: administrator) { connection in
                _ = try await connection.query("DROP DATABASE \(name) WITH (FORCE)")
            }
        }
        let settings = administrator.with(database: name)
        let database = ScratchDatabase(
            administrator: settings,
            settings: builder.map { settings.with("user", $0) } ?? settings,
            builder: builder
        )
        do {
            let result = try await body(database)
            try await drop()
            return result
        } catch {
            try? await drop()  // the first failure is the one to tell
            throw error
        }
    }
}

/// A database on a scratch server.
struct ScratchDatabase: Sendable {
    /// Reaches it with the right to make roles and extensions.
    let administrator: ConnectionSettings
    /// Reaches it as the role that builds.
    let settings: ConnectionSettings
    /// The role that builds; nil for the one that the user gave.
    let builder: String?
}
