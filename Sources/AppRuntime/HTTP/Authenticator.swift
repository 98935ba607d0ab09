public import Hummingbird
import Logging

/// Finds out who a request comes from; implemented by the application, which has the accounts.
public protocol Authenticator: Sendable {
    /// Who a request comes from.
    ///
    /// - Parameters:
    ///   - request: the request, whose body must not be read.
    ///   - context: what else is known, such as the address.
    /// - Returns: the principal; nil for a request that shows nothing, or a session that has ended.
    /// - Throws: ``Problem`` for a credential that is refused; what keeps the answer from being found.
    @concurrent
    func principal(of request: Request, context: AppRequestContext) async throws -> Principal?
}

/// Puts the principal of each request into its context; who may do what is said by the routes.
struct AuthenticationMiddleware: RouterMiddleware {
    typealias Context = AppRequestContext

    let authenticator: any Authenticator
    let limits: RequestLimits?

    @concurrent
    func handle(
        _ request: Request,
        context: AppRequestContext,
        next: @concurrent (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        do {
            context.principal = try await authenticator.principal(of: request, context: context)
        } catch {
            // Whoever shows what is refused is nobody who is known, and asks as often as anybody of that address.
            try await limits?.admit(context)
            throw error
        }
        if let principal = context.principal { context.logger[metadataKey: "user_id"] = "\(principal.userID)" }
        return try await next(request, context)
    }
}

/// Lets nobody through to the routes behind it who has none of the roles.
public struct RequireRole: RouterMiddleware {
    /// What its handlers know of a request.
    public typealias Context = AppRequestContext

    private let roles: [Role]

    /// Makes the guard; without roles it lets anybody through who is known.
    public init(_ roles: Role...) { self.roles = roles }

    /// Refuses the request with 401 or 403, or passes it on.
    @concurrent
    public func handle(
        _ request: Request,
        context: AppRequestContext,
        next: @concurrent (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        _ = try context.require(anyOf: roles)
        return try await next(request, context)
    }
}
