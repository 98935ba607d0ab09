import AppRuntime

/// Makes the backups that `backup_schedule` says are due, and drills them.
struct BackUp: Job {
    static let type = "backup"
    static let settings = JobSettings(
        priority: 7,
        timeout: .seconds(6 * 3600),
        retry: RetryPolicy(base: .seconds(60)),
        limits: JobLimits(running: 1),
        isCritical: true
    )
}

/// What became of a run.
struct BackUpSummary: Codable, Hashable, Sendable {
    /// Why nothing was done; nil if something was.
    var skipped: String?
    /// The schedules that were due.
    var schedules: [String] = []
    /// The snapshot that was taken.
    var snapshot: String?
    /// What the drill has shown, or why there was none.
    var drill: String?
    /// The snapshots that no rule keeps any more.
    var expired: [String] = []
}
