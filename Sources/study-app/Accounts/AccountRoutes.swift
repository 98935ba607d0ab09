import AppRuntime
import Foundation
import HTTPTypes
import Hummingbird

/// Pages for logging in and out; ``AccountAPI`` has the same for programs.
struct AccountRoutes: RouteGroup {
    let accounts: Accounts
    let cookie: SessionCookie

    func add(to router: RouterGroup<AppRequestContext>) {
        router.get("/") { _, context in Self.redirect(to: context.principal == nil ? "/login" : "/account") }
        router.get("login") { request, context in
            let next = Self.localPath(request.uri.queryParameters["next"].map(String.init))
            return AccountPages(request).logIn(next: next, principal: context.principal, problem: nil).response()
        }
        router.post("login") { try await logIn($0, $1) }
        router.post("logout") { try await logOut($0, $1) }
        router.get("account") { request, context in
            guard let principal = context.principal else { return Self.redirect(to: "/login?next=/account") }
            return AccountPages(request).account(principal).response()
        }
        router.post("account/password") { try await changePassword($0, $1) }
        router.get("account/link") { request, context in
            AccountPages(request).link(principal: context.principal, problem: nil, isDone: false).response()
        }
        router.post("account/link") { try await useLink($0, $1) }
        router.get("account/account.css") { _, _ in AccountPages.asset(AccountPages.style, type: "text/css") }
        router.get("account/link.js") { _, _ in AccountPages.asset(AccountPages.script, type: "text/javascript") }
    }

    private func logIn(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let form = try await Self.form(request, context)
        let next = Self.localPath(form["next"])
        do {
            let (token, _) = try await accounts.logIn(
                email: form["email"] ?? "",
                password: form["password"] ?? "",
                from: Self.visitor(request, context)
            )
            var response = Self.redirect(to: next)
            response.headers[.setCookie] = cookie.header(token, lasting: accounts.lifetimes.session)
            return response
        } catch let error as AccountError {
            return AccountPages(request).logIn(
                next: next,
                email: form["email"] ?? "",
                principal: context.principal,
                problem: error
            ).response(error.problem)
        }
    }

    private func logOut(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        if let token = cookie.token(in: request) {
            try await accounts.logOut(token, from: Self.visitor(request, context))
        }
        var response = Self.redirect(to: "/login")
        response.headers[.setCookie] = cookie.header(nil, lasting: .zero)
        return response
    }

    private func changePassword(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        guard let principal = context.principal else { return Self.redirect(to: "/login?next=/account") }
        let form = try await Self.form(request, context)
        do {
            let password = form["password"] ?? ""
            guard password == form["again"] else { throw AccountError.weakPassword(.different) }
            try await accounts.changePassword(
                of: principal.userID,
                from: form["old"] ?? "",
                to: password,
                by: Self.visitor(request, context)
            )
            var response = AccountPages(request).link(principal: nil, problem: nil, isDone: true).response()
            response.headers[.setCookie] = cookie.header(nil, lasting: .zero)
            return response
        } catch let error as AccountError {
            return AccountPages(request).account(principal, problem: error).response(error.problem)
        }
    }

    private func useLink(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let form = try await Self.form(request, context)
        do {
            let password = form["password"] ?? ""
            guard password == form["again"] else { throw AccountError.weakPassword(.different) }
            try await accounts.setPassword(password, with: form["code"] ?? "", from: Self.visitor(request, context))
            return AccountPages(request).link(principal: nil, problem: nil, isDone: true).response()
        } catch let error as AccountError {
            return AccountPages(request).link(principal: context.principal, problem: error, isDone: false).response(
                error.problem
            )
        }
    }
}

extension AccountRoutes {
    /// A path of this application to go on with; whatever would lead elsewhere becomes the account's page.
    static func localPath(_ text: String?) -> String {
        guard let text, text.hasPrefix("/"), !text.hasPrefix("//"), !text.hasPrefix("/\\"),
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return "/account" }
        return text
    }

    static func visitor(_ request: Request, _ context: AppRequestContext) -> Visitor {
        Visitor(address: context.remoteAddress, agent: request.headers[.userAgent])
    }

    private static func redirect(to path: String) -> Response {
        Response(status: .seeOther, headers: [.location: path])
    }

    private static func form(_ request: Request, _ context: AppRequestContext) async throws -> FormFields {
        var request = request
        return FormFields(String(buffer: try await request.collectBody(upTo: context.maxUploadSize)))
    }
}
