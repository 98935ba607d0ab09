import Postgres

extension Creation {
    /// Lends connections that have the settings of a backup, and closes them.
    func withConnections<Value>(
        count: Int,
        _ body: ([PostgresConnection]) async throws -> Value
    ) async throws -> Value {
        var connections: [PostgresConnection] = []
        func close() async {
            for connection in connections { await connection.close() }
        }
        do {
            // All of them, also when one fails, so that each is closed.
            let outcomes = await withTaskGroup(of: Result<PostgresConnection, any Error>.self) { group in
                for _ in 0..<count {
                    group.addTask { await opened() }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            connections = outcomes.compactMap { try? $0.get() }  // what failed is told by the next line
            for outcome in outcomes { _ = try outcome.get() }
            let result = try await body(connections)
            await close()
            return result
        } catch {
            await close()
            throw error
        }
    }

    private func opened() async -> Result<PostgresConnection, any Error> {
        do {
            let connection = try await PostgresConnection.open(database)
            do {
                try await connection.script(SnapshotSessions.settings)
                return .success(connection)
            } catch {
                await connection.close()
                throw error
            }
        } catch {
            return .failure(error)
        }
    }
}
