/// An answer that is found once for however many ask, and kept for a while.
actor SharedAnswer<Value: Sendable> {
    private let lifetime: Duration
    private let find: @Sendable () async throws -> Value
    private var last: (result: Result<Value, any Error>, at: ContinuousClock.Instant)?
    private var underWay: Task<Value, any Error>?
    /// How often it was found.
    private(set) var findings = 0

    init(for lifetime: Duration, find: @escaping @Sendable () async throws -> Value) {
        self.lifetime = lifetime
        self.find = find
    }

    func callAsFunction() async throws -> Value {
        if let last, last.at.duration(to: .now) < lifetime { return try last.result.get() }
        if let underWay { return try await underWay.value }
        // Not the task of whoever asks first: the others wait for it too, and it may be cancelled.
        let task = Task { [find] in try await find() }
        underWay = task
        let result = await task.result
        underWay = nil
        findings += 1
        last = (result, .now)
        return try result.get()
    }
}
