import HTTPTypes
public import Hummingbird
import Instrumentation
import Logging
import Tracing

/// Gives each request its trace: that of its caller, or a new one; and a span, where the application has a tracer.
///
/// What runs for the request finds it in ``TraceContext/current``, the log has it beside the request's id, and the response
/// carries it. The span is named by method and route, and ends when the response begins.
public struct TraceContextMiddleware<Context: RequestContext>: RouterMiddleware {
    private let instrument = TraceContextInstrument()

    /// Makes the middleware; it stands before all others.
    public init() {}

    /// Runs what comes behind in the request's trace.
    @concurrent
    public func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var scope = InstrumentationContext.current ?? .topLevel
        let headers = RuntimeSpan.isWanted ? Self.fields(of: request) : nil
        instrument.extract(request.headers, into: &scope, using: HeaderExtractor())
        guard let headers else {
            return try await InstrumentationContext.$current.withValue(scope) {
                try await Self.answer(request, context, in: scope, next)
            }
        }
        return try await RuntimeSpan.run(
            HTTPMetrics.name(request.method),
            ofKind: .server,
            continuing: headers,
            in: scope
        ) { scope in
            try await Self.answer(request, context, in: scope, next)
        } note: { result in
            Self.note(result, request, context)
        }
    }

    private static func answer(
        _ request: Request,
        _ context: Context,
        in scope: InstrumentationContext,
        _ next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let trace = scope.traceContext { context.logger[metadataKey: "trace_id"] = "\(trace.traceID)" }
        var response = try await next(request, context)
        if let trace = scope.traceContext, let name = HTTPField.Name("traceparent") {
            response.headers[name] = trace.description
        }
        return response
    }

    /// What OpenTelemetry's conventions want to know of a request (semantic conventions for HTTP spans).
    ///
    /// No query: it may hold what somebody looks for.
    private static func note(
        _ result: Result<Response, any Error>,
        _ request: Request,
        _ context: Context
    ) -> RuntimeSpan.Note {
        let method = HTTPMetrics.name(request.method)
        var note = RuntimeSpan.Note()
        note.attributes["http.request.method"] = .string(method)
        note.attributes["url.path"] = .string(request.uri.path)
        if let route = context.endpointPath, route != "NotFound" {
            note.name = "\(method) \(route)"
            note.attributes["http.route"] = .string(route)
        }
        switch result {
        case .success(let response):
            note.attributes["http.response.status_code"] = .int64(Int64(response.status.code))
            if response.status.kind == .serverError {
                note.attributes["error.type"] = .string("\(response.status.code)")
                note.failure = response.status.reasonPhrase
            }
        case .failure(let error):
            note.error = error
            note.failure = "no response"
        }
        return note
    }

    private static func fields(of request: Request) -> [String: String] {
        Dictionary(request.headers.map { ($0.name.canonicalName, $0.value) }) { first, _ in first }
    }
}

private struct HeaderExtractor: Extractor {
    func extract(key: String, from carrier: HTTPFields) -> String? { HTTPField.Name(key).flatMap { carrier[$0] } }
}
