import Foundation
import Postgres

/// What the database knows of its backups: `backup_schedule`, `backup_metadata` and `restore_history`.
struct BackupRecord: Sendable {
    struct Plan: Sendable {
        let name: String
        let cron: String
        let keeps: (daily: Int, weekly: Int, monthly: Int)
        let recipients: Int
        let isActive: Bool
    }

    struct Backup: Sendable {
        let snapshot: String
        let repository: String
        let state: String
        let beganAt: Date
        let endedAt: Date?
        let bytes: Int?
        let storedBytes: Int?
        let error: String?
        /// The last restore or drill of it.
        let drill: (at: Date, isSuccess: Bool?)?
    }

    struct Drill: Sendable {
        let snapshot: String
        let isDrill: Bool
        let target: String
        let beganAt: Date
        let endedAt: Date?
        let isSuccess: Bool?
        let differences: String?
    }

    let plans: [Plan]
    let backups: [Backup]
    let drills: [Drill]
    /// The newest backup that was restored.
    let restored: Date?

    /// Reads the newest fifty of each; nil for a database without such tables.
    static func read(on connection: PostgresConnection) async throws -> BackupRecord? {
        let isThere = try await connection.query(
            """
            SELECT to_regclass('backup_schedule') IS NOT NULL AND to_regclass('backup_metadata') IS NOT NULL
                AND to_regclass('restore_history') IS NOT NULL
            """
        ).decode(as: Bool.self)
        guard isThere == [true] else { return nil }
        let answers = try await connection.pipeline(try statements())
        return BackupRecord(
            plans: try answers[0].map(Plan.init),
            backups: try answers[1].map(Backup.init),
            drills: try answers[2].map(Drill.init),
            restored: try Date?(postgres: answers[3].single[0])
        )
    }

    private static func statements() throws(PostgresError) -> [PostgresStatement] {
        [
            try PostgresStatement(
                """
                SELECT nome::text, cron, retencao_diaria, retencao_semanal, retencao_mensal, cardinality(destinatarios), ativo
                FROM backup_schedule ORDER BY nome LIMIT 100
                """
            ),
            try PostgresStatement(
                """
                SELECT b.snapshot, b.repositorio, b.estado::text, b.iniciado_em, b.concluido_em, b.bytes, b.bytes_gravados,
                    left(b.erro, 1000), r.iniciado_em, r.sucesso
                FROM backup_metadata b LEFT JOIN LATERAL (
                    SELECT iniciado_em, sucesso FROM restore_history WHERE backup_id = b.id ORDER BY iniciado_em DESC LIMIT 1
                ) r ON true ORDER BY b.iniciado_em DESC LIMIT 50
                """
            ),
            try PostgresStatement(
                """
                SELECT b.snapshot, r.ensaio, r.destino, r.iniciado_em, r.concluido_em, r.sucesso, left(r.diferencas::text, 1000)
                FROM restore_history r JOIN backup_metadata b ON b.id = r.backup_id ORDER BY r.iniciado_em DESC LIMIT 50
                """
            ),
            try PostgresStatement(
                """
                SELECT max(b.concluido_em) FROM restore_history r JOIN backup_metadata b ON b.id = r.backup_id WHERE r.sucesso
                """
            ),
        ]
    }
}

extension BackupRecord.Plan {
    init(_ row: PostgresRow) throws(PostgresError) {
        name = try String(postgres: row[0])
        cron = try String(postgres: row[1])
        keeps = (try Int(postgres: row[2]), try Int(postgres: row[3]), try Int(postgres: row[4]))
        recipients = try Int(postgres: row[5])
        isActive = try Bool(postgres: row[6])
    }
}

extension BackupRecord.Backup {
    init(_ row: PostgresRow) throws(PostgresError) {
        snapshot = try String(postgres: row[0])
        repository = try String(postgres: row[1])
        state = try String(postgres: row[2])
        beganAt = try Date(postgres: row[3])
        endedAt = try Date?(postgres: row[4])
        bytes = try Int?(postgres: row[5])
        storedBytes = try Int?(postgres: row[6])
        error = row[7].text
        let at = try Date?(postgres: row[8])
        let isSuccess = try Bool?(postgres: row[9])
        drill = at.map { ($0, isSuccess) }
    }
}

extension BackupRecord.Drill {
    init(_ row: PostgresRow) throws(PostgresError) {
        snapshot = try String(postgres: row[0])
        isDrill = try Bool(postgres: row[1])
        target = try String(postgres: row[2])
        beganAt = try Date(postgres: row[3])
        endedAt = try Date?(postgres: row[4])
        isSuccess = try Bool?(postgres: row[5])
        differences = row[6].text
    }
}

extension PageModel {
    /// The page of backups.
    init(_ record: BackupRecord, in language: DashboardLanguage, redaction: Redaction) {
        self.init()
        let now = Date()
        self[model: "confidence"] = PageModel(
            ("kind", record.restored == nil ? "warn" : "ok"),
            (
                "text",
                record.restored.map { language("confidence", language.time($0) + " UTC") } ?? language("noConfidence")
            )
        )
        self[flag: "hasPlans"] = !record.plans.isEmpty
        self[list: "plans"] = record.plans.map { plan in
            let (daily, weekly, monthly) = plan.keeps
            return PageModel(
                ("name", plan.name),
                ("cron", plan.cron),
                ("kind", plan.isActive ? "ok" : "quiet"),
                ("stateText", language.state(plan.isActive ? "enabled" : "disabled")),
                ("keeps", language("keepsText", "\(daily)", "\(weekly)", "\(monthly)")),
                ("recipients", "\(plan.recipients)")
            )
        }
        self[flag: "hasBackups"] = !record.backups.isEmpty
        self[list: "backups"] = record.backups.map { Self($0, at: now, in: language, redaction) }
        self[flag: "hasDrills"] = !record.drills.isEmpty
        self[list: "drills"] = record.drills.map { Self($0, at: now, in: language, redaction) }
    }

    private init(
        _ backup: BackupRecord.Backup,
        at now: Date,
        in language: DashboardLanguage,
        _ redaction: Redaction
    ) {
        let kind = ["completo": "ok", "em_andamento": "info", "falhou": "bad"][backup.state] ?? "quiet"
        let size = [backup.bytes, backup.storedBytes].compactMap { $0.map(language.bytes) }
        self.init(
            ("snapshot", backup.snapshot),
            ("repository", redaction(backup.repository)),
            ("kind", kind),
            ("stateText", language.state(backup.state)),
            ("error", backup.error.map { redaction($0) }),
            ("took", backup.endedAt.map { language.duration($0.timeIntervalSince(backup.beganAt)) } ?? "–"),
            ("size", size.isEmpty ? "–" : size.joined(separator: " → "))
        )
        self[model: "time"] = PageModel(backup.beganAt, to: now, in: language)
        if let drill = backup.drill {
            self[model: "drill"] = PageModel(drill.at, to: now, in: language).adding(
                Self(outcome: drill.isSuccess, in: language)
            )
        }
    }

    private init(_ drill: BackupRecord.Drill, at now: Date, in language: DashboardLanguage, _ redaction: Redaction) {
        self.init(
            ("snapshot", drill.snapshot),
            ("purpose", drill.isDrill ? language("purposeDrill") : language("purposeRestore", redaction(drill.target))),
            ("differences", drill.differences.map { redaction($0) }),
            ("took", drill.endedAt.map { language.duration($0.timeIntervalSince(drill.beganAt)) } ?? "–")
        )
        self = adding(Self(outcome: drill.isSuccess, in: language))
        self[model: "time"] = PageModel(drill.beganAt, to: now, in: language)
    }

    /// How a restore ended; nil for one that is under way.
    private init(outcome: Bool?, in language: DashboardLanguage) {
        let (kind, state) = outcome.map { $0 ? ("ok", "passed") : ("bad", "falhou") } ?? ("info", "em_andamento")
        self.init(("kind", kind), ("stateText", language.state(state)))
    }
}
