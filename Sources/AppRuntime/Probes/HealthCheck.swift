/// Something that is looked at again and again, so that a probe finds the answer and waits for nobody.
public struct HealthCheck: Sendable {
    /// The component's name.
    public let name: String
    /// Whether the application is not ready without it; an optional component only degrades it.
    public let isRequired: Bool
    /// How long to wait between two looks.
    public var interval: Duration
    /// How long a look may take before the component counts as down.
    public var timeout: Duration
    private let look: @Sendable () async -> ComponentState

    /// Makes a check.
    ///
    /// - Parameters:
    ///   - name: the component's name, such as `redis`.
    ///   - isRequired: whether the application is not ready without it.
    ///   - interval: how long to wait between two looks.
    ///   - timeout: how long a look may take.
    ///   - look: how the component is.
    public init(
        _ name: String,
        isRequired: Bool,
        interval: Duration = .seconds(2),
        timeout: Duration = .seconds(1),
        look: @escaping @Sendable () async -> ComponentState
    ) {
        self.name = name
        self.isRequired = isRequired
        self.interval = interval
        self.timeout = timeout
        self.look = look
    }

    /// Looks until the task is cancelled.
    func follow(_ status: RuntimeStatus) async {
        while !Task.isCancelled {
            status.update(name, isRequired: isRequired) { health in
                // Long enough for a busy machine, short enough to notice that nobody looks any more.
                health.begin(limit: timeout, lifetime: interval + timeout + .seconds(30))
            }
            let state = await look()
            status.update(name, isRequired: isRequired) { $0.end(with: state) }
            // What does not work is looked at sooner: it is to count as soon as it works again.
            let pause = state.isUsable ? interval : min(interval, .milliseconds(500))
            try? await Task.sleep(for: pause)  // cancelled: the loop ends
        }
    }
}
