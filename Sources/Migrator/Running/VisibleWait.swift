import Postgres
import Synchronization

extension Migrator {
    /// Runs statements of Lastro's own that should take no time, and says who holds them up when they do.
    ///
    /// - Parameters:
    ///   - connection: where the closure's statements run.
    ///   - onWait: is told each time somebody else is waited for.
    ///   - body: the statements.
    /// - Returns: what the closure returns.
    /// - Throws: what the closure throws; ``MigratorError`` with code `lock-timeout` once the patience for other runners is
    ///   at its end.
    func waitingVisibly<Result: Sendable>(
        on connection: PostgresConnection,
        onWait: @escaping @Sendable ([Blocker]) -> Void,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let work = Task { try await body() }
        let observer = Task { await observe(connection, onWait: onWait) { work.cancel() } }
        let result = await withTaskCancellationHandler {
            await work.result
        } onCancel: {
            work.cancel()
        }
        observer.cancel()
        do {
            return try result.get()
        } catch {
            if let blockers = await observer.value, !Task.isCancelled {
                throw MigratorError.historyLocked(blockers, waited: options.lockPatience ?? .zero)
            }
            throw error
        }
    }

    /// Looks for who blocks a connection, on one of its own, once it has taken longer than it should.
    ///
    /// - Returns: who blocked it when the patience was at its end; nil otherwise.
    private func observe(
        _ connection: PostgresConnection,
        onWait: @Sendable ([Blocker]) -> Void,
        giveUp: @escaping @Sendable () -> Void
    ) async -> [Blocker]? {
        let start = ContinuousClock.now
        let first = min(Duration.seconds(1), options.lockPatience ?? .seconds(1))
        do {
            try await Task.sleep(for: first)
            return try await withPostgresConnection(to: connection.settings) { other in
                var told: [Int] = []
                while true {
                    let blockers = try await Blocker.blocking(connection.backendPID, on: other)
                    if !blockers.isEmpty, blockers.map(\.pid) != told {
                        onWait(blockers)
                        told = blockers.map(\.pid)
                    }
                    if let patience = options.lockPatience, start.duration(to: .now) >= patience, !blockers.isEmpty {
                        giveUp()
                        return blockers
                    }
                    try await Task.sleep(for: .milliseconds(300))
                }
            }
        } catch {
            // Cancelled since the statements have ended; or a look did not succeed, which says nothing of them.
            return nil
        }
    }
}
