/// A kind of background work: what is stored of it, and how it is tried.
///
/// The value itself is the job's payload; it is stored as JSON in `jobs.data`. Work that was stored by an older release
/// is read by a newer one, so give new properties a default in `init(from:)`, or another ``type``.
///
/// ```swift
/// struct SendReceipt: Job {
///     static let type = "send-receipt"
///     var order: UUID
/// }
/// handlers.register(SendReceipt.self) { job, context in
///     try await mail.sendReceipt(for: job.order, once: context.idempotencyKey)
/// }
/// try await queue.insert(SendReceipt(order: order))
/// ```
public protocol Job: Codable, Sendable {
    /// What `jobs.type` says; at most 100 characters, and never changed once jobs of it are stored.
    static var type: String { get }
    /// How jobs of this kind are tried.
    static var settings: JobSettings { get }
}

extension Job {
    /// The defaults of ``JobSettings``.
    public static var settings: JobSettings { JobSettings() }
}

/// How jobs of one kind are tried.
public struct JobSettings: Hashable, Sendable {
    /// Which jobs go first: the higher number.
    public var priority: Int
    /// How often a job is tried in all.
    public var maxAttempts: Int
    /// How long a handler may take before it is cancelled.
    public var timeout: Duration
    /// How long to wait between two attempts.
    public var retry: RetryPolicy
    /// How many run at once, and how many start in a second.
    public var limits: JobLimits
    /// Whether a job of this kind that is given up raises an alert at once.
    public var isCritical: Bool

    /// Makes settings; what is left out is as most jobs want it.
    public init(
        priority: Int = 5,
        maxAttempts: Int = 3,
        timeout: Duration = .seconds(600),
        retry: RetryPolicy = RetryPolicy(),
        limits: JobLimits = JobLimits(),
        isCritical: Bool = false
    ) {
        self.priority = priority
        self.maxAttempts = maxAttempts
        self.timeout = timeout
        self.retry = retry
        self.limits = limits
        self.isCritical = isCritical
    }
}

/// What holds a kind of job back, over all workers together.
public struct JobLimits: Hashable, Sendable {
    /// How many run at once; nil for no limit.
    public var running: Int?
    /// How many of one ``JobInsertion/concurrencyKey`` run at once; nil for no limit.
    public var runningPerKey: Int?
    /// How many start in a second on average; nil for no limit.
    public var startsPerSecond: Double?
    /// How many may start at once after a quiet time, where starts are limited.
    public var burst: Double

    /// Makes limits; without arguments nothing is limited.
    public init(
        running: Int? = nil,
        runningPerKey: Int? = nil,
        startsPerSecond: Double? = nil,
        burst: Double = 1
    ) {
        self.running = running
        self.runningPerKey = runningPerKey
        self.startsPerSecond = startsPerSecond
        self.burst = burst
    }

    var isUnlimited: Bool { running == nil && runningPerKey == nil && startsPerSecond == nil }
}

/// How long to wait before a failed job is tried again: a delay that doubles, with jitter.
public struct RetryPolicy: Hashable, Sendable {
    /// The wait after the first attempt.
    public var base: Duration
    /// The longest wait.
    public var longest: Duration

    /// Makes a policy.
    public init(base: Duration = .seconds(5), longest: Duration = .seconds(3600)) {
        self.base = base
        self.longest = longest
    }

    /// The wait after an attempt, counted from 1.
    ///
    /// - Parameters:
    ///   - attempt: the attempt that failed.
    ///   - jitter: what to multiply with, usually drawn from 0.75 to 1.25.
    /// - Returns: `base × 2^(attempt − 1) × jitter`, at most ``longest`` times the jitter, and a hundred years in any case.
    public func delay(after attempt: Int, jitter: Double) -> Duration {
        let doublings = Double(1 << (min(max(attempt, 1), 40) - 1))
        return .seconds(min(longest.storableSeconds, base.storableSeconds * doublings) * jitter).storable
    }
}
