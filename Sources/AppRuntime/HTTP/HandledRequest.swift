public import HTTPTypes
import Metrics
import Synchronization

/// A request to which a response has begun.
public struct HandledRequest: Sendable {
    /// The method.
    public let method: HTTPRequest.Method
    /// The route's template, such as `/api/jobs/{id}`; nil where there was none.
    public let route: String?
    /// The status of the response.
    public let status: HTTPResponse.Status
    /// How long it took until the response began.
    public let duration: Duration
}

extension RequestFigures {
    /// Records a request that was answered, for ``HTTPServer/onRequest``.
    public func record(_ request: HandledRequest) {
        record(
            method: HTTPMetrics.name(request.method),
            route: request.route ?? "-",
            status: request.status.code,
            duration: request.duration
        )
    }
}

/// The metrics of HTTP as OpenTelemetry names them (semantic conventions for HTTP metrics); each is made once and kept.
final class HTTPMetrics: Sendable {
    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    private let factory: any MetricsFactory
    private let durations = Mutex<[Key: Timer]>([:])
    private let active = Mutex<[String: Meter]>([:])

    init(_ factory: any MetricsFactory) { self.factory = factory }

    func began(_ method: HTTPRequest.Method) { meter(method).increment() }

    func ended(_ request: HandledRequest) {
        meter(request.method).decrement()
        let key = Key(method: Self.name(request.method), route: request.route ?? "", status: request.status.code)
        let timer = durations.withLock { durations in
            if let timer = durations[key] { return timer }
            let timer = Timer(
                label: "http.server.request.duration",
                dimensions: [
                    ("http.route", key.route), ("http.request.method", key.method),
                    ("http.response.status_code", "\(key.status)"),
                ],
                factory: factory
            )
            durations[key] = timer
            return timer
        }
        timer.recordNanoseconds(Int64(request.duration / .nanoseconds(1)))
    }

    private func meter(_ method: HTTPRequest.Method) -> Meter {
        let name = Self.name(method)
        return active.withLock { active in
            if let meter = active[name] { return meter }
            let meter = Meter(
                label: "http.server.active_requests",
                dimensions: [("http.request.method", name)],
                factory: factory
            )
            active[name] = meter
            return meter
        }
    }

    /// A method's name, or what the conventions have for those that somebody made up.
    static func name(_ method: HTTPRequest.Method) -> String {
        switch method {
        case .get, .head, .post, .put, .delete, .connect, .options, .trace, .patch: method.rawValue
        default: "_OTHER"
        }
    }
}
