/// How many notifications of a type may be sent just now.
///
/// Kept as the time at which the bucket is full again: every notification puts it off by what it takes to refill one.
struct NotificationBucket {
    private var fullAt = ContinuousClock.now
    private static let interval = Duration.seconds(1) / JobWake.rate

    /// Takes a notification if there is one.
    mutating func take(at now: ContinuousClock.Instant) -> Bool {
        guard wait(at: now) <= .zero else { return false }
        fullAt = max(fullAt, now) + Self.interval
        return true
    }

    /// Takes the next notification whether it is there or not.
    ///
    /// - Returns: how long to wait with it.
    mutating func borrow(at now: ContinuousClock.Instant) -> Duration {
        let wait = max(.zero, wait(at: now))
        fullAt = max(fullAt, now) + Self.interval
        return wait
    }

    /// How long it takes until there is one.
    private func wait(at now: ContinuousClock.Instant) -> Duration {
        now.duration(to: fullAt) - Self.interval * (JobWake.burst - 1)
    }
}
