import AppRuntime
import Foundation
import HTTPTypes
import Hummingbird

/// Logging in and out: pages for people, and the same for programs under `/api/auth`.
struct AccountRoutes: RouteGroup {
    let accounts: Accounts
    let cookie: SessionCookie

    func add(to router: RouterGroup<AppRequestContext>) {
        router.get("/") { _, context in Self.redirect(to: context.principal == nil ? "/login" : "/account") }
        router.get("login") { request, context in
            let next = Self.localPath(request.uri.queryParameters["next"].map(String.init))
            return AccountPages(request).logIn(next: next, problem: nil).response()
        }
        router.post("login") { try await logIn($0, $1) }
        router.post("logout") { try await logOut($0, $1) }
        router.get("account") { request, context in
            guard let principal = context.principal else { return Self.redirect(to: "/login?next=/account") }
            return AccountPages(request).account(principal).response()
        }
        router.get("account/link") { request, _ in AccountPages(request).link(problem: nil, isDone: false).response() }
        router.post("account/link") { try await useLink($0, $1) }
        router.get("account/account.css") { _, _ in AccountPages.asset(AccountPages.style, type: "text/css") }
        router.get("account/link.js") { _, _ in AccountPages.asset(AccountPages.script, type: "text/javascript") }
        let api = router.group("api/auth")
        api.post("login") { try await grant($0, $1) }
        api.post("refresh") { try await refresh($0, $1) }
        api.post("logout") { try await endAccess($0, $1) }
        api.post("link") { try await useLinkOfProgram($0, $1) }
        api.get("me") { _, context in try Self.json(Me(try context.require())) }
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
            return AccountPages(request).logIn(next: next, problem: error).response(error.problem)
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

    private func useLink(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let form = try await Self.form(request, context)
        do {
            let password = form["password"] ?? ""
            guard password == form["again"] else { throw AccountError.weakPassword("was written in two ways") }
            try await accounts.setPassword(password, with: form["code"] ?? "", from: Self.visitor(request, context))
            return AccountPages(request).link(problem: nil, isDone: true).response()
        } catch let error as AccountError {
            return AccountPages(request).link(problem: error, isDone: false).response(error.problem)
        }
    }

    private struct Credentials: Decodable {
        let email: String
        let password: String
    }

    private func grant(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let credentials = try await Self.body(Credentials.self, request, context)
        return try await Self.telling {
            let (grant, _) = try await accounts.grant(
                email: credentials.email,
                password: credentials.password,
                from: Self.visitor(request, context)
            )
            return try Self.json(Tokens(grant))
        }
    }

    private struct Refreshing: Decodable {
        let refreshToken: String
        enum CodingKeys: String, CodingKey { case refreshToken = "refresh_token" }
    }

    private func refresh(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let body = try await Self.body(Refreshing.self, request, context)
        return try await Self.telling {
            try Self.json(Tokens(try await accounts.refresh(body.refreshToken, from: Self.visitor(request, context))))
        }
    }

    private func endAccess(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        try context.require()
        let header = request.headers[.authorization].map { String($0.dropFirst(7)) }
        if let token = header.flatMap({ SecretToken($0, kind: .access) }) ?? cookie.token(in: request) {
            try await accounts.logOut(token, from: Self.visitor(request, context))
        }
        return Response(status: .noContent)
    }

    private struct LinkUse: Decodable {
        let code: String
        let password: String
    }

    private func useLinkOfProgram(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let body = try await Self.body(LinkUse.self, request, context)
        return try await Self.telling {
            try await accounts.setPassword(body.password, with: body.code, from: Self.visitor(request, context))
            return Response(status: .noContent)
        }
    }

    private struct Tokens: Encodable {
        let accessToken: String
        let refreshToken: String
        let tokenType = "Bearer"
        let expiresIn: Int

        init(_ grant: AccessGrant) {
            accessToken = grant.access.secret
            refreshToken = grant.refresh.secret
            expiresIn = Int(grant.lifetime / .seconds(1))
        }

        enum CodingKeys: String, CodingKey {
            case accessToken = "access_token"
            case refreshToken = "refresh_token"
            case tokenType = "token_type"
            case expiresIn = "expires_in"
        }
    }

    private struct Me: Encodable {
        let id: String
        let name: String
        let roles: [String]

        init(_ principal: Principal) {
            id = principal.userID.lowercased()
            name = principal.name
            roles = principal.roles.map(\.rawValue).sorted()
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

    private static func json(_ value: some Encodable) throws -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSONEncoder().encode(value)))
        )
    }

    private static func form(_ request: Request, _ context: AppRequestContext) async throws -> FormFields {
        var request = request
        return FormFields(String(buffer: try await request.collectBody(upTo: context.maxUploadSize)))
    }

    private static func body<Value: Decodable>(
        _ type: Value.Type,
        _ request: Request,
        _ context: AppRequestContext
    ) async throws -> Value {
        guard request.headers[.contentType]?.lowercased().hasPrefix("application/json") == true else {
            throw Problem(.unsupportedMediaType, "media-type", "the body has to be application/json")
        }
        var request = request
        let text = String(buffer: try await request.collectBody(upTo: context.maxUploadSize))
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw Problem.badRequest("the body is not the object of texts that this takes")
        }
    }

    private static func telling(_ body: () async throws -> Response) async throws -> Response {
        do { return try await body() } catch let error as AccountError { throw error.problem }
    }
}
