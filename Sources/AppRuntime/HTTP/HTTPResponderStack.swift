import HTTPTypes
import Hummingbird
import Logging

/// What stands around the routes: the request's id and address, the gate, limits, headers, metrics and the log.
struct HTTPResponderStack: HTTPResponder {
    typealias Context = AppRequestContext

    let routes: RouterResponder<AppRequestContext>
    let status: RuntimeStatus
    let options: HTTPServerOptions
    let metrics: HTTPMetrics
    let onRequest: (@Sendable (HandledRequest) -> Void)?
    let headers: SecurityHeaders

    @concurrent
    func respond(to request: Request, context: AppRequestContext) async throws -> Response {
        let began = ContinuousClock.now
        var context = context
        context.maxUploadSize = options.limits.body
        if let id = Self.requestID(request) { context.logger[metadataKey: "hb.request.id"] = "\(id)" }
        options.readForwarded(request, into: &context)
        metrics.began(request.method)
        var response = await answer(to: request, context: context)
        headers.add(to: &response.headers)
        response.headers[Self.idName] = context.id
        let handled = HandledRequest(
            method: request.method,
            route: context.endpointPath.flatMap { $0 == "NotFound" ? nil : $0 },
            status: response.status,
            duration: began.duration(to: .now)
        )
        metrics.ended(handled)
        onRequest?(handled)
        log(handled, request, context)
        return response
    }

    private func answer(to request: Request, context: AppRequestContext) async -> Response {
        do {
            try admit(request)
            return try await inTime(request, context)
        } catch {
            return Problem(telling: error).response(from: request, context: context)
        }
    }

    /// Refuses what cannot be served now, or is too large.
    private func admit(_ request: Request) throws(Problem) {
        let now = status.current
        if now.phase == .draining {
            var problem = Problem.unavailable("the application is about to end", retryAfter: 5)
            problem.headers[.connection] = "close"
            throw problem
        }
        if let database = now.components.first(where: { $0.name == "database" }), !database.state(at: .now).isUsable {
            throw .unavailable("the database does not answer")
        }
        if let length = request.headers[.contentLength], Int(length).map({ $0 > options.limits.body }) ?? true {
            throw .tooLarge(limit: options.limits.body)
        }
    }

    /// Runs the handler, and gives it up when its time is over.
    private func inTime(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        var request = request
        if request.headers[.transferEncoding] != nil {
            request.body = request.body.limited(to: options.limits.body)
        }
        let (routes, limited, time) = (routes, request, options.limits.time)
        return try await withThrowingTaskGroup(of: Response.self) { group in
            group.addTask { try await routes.respond(to: limited, context: context) }
            group.addTask {
                try await Task.sleep(for: time)
                throw Problem.tookTooLong(time)
            }
            defer { group.cancelAll() }
            return try await group.next() ?? Response(status: .internalServerError)
        }
    }

    private func log(_ handled: HandledRequest, _ request: Request, _ context: AppRequestContext) {
        guard options.logsRequests || handled.status.kind == .serverError else { return }
        context.logger.info(
            "request",
            metadata: [
                "method": "\(handled.method)", "path": "\(request.uri.path)", "route": "\(handled.route ?? "")",
                "status": "\(handled.status.code)", "seconds": "\(handled.duration / .seconds(1))",
                "address": "\(context.remoteAddress ?? "")",
            ]
        )
    }

    private static let idName = HTTPField.Name("X-Request-Id") ?? .date

    /// The id that the caller gave the request, if it can be written anywhere.
    private static func requestID(_ request: Request) -> String? {
        guard let id = request.headers[idName], (8...128).contains(id.utf8.count) else { return nil }
        let isPlain = id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return isPlain ? id : nil
    }
}
