import Synchronization

/// The task behind an iterator of events, cancelled when the iterator goes and awaited when its consumer is cancelled.
final class EventExecution<Event: Sendable>: @unchecked Sendable {  // one iterator uses it, from one task at a time
    private let task: Task<Void, Never>
    private let queue = Queue()
    /// What was taken from the queue at once, the next one last.
    private var taken: [Event] = []

    /// Begins an operation.
    ///
    /// - Parameter operation: gives its events to the closure that it gets.
    init(_ operation: @escaping @Sendable (@escaping @Sendable (Event) -> Void) async throws -> Void) {
        task = Task { [queue] in
            do {
                try await operation { queue.add($0) }
                queue.end(with: .success(()))
            } catch {
                queue.end(with: .failure(error))
            }
        }
    }

    deinit {
        task.cancel()
    }

    func next() async throws -> Event? {
        if let event = taken.popLast() { return event }
        return try await withTaskCancellationHandler {
            // The wait does not end with a cancellation: the run's own end, with what became of the database, is the answer.
            while true {
                let (events, end) = await queue.take()
                taken = events.reversed()
                if let event = taken.popLast() { return event }
                if let end {
                    try end.get()
                    return nil
                }
            }
        } onCancel: {
            task.cancel()
        }
    }

    /// Events on their way: one side adds, the other takes all that there are.
    ///
    /// A run of many small migrations has thousands, and would wait for its observer if each of them woke it: those that
    /// come while it is awake, or about to be, wait for it. Without a bound, since none may be lost.
    private final class Queue: Sendable {
        private struct State {
            var events: [Event] = []
            var end: Result<Void, any Error>?
            var waiter: CheckedContinuation<Void, Never>?
        }

        private let state = Mutex(State())

        func add(_ event: Event) {
            change { $0.events.append(event) }
        }

        /// Says that no more come, and why; the events before are taken first.
        func end(with end: Result<Void, any Error>) {
            change { $0.end = end }
        }

        private func change(_ body: (inout State) -> Void) {
            let waiter = state.withLock { state in
                body(&state)
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }

        /// Everything that there is, as soon as there is something.
        func take() async -> (events: [Event], end: Result<Void, any Error>?) {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if state.events.isEmpty, state.end == nil {
                        state.waiter = continuation
                        return false
                    }
                    return true
                }
                if isThere { continuation.resume() }
            }
            return state.withLock { state in
                guard state.events.isEmpty else {
                    defer { state.events = [] }
                    return (state.events, nil)
                }
                // Behind an error there is nothing, however often somebody asks.
                defer { state.end = state.end.map { _ in .success(()) } }
                return ([], state.end)
            }
        }
    }
}
