public import Foundation
import Postgres

/// A process that works on jobs.
public struct WorkerFigures: Sendable, Hashable {
    /// The id, new with every start.
    public let id: String
    /// The machine.
    public let host: String
    /// The process on it.
    public let pid: Int
    /// The version of Lastro.
    public let version: String
    /// The types that it takes.
    public let types: [String]
    /// Whether it takes nothing more.
    public let isDraining: Bool
    /// When it was started.
    public let startedAt: Date
    /// When it was heard of last.
    public let lastSeen: Date
    /// For how long it has not been heard of, in seconds.
    public let silence: Double
    /// How many jobs it holds.
    public let running: Int

    init(_ row: PostgresRow) throws(PostgresError) {
        let state: String
        (id, host, pid, version, types, state, startedAt, lastSeen, silence, running) = try row.decode(
            String.self,
            String.self,
            Int.self,
            String.self,
            [String].self,
            String.self,
            Date.self,
            Date.self,
            Double.self,
            Int.self
        )
        isDraining = state == "draining"
    }
}

/// A schedule and when it fires next.
public struct ScheduleFigures: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The type of its jobs.
    public let type: String
    /// The times as a cron expression.
    public let cron: String
    /// The zone in which the expression is read.
    public let timeZone: String
    /// Whether it fires at all.
    public let isEnabled: Bool
    /// What becomes of missed times: `skip`, `once` or `all`.
    public let missed: String
    /// The last time for which it fired.
    public let lastSlot: Date?
    /// The next time; nil until a leader has computed it.
    public let nextSlot: Date?
    /// How late it is, in seconds: more than a second or two means that nobody fires.
    public let lateness: Double

    init(_ row: PostgresRow) throws(PostgresError) {
        (name, type, cron, timeZone, isEnabled, missed, lastSlot, nextSlot, lateness) = try row.decode(
            String.self,
            String.self,
            String.self,
            String.self,
            Bool.self,
            String.self,
            Date?.self,
            Date?.self,
            Double.self
        )
    }
}

/// Who does what only one process may do.
public struct LeaderFigures: Sendable, Hashable {
    /// The process.
    public let holder: String
    /// How often the lead has changed.
    public let term: Int
    /// Until when it leads without saying so again.
    public let expiresAt: Date
    /// For how long nobody leads, in seconds; 0 while somebody does.
    public let vacancy: Double

    /// Whether somebody leads.
    public var isPresent: Bool { vacancy == 0 }

    init(_ row: PostgresRow) throws(PostgresError) {
        (holder, term, expiresAt, vacancy) = try row.decode(String.self, Int.self, Date.self, Double.self)
    }
}

/// What the database says of itself, as far as the role may see it.
public struct DatabaseFigures: Sendable, Hashable {
    /// Connections to this database.
    public let connections: Int
    /// How many the server takes in all.
    public let maxConnections: Int
    /// For how long the oldest snapshot is held, in seconds: nothing that died since then is cleaned up.
    public let oldestSnapshot: Double
    /// How many transactions a replication slot holds vacuum back.
    public let slotAge: Int
    /// Dead rows of `jobs` and `job_claims`, as the statistics have it.
    public let deadRows: Int
    /// How long the answer took, in seconds.
    public let latency: Double
    /// How far this machine's clock is ahead of the database's, in seconds.
    public let clockSkew: Double
}

/// The last known state of a component.
public struct HealthFigures: Sendable, Hashable {
    /// The component.
    public let component: String
    /// `up`, `degraded` or `down`.
    public let state: String
    /// How long the look took, in seconds.
    public let latency: Double?
    /// Why it is not up.
    public let detail: String?
    /// When it was looked at.
    public let checkedAt: Date
}

/// An open alert.
public struct AlertFigures: Sendable, Hashable {
    /// The id in `ops_alertas`.
    public let id: String
    /// What makes two alerts the same, such as `oldest-age/send-receipt`.
    public let key: String
    /// The rule that opened it.
    public let rule: String
    /// How grave it is.
    public let severity: AlertSeverity
    /// What is wrong, in a sentence.
    public let title: String
    /// The value that was found last.
    public let value: Double?
    /// When it opened.
    public let openedAt: Date
    /// Until when nobody is told of it.
    public let silencedUntil: Date?
    /// Whether somebody looks after it.
    public let isAcknowledged: Bool

    init(_ row: PostgresRow) throws(PostgresError) {
        let grade: String
        (id, key, rule, grade, title, value, openedAt, silencedUntil, isAcknowledged) = try row.decode(
            String.self,
            String.self,
            String.self,
            String.self,
            String.self,
            Double?.self,
            Date.self,
            Date?.self,
            Bool.self
        )
        severity = AlertSeverity(rawValue: grade) ?? .medium
    }
}

/// How grave an alert is, in the words of `alerta_severidade`.
public enum AlertSeverity: String, Sendable, Hashable, CaseIterable {
    /// For when there is time.
    case low = "baixa"
    /// To be looked at today.
    case medium = "media"
    /// To be looked at now.
    case high = "alta"
    /// Something is lost, or about to be.
    case critical = "critica"
}

/// The requests of one minute, over all processes.
public struct RequestMinute: Sendable, Hashable {
    /// The minute's beginning.
    public let minute: Date
    /// How many there were.
    public let requests: Int
    /// How many of them the server failed at (5xx).
    public let errors: Int
    /// How long one took on average, in seconds.
    public let averageSeconds: Double
    /// In how many seconds half of them were answered, in the slowest process.
    public let p50: Double
    /// In how many seconds 95 of 100 were answered, in the slowest process.
    public let p95: Double
    /// In how many seconds 99 of 100 were answered, in the slowest process.
    public let p99: Double

    /// The part that failed, from 0 to 1.
    public var errorRate: Double { requests == 0 ? 0 : Double(errors) / Double(requests) }
}
