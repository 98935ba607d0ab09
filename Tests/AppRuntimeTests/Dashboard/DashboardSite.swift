import AppRuntime
import Foundation
import FoundationNetworking
import Hummingbird
import Migrator
import Postgres
import StudyPlatform
import Testing

/// A dashboard that is served on this machine, with the database behind it.
struct DashboardSite: Sendable {
    let port: Int
    let queue: JobQueue
    let source: SnapshotSource
    let pool: PostgresPool
    let settings: ConnectionSettings

    /// What came of a request.
    struct Page: Sendable {
        let status: Int
        let body: String
        let headers: [String: String]
        let data: Data
    }

    /// Asks as somebody, without following redirects.
    func get(_ path: String, as who: String? = "ada", headers: [String: String] = [:]) async throws -> Page {
        try await send(path, method: "GET", as: who, headers: headers, body: nil)
    }

    /// Sends a form as somebody, with the token that belongs to the session unless told otherwise.
    func post(
        _ path: String,
        _ fields: [(String, String)] = [],
        as who: String? = "ada",
        token: String?? = .none,
        headers: [String: String] = [:]
    ) async throws -> Page {
        let shown = token ?? who.map { "token-of-\($0)" }
        let all = fields + (shown.map { [("_csrf", $0)] } ?? [])
        let body = all.map { "\(encoded($0.0))=\(encoded($0.1))" }.joined(separator: "&")
        var headers = headers
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return try await send(path, method: "POST", as: who, headers: headers, body: Data(body.utf8))
    }

    private func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    private func send(
        _ path: String,
        method: String,
        as who: String?,
        headers: [String: String],
        body: Data?
    ) async throws -> Page {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
        request.httpMethod = method
        request.httpBody = body
        request.timeoutInterval = 60
        request.httpShouldHandleCookies = false
        request.setValue("text/html", forHTTPHeaderField: "Accept")
        let cookies = [who.map { "session=\($0)" }, headers["Cookie"]].compactMap { $0 }
        if !cookies.isEmpty { request.setValue(cookies.joined(separator: "; "), forHTTPHeaderField: "Cookie") }
        for (name, value) in headers where name != "Cookie" { request.setValue(value, forHTTPHeaderField: name) }
        let session = URLSession(configuration: .ephemeral, delegate: Standstill(), delegateQueue: nil)
        defer { session.finishTasksAndInvalidate() }
        let (data, response) = try await session.data(for: request)
        let answer = try #require(response as? HTTPURLResponse)
        let fields = answer.allHeaderFields.map { ("\($0.key)".lowercased(), "\($0.value)") }
        return Page(
            status: answer.statusCode,
            body: String(decoding: data, as: UTF8.self),
            headers: Dictionary(fields) { $1 },
            data: data
        )
    }
}

/// Stays where it is when it is sent elsewhere.
private final class Standstill: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping (URLRequest?) -> Void
    ) { completionHandler(nil) }
}

/// Knows people by the name in their cookie.
struct Names: Authenticator {
    static let roles: [String: Set<Role>] = [
        "ada": [.operator], "root": [.admin], "eve": [.editor], "leo": [.learner],
    ]

    @concurrent
    func principal(of request: Request, context: AppRequestContext) async throws -> Principal? {
        guard let name = request.cookies["session"]?.value, let roles = Self.roles[name] else { return nil }
        return Principal(userID: name, name: name, roles: roles, proof: .session, csrfToken: "token-of-\(name)")
    }
}

/// Greets somebody.
struct Greet: Job {
    static let type = "greet"
    var name: String
}

/// Serves a dashboard on a database of its own while a test looks at it.
func withDashboard<Result: Sendable>(
    signInPath: String? = nil,
    interval: Duration = .milliseconds(200),
    on settings: ConnectionSettings? = nil,
    configure: @Sendable @escaping (inout Dashboard) -> Void = { _ in },
    _ body: @Sendable @escaping (DashboardSite) async throws -> Result
) async throws -> Result {
    guard let settings else {
        return try await withJobDatabase { settings in
            try await withDashboard(
                signInPath: signInPath,
                interval: interval,
                on: settings,
                configure: configure,
                body
            )
        }
    }
    let pool = PostgresPool(to: settings, limit: 6)
    let queue = JobQueue(pool: pool)
    let status = RuntimeStatus()
    let source = SnapshotSource(to: settings, status: status, lifetime: interval * 0.9, setsGauges: false)
    var handlers = JobHandlers()
    handlers.register(Greet.self) { _, _ in }
    handlers.register(Add.self) { _, _ in }
    var dashboard = Dashboard(queue, source, pool: pool)
    dashboard.site = "Study <platform>"
    dashboard.signInPath = signInPath
    dashboard.handlers = handlers
    dashboard.interval = interval
    dashboard.migrator = Migrator(directory: StudyPlatform.migrations, database: settings)
    dashboard.redaction = Redaction(secrets: ["hunter2-hunter2"])
    configure(&dashboard)
    var options = HTTPServerOptions()
    options.port = 0
    var server = HTTPServer(status, options: options, authenticator: Names(), logger: quiet)
    server.groups = [dashboard]
    let (running, site) = (
        server,
        { port in
            DashboardSite(port: port, queue: queue, source: source, pool: pool, settings: settings)
        } as @Sendable (Int) -> DashboardSite
    )
    do {
        let result = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await running.run() }
            defer { group.cancelAll() }
            return try await body(site(running.port()))
        }
        await source.close()
        await pool.shutDown()
        return result
    } catch {
        await source.close()
        await pool.shutDown()
        throw error
    }
}
