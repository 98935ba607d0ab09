/// How something is that an application needs.
public enum ComponentState: Hashable, Sendable {
    /// It works.
    case up
    /// It works, or is done without, less well than it should; how.
    case degraded(String)
    /// It does not work; why.
    case down(String)

    /// Whether requests can be served with it.
    public var isUsable: Bool {
        if case .down = self { false } else { true }
    }

    /// The state as a word for machines.
    var name: String {
        switch self {
        case .up: "UP"
        case .degraded: "DEGRADED"
        case .down: "DOWN"
        }
    }

    var detail: String? {
        switch self {
        case .up: nil
        case .degraded(let detail), .down(let detail): detail
        }
    }
}

/// A component and what its last look said.
public struct ComponentHealth: Sendable {
    /// The component's name.
    public let name: String
    /// Whether the application is not ready without it.
    public let isRequired: Bool
    /// The outcome of the last look that ended; nil before the first one.
    private(set) var outcome: ComponentState?
    /// How long that look took.
    private(set) var duration: Duration?
    private var endedAt: ContinuousClock.Instant?
    /// When the look under way began, and how long it may take.
    private var underWay: (since: ContinuousClock.Instant, limit: Duration)?
    /// How old an outcome may be.
    private var lifetime = Duration.seconds(60)

    init(name: String, isRequired: Bool) {
        self.name = name
        self.isRequired = isRequired
    }

    mutating func begin(limit: Duration, lifetime: Duration) {
        underWay = (.now, limit)
        self.lifetime = lifetime
    }

    mutating func end(with state: ComponentState) {
        duration = underWay.map { $0.since.duration(to: .now) }
        outcome = state
        endedAt = .now
        underWay = nil
    }

    /// Whether there is something to say of it: a look that ended, or one that ought to have.
    var isKnown: Bool { outcome != nil || underWay.map { $0.since.duration(to: .now) > $0.limit } ?? false }

    /// How the component is.
    ///
    /// A look that does not end in its time says that the component is down, though nobody knows the outcome yet.
    ///
    /// - Parameter now: the moment.
    /// - Returns: the state; an optional component is degraded where a required one is down.
    public func state(at now: ContinuousClock.Instant) -> ComponentState {
        let state = judged(at: now)
        if !isRequired, case .down(let reason) = state { return .degraded(reason) }
        return state
    }

    private func judged(at now: ContinuousClock.Instant) -> ComponentState {
        if let underWay, underWay.since.duration(to: now) > underWay.limit {
            return .down("it does not answer in time")
        }
        guard let outcome, let endedAt else { return .down("it was not looked at yet") }
        guard endedAt.duration(to: now) <= lifetime else { return .down("it was not looked at any more") }
        return outcome
    }
}
