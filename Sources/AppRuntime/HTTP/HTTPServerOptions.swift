import Foundation
import HTTPTypes
import Hummingbird

/// Where an application's HTTP server listens, and what it takes.
public struct HTTPServerOptions: Sendable {
    /// The name or address to listen on: this machine alone, unless told otherwise.
    public var host = "127.0.0.1"
    /// The port; 0 takes a free one.
    public var port = 3333
    /// The path of a Unix socket to listen on, in the place of a port.
    public var socketPath: String?
    /// Whether something before the application speaks TLS, and lets nothing else through.
    public var isBehindTLS = false
    /// The addresses of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    public var trustedProxies: Set<String> = []
    /// Origins whose pages may send what changes something, beside the application's own.
    public var origins: Set<String> = []
    /// What one request may cost.
    public var limits = HTTPLimits()
    /// Whether each request is told to the log, and not only those that failed.
    public var logsRequests = true

    /// Makes options: port 3333 on this machine alone.
    public init() {}

    /// What whoever starts the server ought to know; nil for nothing.
    public var notice: String? {
        guard socketPath == nil, !isBehindTLS, !["127.0.0.1", "::1", "localhost"].contains(host) else { return nil }
        return
            "HTTP is served on \(host):\(port) without TLS: whoever is on the way can read passwords and sessions; put a proxy "
            + "that speaks TLS before it and say so, or listen on 127.0.0.1"
    }

    var address: ListenAddress { socketPath.map { .unixDomainSocket(path: $0) } ?? .hostname(host, port: port) }

    /// Believes what a trusted proxy says of who asks.
    func readForwarded(_ request: Request, into context: inout AppRequestContext) {
        context.isSecure = isBehindTLS
        guard let peer = context.remoteAddress, trustedProxies.contains(peer) else { return }
        // Each proxy adds the address that it sees: the last one that is no proxy of ours is the client's.
        let chain = request.headers[values: Self.forwardedFor].flatMap { $0.split(separator: ",") }.map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        context.remoteAddress = chain.last { !trustedProxies.contains($0) } ?? peer
        if let scheme = request.headers[Self.forwardedProto] { context.isSecure = scheme == "https" }
    }
}

extension HTTPServerOptions {
    fileprivate static let forwardedFor = HTTPField.Name("X-Forwarded-For") ?? .date
    fileprivate static let forwardedProto = HTTPField.Name("X-Forwarded-Proto") ?? .date
}
