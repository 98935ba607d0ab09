import HTTPTypes
import Hummingbird
import NIOCore
import Postgres

/// A file that pages refer to.
///
/// Its name has a digest of what is in it: a browser keeps it for ever, and asks for another name
/// after it was changed.
struct DashboardAsset: Sendable {
    let name: String
    let type: String
    let text: String
    let tag: String

    static let style = DashboardAsset("style", "css", "text/css; charset=utf-8", styleText)
    static let script = DashboardAsset("script", "js", "text/javascript; charset=utf-8", scriptText)
    static let icon = DashboardAsset("icon", "svg", "image/svg+xml", iconText)
    static let all = [style, script, icon]

    private static let iconText = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><path fill="#0b7285" d="M2 4h16v3H2zm0 5h11v3H2zm0 \
        5h7v3H2z"/></svg>
        """

    private init(_ name: String, _ ending: String, _ type: String, _ text: String) {
        let digest = StableHash(text).description
        self.name = "\(name).\(digest).\(ending)"
        self.type = type
        self.text = text
        tag = "\"\(digest)\""
    }

    /// The path that pages refer to.
    var path: String { "/dashboard/assets/\(name)" }

    /// The file, or that it is unchanged.
    func response(to request: Request) -> Response {
        var headers: HTTPFields = [
            .contentType: type, .eTag: tag, .cacheControl: "public, max-age=31536000, immutable",
        ]
        let known = request.headers[.ifNoneMatch] ?? ""
        if known.contains(tag) || known == "*" { return Response(status: .notModified, headers: headers) }
        let buffer = ByteBuffer(string: text)
        headers[.contentLength] = "\(buffer.readableBytes)"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: buffer))
    }
}
