public import Postgres

/// When an alert opens: a value that is above a threshold for long enough.
///
/// Rules are rows of `alert_rules`; these are the ones that the code begins with. What somebody changed by hand stays.
public struct AlertRule: Sendable, Hashable {
    /// The name, which observations and keys begin with.
    public let name: String
    /// How grave its alerts are.
    public var severity: AlertSeverity
    /// Above which value.
    public var threshold: Double
    /// For how long.
    public var duration: Duration
    /// The channels on which it is told, by name.
    public var channels: [String]
    /// Whether it opens alerts at all.
    public var isEnabled = true

    /// Makes a rule.
    ///
    /// - Parameters:
    ///   - name: the name.
    ///   - severity: how grave its alerts are.
    ///   - threshold: above which value one opens.
    ///   - duration: for how long the value has to be above it.
    ///   - channels: the channels on which it is told.
    public init(
        _ name: String,
        severity: AlertSeverity,
        above threshold: Double,
        for duration: Duration = .zero,
        channels: [String] = ["log"]
    ) {
        self.name = name
        self.severity = severity
        self.threshold = threshold
        self.duration = duration
        self.channels = channels
    }

    /// A job of a critical type was given up: how many of a type are left so.
    public static let criticalJobFailed = AlertRule("critical-job-failed", severity: .critical, above: 0)
    /// The part of the attempts of the last five minutes that failed, of a type with at least twenty.
    public static let errorRate = AlertRule("error-rate", severity: .high, above: 0.05, for: .seconds(300))
    /// The part of the requests of the last five minutes that the server failed at, if there were at least twenty.
    public static let requestErrorRate = AlertRule("request-error-rate", severity: .high, above: 0.05)
    /// For how many seconds the oldest job of a type has been due.
    public static let oldestAge = AlertRule("oldest-age", severity: .high, above: 60, for: .seconds(120))
    /// For how many seconds nobody has led.
    public static let noLeader = AlertRule("no-leader", severity: .high, above: 30)
    /// How many seconds a schedule is late.
    public static let schedulerLate = AlertRule("scheduler-late", severity: .high, above: 60)
    /// How many jobs were taken from workers that are gone, within ten minutes.
    public static let jobsRescued = AlertRule("jobs-rescued", severity: .medium, above: 0)
    /// How many hand-backs by stopping workers cost an attempt within an hour, because the job had been given back ten times.
    public static let handBacks = AlertRule("hand-backs", severity: .medium, above: 0)
    /// How many hours ago the last backup was made, of a repository.
    public static let backupOld = AlertRule("backup-old", severity: .critical, above: 26)
    /// Whether the last drill of a repository failed.
    public static let drillFailed = AlertRule("drill-failed", severity: .critical, above: 0)
    /// How many objects are not what the migrations make.
    public static let drift = AlertRule("drift", severity: .medium, above: 0)
    /// How many migrations are pending, or cannot run.
    public static let migrationPending = AlertRule("migration-pending", severity: .medium, above: 0, for: .seconds(600))
    /// For how many seconds a snapshot has been held that keeps vacuum from cleaning up.
    public static let oldSnapshot = AlertRule("old-snapshot", severity: .high, above: 300)
    /// How many dead rows the queue's tables have.
    public static let deadRows = AlertRule("dead-rows", severity: .medium, above: 50_000, for: .seconds(60))
    /// How far a figure lies outside of what it usually is, by ``Anomaly``.
    public static let anomaly = AlertRule("anomaly", severity: .low, above: 3.5)

    /// All of these.
    public static let standard = [
        criticalJobFailed, errorRate, requestErrorRate, oldestAge, noLeader, schedulerLate, jobsRescued, handBacks,
        backupOld, drillFailed, drift, migrationPending, oldSnapshot, deadRows, anomaly,
    ]

    /// Stores rules; those that somebody changed by hand stay as they are.
    ///
    /// - Throws: ``PostgresError``.
    public static func store(_ rules: [AlertRule] = standard, on connection: PostgresConnection) async throws {
        for rule in rules {
            try await connection.query(
                """
                INSERT INTO alert_rules AS r (name, severity, threshold, for_seconds, channels, enabled)
                VALUES ($1, $2::text::alerta_severidade, $3, $4, $5, $6)
                ON CONFLICT (name) DO UPDATE SET severity = excluded.severity, threshold = excluded.threshold,
                    for_seconds = excluded.for_seconds, channels = excluded.channels, enabled = excluded.enabled,
                    changed_at = now()
                WHERE r.changed_by IS NULL
                    AND (r.severity, r.threshold, r.for_seconds, r.channels, r.enabled) IS DISTINCT FROM (
                        excluded.severity, excluded.threshold, excluded.for_seconds, excluded.channels, excluded.enabled
                    )
                """,
                rule.name,
                rule.severity.rawValue,
                rule.threshold,
                rule.duration / .seconds(1),
                rule.channels,
                rule.isEnabled
            )
        }
    }

    static let columns = "name, severity, threshold, for_seconds, channels, enabled"

    init(_ row: PostgresRow) throws(PostgresError) {
        let (name, severity, threshold, seconds, channels, isEnabled) = try row.decode(
            String.self,
            String.self,
            Double.self,
            Double.self,
            [String].self,
            Bool.self
        )
        self.init(
            name,
            severity: AlertSeverity(rawValue: severity) ?? .medium,
            above: threshold,
            for: .seconds(seconds),
            channels: channels
        )
        self.isEnabled = isEnabled
    }

    /// All rules as they stand.
    static func all(on connection: PostgresConnection) async throws -> [String: AlertRule] {
        let rows = try await connection.query("SELECT \(columns) FROM alert_rules")
        return Dictionary(uniqueKeysWithValues: try rows.map { try AlertRule($0) }.map { ($0.name, $0) })
    }
}
