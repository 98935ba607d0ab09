import Synchronization

/// What an application's probes answer from: written by those who do the work, read without waiting for anybody.
public final class RuntimeStatus: Sendable {
    /// All that is known at one moment.
    public struct Snapshot: Sendable {
        /// How far the application has come.
        public internal(set) var phase = GatePhase.starting
        /// Since when it is in this phase.
        public internal(set) var phaseSince = ContinuousClock.now
        /// When it was started.
        public let startedAt = ContinuousClock.now
        /// Whether it was ready once.
        public internal(set) var hasStarted = false
        /// What it needs, in the order in which it was named.
        public internal(set) var components: [ComponentHealth] = []

        /// Whether requests may be sent here: it is ready, and all that it requires works.
        public var isReady: Bool {
            phase == .ready && components.allSatisfy { !$0.isRequired || $0.state(at: .now).isUsable }
        }
    }

    private let snapshot = Mutex(Snapshot())

    /// Makes the status of an application that was started just now.
    public init() {}

    /// All that is known now.
    public var current: Snapshot { snapshot.withLock { $0 } }

    /// How far the application has come.
    public var phase: GatePhase { snapshot.withLock { $0.phase } }

    /// Notes a phase; what drains or has failed stays so.
    public func enter(_ phase: GatePhase) {
        snapshot.withLock { snapshot in
            switch snapshot.phase {
            case .failed: return
            case .draining:
                guard case .failed = phase else { return }
                break
            default: break
            }
            guard snapshot.phase != phase else { return }
            if phase.name != snapshot.phase.name { snapshot.phaseSince = .now }
            snapshot.phase = phase
            if phase == .ready { snapshot.hasStarted = true }
        }
    }

    /// Notes how a component is, and adds it if it is new.
    func update(_ name: String, isRequired: Bool = true, _ change: (inout ComponentHealth) -> Void) {
        snapshot.withLock { snapshot in
            if let place = snapshot.components.firstIndex(where: { $0.name == name }) {
                change(&snapshot.components[place])
            } else {
                var health = ComponentHealth(name: name, isRequired: isRequired)
                change(&health)
                snapshot.components.append(health)
            }
        }
    }
}
