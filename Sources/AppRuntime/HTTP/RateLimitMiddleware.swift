import Hummingbird

/// How often one client may ask an application's HTTP server.
public struct RequestLimits: Sendable {
    /// What counts.
    public let limiter: RateLimiter
    /// How often somebody who is known may ask.
    public var known: RateLimit
    /// How often an address may ask from which nobody is known.
    public var unknown: RateLimit

    /// Makes limits.
    ///
    /// - Parameters:
    ///   - limiter: what counts.
    ///   - known: how often somebody who is known may ask.
    ///   - unknown: how often an address may ask from which nobody is known.
    public init(
        _ limiter: RateLimiter,
        known: RateLimit = RateLimit(600, per: .seconds(60)),
        unknown: RateLimit = RateLimit(120, per: .seconds(60))
    ) {
        self.limiter = limiter
        self.known = known
        self.unknown = unknown
    }

    /// Counts a request for whoever it comes from.
    ///
    /// - Throws: ``Problem``: 429 for one too many.
    func admit(_ context: AppRequestContext) async throws(Problem) {
        let decision =
            if let principal = context.principal {
                await limiter.admit("user:\(principal.userID)", known)
            } else {
                await limiter.admit("address:\(context.remoteAddress ?? "-")", unknown)
            }
        guard decision.isAdmitted else { throw .tooMany(retryAfter: decision.retryAfter) }
    }
}

/// Refuses what comes too often from one client with 429.
struct RateLimitMiddleware: RouterMiddleware {
    typealias Context = AppRequestContext

    let limits: RequestLimits

    @concurrent
    func handle(
        _ request: Request,
        context: AppRequestContext,
        next: @concurrent (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        try await limits.admit(context)
        return try await next(request, context)
    }
}
