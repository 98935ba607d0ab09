import Synchronization

/// A value that comes once, and that any number of tasks wait for.
final class Signal<Value: Sendable>: Sendable {
    private enum State {
        case waiting([Int: CheckedContinuation<Value, any Error>], next: Int)
        case ended(Result<Value, any Error>)
    }

    private let state = Mutex(State.waiting([:], next: 0))

    /// Gives the value, or the reason why none will come; the first one counts.
    func end(with result: Result<Value, any Error>) {
        let waiting = state.withLock { state -> [CheckedContinuation<Value, any Error>] in
            guard case .waiting(let waiting, _) = state else { return [] }
            state = .ended(result)
            return Array(waiting.values)
        }
        for continuation in waiting { continuation.resume(with: result) }
    }

    /// Waits for the value.
    ///
    /// - Returns: the value.
    /// - Throws: the reason why none comes; `CancellationError`.
    func value() async throws -> Value {
        let place = state.withLock { state -> Int in
            guard case .waiting(let waiting, let next) = state else { return 0 }
            state = .waiting(waiting, next: next + 1)
            return next
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<Value, any Error>? in
                    switch state {
                    case .ended(let result):
                        return result
                    case .waiting(var waiting, let next):
                        if Task.isCancelled { return .failure(CancellationError()) }
                        waiting[place] = continuation
                        state = .waiting(waiting, next: next)
                        return nil
                    }
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiting = state.withLock { state -> CheckedContinuation<Value, any Error>? in
                guard case .waiting(var waiting, let next) = state else { return nil }
                let continuation = waiting.removeValue(forKey: place)
                state = .waiting(waiting, next: next)
                return continuation
            }
            waiting?.resume(throwing: CancellationError())
        }
    }
}

extension Signal<Void> {
    func end() { end(with: .success(())) }
}
