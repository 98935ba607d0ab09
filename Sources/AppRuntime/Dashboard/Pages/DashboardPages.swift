import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Postgres

/// What answers the requests for pages, and what all of them share.
final class DashboardPages: Sendable {
    let dashboard: Dashboard
    let live: DashboardLive
    let drift: DriftLook

    /// The templates; one that cannot be read is a mistake of this program.
    static let templates: DashboardTemplates = {
        do {
            return try DashboardTemplates()
        } catch {
            preconditionFailure("a template cannot be read: \(error)")
        }
    }()

    init(_ dashboard: Dashboard) {
        self.dashboard = dashboard
        live = DashboardLive(dashboard)
        drift = DriftLook(dashboard.drift)
    }

    /// A file that pages refer to.
    static func asset(_ request: Request, _ context: AppRequestContext) throws(Problem) -> Response {
        let name = context.parameters.get("name")
        guard let asset = DashboardAsset.all.first(where: { $0.name == name }) else { throw .notFound() }
        return asset.response(to: request)
    }

    /// The language of a request.
    static func language(of request: Request) -> DashboardLanguage {
        DashboardLanguage(chosen: request.cookies["lastro_lang"]?.value, accepted: request.headers[.acceptLanguage])
    }

    /// What somebody who looks at pages may do.
    func mayAct(_ context: AppRequestContext) -> Bool { context.principal?.has(.operator) ?? false }

    /// A page with everything around it.
    ///
    /// - Parameters:
    ///   - section: which entry of the navigation it belongs to.
    ///   - heading: what stands above it.
    ///   - template: what shows it.
    ///   - model: what it shows.
    ///   - events: where it hears of changes; nil if it does not change.
    ///   - status: the status of the response.
    ///   - request: what was asked.
    ///   - context: who asks.
    /// - Returns: the response.
    func page(
        _ section: String,
        heading: String,
        _ template: String,
        _ model: PageModel,
        events: String? = nil,
        status: HTTPResponse.Status = .ok,
        _ request: Request,
        _ context: AppRequestContext
    ) async -> Response {
        let language = Self.language(of: request)
        var model = model
        let csrf = mayAct(context) ? context.principal?.csrfToken : nil
        model["csrf"] = csrf
        model["here"] = Self.here(request)
        var layout = PageModel(
            ("lang", language.tag),
            ("title", heading),
            ("heading", heading),
            ("site", dashboard.site),
            ("style", DashboardAsset.style.path),
            ("script", DashboardAsset.script.path),
            ("icon", DashboardAsset.icon.path),
            ("events", events),
            ("user", context.principal?.name),
            ("account", dashboard.accountPath),
            ("csrf", csrf),
            ("here", Self.here(request)),
            ("body", Self.templates.render(template, model, in: language))
        )
        layout[list: "nav"] = await navigation(section, in: language)
        layout[list: "languages"] = DashboardLanguage.allCases.map { other in
            var link = PageModel(
                ("name", other.name),
                ("tag", other.tag),
                ("href", Self.path(of: request, adding: "lang=\(other.rawValue)"))
            )
            link[flag: "isCurrent"] = other == language
            return link
        }
        layout[model: "message"] = model[model: "notice"] ?? Self.notice(request, in: language)
        let buffer = ByteBuffer(string: Self.templates.render("layout", layout, in: language))
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .contentLength: "\(buffer.readableBytes)",
            .contentLanguage: language.tag, .cacheControl: "no-store",
        ]
        headers[.vary] = "Accept-Language, Cookie"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: buffer))
    }

    private func navigation(_ section: String, in language: DashboardLanguage) async -> [PageModel] {
        let alerts = await dashboard.source.latest?.alerts.filter { $0.silencedUntil == nil }.count ?? 0
        let sections = [
            ("overview", "/dashboard"), ("jobs", "/dashboard/jobs"), ("queues", "/dashboard/queues"),
            ("schedules", "/dashboard/schedules"), ("workers", "/dashboard/workers"),
            ("migrations", "/dashboard/migrations"), ("backups", "/dashboard/backups"),
            ("alerts", "/dashboard/alerts"),
        ]
        return sections.map { key, href in
            var entry = PageModel(
                ("name", language(key)),
                ("href", href),
                ("count", key == "alerts" && alerts > 0 ? "\(alerts)" : nil)
            )
            entry[flag: "isCurrent"] = key == section
            return entry
        }
    }

    /// The path and query of a request, without what an earlier action has left in it.
    private static func here(_ request: Request) -> String { path(of: request, adding: nil) }

    private static func path(of request: Request, adding part: String?) -> String {
        let kept = (request.uri.query ?? "").split(separator: "&").filter { field in
            !["lang=", "done=", "n="].contains { field.hasPrefix($0) }
        }
        let query = (kept.map(String.init) + (part.map { [$0] } ?? [])).joined(separator: "&")
        return request.uri.path + (query.isEmpty ? "" : "?" + query)
    }

    /// What an action has done, told on the page that it leads to.
    private static func notice(_ request: Request, in language: DashboardLanguage) -> PageModel? {
        let fields = FormFields(request.uri.query ?? "")
        guard let done = fields["done"] else { return nil }
        let count = fields["n"].flatMap { Int($0) } ?? 0
        guard DashboardWords.phrases["done-\(done)"] != nil else { return nil }
        let isNone = fields["n"] != nil && count == 0
        return PageModel(
            ("kind", isNone ? "warn" : "ok"),
            ("text", isNone ? language("none-done") : language("done-\(done)", language.number(count)))
        )
    }

    /// Sends somebody on to a page after an action.
    ///
    /// - Parameters:
    ///   - path: the page; one that is not ours counts as the overview.
    ///   - done: what was done.
    ///   - count: to how many.
    /// - Returns: the response.
    static func redirect(to path: String, done: String, count: Int? = nil) -> Response {
        let isOurs = path == "/dashboard" || path.hasPrefix("/dashboard/") || path.hasPrefix("/dashboard?")
        let isPlain = path.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") }
        let base = isOurs && isPlain ? path : "/dashboard"
        let query = "done=\(done)" + (count.map { "&n=\($0)" } ?? "")
        return .redirect(to: base + (base.contains("?") ? "&" : "?") + query, type: .normal)
    }

    /// The form that a request sends.
    static func form(_ request: Request, _ context: AppRequestContext) async throws -> FormFields {
        let body = try await request.body.collect(upTo: context.maxUploadSize)
        return FormFields(String(buffer: body))
    }

    /// Whoever may change something, by the name that is recorded.
    static func actor(_ context: AppRequestContext) throws(Problem) -> String {
        try context.require(.operator).name
    }
}
