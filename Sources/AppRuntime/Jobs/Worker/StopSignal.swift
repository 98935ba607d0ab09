import Synchronization

/// Whether a worker is to stop, with those who want to know at once.
final class StopSignal: Sendable {
    private struct State {
        var isRaised = false
        var isHard = false
        var sleepers: [ObjectIdentifier: WakeUp] = [:]
    }

    private let state = Mutex(State())

    /// Whether to stop.
    var isRaised: Bool { state.withLock { $0.isRaised } }
    /// Whether to stop without waiting for anybody.
    var isHard: Bool { state.withLock { $0.isHard } }

    func raise(isHard: Bool) {
        let sleepers = state.withLock { state in
            state.isRaised = true
            state.isHard = state.isHard || isHard
            return Array(state.sleepers.values)
        }
        for sleeper in sleepers { sleeper.call() }
    }

    /// Ends the sleeps of `sleeper` when the signal comes, until ``forget(_:)``.
    func wake(_ sleeper: WakeUp) {
        let isRaised = state.withLock { state in
            state.sleepers[ObjectIdentifier(sleeper)] = sleeper
            return state.isRaised
        }
        if isRaised { sleeper.call() }
    }

    func forget(_ sleeper: WakeUp) {
        state.withLock { $0.sleepers[ObjectIdentifier(sleeper)] = nil }
    }
}
