import HTTPTypes
public import Hummingbird
import Instrumentation
import Logging

/// Gives each request its trace: that of its caller, or a new one.
///
/// What runs for the request finds it in ``TraceContext/current``, the log has it beside the request's id, and the response
/// carries it.
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
        instrument.extract(request.headers, into: &scope, using: HeaderExtractor())
        var context = context
        if let trace = scope.traceContext { context.logger[metadataKey: "trace_id"] = "\(trace.traceID)" }
        var response = try await InstrumentationContext.$current.withValue(scope) { try await next(request, context) }
        if let trace = scope.traceContext, let name = HTTPField.Name("traceparent") {
            response.headers[name] = trace.description
        }
        return response
    }
}

private struct HeaderExtractor: Extractor {
    func extract(key: String, from carrier: HTTPFields) -> String? { HTTPField.Name(key).flatMap { carrier[$0] } }
}
