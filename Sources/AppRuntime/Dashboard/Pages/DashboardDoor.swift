import Hummingbird

/// Who may see pages, in which language, and how they are told what went wrong.
struct DashboardDoor: RouterMiddleware {
    typealias Context = AppRequestContext

    let pages: DashboardPages

    @concurrent
    func handle(
        _ request: Request,
        context: AppRequestContext,
        next: @concurrent (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            _ = try context.require(anyOf: pages.dashboard.readers)
            if request.method == .get, let choice = FormFields(request.uri.query ?? "")["lang"] {
                return Self.keep(choice, request, context)
            }
            return try await next(request, context)
        } catch let problem as Problem where Problem.wantsPage(request) {
            return await tell(problem, request, context)
        } catch let error as AppRuntimeError where Problem.wantsPage(request) {
            return await tell(Problem(telling: error), request, context)
        }
    }

    private func tell(_ problem: Problem, _ request: Request, _ context: AppRequestContext) async -> Response {
        if problem.status == .unauthorized, let path = pages.dashboard.signInPath {
            let target = request.method == .get ? "?next=" + request.uri.path.encodedForQuery : ""
            return .redirect(to: path + target, type: .normal)
        }
        // Somebody unknown is told nothing of what there is.
        guard context.principal != nil else { return problem.response(from: request, context: context) }
        let language = DashboardPages.language(of: request)
        let words =
            switch problem.status {
            case .forbidden where problem.code == "forbidden": ("forbidden", language("forbiddenHint"))
            case .notFound: ("notFound", problem.detail)
            default: ("problem", [problem.detail, problem.next].compactMap { $0 }.joined(separator: ". "))
            }
        let model = PageModel(
            ("detail", words.1),
            ("href", "/dashboard"),
            ("action", language("toOverview"))
        )
        return await pages.page(
            "",
            heading: language(words.0),
            "message",
            model,
            status: problem.status,
            request,
            context
        )
    }

    /// Keeps a choice of language for a year.
    private static func keep(_ choice: String, _ request: Request, _ context: AppRequestContext) -> Response {
        let kept = (request.uri.query ?? "").split(separator: "&").filter { !$0.hasPrefix("lang=") }
        let query = kept.isEmpty ? "" : "?" + kept.joined(separator: "&")
        var response = Response.redirect(to: request.uri.path + query, type: .normal)
        guard let language = DashboardLanguage(rawValue: choice) else { return response }
        response.setCookie(
            Cookie(
                name: "lastro_lang",
                value: language.rawValue,
                maxAge: 31_536_000,
                path: "/dashboard",
                secure: context.isSecure,
                httpOnly: true,
                sameSite: .lax
            )
        )
        return response
    }
}
