import Catalog
import Foundation
public import Migrator
import Postgres
public import SchemaDiff

extension AlertLook {
    /// What a snapshot shows: ages, error rates, the leader, schedules, the database.
    ///
    /// - Parameter source: where snapshots come from.
    /// - Returns: the look.
    public static func figures(from source: SnapshotSource) -> AlertLook {
        let rules: [AlertRule] = [
            .errorRate, .requestErrorRate, .oldestAge, .noLeader, .schedulerLate, .jobsRescued, .oldSnapshot, .deadRows,
        ]
        return AlertLook("figures", for: rules) { _ in observations(in: try await source.snapshot()) }
    }

    /// Jobs of critical types that were given up and are still so: neither redriven nor deleted, within a day.
    ///
    /// - Parameter types: the types, such as ``JobHandlers/criticalTypes``.
    /// - Returns: the look.
    public static func criticalJobs(_ types: [String]) -> AlertLook {
        AlertLook("critical-jobs", for: [.criticalJobFailed]) { connection in
            let rows = try await connection.query(
                """
                SELECT type, count(*) FROM (
                    SELECT type FROM jobs WHERE status = 'failed' AND completed_at > now() - interval '1 day'
                        AND type = ANY ($1::text[]) ORDER BY completed_at DESC LIMIT 1000
                ) f GROUP BY type
                """,
                types
            )
            return try rows.map { row in
                let (type, jobs) = try row.decode(String.self, Int.self)
                let words = jobs == 1 ? "a job of the critical type" : "\(jobs) jobs of the critical type"
                return AlertObservation(.criticalJobFailed, type, value: Double(jobs), "\(words) \(type) given up")
            }
        }
    }

    /// Jobs that workers gave back when they stopped so often that it costs them attempts: none of them lives long enough.
    public static var handBacks: AlertLook {
        AlertLook("hand-backs", for: [.handBacks], every: .seconds(60)) { connection in
            let count = try await connection.query(
                """
                SELECT count(*) FROM job_events
                WHERE kind = 'handed-back-often' AND happened_at > now() - interval '1 hour'
                """
            ).single.decode(Int.self)
            let words = "\(count) times within an hour a job was given back that had been given back ten times"
            return [AlertObservation(.handBacks, value: Double(count), words)]
        }
    }

    /// The age of the last backup of each repository, and the outcome of its last drill, from `backup_metadata` and
    /// `restore_history`.
    public static var backups: AlertLook {
        AlertLook("backups", for: [.backupOld, .drillFailed], every: .seconds(60)) { connection in
            let ages = try await connection.query(
                """
                SELECT r.repositorio, extract(epoch FROM now() - r.at)::float8 / 3600, r.has_backup FROM (
                    SELECT repositorio, max(concluido_em) AS at, true AS has_backup
                    FROM backup_metadata WHERE estado IN ('completo', 'expirado') GROUP BY repositorio
                    UNION ALL
                    SELECT s.nome, s.created_at, false FROM backup_schedule s WHERE s.ativo AND NOT EXISTS (
                        SELECT FROM backup_metadata b
                        WHERE b.schedule_id = s.id AND b.estado IN ('completo', 'expirado')
                    )
                ) r
                """
            )
            let drills = try await connection.query(
                """
                SELECT DISTINCT ON (b.repositorio) b.repositorio, b.snapshot, h.sucesso
                FROM restore_history h JOIN backup_metadata b ON b.id = h.backup_id
                WHERE h.ensaio AND h.concluido_em IS NOT NULL ORDER BY b.repositorio, h.concluido_em DESC
                """
            )
            return try ages.map { row in
                let (name, hours, hasBackup) = try row.decode(String.self, Double.self, Bool.self)
                let words = "\(Int(hours)) hours ago"
                return AlertObservation(
                    .backupOld,
                    name,
                    value: hours,
                    hasBackup
                        ? "the last backup of \(name) was made \(words)"
                        : "\(name) is due since \(words), and has no backup"
                )
            }
                + drills.map { row in
                    let (name, snapshot, isGood) = try row.decode(String.self, String.self, Bool.self)
                    return AlertObservation(
                        .drillFailed,
                        name,
                        value: isGood ? 0 : 1,
                        "the last drill of \(name) failed, on snapshot \(snapshot)"
                    )
                }
        }
    }

    /// Migrations that are pending, changed or gone.
    ///
    /// - Parameter migrator: the migrations, and where they are to run.
    /// - Returns: the look.
    public static func migrations(_ migrator: Migrator) -> AlertLook {
        AlertLook("migrations", for: [.migrationPending], every: .seconds(60)) { _ in
            let plan = try await migrator.plan()
            do {
                // A newer release may have run its migrations already.
                try plan.tolerating(newerThrough: plan.newer.compactMap { MigrationVersion($0.version) }.max()).check()
            } catch let error as MigratorError {
                return [AlertObservation(.migrationPending, value: 1, error.message)]
            }
            guard let first = plan.pending.first else { return [] }
            let count = plan.pending.count
            return [
                AlertObservation(
                    .migrationPending,
                    value: Double(count),
                    count == 1 ? "\(first.name) is pending" : "\(count) migrations are pending, from \(first.name) on"
                )
            ]
        }
    }

    /// Objects that are not what the migrations, or a catalog file, say.
    ///
    /// - Parameters:
    ///   - check: the comparison; against a catalog file it needs no scratch server.
    ///   - interval: how often to compare.
    /// - Returns: the look.
    public static func drift(_ check: DriftCheck, every interval: Duration = .seconds(3600)) -> AlertLook {
        AlertLook("drift", for: [.drift], every: interval) { _ in
            let changes = try await check().changes
            guard let first = changes.first else { return [] }
            let count = changes.count
            return [
                AlertObservation(
                    .drift,
                    value: Double(count),
                    count == 1
                        ? "\(first.identity) is not what it is made as"
                        : "\(count) objects are not what they are made as, \(first.identity) among them"
                )
            ]
        }
    }

    /// What a snapshot says to each rule.
    static func observations(in snapshot: RuntimeSnapshot) -> [AlertObservation] {
        var found: [AlertObservation] = []
        for queue in snapshot.queues where !queue.isPaused {
            guard let age = queue.oldestRunnableAge else { continue }
            let words = "a job of type \(queue.type) has been due for \(Int(age)) s"
            found.append(AlertObservation(.oldestAge, queue.type, value: age, words))
        }
        found += errorRates(in: snapshot)
        // A leader's word on itself: who looks where nobody leads is AlertService.
        if let leader = snapshot.leader {
            let words =
                "nobody has led for \(Int(leader.vacancy)) s: no schedule fires and no dead worker's job is given back"
            found.append(AlertObservation(.noLeader, value: leader.vacancy, words))
        }
        for schedule in snapshot.schedules {
            let words = "schedule \(schedule.name) is \(Int(schedule.lateness)) s late"
            found.append(AlertObservation(.schedulerLate, schedule.name, value: schedule.lateness, words))
        }
        let rescued = snapshot.minutes.suffix(10).map(\.attempts.rescued).reduce(0, +)
        found.append(
            AlertObservation(
                .jobsRescued,
                value: Double(rescued),
                "\(rescued) jobs were taken from workers that are gone"
            )
        )
        let database = snapshot.database
        found.append(
            AlertObservation(
                .oldSnapshot,
                value: database.oldestSnapshot,
                "a transaction has been open for \(Int(database.oldestSnapshot)) s, and keeps vacuum from cleaning up"
            )
        )
        // A slot has no time: a million transactions count like an hour.
        found.append(
            AlertObservation(
                .oldSnapshot,
                "slot",
                value: Double(database.slotAge) / 1_000_000 * 3600,
                "a replication slot keeps what died \(database.slotAge) transactions ago from being cleaned up"
            )
        )
        found.append(
            AlertObservation(
                .deadRows,
                value: Double(database.deadRows),
                "the tables of the queue have \(database.deadRows) dead rows"
            )
        )
        return found
    }

    private static func errorRates(in snapshot: RuntimeSnapshot) -> [AlertObservation] {
        let attempts = snapshot.minutes.suffix(6).map(\.attempts)
        let bad = attempts.map { $0.failed + $0.retried + $0.rescued }.reduce(0, +)
        let all = bad + attempts.map(\.completed).reduce(0, +)
        let requests = snapshot.requests.filter { snapshot.takenAt.timeIntervalSince($0.minute) < 360 }
        let asked = requests.map(\.requests).reduce(0, +)
        let failed = requests.map(\.errors).reduce(0, +)
        var found: [AlertObservation] = []
        if all >= 20 {
            let rate = Double(bad) / Double(all)
            found.append(AlertObservation(.errorRate, value: rate, "\(percent(rate)) of the attempts at jobs fail"))
        }
        if asked >= 20 {
            let rate = Double(failed) / Double(asked)
            found.append(AlertObservation(.requestErrorRate, value: rate, "\(percent(rate)) of the requests fail"))
        }
        return found
    }

    private static func percent(_ rate: Double) -> String { "\((rate * 1000).rounded() / 10) %" }
}

extension JobHandlers {
    /// The types whose failure raises an alert at once.
    public var criticalTypes: [String] { entries.filter(\.value.settings.isCritical).keys.sorted() }
}
