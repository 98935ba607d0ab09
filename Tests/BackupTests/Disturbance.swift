import Postgres
import Synchronization
import TestSupport
import Testing

/// Ends sessions, and waits until they are gone.
func end(_ pids: [Int], on connection: PostgresConnection) async throws {
    let list = pids.map(String.init).joined(separator: ", ")
    _ = try await connection.query("SELECT pg_terminate_backend(pid) FROM unnest(ARRAY[\(list)]) pid")
    try await connection.wait(until: "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid IN (\(list)))")
}

/// A statement that runs beside a backup.
final class Change: Sendable {
    private let statement: String
    private let connection: PostgresConnection
    private let state = Mutex<(task: Task<Void, any Error>?, isDone: Bool)>((nil, false))

    init(_ statement: String, on connection: PostgresConnection) {
        self.statement = statement
        self.connection = connection
    }

    /// Begins it once, and returns when it is done or waits for a lock.
    func begin(watchedOn settings: ConnectionSettings) async throws {
        let isNew = state.withLock { state in
            guard state.task == nil else { return false }
            state.task = Task {
                defer { self.state.withLock { $0.isDone = true } }
                _ = try await self.connection.script(self.statement)
            }
            return true
        }
        guard isNew else { return }
        try await withPostgresConnection(to: settings) { observer in
            let limit = ContinuousClock.now + .seconds(60)
            while !state.withLock(\.isDone) {
                let isWaiting = try await observer.query(
                    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = \(connection.backendPID) AND wait_event_type = 'Lock')"
                ).single.decode(Bool.self)
                if isWaiting { return }
                try #require(ContinuousClock.now < limit)
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    /// Waits for its end.
    func end() async throws {
        try await state.withLock(\.task)?.value
    }

    /// Waits for its end, and closes its connection.
    func close() async throws {
        try await end()
        await connection.close()
    }
}
