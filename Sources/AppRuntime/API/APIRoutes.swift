import Foundation
import HTTPTypes
public import Hummingbird
import NIOCore

/// The routes of an API, from one table: it registers them, holds requests against their descriptions, and writes the document.
public struct APIRoutes: RouteGroup {
    /// The routes.
    public let routes: [APIRoute]
    /// The document that describes them (OpenAPI 3.1), served at `/openapi.json`.
    public let document: JSONValue
    private let check: SchemaCheck

    /// Makes an API.
    ///
    /// - Parameters:
    ///   - routes: the routes.
    ///   - description: what the document says of the API as a whole.
    ///   - components: the schemas that the routes refer to, by name.
    public init(_ routes: [APIRoute], description: APIDescription, components: [String: JSONValue]) {
        let served = routes + [Self.documentRoute]
        self.routes = served
        check = SchemaCheck(components: components)
        document = OpenAPIDocument(description: description, routes: served, components: components).json
    }

    private static var documentRoute: APIRoute {
        APIRoute(
            .get,
            "/openapi.json",
            name: "getDocument",
            summary: "This document",
            tag: "about",
            access: .anybody,
            replies: [APIReply(.ok, "OpenAPI 3.1", schema: ["type": "object"])],
            handler: { _ in throw Problem.notFound() }  // answered from what is written once
        )
    }

    /// Adds the routes, and an answer for other methods on their paths.
    public func add(to router: RouterGroup<AppRequestContext>) {
        let text = document.json
        for route in routes {
            guard route.path != "/openapi.json" else {
                router.get("/openapi.json") { request, _ in JSONReply.response(text: text, to: request) }
                continue
            }
            router.on(RouterPath(route.path), method: route.method) { [check] request, context in
                try await Self.answer(request, context, route, check)
            }
        }
        for (path, methods) in Dictionary(grouping: routes, by: \.path).mapValues({ $0.map(\.method) }) {
            let allowed = (methods + (methods.contains(.get) ? [.head] : [])).map(\.rawValue).sorted()
            let refused = Self.methods.filter { !allowed.contains($0.rawValue) }
            for method in refused {
                router.on(RouterPath(path), method: method) { _, _ -> Response in
                    throw Problem(
                        .methodNotAllowed,
                        "method-not-allowed",
                        "\(path) does not know \(method)",
                        headers: [.allow: allowed.joined(separator: ", ")]
                    )
                }
            }
        }
    }

    private static let methods: [HTTPRequest.Method] =
        [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]
        + [HTTPRequest.Method(rawValue: "QUERY")].compactMap(\.self)

    private static func answer(
        _ request: Request,
        _ context: AppRequestContext,
        _ route: APIRoute,
        _ check: SchemaCheck
    ) async throws -> Response {
        if case .roles(let roles) = route.access { _ = try context.require(anyOf: roles) }
        let parameters = try Self.parameters(of: request, context, route, check)
        var request = request
        var (body, bytes) = (JSONValue.null, [UInt8]())
        if let schema = route.body {
            bytes = Array(buffer: try await request.collectBody(upTo: context.maxUploadSize))
            body = try read(bytes, of: request, by: schema, check)
        }
        return try await route.handler(
            APIRequest(request: request, context: context, parameters: parameters, body: body, bytes: bytes)
        )
    }

    private static func read(
        _ bytes: [UInt8],
        of request: Request,
        by schema: JSONValue,
        _ check: SchemaCheck
    ) throws(Problem) -> JSONValue {
        let type = request.headers[.contentType]?.split(separator: ";").first.map { $0.lowercased() }
        guard type?.trimmingCharacters(in: .whitespaces) == "application/json" else {
            throw Problem(
                .unsupportedMediaType,
                "unsupported-media-type",
                "the body has to be JSON",
                next: "send it as application/json"
            )
        }
        let body: JSONValue
        do {
            body = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
        } catch {
            throw .badRequest("the body is no JSON")
        }
        let faults = check.faults(in: body, by: schema, at: "")
        guard faults.isEmpty else { throw .invalid("the body is not as it has to be", errors: faults) }
        return body
    }
}

/// What a document says of an API as a whole.
public struct APIDescription: Sendable {
    /// The API's name.
    public var title: String
    /// The version of what it offers.
    public var version: String
    /// The name of the cookie that a session is shown with.
    public var sessionCookie: String

    /// Makes a description.
    public init(title: String, version: String, sessionCookie: String = "session") {
        self.title = title
        self.version = version
        self.sessionCookie = sessionCookie
    }
}
