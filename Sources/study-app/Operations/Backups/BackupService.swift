import AppRuntime
import Backup
import Foundation
import Postgres
import SystemPackage

/// Makes backups by `backup_schedule`, and writes into `backup_metadata` and `restore_history` what came of them.
struct BackupService: Sendable {
    let database: ConnectionSettings
    let pool: PostgresPool
    let configuration: BackupConfiguration

    /// Makes one snapshot for all schedules that are due, drills it where this machine can decrypt, and prunes.
    ///
    /// A schedule counts as seen to once the snapshot is there. What dies before leaves it due; what dies behind it leaves a
    /// snapshot without a drill, which the next one gets.
    ///
    /// - Parameters:
    ///   - instant: the time of the run.
    ///   - attempt: what tells this attempt from others, for the record of a failure.
    ///   - say: is told what a user should know of.
    /// - Returns: what was done, or why nothing was.
    /// - Throws: `BackupError`, `PostgresError`; `JobDirective` for a drill that failed.
    func run(
        at instant: Date,
        attempt: String,
        say: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> BackUpSummary {
        var summary = BackUpSummary()
        guard let place = configuration.repository else {
            summary.skipped =
                "no repository is configured: set STUDY_BACKUP_REPOSITORY to a folder or s3://BUCKET/PREFIX, and "
                + "STUDY_BACKUP_RECIPIENTS"
            return summary
        }
        let schedules = try await pool.withConnection { try await BackupSchedule.all(on: $0) }
        let due = try schedules.compactMap { schedule in try schedule.due(at: instant).map { (schedule, $0) } }
        guard !due.isEmpty else {
            let next = try schedules.compactMap { try $0.next(after: instant) }.min()
            summary.skipped =
                schedules.isEmpty
                ? "backup_schedule has no row in use: insert one"
                : "nothing is due before \(next.map { $0.formatted(.iso8601) } ?? "the end of time")"
            return summary
        }
        summary.schedules = due.map(\.0.name)
        let repository: Repository
        let keys: HostKeys
        let snapshot: Snapshot
        do {
            repository = try configuration.opened(place)
            (snapshot, keys) = try await create(into: repository, for: due.map(\.0), say: say)
        } catch {
            try await recordFailure(error, in: place, attempt: attempt, of: due[0].0)
            throw error
        }
        summary.snapshot = snapshot.id
        _ = try await BackupRegister(of: place).record(snapshot, in: database)
        try await settle(snapshot, in: place, due)
        summary.drill = try await drill(snapshot, of: repository, place, say: say)
        summary.expired = try await prune(repository, place, by: schedules, signedWith: keys.signing)
        return summary
    }

    private func create(
        into repository: Repository,
        for schedules: [BackupSchedule],
        say: @escaping @Sendable (String) -> Void
    ) async throws -> (Snapshot, HostKeys) {
        let texts = configuration.recipients.isEmpty ? schedules.flatMap(\.recipients) : configuration.recipients
        let recipients = try Set(texts).sorted().map { AgeRecipient.publicKey(try AgePublicKey($0)) }
        let name = try await pool.withConnection { connection in
            try await connection.query("SELECT current_database()::text").single.decode(String.self)
        }
        let keys = try HostKeys.find(for: name, at: HostKeys.Places(folder: FilePath(configuration.keys)))
        if !keys.madeFiles.isEmpty { say("snapshots are signed by \(keys.signing.verificationKey)") }
        var creation = Creation(of: database, into: repository, for: recipients, keys: keys)
        // The application comes first: its pool and the server's processors are shared with it.
        creation.jobs = 2
        creation.patienceOfOthers = .seconds(30)
        creation.note = say
        return (try await creation(), keys)
    }

    private func settle(_ snapshot: Snapshot, in place: String, _ due: [(BackupSchedule, Date)]) async throws {
        try await pool.withConnection { connection in
            try await connection.withTransaction { connection in
                try await connection.query(
                    "UPDATE backup_metadata SET schedule_id = $3 WHERE repositorio = $1 AND snapshot = $2",
                    place,
                    snapshot.id,
                    due[0].0.id
                )
                for (schedule, time) in due {
                    try await connection.query(
                        "UPDATE backup_schedule SET ultimo_horario = greatest(ultimo_horario, $2) WHERE id = $1",
                        schedule.id,
                        time
                    )
                }
            }
        }
    }

    private func recordFailure(
        _ error: any Error,
        in place: String,
        attempt: String,
        of schedule: BackupSchedule
    ) async throws {
        try await pool.withConnection { connection in
            try await connection.query(
                """
                INSERT INTO backup_metadata (schedule_id, repositorio, snapshot, estado, concluido_em, erro)
                VALUES ($1, $2, $3, 'falhou', now(), $4) ON CONFLICT (repositorio, snapshot) DO NOTHING
                """,
                schedule.id,
                place,
                "sem-snapshot-\(attempt)",
                String("\(error)".prefix(4000))
            )
        }
    }

    /// Restores the snapshot on a private server, compares it, and puts on record what came of it.
    private func drill(
        _ snapshot: Snapshot,
        of repository: Repository,
        _ place: String,
        say: @escaping @Sendable (String) -> Void
    ) async throws -> String {
        guard let file = configuration.identity else {
            return "none: this machine has no key that decrypts (STUDY_BACKUP_IDENTITY)"
        }
        let row = try await pool.withConnection { connection in
            try await connection.query(
                """
                INSERT INTO restore_history (backup_id, ensaio, destino)
                SELECT id, true, 'servidor privado' FROM backup_metadata WHERE repositorio = $1 AND snapshot = $2
                RETURNING id::text
                """,
                place,
                snapshot.id
            ).decode(as: String.self).first
        }
        do {
            var drill = Drill(of: repository, with: try IdentityFile.read(FilePath(file)))
            drill.jobs = 2
            drill.note = say
            let result = try await drill(snapshot.id)
            try await end(row, isPassed: true, differences: nil)
            return
                "passed: \(result.restoration.tables) tables and \(result.restoration.rows) rows restored as they were"
        } catch let error as CancellationError {
            throw error
        } catch {
            let words = (error as? BackupError)?.message ?? "\(error)"
            try await end(row, isPassed: false, differences: words)
            // The backup is there, and another attempt would not make it again: the failure has to stay in sight.
            throw JobDirective.discard(because: "the drill of snapshot \(snapshot.id) failed: \(words)")
        }
    }

    private func end(_ row: String?, isPassed: Bool, differences: String?) async throws {
        guard let row else { return }
        try await pool.withConnection { connection in
            try await connection.query(
                "UPDATE restore_history SET concluido_em = now(), sucesso = $2, diferencas = $3 WHERE id = $1",
                row,
                isPassed,
                differences.map { PostgresJSON(["erro": $0]) }
            )
        }
    }

    /// Marks what no schedule keeps, and deletes what was marked a day ago and more.
    private func prune(
        _ repository: Repository,
        _ place: String,
        by schedules: [BackupSchedule],
        signedWith key: SigningKey
    ) async throws -> [String] {
        var retention = Retention()
        retention.daily = schedules.map(\.daily).max() ?? 0
        retention.weekly = schedules.map(\.weekly).max() ?? 0
        retention.monthly = schedules.map(\.monthly).max() ?? 0
        guard !retention.isEmpty else { return [] }
        var repository = repository
        repository.trusted = [key.verificationKey]
        let deleted = try await Pruning(of: repository, keeping: retention)(signedWith: key).deleted.snapshots
        let names = deleted.map { "\($0)" }
        guard !names.isEmpty else { return [] }
        try await pool.withConnection { connection in
            try await connection.query(
                """
                UPDATE backup_metadata SET estado = 'expirado'
                WHERE repositorio = $1 AND snapshot = ANY ($2::text[]) AND estado = 'completo'
                """,
                place,
                names
            )
        }
        return names
    }
}
