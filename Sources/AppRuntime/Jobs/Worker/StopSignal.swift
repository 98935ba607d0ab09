import ServiceLifecycle
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

    /// Waits for the signal; a cancelled task waits no longer.
    func arrives() async { await wait { isRaised } }

    /// Waits for the signal that no time is left; a cancelled task waits no longer.
    func arrivesHard() async { await wait { isHard } }

    private func wait(until isSo: () -> Bool) async {
        let sleeper = WakeUp()
        wake(sleeper)
        while !isSo(), !Task.isCancelled { await sleeper.wait(upTo: .seconds(3600)) }
        forget(sleeper)
    }
}

extension StopSignal {
    /// Runs the work of a service until a graceful shutdown, or the task's cancellation, which reach it as a signal.
    ///
    /// Out of reach of the cancellation itself: a service that stops has things to tell the server.
    ///
    /// - Parameter work: is given the signal, and what the signal wakes it with.
    static func guarding(_ work: @escaping @Sendable (StopSignal, WakeUp) async -> Void) async {
        let stop = StopSignal()
        let wake = WakeUp()
        stop.wake(wake)
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await Task.detached { await work(stop, wake) }.value
            } onCancel: {
                stop.raise(isHard: true)
            }
        } onGracefulShutdown: {
            stop.raise(isHard: false)
        }
    }
}
