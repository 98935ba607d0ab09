import Postgres

/// Asks a database again and again, on a connection of its own: never on the application's pool, where it would queue.
actor DatabasePing {
    private let settings: ConnectionSettings
    private var connection: PostgresConnection?

    init(_ settings: ConnectionSettings) {
        // What is cut off without a word is noticed in seconds, and not after the system's quarter of an hour.
        self.settings = settings.with("connect_timeout", "2").with("tcp_user_timeout", "5000")
            .with("application_name", "lastro-probe")
    }

    func look() async -> ComponentState {
        do {
            let connection = try await open()
            try await connection.query("SELECT 1")
            return .up
        } catch {
            await close()
            return .down((error as? PostgresError)?.message ?? "\(error)")
        }
    }

    func close() async {
        let closing = connection
        connection = nil
        await closing?.close()
    }

    private func open() async throws -> PostgresConnection {
        if let connection, await connection.isUsable { return connection }
        let opened = try await PostgresConnection.open(settings)
        connection = opened
        return opened
    }
}
