public import Hummingbird
import HummingbirdCore
public import Logging
public import Metrics
import NIOCore
public import ServiceLifecycle

/// An application's HTTP server: routes in groups behind the gate, with who asks, limits, headers, metrics and problems.
///
/// ```swift
/// var http = HTTPServer(gate.status, authenticator: accounts)
/// http.groups = [jobsAPI, dashboard]
/// runtime.parts = [workers, http.part]
/// ```
///
/// While the application drains, and while its database is away, every request is answered with 503 and `Retry-After`. Requests
/// that run when it is to end are waited for.
public struct HTTPServer: Service {
    /// Where it listens, and what it takes.
    public var options: HTTPServerOptions
    /// The routes.
    public var groups: [any RouteGroup] = []
    /// Who finds out who asks; without one everybody is nobody in particular.
    public var authenticator: (any Authenticator)?
    /// How often one client may ask; nil for as often as it likes.
    public var requestLimits: RequestLimits?
    /// Is told of each request when its response begins; it must not block.
    public var onRequest: (@Sendable (HandledRequest) -> Void)?
    /// Writes what a person sees of a problem; nil, or a nil response, for a plain page.
    public var problemPage: (@Sendable (Problem, Request, AppRequestContext) -> Response?)?
    /// What counts requests.
    public var metrics: any MetricsFactory = MetricsSystem.factory
    /// Where it is told what happens.
    public var logger: Logger
    private let status: RuntimeStatus
    private let listening = Signal<Int>()

    /// Makes a server.
    ///
    /// - Parameters:
    ///   - status: how the application is.
    ///   - options: where it listens, and what it takes.
    ///   - authenticator: who finds out who asks.
    ///   - logger: where it is told what happens.
    public init(
        _ status: RuntimeStatus,
        options: HTTPServerOptions = HTTPServerOptions(),
        authenticator: (any Authenticator)? = nil,
        logger: Logger = Logger(label: "lastro.http")
    ) {
        self.status = status
        self.options = options
        self.authenticator = authenticator
        self.logger = logger
    }

    /// The server as a part of an application, which has started when it listens.
    public var part: RuntimePart {
        RuntimePart("http") { started in HTTPService(server: self, started: started) }
    }

    /// The port, as soon as the server listens; 0 on a Unix socket.
    ///
    /// - Throws: what keeps it from listening; `CancellationError`.
    public func port() async throws -> Int { try await listening.value() }

    /// Serves requests until the application ends.
    public func run() async throws { try await run {} }

    func run(_ started: @escaping @Sendable () -> Void) async throws {
        if let notice = options.notice { logger.warning("\(notice)") }
        let idle = options.limits.idle
        let application = Application(
            responder: responder(),
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    idleTimeout: .nanoseconds(Int64(idle / .nanoseconds(1))),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: options.limits.headers,
                        maxHeaderListSize: options.limits.headers,
                        maxHeaderFieldCount: 100
                    )
                )
            ),
            configuration: ApplicationConfiguration(
                address: options.address.bindAddress,
                serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(options.limits.connections)
            ),
            onServerRunning: { [listening, logger, options] channel in
                let port = channel.localAddress?.port ?? 0
                logger.notice(
                    "HTTP is served",
                    metadata: ["host": "\(options.socketPath ?? options.host)", "port": "\(port)"]
                )
                listening.end(with: .success(port))
                started()
            },
            logger: logger
        )
        do {
            try await application.run()
            listening.end(with: .failure(CancellationError()))
        } catch {
            let failure = AppRuntimeError.cannotListen(options.address, for: "HTTP", error)
            listening.end(with: .failure(failure))
            throw failure
        }
    }

    private func responder() -> HTTPResponderStack {
        let router = Router(context: AppRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: TraceContextMiddleware())
        router.add(middleware: ProblemMiddleware(page: problemPage))
        if let authenticator {
            router.add(middleware: AuthenticationMiddleware(authenticator: authenticator, limits: requestLimits))
        }
        if let requestLimits { router.add(middleware: RateLimitMiddleware(limits: requestLimits)) }
        router.add(middleware: CSRFMiddleware(origins: options.origins))
        for group in groups { group.add(to: router.group()) }
        return HTTPResponderStack(
            routes: router.buildResponder(),
            status: status,
            options: options,
            metrics: HTTPMetrics(metrics),
            onRequest: onRequest,
            headers: SecurityHeaders(isBehindTLS: options.isBehindTLS)
        )
    }
}

/// The server as one of an application's services.
private struct HTTPService: Service, CustomStringConvertible {
    let server: HTTPServer
    let started: @Sendable () -> Void

    var description: String { "http" }

    func run() async throws { try await server.run(started) }
}
