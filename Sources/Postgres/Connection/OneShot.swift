import Synchronization

/// A value that one task waits for and that comes once: the first of several ends counts, even one before the wait.
final class OneShot<Value: Sendable>: Sendable {
    private enum State {
        case untouched
        case waiting(CheckedContinuation<Value, any Error>)
        case ended(Result<Value, any Error>)
    }

    private let state = Mutex(State.untouched)

    /// Waits for the end; a cancelled task ends it with `CancellationError`.
    func value() async throws -> Value {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let early = state.withLock { state -> Result<Value, any Error>? in
                    if case .ended(let result) = state { return result }
                    state = .waiting(continuation)
                    return nil
                }
                if let early { continuation.resume(with: early) }
            }
        } onCancel: {
            end(with: .failure(CancellationError()))
        }
    }

    /// Ends the wait.
    ///
    /// - Returns: whether this was the first end.
    @discardableResult
    func end(with result: Result<Value, any Error>) -> Bool {
        let (isFirst, continuation) = state.withLock { state -> (Bool, CheckedContinuation<Value, any Error>?) in
            switch state {
            case .ended: return (false, nil)
            case .untouched:
                state = .ended(result)
                return (true, nil)
            case .waiting(let continuation):
                state = .ended(result)
                return (true, continuation)
            }
        }
        continuation?.resume(with: result)
        return isFirst
    }
}
