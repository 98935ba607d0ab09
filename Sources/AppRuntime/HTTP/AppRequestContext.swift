public import Hummingbird
import NIOCore

/// What the handlers of an application know of a request beside the request itself.
public struct AppRequestContext: RequestContext {
    /// What Hummingbird keeps: the logger, which names the request's id, the route and its parameters.
    public var coreContext: CoreRequestContextStorage
    /// Who the request comes from; nil for nobody in particular.
    public var principal: Principal?
    /// The address that the request comes from: the connection's, or what a proxy that is trusted says of it.
    public internal(set) var remoteAddress: String?
    /// Whether the client reached the application, or the proxy before it, through TLS.
    public internal(set) var isSecure = false
    /// How large a body is at most.
    public internal(set) var maxUploadSize = HTTPLimits().body

    /// Makes the context of a request on a connection.
    public init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteAddress = source.channel.remoteAddress?.ipAddress
    }

    /// The principal, if it has one of the roles.
    ///
    /// - Parameter roles: the roles, of which one is enough; none for anybody who is known.
    /// - Returns: the principal.
    /// - Throws: ``Problem``: 401 for nobody, 403 for somebody without the role.
    @discardableResult
    public func require(_ roles: Role...) throws(Problem) -> Principal { try require(anyOf: roles) }

    func require(anyOf roles: [Role]) throws(Problem) -> Principal {
        guard let principal else { throw .unauthorized() }
        guard roles.isEmpty || roles.contains(where: principal.has) else {
            throw .forbidden("this needs the role \(roles.map(\.rawValue).joined(separator: " or "))")
        }
        return principal
    }
}
