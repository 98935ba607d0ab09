import AppRuntime
import Foundation
import HTTPTypes
import Hummingbird

/// The routes under `/api/auth`, by which programs log in and out, with what the OpenAPI document says of them.
struct AccountAPI: Sendable {
    let accounts: Accounts
    let cookie: SessionCookie

    /// The routes, for the table that also has the application's others.
    var routes: [APIRoute] {
        [
            route(
                "/api/auth/login",
                "logIn",
                "Get tokens for an address and a password",
                "After five wrong tries for an address nobody gets in for a while, which grows with each further one: 429.",
                body: "Credentials",
                replies: [
                    APIReply(.ok, "The tokens.", schema: Self.reference("Tokens")),
                    APIReply(.unauthorized, "Address and password do not belong to an open account."),
                ]
            ) { request in
                let (grant, _) = try await accounts.grant(
                    email: request.member("email"),
                    password: request.member("password"),
                    from: AccountRoutes.visitor(request.request, request.context)
                )
                return try Self.reply(Tokens(grant))
            },
            route(
                "/api/auth/refresh",
                "refreshTokens",
                "Get new tokens for a refresh token, which is good once",
                "One that comes a second time ends the sign-in it belongs to, with all that came of it.",
                body: "Refreshing",
                replies: [
                    APIReply(.ok, "The tokens.", schema: Self.reference("Tokens")),
                    APIReply(.unauthorized, "The token has ended, was used, or never was one."),
                ]
            ) { request in
                let grant = try await accounts.refresh(
                    request.member("refresh_token"),
                    from: AccountRoutes.visitor(request.request, request.context)
                )
                return try Self.reply(Tokens(grant))
            },
            route(
                "/api/auth/link",
                "setPassword",
                "Set a password with the code of a link, which is good once",
                "It ends all sessions of the account.",
                body: "LinkUse",
                replies: [
                    APIReply(.noContent, "The password is set."),
                    APIReply(.unauthorized, "The code has ended, was used, or never was one."),
                ]
            ) { request in
                try await accounts.setPassword(
                    request.member("password"),
                    with: request.member("code"),
                    from: AccountRoutes.visitor(request.request, request.context)
                )
                return Response(status: .noContent)
            },
            route(
                "/api/auth/logout",
                "logOut",
                "End the sign-in that the request shows",
                access: .roles([]),
                replies: [APIReply(.noContent, "It is ended.")]
            ) { request in
                let header = request.request.headers[.authorization].map { String($0.dropFirst(7)) }
                let shown = header.flatMap { SecretToken($0, kind: .access) } ?? cookie.token(in: request.request)
                if let shown {
                    let visitor = AccountRoutes.visitor(request.request, request.context)
                    try await accounts.logOut(shown, from: visitor)
                }
                return Response(status: .noContent)
            },
            route(
                "/api/auth/me",
                "getMe",
                "Who the request comes from",
                method: .get,
                access: .roles([]),
                replies: [APIReply(.ok, "The account.", schema: Self.reference("Me"))]
            ) { request in try Self.reply(Me(try request.context.require())) },
        ]
    }

    /// The schemas that the routes refer to.
    static let components: [String: JSONValue] = [
        "Credentials": whole([
            "email": ["type": "string", "minLength": 1, "maxLength": 320],
            "password": ["type": "string", "minLength": 1, "maxLength": 1024],
        ]),
        "Refreshing": whole(["refresh_token": ["type": "string", "minLength": 1, "maxLength": 200]]),
        "LinkUse": whole([
            "code": ["type": "string", "minLength": 1, "maxLength": 200],
            "password": ["type": "string", "minLength": 12, "maxLength": 1024],
        ]),
        "Tokens": whole([
            "access_token": ["type": "string"], "refresh_token": ["type": "string"],
            "token_type": ["type": "string", "enum": ["Bearer"]], "expires_in": ["type": "integer"],
        ]),
        "Me": whole([
            "id": ["type": "string", "format": "uuid"], "name": ["type": "string"],
            "roles": ["type": "array", "items": ["type": "string"]],
        ]),
    ]

    /// An object all of whose members are always there.
    private static func whole(_ properties: [String: JSONValue]) -> JSONValue {
        [
            "type": "object", "properties": .object(properties), "additionalProperties": false,
            "required": .array(properties.keys.sorted().map(JSONValue.string)),
        ]
    }

    private static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    private func route(
        _ path: String,
        _ name: String,
        _ summary: String,
        _ details: String? = nil,
        method: HTTPRequest.Method = .post,
        access: APIRoute.Access = .anybody,
        body: String? = nil,
        replies: [APIReply],
        handler: @escaping APIRoute.Handler
    ) -> APIRoute {
        let foreign = APIReply(.forbidden, "A browser sent it from another site.")
        return APIRoute(
            method,
            path,
            name: name,
            summary: summary,
            details: details,
            tag: "accounts",
            access: access,
            body: body.map(Self.reference),
            replies: (access == .anybody ? [foreign] : []) + replies,
            handler: { request in
                do { return try await handler(request) } catch let error as AccountError { throw error.problem }
            }
        )
    }

    private static func reply(_ value: some Encodable) throws -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSONEncoder().encode(value)))
        )
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

extension APIRequest {
    /// A text of the body, which is as its schema says.
    fileprivate func member(_ name: String) -> String { body[name]?.string ?? "" }
}
