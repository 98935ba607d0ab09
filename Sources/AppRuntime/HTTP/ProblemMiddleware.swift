import Hummingbird
import Logging

/// Turns whatever a handler throws into a problem, and tells the log of those that are the application's own fault.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = AppRequestContext

    /// Writes pages for people; nil for plain ones.
    let page: (@Sendable (Problem, Request, AppRequestContext) -> Response?)?

    @concurrent
    func handle(
        _ request: Request,
        context: AppRequestContext,
        next: @concurrent (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let problem = Problem(telling: error)
            if problem.status.kind == .serverError, !(error is Problem) {
                context.logger.error(
                    "a request failed",
                    metadata: [
                        "error": "\(error)", "method": "\(request.method)", "route": "\(context.endpointPath ?? "")",
                    ]
                )
            }
            if let page, Problem.wantsPage(request), let response = page(problem, request, context) { return response }
            return problem.response(from: request, context: context)
        }
    }
}
