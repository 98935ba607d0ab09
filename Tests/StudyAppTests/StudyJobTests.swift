import AppRuntime
import Backup
import Foundation
import Postgres
import ProjectSettings
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import study_app

@Suite("The scheduled jobs")
struct StudyJobTests {
    /// Behind all that the seed rows tell of.
    private func instant(_ text: String = "2026-01-02T12:00:00Z") throws -> Date {
        try Date.ISO8601FormatStyle().parse(text)
    }

    @Test("sum up days, weeks, months and topics as the rows have it, and the same again")
    func rollsUp() async throws {
        try await withStudyDatabase { _, pool in
            try await pool.run("UPDATE users SET fuso_horario = 'Mars/Olympus' WHERE email = 'aluno.2@example.org'")
            let service = ProgressService(pool: pool)
            let summary = try await service.rollUp(until: instant(), days: 30)
            #expect(summary.learners > 10 && summary.days > 20 && summary.weeks > 10 && summary.topics > 20)
            // Each day's answers, counted in another way: one user and day at a time, by their own clock.
            let wrong = try await pool.ask(
                """
                SELECT count(*) FROM progress_diario p JOIN users u ON u.id = p.user_id
                WHERE EXISTS (SELECT FROM questoes_respostas r WHERE r.user_id = p.user_id
                        AND to_char(r.respondida_em AT TIME ZONE CASE u.fuso_horario WHEN 'Mars/Olympus' THEN 'UTC'
                            ELSE u.fuso_horario END, 'YYYY-MM-DD') = p.dia::text)
                    AND (p.questoes, p.acertos) <> (
                        SELECT count(*)::int, count(*) FILTER (WHERE r.correta)::int FROM questoes_respostas r
                        WHERE r.user_id = p.user_id AND to_char(r.respondida_em AT TIME ZONE CASE u.fuso_horario
                            WHEN 'Mars/Olympus' THEN 'UTC' ELSE u.fuso_horario END, 'YYYY-MM-DD') = p.dia::text)
                """,
                as: Int.self
            )
            #expect(wrong == 0)
            let answers = try await pool.ask("SELECT count(*) FROM questoes_respostas", as: Int.self)
            let counted = try await pool.ask(
                """
                SELECT sum(questoes)::int FROM progress_diario p WHERE EXISTS (
                    SELECT FROM questoes_respostas r WHERE r.user_id = p.user_id
                        AND abs(extract(epoch FROM r.respondida_em - p.dia::timestamp AT TIME ZONE 'UTC')) < 129600
                        AND p.updated_at > now() - interval '1 hour')
                """,
                as: Int.self
            )
            #expect(counted >= answers)
            let badWeeks = try await pool.ask(
                """
                SELECT count(*) FROM progress_semanal s WHERE semana = '2025-12-29' AND EXISTS (
                    SELECT FROM progress_diario d WHERE d.user_id = s.user_id AND d.dia BETWEEN '2025-12-29' AND '2026-01-02'
                        AND d.questoes > 0 AND d.updated_at > now() - interval '1 hour')
                    AND s.questoes <> (SELECT sum(d.questoes) FROM progress_diario d
                        WHERE d.user_id = s.user_id AND d.dia BETWEEN '2025-12-29' AND '2026-01-02')
                """,
                as: Int.self
            )
            #expect(badWeeks == 0)
            let mastery = try await pool.ask(
                """
                SELECT count(*) FROM progress_evolucao e WHERE medido_em IN ('2026-01-01', '2026-01-02') AND amostras > 0
                    AND dominio BETWEEN 0 AND 1 AND EXISTS (
                        SELECT FROM questoes_respostas r JOIN questoes q ON q.id = r.questao_id
                        WHERE r.user_id = e.user_id AND q.topico_id = e.topico_id)
                """,
                as: Int.self
            )
            #expect(mastery >= summary.topics)
            let subjects = try await pool.ask(
                "SELECT sum(v.value::int)::int FROM progress_mensal m, jsonb_each_text(por_disciplina) v WHERE mes = '2026-01-01' AND m.user_id IN (SELECT user_id FROM questoes_respostas)",
                as: Int.self
            )
            #expect(subjects >= answers)
            let again = try await service.rollUp(until: instant(), days: 30)
            #expect(again == ProgressSummary(learners: summary.learners))
        }
    }

    @Test("propose what matters and is not known yet, once however often they run, and leave others' weights alone")
    func recommends() async throws {
        try await withStudyDatabase { _, pool in
            _ = try await ProgressService(pool: pool).rollUp(until: instant(), days: 30)
            let own = "SELECT coalesce(sum(peso), 0)::text FROM recco_prioridades WHERE origem <> 'motor'"
            let before = try await pool.ask(own, as: String.self)
            let service = RecommendationService(pool: pool)
            let summary = try await service.refresh(at: instant(), activeDays: 30)
            #expect(summary.learners > 10 && summary.proposals > 10 && summary.priorities > 10)
            #expect(try await pool.ask(own, as: String.self) == before)
            let count = """
                SELECT count(*) FROM recco_predictions p JOIN recco_models m ON m.id = p.model_id
                WHERE m.nome = 'dominio-e-peso'
                """
            #expect(try await pool.ask(count, as: Int.self) == summary.proposals)
            let known = try await pool.ask(
                """
                SELECT count(*) FROM recco_predictions p JOIN recco_models m ON m.id = p.model_id
                JOIN questoes_respostas r ON r.user_id = p.user_id AND r.questao_id = p.alvo_id
                WHERE m.nome = 'dominio-e-peso' AND r.correta
                """,
                as: Int.self
            )
            #expect(known == 0)
            let places = try await pool.ask(
                """
                SELECT bool_and(n = last AND last <= 10) FROM (
                    SELECT count(*) AS n, max(posicao) AS last FROM recco_predictions p JOIN recco_models m ON m.id = p.model_id
                    WHERE m.nome = 'dominio-e-peso' GROUP BY user_id) x
                """,
                as: Bool.self
            )
            #expect(places)
            let again = try await service.refresh(at: instant(), activeDays: 30)
            #expect(again.proposals == summary.proposals && again.priorities == 0)
            #expect(try await pool.ask(count, as: Int.self) == summary.proposals)
            // What was shown stays, with what the learner made of it.
            try await pool.run(
                "UPDATE recco_predictions SET exibida_em = now() WHERE model_id IN (SELECT id FROM recco_models WHERE nome = 'dominio-e-peso')"
            )
            let third = try await service.refresh(at: instant(), activeDays: 30)
            #expect(try await pool.ask(count, as: Int.self) == summary.proposals + third.proposals)
        }
    }

    @Test("skip backups with a reason where no repository is configured, none is due or nobody has a schedule")
    func skipsBackups() async throws {
        try await withStudyDatabase { settings, pool in
            func summary(_ repository: String?, _ time: String = "2026-01-02T12:00:00Z") async throws -> BackUpSummary {
                let configuration = BackupConfiguration(repository: repository)
                let service = BackupService(database: settings, pool: pool, configuration: configuration)
                return try await service.run(at: try instant(time), attempt: "a")
            }
            #expect(
                try await summary(nil).skipped?.hasPrefix("no repository is configured: set STUDY_BACKUP_REPOSITORY")
                    == true
            )
            try await pool.run("UPDATE backup_schedule SET ultimo_horario = '2026-01-02 11:00Z'")
            #expect(try await summary("/nowhere").skipped == "nothing is due before 2026-01-03T02:15:00Z")
            try await pool.run("UPDATE backup_schedule SET ativo = false")
            #expect(try await summary("/nowhere").skipped == "backup_schedule has no row in use: insert one")
        }
    }

    @Test("back up what is due, drill it, and put on record what came of both")
    func backsUp() async throws {
        try await withStudyDatabase { settings, pool in
            try await withTemporaryFolder { folder in
                let key = try AgeSecretKey.generate()
                try IdentityFile.write(key, to: FilePath(folder.file("identity")), madeAt: "2026-01-01T00:00:00Z")
                var configuration = BackupConfiguration(
                    repository: folder.file("repository"),
                    recipients: ["\(key.publicKey)"],
                    identity: folder.file("identity"),
                    keys: folder.file("keys")
                )
                try await pool.run(
                    "UPDATE backup_schedule SET ultimo_horario = '2026-01-02 02:15Z' WHERE nome <> 'diario'"
                )
                try await pool.run(
                    "UPDATE backup_schedule SET ultimo_horario = '2026-01-01 02:15Z' WHERE nome = 'diario'"
                )
                let due = try instant()
                let service = BackupService(database: settings, pool: pool, configuration: configuration)
                let summary = try await service.run(at: due, attempt: "a")
                #expect(summary.schedules == ["diario"] && summary.skipped == nil)
                #expect(summary.drill?.hasPrefix("passed: ") == true, "\(summary)")
                let snapshot = try #require(summary.snapshot)
                let state = try await pool.ask(
                    "SELECT b.estado || ' ' || s.nome FROM backup_metadata b JOIN backup_schedule s ON s.id = b.schedule_id WHERE snapshot = $1",
                    snapshot,
                    as: String.self
                )
                #expect(state == "completo diario")
                let drill = try await pool.ask(
                    "SELECT r.sucesso AND r.ensaio FROM restore_history r JOIN backup_metadata b ON b.id = r.backup_id WHERE b.snapshot = $1",
                    snapshot,
                    as: Bool.self
                )
                #expect(drill)
                // Seen to: the same run again makes none.
                #expect(try await service.run(at: due, attempt: "b").skipped?.hasPrefix("nothing is due") == true)

                // A key that does not fit: the drill fails, stays on record, and the backup is not made again for it.
                let other = try AgeSecretKey.generate()
                try IdentityFile.write(other, to: FilePath(folder.file("other")), madeAt: "2026-01-01T00:00:00Z")
                configuration.identity = folder.file("other")
                let blind = BackupService(database: settings, pool: pool, configuration: configuration)
                await #expect(throws: JobDirective.self) {
                    try await blind.run(at: due.addingTimeInterval(86_400), attempt: "c")
                }
                let failed = try await pool.ask(
                    "SELECT count(*) FROM restore_history WHERE sucesso = false AND destino = 'servidor privado'",
                    as: Int.self
                )
                #expect(failed == 1)

                // A recipient that is none: no snapshot, on record as failed, and due as before.
                let useless = BackupService(
                    database: settings,
                    pool: pool,
                    configuration: BackupConfiguration(
                        repository: folder.file("other repository"),
                        keys: folder.file("keys")
                    )
                )
                await #expect(throws: BackupError.self) {
                    try await useless.run(at: due.addingTimeInterval(2 * 86_400), attempt: "d")
                }
                let words = try await pool.ask(
                    "SELECT erro FROM backup_metadata WHERE snapshot = 'sem-snapshot-d'",
                    as: String.self
                )
                #expect(words.contains("is no recipient"))
                let last = try await pool.ask(
                    "SELECT ultimo_horario::text FROM backup_schedule WHERE nome = 'diario'",
                    as: String.self
                )
                #expect(last.hasPrefix("2026-01-03"))
            }
        }
    }

    @Test("back up into an object store too, as the variables of the back end or of other tools say")
    func backsUpIntoObjectStore() async throws {
        let endpoint = try await Moto.shared.endpoint()
        try await withStudyDatabase { settings, pool in
            try await withTemporaryFolder { folder in
                let key = try AgeSecretKey.generate()
                try IdentityFile.write(key, to: FilePath(folder.file("identity")), madeAt: "2026-01-01T00:00:00Z")
                let bucket = "study-\(UInt32.random(in: .min ... .max))"
                var variables = [
                    "STUDY_BACKUP_REPOSITORY": "s3://\(bucket)/app", "STUDY_BACKUP_RECIPIENTS": "\(key.publicKey)",
                    "STUDY_BACKUP_IDENTITY": folder.file("identity"), "STUDY_BACKUP_KEYS": folder.file("keys"),
                ]
                let keyless = try BackupConfiguration(AppSettings(process: variables))
                let missing = #expect(throws: ConfigurationError.self) { try keyless.check() }
                #expect(missing?.next.contains("STUDY_BACKUP_CREDENTIALS") == true)
                try folder.write(
                    "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = not-to-be-seen\n",
                    to: "store-key"
                )
                variables["STUDY_BACKUP_CREDENTIALS"] = folder.file("store-key")
                variables["STUDY_BACKUP_ENDPOINT"] = endpoint
                let configuration = try BackupConfiguration(AppSettings(process: variables))
                try configuration.check()
                #expect(configuration.words == "into s3://\(bucket)/app, each with a drill")
                try await pool.run("UPDATE backup_schedule SET ultimo_horario = '2026-01-01 02:15Z'")
                let service = BackupService(database: settings, pool: pool, configuration: configuration)
                // No such bucket: on record with the reason, and due as before.
                await #expect(throws: BackupError.self) { try await service.run(at: instant(), attempt: "a") }
                let words = try await pool.ask(
                    "SELECT erro FROM backup_metadata WHERE estado = 'falhou' AND snapshot = 'sem-snapshot-a'",
                    as: String.self
                )
                #expect(words.contains("make the bucket first") && !words.contains("not-to-be-seen"), "\(words)")
                let made = try await Subprocess.run(
                    .name("curl"),
                    arguments: ["--silent", "--fail", "--request", "PUT", "\(endpoint)/\(bucket)"],
                    output: .discarded
                )
                #expect(made.terminationStatus.isSuccess)
                let summary = try await service.run(at: instant(), attempt: "b")
                let snapshot = try #require(summary.snapshot)
                #expect(summary.drill?.hasPrefix("passed: ") == true, "\(summary)")
                let place = try await pool.ask(
                    "SELECT repositorio FROM backup_metadata WHERE estado = 'completo' AND snapshot = $1",
                    snapshot,
                    as: String.self
                )
                #expect(place == "s3://\(bucket)/app")
                // A place that is none is found before anything starts.
                variables["STUDY_BACKUP_REPOSITORY"] = "s3:/x"
                let bad = #expect(throws: ConfigurationError.self) {
                    try BackupConfiguration(AppSettings(process: variables))
                }
                #expect(bad?.next == "write the path of a folder, or s3://BUCKET/PREFIX")
            }
        }
    }

    @Test(
        "are fired by the scheduler, worked on with the time that they are for, and leave what they did as their result"
    )
    func runsBySchedule() async throws {
        try await withStudyDatabase { settings, pool in
            let jobs = StudyJobs(database: settings, pool: pool, backups: BackupConfiguration(repository: nil))
            #expect(jobs.handlers.types == ["backup", "progress-rollup", "recommendation-refresh"])
            let queue = JobQueue(pool: pool)
            let worker = JobWorker(
                to: settings,
                handlers: jobs.handlers,
                queue: queue,
                options: JobWorkerOptions(pollInterval: .milliseconds(50))
            )
            let maintenance = JobMaintenance(to: settings, adding: [.schedules(), .tidyAccounts])
            try await pool.withConnection { try await JobSchedule.store(StudyJobs.schedules(), on: $0) }
            // The clock is moved: each was due a moment ago.
            try await pool.run(
                "UPDATE job_schedule SET next_run_at = date_trunc('minute', now()) - interval '1 second', cron = '* * * * *' WHERE name IN ('progress-rollup', 'recommendation-refresh', 'backup')"
            )
            let running = Task {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await worker.run() }
                    group.addTask { try await maintenance.run() }
                    try await group.waitForAll()
                }
            }
            defer { running.cancel() }
            try await pool.withConnection { connection in
                let done = """
                    SELECT count(DISTINCT type) = 3 FROM jobs WHERE status = 'completed' AND created_at > now() - interval '1 hour'
                        AND type IN ('progress-rollup', 'recommendation-refresh', 'backup') AND data ? 'slot'
                    """
                try await connection.wait(until: done)
            }
            let skipped = try await pool.ask(
                "SELECT result ->> 'skipped' FROM jobs WHERE type = 'backup' AND status = 'completed' AND created_at > now() - interval '1 hour' LIMIT 1",
                as: String.self
            )
            #expect(skipped.hasPrefix("no repository is configured"))
            // Lines of a job's own log are written within a second of its end.
            try await pool.withConnection {
                try await $0.wait(
                    until: "SELECT EXISTS (SELECT FROM job_logs WHERE message LIKE 'skipped: no repository%')"
                )
            }
            running.cancel()
            try await running.value
        }
    }
}
