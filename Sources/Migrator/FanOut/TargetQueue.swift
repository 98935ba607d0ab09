import Postgres
import Synchronization

/// One of many targets, as a worker sees it.
struct FanOutTarget: Hashable, Sendable {
    let name: String
    let settings: ConnectionSettings
    /// The schema to work in; nil for the whole database.
    let schema: String?
}

/// The targets that are still to do, shared by the workers.
///
/// A target on which another runner is at work goes to the end, so that two fan-outs over the same targets share the work
/// instead of waiting for each other at every step.
final class TargetQueue: Sendable {
    /// A target with how often it may be put off.
    struct Item: Sendable {
        let target: FanOutTarget
        /// Whether another runner was at work on it before: this time it is waited for.
        let isLast: Bool
    }

    private struct State {
        var targets: ArraySlice<FanOutTarget>
        var deferred: [FanOutTarget] = []
        var isStopped = false
    }

    private let state: Mutex<State>

    init(_ targets: some Sequence<FanOutTarget>) {
        state = Mutex(State(targets: ArraySlice(targets)))
    }

    /// The next target; nil if there is none, or none may begin any more.
    func next() -> Item? {
        state.withLock { state in
            guard !state.isStopped else { return nil }
            if let target = state.targets.popFirst() { return Item(target: target, isLast: false) }
            return state.deferred.isEmpty ? nil : Item(target: state.deferred.removeFirst(), isLast: true)
        }
    }

    /// Puts a target off until all others are done.
    func putOff(_ target: FanOutTarget) {
        state.withLock { $0.deferred.append(target) }
    }

    /// Lets no other target begin.
    func stop() {
        state.withLock { $0.isStopped = true }
    }
}
