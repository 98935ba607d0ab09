import Postgres

/// Asks a database again and again, on a connection of its own: never on the application's pool, where it would queue.
struct DatabasePing: Sendable {
    private let connection: ReopenedConnection

    init(_ settings: ConnectionSettings) {
        connection = ReopenedConnection(settings.forProbes, named: "lastro-probe")
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

extension ConnectionSettings {
    /// The same database for what is to notice within seconds, and not after the system's quarter of an hour, that a connection
    /// was cut off without a word.
    var forProbes: ConnectionSettings { with("connect_timeout", "2").with("tcp_user_timeout", "5000") }

    /// The same database for what works on a connection all day, and is to notice that within some twenty seconds.
    ///
    /// Also where it waits for an answer. What the settings say themselves stands.
    var forWork: ConnectionSettings {
        let values = ["tcp_user_timeout": "10000", "keepalives_idle": "10", "keepalives_interval": "5"]
        return values.reduce(self) { $0[$1.key] == nil ? $0.with($1.key, $1.value) : $0 }
    }
}
