import Synchronization

/// Things that wait for a worker.
final class WorkQueue<Item: Sendable>: Sendable {
    private let state: Mutex<[Item]>

    /// Makes a queue from which items are taken in this order.
    init(_ items: [Item]) {
        state = Mutex(items.reversed())
    }

    func next() -> Item? { state.withLock { $0.popLast() } }

    /// Gives back what a worker could not finish.
    func putBack(_ item: Item) { state.withLock { $0.append(item) } }

    var isEmpty: Bool { state.withLock(\.isEmpty) }
}
