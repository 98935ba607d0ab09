import HTTPTypes
import Hummingbird
import NIOCore

/// Answers in JSON, with a tag by which a client asks whether anything has changed.
enum JSONReply {
    /// An answer from its text.
    ///
    /// - Parameters:
    ///   - text: the JSON.
    ///   - request: the request, which may know the answer already.
    ///   - status: the status.
    /// - Returns: the answer, or 304 without a body.
    static func response(text: String, to request: Request, status: HTTPResponse.Status = .ok) -> Response {
        response(ByteBuffer(string: text), to: request, status: status)
    }

    static func response(
        _ buffer: ByteBuffer,
        to request: Request,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        var headers: HTTPFields = [.contentType: "application/json"]
        if request.method == .get, status == .ok {
            let tag = "W/\"" + buffer.readableBytesView.fingerprint + "\""
            headers[.eTag] = tag
            headers[.cacheControl] = "private, no-cache"
            if request.headers[values: .ifNoneMatch].contains(where: { $0.contains(tag) || $0 == "*" }) {
                return Response(status: .notModified, headers: headers)
            }
        }
        headers[.contentLength] = "\(buffer.readableBytes)"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: buffer))
    }
}

extension ByteBufferView {
    /// A number of the bytes: FNV-1a over words of eight bytes, which is enough to tell two answers apart.
    fileprivate var fingerprint: String {
        withUnsafeBytes { bytes in
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            var place = 0
            while place + 8 <= bytes.count {
                hash = (hash ^ bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* 0x0000_0100_0000_01b3
                hash ^= hash >> 32
                place += 8
            }
            while place < bytes.count {
                hash = (hash ^ UInt64(bytes[place])) &* 0x0000_0100_0000_01b3
                place += 1
            }
            return String(hash, radix: 16)
        }
    }
}
