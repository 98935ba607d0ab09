import AppRuntime
import Foundation
import Migrator
import Postgres

/// What the application says of itself when it is ready.
struct StartReport: Sendable {
    /// The lines, each of a word and what there is to say of it.
    private(set) var rows: [(subject: String, words: String)] = []

    /// Looks at an application that runs.
    init(_ application: StudyApplication) async throws {
        let settings = application.settings
        if application.duties.contains(.http) {
            let port = try await application.http.port()
            let host = settings.text(.host) ?? "127.0.0.1"
            let address = settings.text(.publicURL) ?? "http://\(host):\(port)"
            rows.append(("http", address))
        }
        let version = try await application.pool.withConnection { $0.serverVersion }
        rows.append(
            (
                "database",
                "PostgreSQL \(version) at \(application.database.settings.target)"
                    + (application.database.isEmbedded ? ", the project's private server" : "")
            )
        )
        let plan = try await application.gate.migrator.plan()
        let applied = plan.statuses.filter { $0.state == .applied }
        rows.append(
            ("schema", "\(applied.count) migrations" + (applied.last.map { ", the newest is \($0.name)" } ?? ""))
        )
        rows.append(
            ("redis", application.redis == nil ? "none is configured; limits are kept in this process" : "shared")
        )
        let probes = try await application.probes.port()
        if application.duties.contains(.http), try await application.accounts.staff().isEmpty {
            let command = "study-app admin create ADDRESS --name NAME"
            rows.append(("accounts", "nobody can look after it yet: `\(command)` makes the first admin"))
        }
        rows.append(("monitoring", "active: http://127.0.0.1:\(probes)/readyz, /health and /metrics"))
        rows.append(("alerts", application.alerts.words))
        rows.append(("health", Self.health(of: application.gate.status.current)))
        if application.duties.contains(.work) {
            rows.append(("workers", "for \(application.jobs.handlers.types.joined(separator: ", "))"))
        }
        if application.duties.contains(.schedule) { try await addSchedules(application) }
    }

    /// The lines as text.
    var text: String {
        let width = rows.map(\.subject.count).max() ?? 0
        return "study-app is ready\n"
            + rows.map { subject, words in
                "  " + subject.padding(toLength: width + 2, withPad: " ", startingAt: 0) + words
            }.joined(separator: "\n")
    }

    private mutating func addSchedules(_ application: StudyApplication) async throws {
        let (schedules, backups) = try await application.pool.withConnection { connection in
            (
                try await connection.query(
                    "SELECT name, cron, timezone, enabled FROM job_schedule WHERE name = ANY ($1::text[]) ORDER BY name",
                    try StudyJobs.schedules().map(\.name)
                ).decode(as: (String, String, String, Bool).self),
                try await BackupSchedule.all(on: connection)
            )
        }
        rows.append(("scheduled", "\(schedules.count) jobs"))
        for (name, cron, zone, isEnabled) in schedules {
            let next = isEnabled ? try CronSchedule(cron, timeZone: zone).next(after: Date()) : nil
            rows.append(("", "\(name): \(cron) (\(zone)), " + (next.map { "next \(Self.time($0))" } ?? "off")))
        }
        rows.append(("backups", application.jobs.backups.configuration.words))
        for schedule in backups {
            // One that somebody spoilt by hand keeps nobody from starting.
            let next = (try? schedule.next(after: Date())).map { $0.map { "next \(Self.time($0))" } ?? "never" }
            rows.append(("", "\(schedule.name): \(schedule.cron), \(next ?? "its times cannot be read")"))
        }
        if backups.isEmpty { rows.append(("", "backup_schedule has no row in use")) }
    }

    private static func health(of snapshot: RuntimeStatus.Snapshot) -> String {
        let states = snapshot.components.map { ($0.name, $0.state(at: .now)) }
        let troubles = states.filter { $0.1 != .up }.map { "\($0.0): \($0.1)" }
        guard snapshot.isReady else { return "DOWN: \(troubles.joined(separator: ", "))" }
        return troubles.isEmpty
            ? "UP: \(states.map(\.0).joined(separator: ", "))" : "DEGRADED: \(troubles.joined(separator: ", "))"
    }

    private static func time(_ date: Date) -> String { date.formatted(.iso8601) }
}
