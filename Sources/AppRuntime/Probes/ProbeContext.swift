import Hummingbird
import Logging
import NIOCore

/// What a probe's handler knows of its request: who asks.
struct ProbeContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let peer: SocketAddress?

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = source.channel.remoteAddress
    }

    /// Whether the request comes from this machine itself, and was not passed on by a proxy that runs here.
    func isLocal(_ request: Request) -> Bool {
        let names = ["forwarded", "x-forwarded-for", "x-real-ip", "via"]
        guard !request.headers.contains(where: { names.contains($0.name.canonicalName) }) else { return false }
        guard let address = peer?.ipAddress else { return peer?.pathname != nil }
        return address.hasPrefix("127.") || address == "::1" || address.hasPrefix("::ffff:127.")
    }
}
