import Postgres
import Synchronization

/// Tells workers that there is something to do: those of this process at once, others by a notification.
///
/// A notification in every transaction would serialise their commits and cost more than half of the throughput. So each
/// type has a bucket of notifications that fills up at ``rate`` a second: as long as there are some a job is notified at
/// once, in its own transaction, and those of a burst that find none once together, when there is one again, so that the
/// last of them does not wait for a poll.
final class JobWake: Sendable {
    /// The channel; the payload is the type.
    static let channel = "lastro_jobs"
    /// The channel whose payload is the id of a job that is to stop.
    static let cancelChannel = "lastro_cancel"
    /// How many notifications of a type a second this process sends in the long run.
    static let rate = 25
    /// How many it sends at once after a quiet time.
    static let burst = 10

    private struct State {
        var workers: [ObjectIdentifier: WakeUp] = [:]
        var buckets: [String: NotificationBucket] = [:]
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

    /// Whether there is a notification for a job of a type, which then is the caller's to send.
    func mayNotify(_ type: String) -> Bool {
        let mayNotify = state.withLock { $0.buckets[type, default: NotificationBucket()].take(at: .now) }
        metrics.notified(isSuppressed: !mayNotify)
        return mayNotify
    }

    /// Sends one notification of a type as soon as there is one, however many ask for it meanwhile.
    func notifyLater(_ type: String, through pool: PostgresPool) {
        let wait = state.withLock { state -> Duration? in
            guard state.trailing.insert(type).inserted else { return nil }
            return state.buckets[type, default: NotificationBucket()].borrow(at: .now)
        }
        guard let wait else { return }
        Task {
            try? await Task.sleep(for: wait)
            _ = state.withLock { $0.trailing.remove(type) }
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
