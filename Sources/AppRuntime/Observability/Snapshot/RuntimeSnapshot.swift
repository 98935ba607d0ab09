public import Foundation

/// How an application's background work is at one moment: what a page, an alert and a gauge show, from one look.
///
/// Get it from a ``SnapshotSource``, which looks once for however many ask.
public struct RuntimeSnapshot: Sendable, Hashable {
    /// The moment, by the database's clock.
    public let takenAt: Date
    /// The jobs by state.
    public let counts: JobCounts
    /// The jobs by type, sorted by name.
    public let queues: [QueueFigures]
    /// What ended in each of the last sixty minutes, the oldest first; the last one is not over yet.
    public let minutes: [MinuteFigures]
    /// The requests of the same minutes, from all processes that wrote them down; a minute appears when it is over.
    public let requests: [RequestMinute]
    /// The workers, the newest first; also those that have not been heard of for a while and are not forgotten yet.
    public let workers: [WorkerFigures]
    /// The schedules, by their next time.
    public let schedules: [ScheduleFigures]
    /// Who does what only one may do; nil if nobody ever did.
    public let leader: LeaderFigures?
    /// What the database says of itself.
    public let database: DatabaseFigures
    /// The last known state of each component.
    public let health: [HealthFigures]
    /// The open alerts, the gravest first; a hundred at most.
    public let alerts: [AlertFigures]

    /// For how long the oldest job has been due that is not paused, in seconds; 0 without one.
    public var oldestRunnableAge: Double {
        queues.filter { !$0.isPaused }.compactMap(\.oldestRunnableAge).max() ?? 0
    }

    /// How late the latest schedule is, in seconds.
    public var schedulerLag: Double { schedules.map(\.lateness).max() ?? 0 }
}
