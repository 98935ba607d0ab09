import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Refuses requests that another site has a browser send.
///
/// A request that changes something has to come from a page of this application, by what browsers say of it in `Sec-Fetch-Site` or
/// `Origin`; and one that shows a session's cookie has to send that session's token along, in the header field `X-CSRF-Token` or
/// the form's field `_csrf`. What shows a token in `Authorization` is sent by no browser on its own, and needs neither.
struct CSRFMiddleware: RouterMiddleware {
    typealias Context = AppRequestContext

    /// Origins of which requests are taken beside the application's own, such as `https://study.example.org`.
    let origins: Set<String>

    @concurrent
    func handle(
        _ request: Request,
        context: AppRequestContext,
        next: @concurrent (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        let isSafe = [.get, .head, .options, .trace].contains(request.method)
        let isByHeader = context.principal.map { $0.proof != .session } ?? false
        guard !isSafe, !isByHeader else { return try await next(request, context) }
        guard isFromHere(request) else { throw Problem.forbidden("the request comes from another site") }
        guard let principal = context.principal else { return try await next(request, context) }
        var request = request
        let shown = try await Self.shownToken(&request, limit: context.maxUploadSize)
        guard let wanted = principal.csrfToken, let shown, wanted.isSame(as: shown) else {
            throw Problem(
                .forbidden,
                "csrf",
                "the request does not show the session's token",
                next: "load the page again, and send the form from there"
            )
        }
        return try await next(request, context)
    }

    private func isFromHere(_ request: Request) -> Bool {
        if let origin = request.headers[.origin] {
            if origins.contains(origin) { return true }
            guard let host = request.head.authority, origin != "null" else { return false }
            return origin.lowercased() == "https://\(host)".lowercased()
                || origin.lowercased() == "http://\(host)".lowercased()
        }
        let site = HTTPField.Name("Sec-Fetch-Site").flatMap { request.headers[$0] }
        return site.map { $0 == "same-origin" || $0 == "none" } ?? true
    }

    /// The token that a request shows; a form's body is read for it, and can be read again behind it.
    private static func shownToken(_ request: inout Request, limit: Int) async throws -> String? {
        if let name = HTTPField.Name("X-CSRF-Token"), let shown = request.headers[name] { return shown }
        guard request.headers[.contentType]?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true else {
            return nil
        }
        let body = try await request.collectBody(upTo: limit)
        return FormFields(String(buffer: body))["_csrf"]
    }
}

/// The fields of a form as a browser sends it (URL Standard, 5.1).
public struct FormFields: Sendable {
    private let fields: [(name: String, value: String)]

    /// Reads a body, or the query of a URL.
    public init(_ text: String) {
        fields = text.split(separator: "&").map { part in
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decoded(pieces[0]), pieces.count > 1 ? Self.decoded(pieces[1]) : "")
        }
    }

    /// The first value of a name; nil without one.
    public subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// All values of a name, in their order.
    public func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// The names, each as often as it was sent.
    public var names: [String] { fields.map(\.name) }

    private static func decoded(_ text: Substring) -> String {
        let spaced = String(text).replacing("+", with: " ")
        return spaced.removingPercentEncoding ?? spaced
    }
}

extension String {
    /// Whether two secrets are the same, found out in a time that does not depend on how much of them is.
    func isSame(as other: String) -> Bool {
        let (own, others) = (Array(utf8), Array(other.utf8))
        guard own.count == others.count else { return false }
        var difference: UInt8 = 0
        for place in own.indices { difference |= own[place] ^ others[place] }
        return difference == 0
    }
}
