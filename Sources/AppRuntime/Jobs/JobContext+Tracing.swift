import Instrumentation
import Tracing

extension JobContext {
    /// Runs a handler in the trace of whoever asked for the job, as a span where the application has a tracer.
    ///
    /// The span has the names of OpenTelemetry's conventions for messages: an attempt is a message that is processed.
    func traced(_ work: () async throws -> String?) async throws -> String? {
        guard isTraced || traceParent != nil else { return try await work() }
        let headers = traceParent.map { ["traceparent": $0] } ?? [:]
        var scope = InstrumentationContext.topLevel
        TraceContextInstrument().extract(headers, into: &scope, using: HeaderFields())
        guard isTraced else {
            return try await InstrumentationContext.$current.withValue(scope) { try await work() }
        }
        return try await RuntimeSpan.run("process \(type)", ofKind: .consumer, continuing: headers, in: scope) { _ in
            try await work()
        } note: { result in
            note(of: result)
        }
    }

    private func note(of result: Result<String?, any Error>) -> RuntimeSpan.Note {
        var note = RuntimeSpan.Note()
        note.attributes = [
            "messaging.system": .string("lastro"), "messaging.operation.name": .string("process"),
            "messaging.destination.name": .string(type), "messaging.message.id": .string(id),
            "lastro.job.attempt": .int64(Int64(attempt)),
        ]
        guard case .failure(let error) = result else { return note }
        // What is put off has not failed.
        if case .snooze = error as? JobDirective { return note }
        note.error = error
        note.failure = "attempt \(attempt) did not succeed"
        note.attributes["error.type"] = .string("\(Swift.type(of: error))")
        return note
    }
}
