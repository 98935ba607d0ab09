import AppRuntime
import Foundation
import Postgres
import TestSupport
import Testing

/// The jobs API of a database, as one process serves it.
struct ServedAPI: Sendable {
    let port: Int
    let queue: JobQueue
    let routes: APIRoutes

    func get(_ path: String, _ headers: [String: String] = .token(.operator)) async throws -> Answer {
        try await AppRuntimeTests.get(port, path, headers: headers)
    }

    func post(_ path: String, _ body: String? = nil, _ headers: [String: String] = [:]) async throws -> Answer {
        try await send("POST", port, path, body, headers: .token(.operator, headers))
    }

    /// The jobs of all pages, one behind the other.
    func pages(_ query: String) async throws -> [[String: Any]] {
        var jobs: [[String: Any]] = []
        var cursor: String?
        repeat {
            let answer = try await get("/api/jobs?\(query)" + (cursor.map { "&cursor=\($0)" } ?? ""))
            try #require(answer.status == 200, "\(answer.body)")
            let page = try answer.object()
            jobs += page["jobs"] as? [[String: Any]] ?? []
            cursor = page["next"] as? String
        } while cursor != nil
        return jobs
    }
}

extension Answer {
    /// The answer in JSON.
    func object() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
    }
}

/// A job whose handler waits until it is cancelled.
struct Linger: Job {
    static let type = "linger"
    static let settings = JobSettings(timeout: .seconds(600))
    var word = "x"
}

/// The handlers of the API's tests.
let apiHandlers = {
    var handlers = JobHandlers()
    handlers.register(Add.self, returning: Int.self) { job, context in
        context.log(.info, "adding")
        return job.a + job.b
    }
    handlers.register(Linger.self) { _, _ in try await Task.sleep(for: .seconds(600)) }
    return handlers
}()

/// Serves the jobs API of a database while a test asks it.
func withAPI<Result: Sendable>(
    on settings: ConnectionSettings,
    _ body: @Sendable @escaping (ServedAPI) async throws -> Result
) async throws -> Result {
    let pool = PostgresPool(to: settings, limit: 6)
    let queue = JobQueue(pool: pool)
    let status = RuntimeStatus()
    status.enter(.ready)
    let snapshots = SnapshotSource(to: settings, status: status, lifetime: .zero, setsGauges: false)
    var api = JobsAPI(queue: queue, handlers: apiHandlers, snapshots: snapshots, status: status)
    api.queues = ["sums": ["add", "subtract"]]
    let routes = api.routes()
    do {
        let result = try await withHTTP([routes], status) { port in
            try await body(ServedAPI(port: port, queue: queue, routes: routes))
        }
        await snapshots.close()
        await pool.shutDown()
        return result
    } catch {
        await snapshots.close()
        await pool.shutDown()
        throw error
    }
}
