import Postgres
import Synchronization

/// Tells workers that there is something to do: those of this process at once, others by a notification.
///
/// A notification in every transaction would serialise their commits and cost more than half of the throughput. So a
/// type is notified at most ten times a second: the first job of a burst at once, in its own transaction, and once more
/// when the window ends if more came meanwhile, so that the last of a burst does not wait for a poll.
final class JobWake: Sendable {
    /// The channel; the payload is the type.
    static let channel = "lastro_jobs"
    /// The channel whose payload is the id of a job that is to stop.
    static let cancelChannel = "lastro_cancel"
    static let window = Duration.milliseconds(100)

    private struct State {
        var workers: [ObjectIdentifier: WakeUp] = [:]
        var lastSent: [String: ContinuousClock.Instant] = [:]
        var trailing: Set<String> = []
    }

    private let state = Mutex(State())
    private let metrics: JobMetrics

    init(metrics: JobMetrics) {
        self.metrics = metrics
    }

    func add(_ worker: WakeUp) {
        state.withLock { $0.workers[ObjectIdentifier(worker)] = worker }
    }

    func remove(_ worker: WakeUp) {
        state.withLock { $0.workers[ObjectIdentifier(worker)] = nil }
    }

    /// Wakes the workers of this process.
    func callLocal() {
        for worker in state.withLock({ Array($0.workers.values) }) { worker.call() }
    }

    /// Whether a window begins now, whose first notification is the caller's.
    func mayNotify(_ type: String) -> Bool {
        let mayNotify = state.withLock { state in
            let now = ContinuousClock.now
            if let last = state.lastSent[type], now - last < Self.window { return false }
            state.lastSent[type] = now
            return true
        }
        metrics.notified(isSuppressed: !mayNotify)
        return mayNotify
    }

    /// Sends one notification when the window of a type ends, however many ask for it.
    func notifyLater(_ type: String, through pool: PostgresPool) {
        guard state.withLock({ $0.trailing.insert(type).inserted }) else { return }
        Task {
            try? await Task.sleep(for: Self.window)
            state.withLock { state in
                state.trailing.remove(type)
                state.lastSent[type] = .now
            }
            metrics.notified(isSuppressed: false)
            // The poll finds what a lost notification would have told.
            _ = try? await pool.withConnection { try await $0.query(try Self.notification(of: type)) }
        }
    }

    /// What notifies workers of other processes.
    static func notification(of type: String) throws(PostgresError) -> PostgresStatement {
        try PostgresStatement("SELECT pg_notify('\(channel)', $1)", type)
    }
}
