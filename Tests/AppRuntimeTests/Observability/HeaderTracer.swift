import AppRuntime
import Synchronization
import Tracing

/// A tracer that keeps its spans in memory, and sends them on as the standard has it (W3C Trace Context).
struct HeaderTracer: Tracer {
    /// A span, as it was when it ended.
    struct Ended: Sendable {
        let name: String
        let kind: SpanKind
        let trace: TraceContext
        /// The span that it was started in; nil for the first one of a trace.
        let parent: String?
        let attributes: SpanAttributes
        let status: SpanStatus?
        let errors: Int
    }

    private final class Store: Sendable {
        let ended = Mutex<[Ended]>([])
    }

    private let store = Store()

    /// The spans that have ended.
    var ended: [Ended] { store.ended.withLock { $0 } }

    /// A span that has not ended.
    final class Span: Tracing.Span {
        private struct State {
            var name: String
            var attributes: SpanAttributes = [:]
            var status: SpanStatus?
            var errors = 0
        }

        let context: InstrumentationContext
        private let kind: SpanKind
        private let parent: String?
        private let state: Mutex<State>
        private let finish: @Sendable (Ended) -> Void

        init(
            _ name: String,
            _ context: InstrumentationContext,
            _ kind: SpanKind,
            parent: String?,
            finish: @escaping @Sendable (Ended) -> Void
        ) {
            state = Mutex(State(name: name))
            (self.context, self.kind, self.parent, self.finish) = (context, kind, parent, finish)
        }

        var operationName: String {
            get { state.withLock { $0.name } }
            set { state.withLock { $0.name = newValue } }
        }

        var attributes: SpanAttributes {
            get { state.withLock { $0.attributes } }
            set { state.withLock { $0.attributes = newValue } }
        }

        let isRecording = true

        func setStatus(_ status: SpanStatus) { state.withLock { $0.status = status } }

        func addEvent(_ event: SpanEvent) {}

        func addLink(_ link: SpanLink) {}

        func recordError<Instant: TracerInstant>(
            _ error: any Error,
            attributes: SpanAttributes,
            at instant: @autoclosure () -> Instant
        ) {
            state.withLock { $0.errors += 1 }
        }

        func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
            guard let trace = context[Key.self] else { return }
            finish(
                state.withLock { state in
                    Ended(
                        name: state.name,
                        kind: kind,
                        trace: trace,
                        parent: parent,
                        attributes: state.attributes,
                        status: state.status,
                        errors: state.errors
                    )
                }
            )
        }
    }

    /// Where the tracer keeps its own span: whoever uses it knows nothing of it.
    private enum Key: InstrumentationContextKey {
        typealias Value = TraceContext
    }

    func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> InstrumentationContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> Span {
        var context = context()
        let parent = context[Key.self]
        context[Key.self] = parent?.child ?? TraceContext()
        return Span(operationName, context, kind, parent: parent?.spanID) { [store] ended in
            store.ended.withLock { $0.append(ended) }
        }
    }

    func forceFlush() {}

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout InstrumentationContext,
        using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let header = extractor.extract(key: "traceparent", from: carrier) else { return }
        context[Key.self] = TraceContext(traceparent: header)
    }

    func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let trace = context[Key.self] else { return }
        injector.inject("\(trace)", forKey: "traceparent", into: &carrier)
    }
}
