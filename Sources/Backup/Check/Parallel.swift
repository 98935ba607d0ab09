import Dispatch
import Synchronization

/// Does blocking work on items, several at once, each on a thread of its own.
///
/// - Parameters:
///   - items: what to work on, in this order.
///   - jobs: how many at once.
///   - body: the work; when it throws, nothing more is begun.
/// - Throws: the first error; `CancellationError`.
func inParallel<Item: Sendable>(
    _ items: [Item],
    jobs: Int,
    _ body: @escaping @Sendable (Item) throws -> Void
) async throws {
    let work = ParallelWork(items)
    try await withTaskCancellationHandler {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<min(jobs, items.count) {
                group.addTask { await work.run(body) }
            }
        }
        if let error = work.error { throw error }
    } onCancel: {
        work.stop(with: CancellationError())
    }
}

/// Items that threads take one by one, and the first error that one of them met.
private final class ParallelWork<Item: Sendable>: Sendable {
    private let items: [Item]
    private let state = Mutex<(next: Int, error: (any Error)?)>((0, nil))

    init(_ items: [Item]) {
        self.items = items
    }

    var error: (any Error)? { state.withLock(\.error) }

    func stop(with error: any Error) {
        state.withLock { $0.error = $0.error ?? error }
    }

    /// Works until nothing is left, on a thread that may block.
    func run(_ body: @escaping @Sendable (Item) throws -> Void) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                while let index = self.next() {
                    do { try body(self.items[index]) } catch { self.stop(with: error) }
                }
                continuation.resume()
            }
        }
    }

    private func next() -> Int? {
        state.withLock { state in
            guard state.error == nil, state.next < items.count else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }
}
