import Instrumentation
import Tracing

/// The spans that the runtime makes of requests and jobs, where the application has a tracer.
enum RuntimeSpan {
    /// Whether somebody keeps spans: without a tracer none is made.
    static var isWanted: Bool { !(InstrumentationSystem.tracer is NoOpTracer) }

    /// Runs work as a span, which is marked as failed if the work says so.
    ///
    /// - Parameters:
    ///   - name: what is done; ``Note`` may say it better when it is known.
    ///   - kind: whether a request or a message is answered.
    ///   - headers: the headers `traceparent` and such of whoever asked for it.
    ///   - scope: what else is known of the trace.
    ///   - work: is given the scope that it runs in.
    ///   - note: what is known of the span when the work has ended.
    /// - Returns: what the work returns.
    /// - Throws: what the work throws.
    static func run<Result>(
        _ name: String,
        ofKind kind: SpanKind,
        continuing headers: [String: String],
        in scope: InstrumentationContext,
        _ work: (InstrumentationContext) async throws -> Result,
        note: (Swift.Result<Result, any Error>) -> Note
    ) async throws -> Result {
        var scope = scope
        InstrumentationSystem.instrument.extract(headers, into: &scope, using: HeaderFields())
        let span = startSpan(name, context: scope, ofKind: kind)
        defer { span.end() }
        let context = named(span.context)
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await InstrumentationContext.$current.withValue(context) { try await work(context) })
        } catch {
            result = .failure(error)
        }
        note(result).write(to: span)
        return try result.get()
    }

    /// What there is to say of a span.
    struct Note {
        /// A better name, now that more is known.
        var name: String?
        var attributes: [String: SpanAttribute] = [:]
        /// What went wrong, in words; nil if nothing did.
        var failure: String?
        var error: (any Error)?

        fileprivate func write(to span: any Tracing.Span) {
            if let name { span.operationName = name }
            span.updateAttributes { all in
                for (name, value) in attributes { all.set(name, value: value) }
            }
            if let error { span.recordError(error) }
            if let failure { span.setStatus(SpanStatus(code: .error, message: failure)) }
        }
    }

    /// The context with the trace and the span as the tracer sends them on, so that logs and headers name the span it keeps.
    private static func named(_ context: InstrumentationContext) -> InstrumentationContext {
        var headers: [String: String] = [:]
        InstrumentationSystem.instrument.inject(context, into: &headers, using: HeaderFields())
        guard let header = headers["traceparent"],
            let trace = TraceContext(traceparent: header, state: headers["tracestate"])
        else { return context }
        var context = context
        context.traceContext = trace
        return context
    }
}

/// Headers by their names in small letters.
struct HeaderFields: Extractor, Injector {
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key.lowercased()] }

    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key.lowercased()] = value
    }
}
