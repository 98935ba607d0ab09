import Synchronization

/// What a loop sleeps on: it wakes when somebody calls, or after a while.
///
/// A call that comes while nobody sleeps is kept, so that the next sleep ends at once; several calls count as one.
final class WakeUp: Sendable {
    private enum State {
        case quiet
        case called
        case asleep(number: UInt64, CheckedContinuation<Void, Never>)
        /// The time of the sleep with this number was over before it had begun.
        case over(number: UInt64)
    }

    private let state = Mutex((State.quiet, UInt64(0)))

    /// Ends the sleep, or the next one.
    func call() {
        let sleeper = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if case .asleep(_, let continuation) = state.0 {
                state.0 = .quiet
                return continuation
            }
            state.0 = .called
            return nil
        }
        sleeper?.resume()
    }

    /// Sleeps until a call, for so long at most; a cancelled task does not sleep.
    ///
    /// - Returns: whether it was a call.
    @discardableResult
    func wait(upTo patience: Duration) async -> Bool {
        let number = state.withLock { state -> UInt64? in
            if case .called = state.0 {
                state.0 = .quiet
                return nil
            }
            state.1 += 1
            return state.1
        }
        guard let number else { return true }
        let alarm = Task { [weak self] in
            try? await Task.sleep(for: patience)  // cut short by the call
            if !Task.isCancelled { self?.end(number) }
        }
        defer { alarm.cancel() }
        let start = ContinuousClock.now
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isAwake = state.withLock { state -> Bool in
                    if case .called = state.0 {
                        state.0 = .quiet
                        return true
                    }
                    if Task.isCancelled { return true }
                    if case .over(number) = state.0 {
                        state.0 = .quiet
                        return true
                    }
                    state.0 = .asleep(number: number, continuation)
                    return false
                }
                if isAwake { continuation.resume() }
            }
        } onCancel: {
            end(number)
        }
        return ContinuousClock.now - start < patience
    }

    private func end(_ number: UInt64) {
        let sleeper = state.withLock { state -> CheckedContinuation<Void, Never>? in
            switch state.0 {
            case .asleep(number, let continuation):
                state.0 = .quiet
                return continuation
            case .quiet, .over:
                if number == state.1 { state.0 = .over(number: number) }
                return nil
            case .called, .asleep: return nil
            }
        }
        sleeper?.resume()
    }
}

extension Task<Void, Never> {
    /// Waits for the task's end, for so long at most; the task goes on in any case.
    ///
    /// - Returns: whether it has ended.
    @discardableResult
    func ends(within patience: Duration) async -> Bool {
        let end = WakeUp()
        let waiting = Task {
            await value
            end.call()
        }
        defer { waiting.cancel() }
        return await end.wait(upTo: patience)
    }
}
