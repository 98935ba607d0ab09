import Foundation
import Synchronization

/// How often something may happen: a number of times at once, and then at a steady rate.
public struct RateLimit: Sendable, Hashable {
    /// How many times within the period.
    public var count: Int
    /// The period.
    public var period: Duration

    /// Makes a limit: so many times in a period, which may all come at once.
    public init(_ count: Int, per period: Duration) {
        self.count = count
        self.period = period
    }

    /// The time that one of them takes, in seconds.
    var interval: Double { period / .seconds(1) / Double(max(count, 1)) }
}

/// Says whether something may happen now, over all processes that share a Redis; without one, in this process.
///
/// It is the generic cell rate algorithm: of a key no more is kept than when it would be as if nothing had happened.
public final class RateLimiter: Sendable {
    /// What became of a request.
    public struct Decision: Sendable, Hashable {
        /// Whether it may go on.
        public let isAdmitted: Bool
        /// After how many seconds another try makes sense; 0 for one that may go on.
        public let retryAfter: Double
        /// Whether all processes were counted together.
        public let isShared: Bool
    }

    private let redis: Redis?
    private let prefix: String
    private let own = Mutex<[String: Double]>([:])
    private let capacity: Int
    private let now: @Sendable () -> Double

    /// Makes a limiter.
    ///
    /// - Parameters:
    ///   - redis: what processes share; nil for this one alone.
    ///   - prefix: what the names of its keys begin with.
    ///   - capacity: how many keys are kept in this process; of more, those that would be free first are forgotten.
    public convenience init(redis: Redis? = nil, prefix: String = "lastro:rate:", capacity: Int = 100_000) {
        self.init(redis: redis, prefix: prefix, capacity: capacity) { Date().timeIntervalSince1970 }
    }

    init(redis: Redis?, prefix: String, capacity: Int, now: @escaping @Sendable () -> Double) {
        self.redis = redis
        self.prefix = prefix
        self.capacity = capacity
        self.now = now
    }

    /// Counts a request.
    ///
    /// - Parameters:
    ///   - key: what is limited, such as `login:203.0.113.7`.
    ///   - limit: how often it may happen.
    /// - Returns: whether it may happen now.
    public func admit(_ key: String, _ limit: RateLimit) async -> Decision {
        if let redis, let shared = await Self.ask(redis, prefix + key, limit) { return shared }
        let moment = now()
        return own.withLock { own in
            if own.count >= capacity { Self.forget(&own, at: moment, half: capacity / 2) }
            let next = max(own[key] ?? 0, moment) + limit.interval
            let wait = next - limit.interval * Double(limit.count) - moment
            guard wait <= 1e-9 else { return Decision(isAdmitted: false, retryAfter: wait, isShared: false) }
            own[key] = next
            return Decision(isAdmitted: true, retryAfter: 0, isShared: false)
        }
    }

    private static func forget(_ own: inout [String: Double], at moment: Double, half: Int) {
        own = own.filter { $0.value > moment }
        guard own.count > half else { return }
        own = Dictionary(
            uniqueKeysWithValues: own.sorted { $0.value > $1.value }.prefix(half).map { ($0.key, $0.value) }
        )
    }

    /// Asks the shared count; nil where it cannot be had.
    private static func ask(_ redis: Redis, _ key: String, _ limit: RateLimit) async -> Decision? {
        // Without an answer this process counts by itself; the health of Redis is told elsewhere.
        let reply = try? await redis.command("EVAL", script, "1", key, "\(limit.interval)", "\(limit.count)")
        guard case .array(let parts)? = reply, parts.count == 2, let isAdmitted = parts[0].integer,
            let wait = parts[1].integer
        else { return nil }
        return Decision(isAdmitted: isAdmitted == 1, retryAfter: Double(wait) / 1_000_000, isShared: true)
    }

    // By the clock of Redis, so that those of the processes need not agree; in microseconds, which a double has exactly.
    private static let script = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local interval = math.floor(ARGV[1] * 1000000 + 0.5)
        local next = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + interval
        local wait = next - interval * ARGV[2] - now
        if wait > 0 then return {0, math.ceil(wait)} end
        redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000) + 1000)
        return {1, 0}
        """
}
