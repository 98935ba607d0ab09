import Foundation
import Hummingbird
import Postgres

extension DashboardPages {
    /// Adds the page of alerts.
    func addAlerts(to group: RouterGroup<AppRequestContext>) {
        group.get("alerts") { request, context in try await self.alerts(request, context) }
        group.post("alerts/silence") { request, context in try await self.silence(request, context) }
        group.post("alerts/unsilence") { request, context in try await self.endSilence(request, context) }
        group.post("alerts/acknowledge") { request, context in try await self.acknowledge(request, context) }
    }

    private func alerts(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let language = Self.language(of: request)
        let topic = DashboardTopic(.alerts, language, mayAct: mayAct(context))
        let record = try await dashboard.pool.withConnection { try await AlertRecord.read(on: $0) }
        var model = try await live.model(topic).adding(
            PageModel(record, in: language, redaction: dashboard.redaction)
        )
        model["pattern"] = FormFields(request.uri.query ?? "")["pattern"]
        return await page("alerts", heading: language("alerts"), "alerts", model, events: topic.path, request, context)
    }

    private func silence(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let actor = try Self.actor(context)
        let fields = try await Self.form(request, context)
        let pattern = (fields["pattern"] ?? "").trimmingCharacters(in: .whitespaces)
        let reason = (fields["reason"] ?? "").trimmingCharacters(in: .whitespaces)
        let minutes = fields["minutes"].flatMap { Int($0) } ?? 0
        let isStorable = ![pattern, reason].contains { $0.isEmpty || $0.count > 500 || $0.contains("\0") }
        guard isStorable, !pattern.contains("\\"), (1...43_200).contains(minutes) else {
            throw Problem.invalid(
                "a silence needs a key without a backslash, a reason, and a time of up to thirty days"
            )
        }
        try await AlertDesk(pool: dashboard.pool).silence(
            pattern,
            for: .seconds(minutes * 60),
            because: reason,
            by: actor
        )
        return Self.redirect(to: "/dashboard/alerts", done: "silence")
    }

    private func endSilence(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let actor = try Self.actor(context)
        let id = try Self.id(in: try await Self.form(request, context))
        let isEnded = try await AlertDesk(pool: dashboard.pool).endSilence(id, by: actor)
        return Self.redirect(to: "/dashboard/alerts", done: "unsilence", count: isEnded ? 1 : 0)
    }

    private func acknowledge(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let actor = try Self.actor(context)
        let id = try Self.id(in: try await Self.form(request, context))
        let isOpen = try await AlertDesk(pool: dashboard.pool).acknowledge(id, by: actor)
        return Self.redirect(to: "/dashboard/alerts", done: "acknowledge", count: isOpen ? 1 : 0)
    }

    private static func id(in fields: FormFields) throws(Problem) -> String {
        guard let id = fields["id"], UUID(uuidString: id) != nil else { throw .badRequest("that is no id") }
        return id
    }
}
