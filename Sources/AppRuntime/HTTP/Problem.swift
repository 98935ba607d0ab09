import Foundation
public import Hummingbird
import NIOCore

/// An error as HTTP tells it: problem details (RFC 9457) for programs, a page for people.
///
/// ```swift
/// throw Problem(.notFound, "no-card", "there is no card \(id)")
/// ```
public struct Problem: HTTPResponseError, Hashable {
    /// A part of the request that is not as it must be.
    public struct Detail: Hashable, Sendable, Codable {
        /// Where: a JSON pointer into the body, or the name of a parameter or header field.
        public let place: String
        /// What is wrong with it.
        public let detail: String

        /// Names a part and what is wrong with it.
        public init(_ place: String, _ detail: String) {
            self.place = place
            self.detail = detail
        }
    }

    /// The status of the response.
    public var status: HTTPResponse.Status
    /// The kind of problem as a word for machines; its `type` is `urn:lastro:problem:` and this.
    public var code: String
    /// What happened this time.
    public var detail: String
    /// What to do.
    public var next: String?
    /// Which parts of the request are to blame.
    public var errors: [Detail]
    /// Header fields of the response, such as `Retry-After`.
    public var headers: HTTPFields

    /// Makes a problem.
    ///
    /// - Parameters:
    ///   - status: the status of the response.
    ///   - code: the kind of problem as a word for machines.
    ///   - detail: what happened this time, without secrets.
    ///   - next: what to do.
    ///   - errors: which parts of the request are to blame.
    ///   - headers: header fields of the response.
    public init(
        _ status: HTTPResponse.Status,
        _ code: String,
        _ detail: String,
        next: String? = nil,
        errors: [Detail] = [],
        headers: HTTPFields = [:]
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.next = next
        self.errors = errors
        self.headers = headers
    }

    /// The problem as problem details, or as a page for a browser that looks at one.
    public func response(from request: Request, context: some RequestContext) -> Response {
        let isPage = Self.wantsPage(request)
        let text = isPage ? page(request: context.id) : json(request: context.id)
        var fields = headers
        fields[.contentType] = isPage ? "text/html; charset=utf-8" : "application/problem+json"
        let buffer = ByteBuffer(string: text)
        fields[.contentLength] = "\(buffer.readableBytes)"
        if fields[.cacheControl] == nil { fields[.cacheControl] = "no-store" }
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: buffer))
    }

    /// Whether a person looks at the answer: a browser says so, and the API has no pages.
    static func wantsPage(_ request: Request) -> Bool {
        guard !request.uri.path.hasPrefix("/api/"), let accepted = request.headers[.accept] else { return false }
        return accepted.contains("text/html")
    }

    private struct Members: Encodable {
        let type: String
        let title: String
        let status: Int
        let detail: String
        let instance: String
        let code: String
        let next: String?
        let errors: [Detail]?
    }

    func json(request: String) -> String {
        Members(
            type: "urn:lastro:problem:\(code)",
            title: status.reasonPhrase,
            status: status.code,
            detail: detail,
            instance: "urn:lastro:request:\(request)",
            code: code,
            next: next,
            errors: errors.isEmpty ? nil : errors
        ).json
    }

    private func page(request: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>\(status.code) \(
            status.reasonPhrase.escapedForHTML)</title></head>
        <body>
        <h1>\(status.code) \(status.reasonPhrase.escapedForHTML)</h1>
        <p>\(detail.escapedForHTML)</p>
        \(next.map { "<p>\($0.escapedForHTML)</p>" } ?? "")
        <p><small>\(request.escapedForHTML)</small></p>
        </body>
        </html>

        """
    }
}

extension String {
    /// The text as it may stand in HTML, also between quotation marks.
    public var escapedForHTML: String {
        var text = ""
        for character in unicodeScalars {
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }
}
