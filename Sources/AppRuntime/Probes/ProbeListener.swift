import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle

/// The listener for probes and metrics: its own port, up before anything else and down after it.
///
/// - `/livez`: the process answers. It never looks at the database: an outage there is no reason to restart this.
/// - `/startupz`: 503 with the phase until the application has started, then 200.
/// - `/readyz`: whether requests may be sent here.
/// - `/health`: every component with its details, for who shows the token.
/// - `/metrics`: for who shows the token, or asks from this machine.
///
/// No answer waits for anything: what is told was found out before.
public struct ProbeListener: Service {
    /// Where to listen; port 0 takes a free one.
    public var address: ListenAddress
    /// The token for `/health` and `/metrics`; nil shuts `/health`, and `/metrics` for everybody elsewhere.
    public var token: BearerToken?
    /// What `/metrics` tells.
    public var metrics: PrometheusRegistry?
    /// Where it is told what happens.
    public var logger: Logger
    private let status: RuntimeStatus
    private let listening = Signal<Int>()

    /// Makes a listener.
    ///
    /// - Parameters:
    ///   - status: what is told.
    ///   - address: where to listen.
    ///   - token: the token for `/health` and `/metrics`.
    ///   - metrics: what `/metrics` tells.
    ///   - logger: where it is told what happens.
    public init(
        _ status: RuntimeStatus,
        address: ListenAddress = .hostname("127.0.0.1", port: 3334),
        token: BearerToken? = nil,
        metrics: PrometheusRegistry? = nil,
        logger: Logger = Logger(label: "lastro.probes")
    ) {
        self.status = status
        self.address = address
        self.token = token
        self.metrics = metrics
        self.logger = logger
    }

    /// The port, as soon as the listener is up; 0 on a Unix socket.
    ///
    /// - Throws: what keeps it from listening; `CancellationError`.
    public func port() async throws -> Int { try await listening.value() }

    /// Listens until the application ends.
    public func run() async throws {
        var quiet = logger
        // Probes come every few seconds: what they ask is no news.
        if quiet.logLevel < .notice { quiet.logLevel = .notice }
        let application = Application(
            router: router(),
            configuration: ApplicationConfiguration(address: address.bindAddress, serverName: nil),
            onServerRunning: { [listening] channel in
                listening.end(with: .success(channel.localAddress?.port ?? 0))
            },
            logger: quiet
        )
        do {
            try await application.run()
            listening.end(with: .failure(CancellationError()))
        } catch {
            let failure = AppRuntimeError.cannotListen(address, for: "probes", error)
            listening.end(with: .failure(failure))
            throw failure
        }
    }

    private func router() -> Router<ProbeContext> {
        let router = Router(context: ProbeContext.self)
        router.get("livez") { _, _ in Self.response(.ok, "{\"status\":\"UP\"}") }
        router.get("startupz") { [status] _, _ in
            let snapshot = status.current
            let report = ProbeReport(snapshot, showsComponents: false)
            return Self.response(snapshot.hasStarted ? .ok : .serviceUnavailable, report.json)
        }
        router.get("readyz") { [status] _, _ in
            let snapshot = status.current
            let report = ProbeReport(snapshot, showsComponents: true)
            return Self.response(snapshot.isReady ? .ok : .serviceUnavailable, report.json)
        }
        router.get("health") { [status, token] request, _ in
            guard let token, token.isShown(in: request.headers[.authorization]) else { return Self.unauthorized }
            let report = HealthReport(status.current)
            return Self.response(report.isUsable ? .ok : .serviceUnavailable, report.json)
        }
        router.get("metrics") { [metrics, token] request, context in
            let mayAsk = token?.isShown(in: request.headers[.authorization]) == true || context.isLocal(request)
            guard mayAsk else { return Self.unauthorized }
            guard let metrics else { return Self.response(.notFound, "{\"status\":\"no metrics are kept\"}") }
            return Self.response(.ok, metrics.text(), type: "text/plain; version=0.0.4; charset=utf-8")
        }
        return router
    }

    private static var unauthorized: Response {
        var response = response(.unauthorized, "{\"status\":\"show the token\"}")
        response.headers[.wwwAuthenticate] = "Bearer"
        return response
    }

    private static func response(
        _ status: HTTPResponse.Status,
        _ text: String,
        type: String = "application/json"
    ) -> Response {
        Response(
            status: status,
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
