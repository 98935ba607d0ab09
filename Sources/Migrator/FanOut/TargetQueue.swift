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
        var workers: Int
    }

    private let state: Mutex<State>

    /// Makes a queue that so many workers share.
    init(_ targets: some Sequence<FanOutTarget>, workers: Int) {
        state = Mutex(State(targets: ArraySlice(targets), workers: workers))
    }

    /// Whether there are other workers.
    var isShared: Bool { state.withLock { $0.workers > 1 } }

    /// A worker goes.
    func leave() {
        state.withLock { $0.workers -= 1 }
    }

    /// A worker goes for the sake of the others, which do its target as well.
    ///
    /// - Returns: false if there are no others, and nothing has changed.
    func leave(to target: FanOutTarget) -> Bool {
        state.withLock { state in
            guard state.workers > 1 else { return false }
            state.workers -= 1
            state.targets.append(target)
            return true
        }
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

    /// Puts a target back that was not begun.
    func putBack(_ target: FanOutTarget) {
        state.withLock { $0.targets.insert(target, at: $0.targets.startIndex) }
    }

    /// Lets no other target begin.
    func stop() {
        state.withLock { $0.isStopped = true }
    }
}
