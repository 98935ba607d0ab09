import HTTPTypes

/// The description of an API's routes (OpenAPI Specification 3.1).
struct OpenAPIDocument {
    let description: APIDescription
    let routes: [APIRoute]
    let components: [String: JSONValue]

    /// The document.
    var json: JSONValue {
        var paths: [String: JSONValue] = [:]
        for (path, routes) in Dictionary(grouping: routes, by: \.path) {
            paths[path] = .object(
                Dictionary(
                    routes.map { ($0.method.rawValue.lowercased(), operation($0)) },
                    uniquingKeysWith: { $1 }
                )
            )
        }
        return [
            "openapi": "3.1.0",
            "info": ["title": .string(description.title), "version": .string(description.version)],
            "paths": .object(paths),
            "components": [
                "schemas": .object(components.merging(["Problem": Self.problem]) { $1 }),
                "securitySchemes": [
                    "bearer": ["type": "http", "scheme": "bearer"],
                    "session": ["type": "apiKey", "in": "cookie", "name": .string(description.sessionCookie)],
                ],
            ],
        ]
    }

    private func operation(_ route: APIRoute) -> JSONValue {
        var operation: [String: JSONValue] = [
            "operationId": .string(route.name), "summary": .string(route.summary), "tags": [.string(route.tag)],
            "responses": .object(responses(of: route)),
        ]
        if let details = route.details { operation["description"] = .string(details) }
        if !route.parameters.isEmpty { operation["parameters"] = .array(route.parameters.map(Self.parameter)) }
        if let body = route.body {
            operation["requestBody"] = ["required": true, "content": ["application/json": ["schema": body]]]
        }
        if route.access != .anybody { operation["security"] = [["bearer": []], ["session": []]] }
        return .object(operation)
    }

    private static func parameter(_ parameter: APIParameter) -> JSONValue {
        [
            "name": .string(parameter.name), "in": .string(parameter.place.rawValue),
            "description": .string(parameter.summary), "required": .bool(parameter.isRequired),
            "schema": parameter.schema,
        ]
    }

    private func responses(of route: APIRoute) -> [String: JSONValue] {
        let all = Self.common(route) + route.replies
        return Dictionary(all.map { ("\($0.status.code)", Self.response($0)) }, uniquingKeysWith: { $1 })
    }

    private static func response(_ reply: APIReply) -> JSONValue {
        var response: [String: JSONValue] = ["description": .string(reply.summary)]
        let isProblem = [.clientError, .serverError].contains(reply.status.kind) && reply.schema == nil
        if isProblem {
            response["content"] = ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]]
        } else if let schema = reply.schema {
            response["content"] = ["application/json": ["schema": schema]]
        }
        if !reply.headers.isEmpty {
            response["headers"] = .object(
                reply.headers.mapValues { ["description": .string($0), "schema": ["type": "string"]] }
            )
        }
        return .object(response)
    }

    /// What every route may answer, by what it asks for.
    private static func common(_ route: APIRoute) -> [APIReply] {
        var replies = [
            APIReply(.badRequest, "The request cannot be understood."),
            APIReply(.tooManyRequests, "Too many requests.", headers: ["Retry-After": "Seconds to wait."]),
            APIReply(.serviceUnavailable, "Not now.", headers: ["Retry-After": "Seconds to wait."]),
        ]
        if route.access != .anybody {
            replies.append(APIReply(.unauthorized, "Nobody has shown who they are."))
            replies.append(APIReply(.forbidden, "The role is missing, or the session's token."))
        }
        if route.body != nil {
            replies.append(APIReply(.contentTooLarge, "The body is too large."))
            replies.append(APIReply(.unsupportedMediaType, "The body is no JSON."))
            replies.append(APIReply(.unprocessableContent, "The body is not as it has to be."))
        }
        return replies
    }

    private static let problem: JSONValue = [
        "type": "object",
        "description": "Problem details (RFC 9457).",
        "required": ["type", "title", "status", "detail", "instance", "code"],
        "properties": [
            "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
            "detail": ["type": "string"], "instance": ["type": "string"], "code": ["type": "string"],
            "next": ["type": "string"],
            "errors": [
                "type": "array",
                "items": [
                    "type": "object", "required": ["place", "detail"],
                    "properties": ["place": ["type": "string"], "detail": ["type": "string"]],
                ],
            ],
        ],
    ]
}
