import Synchronization

/// What a piece of work said.
final class Notes: Sendable {
    private let state = Mutex<[String]>([])

    func add(_ note: String) { state.withLock { $0.append(note) } }

    var all: [String] { state.withLock(\.self) }
}
