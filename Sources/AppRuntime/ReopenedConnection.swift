import Postgres

/// A connection of one part of the runtime, opened when it is needed and again after it was cut.
actor ReopenedConnection {
    private let settings: ConnectionSettings
    private var connection: PostgresConnection?

    /// Makes one that is not open; the name shows in `pg_stat_activity`.
    init(_ settings: ConnectionSettings, named name: String) {
        self.settings = settings.with("application_name", name)
    }

    /// Makes one for a part of a job worker, named after both.
    init(_ settings: ConnectionSettings, for part: String, of worker: String) {
        self.init(settings, named: "lastro jobs: \(part) \(worker.prefix(8))")
    }

    /// The connection, which stands as far as can be told.
    func open() async throws -> PostgresConnection {
        if let connection {
            if await connection.isUsable, connection.isConnected { return connection }
            await connection.close()
            self.connection = nil
        }
        let opened = try await PostgresConnection.open(settings)
        connection = opened
        return opened
    }

    func close() async {
        await connection?.close()
        connection = nil
    }
}
