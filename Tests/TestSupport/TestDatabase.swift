public import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Lends an empty database on a private server to a test, and drops it behind it.
///
/// - Parameters:
///   - server: the server.
///   - template: the database to begin with a copy of, to which nobody may be connected; nil for an empty one.
///   - body: the test, with settings that reach the database as its owner, a role without special rights.
/// - Returns: what the test returns.
/// - Throws: what the test throws, or what keeps the database from being made.
@discardableResult
public func withTestDatabase<Result>(
    on server: TestServer = .standard,
    template: String? = nil,
    _ body: (ConnectionSettings) async throws -> Result
) async throws -> Result {
    let superuser = try await server.superuser()
    let name = "test_" + UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(16)
    try await withPostgresConnection(to: superuser) { connection in
        try await connection.query("CREATE DATABASE \(name) OWNER lastro" + (template.map { " TEMPLATE \($0)" } ?? ""))
    }
    func drop() async throws {
        try await withPostgresConnection(to: superuser) { connection in
            try await connection.query("DROP DATABASE \(name) WITH (FORCE)")
        }
    }
    do {
        let result = try await body(superuser.with(database: name).with("user", "lastro"))
        try await drop()
        return result
    } catch {
        try? await drop()  // the test's own failure is the one to tell
        throw error
    }
}

/// A private server that all tests of a process share; it ends with the process.
public actor TestServer {
    /// A server of the version that is found first.
    public static let standard = TestServer(major: nil)

    private let major: Int?
    private var starting: Task<LocalServer, any Error>?

    /// A server of a major version; it is started by the first test that needs it.
    public init(major: Int?) {
        self.major = major
    }

    /// Settings that reach the server's own database as its superuser.
    public func superuser() async throws -> ConnectionSettings {
        let starting =
            starting
            ?? Task { [major] in
                try await LocalServer.start(LocalServer.Options(major: major, settings: ["max_connections": "400"]))
            }
        self.starting = starting
        return try ConnectionSettings(try await starting.value.connectionString())
    }
}
