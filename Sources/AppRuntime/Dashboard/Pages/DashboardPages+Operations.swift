import Foundation
import Hummingbird
import Migrator
import Postgres

extension DashboardPages {
    /// Adds the pages beside jobs.
    func addOperations(to group: RouterGroup<AppRequestContext>) {
        group.get("queues") { request, context in try await self.shared(.queues, request, context) }
        group.get("schedules") { request, context in try await self.shared(.schedules, request, context) }
        group.get("workers") { request, context in try await self.shared(.workers, request, context) }
        group.get("migrations") { request, context in try await self.migrations(request, context) }
        group.get("backups") { request, context in try await self.backups(request, context) }
        group.post("queues/:action") { request, context in try await self.actOnQueue(request, context) }
        group.post("schedules/:action") { request, context in try await self.actOnSchedule(request, context) }
        group.post("migrations/drift") { request, context in try await self.checkDrift(request, context) }
        addAlerts(to: group)
    }

    func overview(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        try await shared(.overview, request, context)
    }

    /// A page that is the same for all who look at it.
    private func shared(
        _ page: DashboardTopic.Page,
        _ request: Request,
        _ context: AppRequestContext
    ) async throws -> Response {
        let language = Self.language(of: request)
        let topic = DashboardTopic(page, language, mayAct: mayAct(context))
        let name = page.rawValue
        let model = try await live.model(topic)
        return await self.page(name, heading: language(name), name, model, events: topic.path, request, context)
    }

    private func actOnQueue(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let actor = try Self.actor(context)
        let fields = try await Self.form(request, context)
        guard let type = fields["type"], (1...100).contains(type.count), !type.contains("\0") else {
            throw Problem.badRequest("that is no type of jobs")
        }
        switch context.parameters.get("action") {
        case "pause": try await dashboard.queue.pause(type, by: actor)
        case "resume": try await dashboard.queue.resume(type, by: actor)
        case "redrive":
            let count = try await dashboard.queue.redriveFailed(of: type, by: actor)
            return Self.redirect(to: "/dashboard/queues", done: "redrive", count: count)
        default: throw Problem.notFound()
        }
        return Self.redirect(to: "/dashboard/queues", done: context.parameters.get("action") ?? "")
    }

    private func actOnSchedule(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let actor = try Self.actor(context)
        let fields = try await Self.form(request, context)
        guard let name = fields["name"], !name.contains("\0") else { throw Problem.badRequest("that is no schedule") }
        let action = context.parameters.get("action") ?? ""
        guard ["enable", "disable"].contains(action) else { throw Problem.notFound() }
        let isKnown = try await dashboard.pool.withConnection { connection in
            try await JobSchedule.enable(name, action == "enable", by: actor, on: connection)
        }
        guard isKnown else { throw Problem.notFound("there is no schedule of that name") }
        return Self.redirect(to: "/dashboard/schedules", done: action)
    }

    private func migrations(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let language = Self.language(of: request)
        var model = await drift.model(in: language)
        model[flag: "mayCheck"] = mayAct(context) && dashboard.drift != nil
        do {
            let statuses = try await dashboard.migrator?.plan().statuses ?? []
            model[flag: "hasMigrations"] = !statuses.isEmpty
            model[list: "migrations"] = statuses.reversed().map { PageModel($0, in: language) }
        } catch {
            model["problem"] = language("migrationsUnread", dashboard.redaction("\(error)"))
        }
        return await page("migrations", heading: language("migrations"), "migrations", model, request, context)
    }

    private func checkDrift(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        _ = try Self.actor(context)
        guard await drift.begin() else { throw Problem.notFound("no drift check was set up") }
        return Self.redirect(to: "/dashboard/migrations", done: "drift")
    }

    private func backups(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let language = Self.language(of: request)
        let record = try await dashboard.pool.withConnection { try await BackupRecord.read(on: $0) }
        guard let record else {
            let model = PageModel(("headline", language("noBackupTables")), ("detail", language("noBackupsHint")))
            return await page("backups", heading: language("backups"), "message", model, request, context)
        }
        let model = PageModel(record, in: language, redaction: dashboard.redaction)
        return await page("backups", heading: language("backups"), "backups", model, request, context)
    }
}

extension JobSchedule {
    /// Lets a schedule fire, or not; one that is enabled begins with its next time from now.
    ///
    /// - Parameters:
    ///   - name: the schedule.
    ///   - isEnabled: whether it is to fire.
    ///   - actor: who wants it; recorded in `job_events`.
    ///   - connection: where to write.
    /// - Returns: whether there is a schedule of that name.
    /// - Throws: `PostgresError`.
    static func enable(
        _ name: String,
        _ isEnabled: Bool,
        by actor: String,
        on connection: PostgresConnection
    ) async throws -> Bool {
        try await !connection.query(
            """
            WITH s AS (
                UPDATE job_schedule SET enabled = $2, next_run_at = CASE WHEN enabled = $2 THEN next_run_at END
                WHERE name = $1 RETURNING name
            )
            INSERT INTO job_events (kind, actor, details)
            SELECT CASE WHEN $2 THEN 'schedule-enabled' ELSE 'schedule-disabled' END, $3,
                jsonb_build_object('schedule', name)
            FROM s RETURNING id
            """,
            name,
            isEnabled,
            actor
        ).isEmpty
    }
}
