import Postgres
import ProjectSettings
import SystemPackage

/// The database that a command works on.
struct AppDatabase: Sendable {
    /// How to reach it.
    let settings: ConnectionSettings
    /// Whether it is the project's private server, since nothing names another one.
    let isEmbedded: Bool

    /// Lends the database to a closure: the configured one, else the project's private server.
    ///
    /// That is the one of `lastro dev`, with data that stays. Where it did not run before, it runs for as long as the closure.
    ///
    /// - Parameters:
    ///   - configuration: what is configured.
    ///   - body: what to do with the database.
    /// - Returns: what the closure returns.
    /// - Throws: `ConfigurationError`, `LocalServerError`; what the closure throws.
    static func with<Result>(
        _ configuration: AppSettings,
        _ body: (AppDatabase) async throws -> Result
    ) async throws -> Result {
        if let settings = try configuration.configuredDatabase() {
            return try await body(AppDatabase(settings: settings, isEmbedded: false))
        }
        let mayRun = try configuration.value(.embedded, expected: "on or off") { ["on": true, "off": false][$0] }
        guard mayRun ?? true else {
            throw ConfigurationError(
                "no database is configured; looked at\n    "
                    + configuration.placesLookedAt.joined(separator: "\n    "),
                next: "set DATABASE_URL or name one with --database; STUDY_EMBEDDED=on allows a private one"
            )
        }
        let server = DevelopmentServer(directory: ".lastro")
        let wasRunning = server.status().isRunning
        let status = try await server.start(LocalServer.Options(isDurable: true))
        let result: Swift.Result<Result, any Error>
        do {
            let settings = try ConnectionSettings(status.url)
            result = .success(try await body(AppDatabase(settings: settings, isEmbedded: true)))
        } catch {
            result = .failure(error)
        }
        // In a task of its own: one that was cancelled would not wait for the server's end.
        if !wasRunning { try await Task { try await server.stop() }.value }
        return try result.get()
    }
}
