/// The task behind an iterator of events, cancelled when the iterator goes and awaited when its consumer is cancelled.
final class EventExecution<Event: Sendable>: @unchecked Sendable {  // one iterator uses it, from one task at a time
    private let task: Task<Void, Never>
    private var events: AsyncThrowingStream<Event, any Error>.Iterator

    /// Begins an operation.
    ///
    /// - Parameter operation: gives its events to the closure that it gets.
    init(_ operation: @escaping @Sendable (@escaping @Sendable (Event) -> Void) async throws -> Void) {
        // Unbounded, but a run has a handful of events a migration, and none may be lost.
        let (stream, continuation) = AsyncThrowingStream<Event, any Error>.makeStream(bufferingPolicy: .unbounded)
        events = stream.makeAsyncIterator()
        task = Task {
            do {
                try await operation { continuation.yield($0) }
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
    }

    deinit {
        task.cancel()
    }

    func next() async throws -> Event? {
        try await withTaskCancellationHandler {
            // Shielded from the cancellation: the run's own end, with what became of the database, is the answer.
            try await Task { try await self.events.next() }.value
        } onCancel: {
            task.cancel()
        }
    }
}
