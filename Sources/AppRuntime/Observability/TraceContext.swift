public import Instrumentation

/// Which trace, and which span of it, work belongs to, as the header `traceparent` carries it (W3C Trace Context, 3.2).
public struct TraceContext: Hashable, Sendable, CustomStringConvertible {
    /// The trace: 32 hexadecimal digits.
    public let traceID: String
    /// The span: 16 hexadecimal digits.
    public let spanID: String
    /// Whether the caller keeps what it traces.
    public let isSampled: Bool
    /// What other tracers wrote down, passed on as it came (`tracestate`).
    public var state: String?

    private init(traceID: String, spanID: String, isSampled: Bool, state: String?) {
        (self.traceID, self.spanID, self.isSampled, self.state) = (traceID, spanID, isSampled, state)
    }

    /// Begins a trace.
    public init(isSampled: Bool = true) {
        self.init(traceID: Self.random(16), spanID: Self.random(8), isSampled: isSampled, state: nil)
    }

    /// Reads a header; nil for one that cannot be trusted, where a trace of its own begins.
    ///
    /// - Parameters:
    ///   - header: the value of `traceparent`.
    ///   - state: the value of `tracestate`.
    public init?(traceparent header: String, state: String? = nil) {
        let bytes = Array(header.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash else { return nil }
        func hex(_ range: Range<Int>) -> String? {
            let part = bytes[range]
            let isHex = part.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
            return isHex ? String(decoding: part, as: UTF8.self) : nil
        }
        guard let version = hex(0..<2), version != "ff", let trace = hex(3..<35), let span = hex(36..<52),
            let flags = hex(53..<55).flatMap({ UInt8($0, radix: 16) })
        else { return nil }
        // Version 00 ends here; later ones may go on behind a dash.
        guard bytes.count == 55 || (version != "00" && bytes[55] == dash) else { return nil }
        guard trace.contains(where: { $0 != "0" }), span.contains(where: { $0 != "0" }) else { return nil }
        let usable = state.flatMap { $0.isEmpty || $0.utf8.count > 512 ? nil : $0 }
        self.init(traceID: trace, spanID: span, isSampled: flags & 1 == 1, state: usable)
    }

    /// A span of the same trace.
    public var child: TraceContext {
        TraceContext(traceID: traceID, spanID: Self.random(8), isSampled: isSampled, state: state)
    }

    /// The value of the header `traceparent`.
    public var description: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    /// The context of the task that runs.
    public static var current: TraceContext? { InstrumentationContext.current?.traceContext }

    private static func random(_ count: Int) -> String {
        var text = ""
        // All zeros would be no identifier.
        while !text.contains(where: { $0 != "0" }) {
            text = ""
            for _ in 0..<count {
                let digits = String(UInt8.random(in: .min ... .max), radix: 16)
                text += digits.count == 1 ? "0" + digits : digits
            }
        }
        return text
    }
}

private enum TraceContextKey: InstrumentationContextKey {
    typealias Value = TraceContext
    static var nameOverride: String? { "traceparent" }
}

extension InstrumentationContext {
    /// The trace and span that work belongs to.
    public var traceContext: TraceContext? {
        get { self[TraceContextKey.self] }
        set { self[TraceContextKey.self] = newValue }
    }
}

/// Takes `traceparent` and `tracestate` out of what comes in, and puts them into what goes out.
public struct TraceContextInstrument: Instrument {
    /// Makes an instrument; `InstrumentationSystem.bootstrap` takes it.
    public init() {}

    /// Reads the headers; what cannot be trusted begins a trace of its own.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout InstrumentationContext,
        using extractor: Extract
    ) where Extract.Carrier == Carrier {
        let state = extractor.extract(key: "tracestate", from: carrier)
        let given = extractor.extract(key: "traceparent", from: carrier).flatMap {
            TraceContext(traceparent: $0, state: state)
        }
        context.traceContext = given?.child ?? TraceContext()
    }

    /// Writes the headers.
    public func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let trace = context.traceContext else { return }
        injector.inject(trace.description, forKey: "traceparent", into: &carrier)
        if let state = trace.state { injector.inject(state, forKey: "tracestate", into: &carrier) }
    }
}
