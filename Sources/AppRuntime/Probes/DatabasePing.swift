import Postgres

/// Asks a database again and again, on a connection of its own: never on the application's pool, where it would queue.
struct DatabasePing: Sendable {
    private let connection: ReopenedConnection

    init(_ settings: ConnectionSettings) {
        // What is cut off without a word is noticed in seconds, and not after the system's quarter of an hour.
        connection = ReopenedConnection(
            settings.with("connect_timeout", "2").with("tcp_user_timeout", "5000"),
            named: "lastro-probe"
        )
    }

    func look() async -> ComponentState {
        do {
            try await connection.open().query("SELECT 1")
            return .up
        } catch {
            await close()
            return .down((error as? PostgresError)?.message ?? "\(error)")
        }
    }

    func close() async { await connection.close() }
}
