import AppRuntime
import Foundation
import Postgres

/// A row of `backup_schedule`.
struct BackupSchedule: Hashable, Sendable {
    let id: String
    let name: String
    let cron: String
    let recipients: [String]
    let daily: Int
    let weekly: Int
    let monthly: Int
    /// The newest time that was seen to, or when the schedule was made.
    let last: Date

    /// The newest time up to an instant for which no backup was made yet.
    ///
    /// - Parameter instant: the instant.
    /// - Returns: the time; nil if the schedule is not due.
    /// - Throws: `AppRuntimeError` for an expression that is none.
    func due(at instant: Date) throws(AppRuntimeError) -> Date? {
        try CronSchedule(cron).lastSlots(1, after: last, through: instant).last
    }

    /// The next time behind an instant.
    func next(after instant: Date) throws(AppRuntimeError) -> Date? { try CronSchedule(cron).next(after: instant) }

    /// The schedules that are in use.
    static func all(on connection: PostgresConnection) async throws -> [BackupSchedule] {
        try await connection.query(
            """
            SELECT id::text, nome::text, cron, destinatarios, retencao_diaria, retencao_semanal, retencao_mensal,
                coalesce(ultimo_horario, created_at)
            FROM backup_schedule WHERE ativo ORDER BY nome
            """
        ).map { row in
            BackupSchedule(
                id: try String(postgres: row[0]),
                name: try String(postgres: row[1]),
                cron: try String(postgres: row[2]),
                recipients: try [String](postgres: row[3]),
                daily: try Int(postgres: row[4]),
                weekly: try Int(postgres: row[5]),
                monthly: try Int(postgres: row[6]),
                last: try Date(postgres: row[7])
            )
        }
    }
}
