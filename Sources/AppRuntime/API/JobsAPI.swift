import HTTPTypes
import Hummingbird
import Postgres

/// The routes under `/api` for background work: jobs, queues, schedules, workers, health.
///
/// ```swift
/// let api = JobsAPI(queue: queue, handlers: handlers, snapshots: snapshots, status: gate.status)
/// http.groups.append(api.routes())
/// ```
///
/// Everything needs the role ``Role/operator``. What changes something is written to `job_events` with the name of who did it.
public struct JobsAPI: Sendable {
    /// Names for sets of types, each paused and looked at as one; every type is a queue of its own too.
    public var queues: [String: [String]] = [:]
    let queue: JobQueue
    let handlers: JobHandlers
    let snapshots: SnapshotSource
    let status: RuntimeStatus
    let idempotency: Idempotency

    /// Makes the API.
    ///
    /// - Parameters:
    ///   - queue: the jobs.
    ///   - handlers: the types that may be created.
    ///   - snapshots: how queues, workers and schedules are.
    ///   - status: how the application is.
    public init(queue: JobQueue, handlers: JobHandlers, snapshots: SnapshotSource, status: RuntimeStatus) {
        self.queue = queue
        self.handlers = handlers
        self.snapshots = snapshots
        self.status = status
        idempotency = Idempotency(pool: queue.pool)
    }

    /// The routes with their document.
    ///
    /// - Parameters:
    ///   - description: what the document says of the API as a whole.
    ///   - more: further routes of the application's own.
    ///   - components: the schemas that those refer to.
    /// - Returns: the routes, for ``HTTPServer/groups``.
    public func routes(
        _ description: APIDescription = APIDescription(title: "Background jobs", version: "1"),
        adding more: [APIRoute] = [],
        components: [String: JSONValue] = [:]
    ) -> APIRoutes {
        APIRoutes(
            jobRoutes + jobActions + serviceRoutes + more,
            description: description,
            components: JobSchemas.components(types: handlers.types).merging(components) { $1 }
        )
    }

    static let access = APIRoute.Access.roles([.operator])

    static let id = APIParameter("id", in: .path, "The job's id.", schema: ["type": "string", "format": "uuid"])

    static let noJob = APIReply(.notFound, "There is no job of that id.")

    static let notModified = APIReply(.notModified, "Nothing has changed since.")

    static let tagged = ["ETag": "What to send as If-None-Match the next time."]

    static let key = APIParameter(
        "Idempotency-Key",
        in: .header,
        "A key of the client's own: the same request with it, sent again within a day, changes nothing and gets the same answer.",
        schema: ["type": "string", "minLength": 1, "maxLength": 200]
    )

    /// The types that a queue's name stands for.
    func types(of queue: String) -> [String] { queues[queue] ?? [queue] }

    /// The name under which something is done.
    static func actor(_ request: APIRequest) throws -> String {
        let principal = try request.context.require()
        return "\(principal.name) (\(principal.userID))"
    }

    /// Does what a request asks for once, by its key, and answers.
    func once(
        _ request: APIRequest,
        work: (PostgresConnection) async throws -> Idempotency.Answer
    ) async throws -> Response {
        let principal = try request.context.require()
        let identity = Array("\(request.request.method) \(request.request.uri.path)\n".utf8) + request.bytes
        let answer = try await idempotency.once(
            request.text("Idempotency-Key"),
            of: principal.userID,
            identity,
            work: work
        )
        queue.wake.callLocal()
        var response = JSONReply.response(
            text: answer.body,
            to: request.request,
            status: HTTPResponse.Status(code: answer.status)
        )
        if answer.isRepeated, let name = HTTPField.Name("Idempotency-Replayed") { response.headers[name] = "true" }
        return response
    }
}
