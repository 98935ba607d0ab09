/// A number of rows, counted only as far as it is cheap.
public struct JobCount: Sendable, Hashable, CustomStringConvertible {
    /// How many were counted.
    public let number: Int
    /// Whether there are more.
    public let isAtLeast: Bool

    init(_ counted: Int, limit: Int) {
        number = min(counted, limit)
        isAtLeast = counted >= limit
    }

    init(adding counts: [JobCount]) {
        number = counts.map(\.number).reduce(0, +)
        isAtLeast = counts.contains(where: \.isAtLeast)
    }

    /// The number, with a plus sign if there are more.
    public var description: String { isAtLeast ? "\(number)+" : "\(number)" }
}

/// The jobs by state.
///
/// What waits is counted up to some thousands; what has ended is added up as it ends.
public struct JobCounts: Sendable, Hashable {
    /// Jobs that wait and are due.
    public let runnable: JobCount
    /// Jobs that wait for their time.
    public let scheduled: JobCount
    /// Jobs that run.
    public let running: Int
    /// Jobs that nobody takes any more, as long as they are kept.
    public let failed: JobCount
    /// What ended within the last day.
    public let lastDay: AttemptFigures
}

/// The jobs of one type.
public struct QueueFigures: Sendable, Hashable {
    /// The type.
    public let type: String
    /// Jobs that wait and are due.
    public let runnable: JobCount
    /// For how long the oldest of them has been due, in seconds.
    public let oldestRunnableAge: Double?
    /// Jobs that run.
    public let running: Int
    /// Of these, those whose handler ought to have ended.
    public let overdue: Int
    /// Whether nothing is taken.
    public let isPaused: Bool
    /// Who paused it.
    public let pausedBy: String?
    /// How many may run at once.
    public let maxRunning: Int?
    /// How many may start in a second.
    public let startsPerSecond: Double?
    /// What ended within the last hour.
    public let lastHour: AttemptFigures
    /// What ended within the last day.
    public let lastDay: AttemptFigures
}
