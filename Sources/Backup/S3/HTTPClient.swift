import CCurl
import Synchronization

/// A request.
struct HTTPRequest {
    var method: String
    var url: String
    var headers: [(name: String, value: String)] = []
    /// What is sent; it has to stay in place until the answer is there.
    var body: UnsafeRawBufferPointer?
}

/// An answer.
struct HTTPResponse: Sendable {
    var status: Int
    /// The headers, their names in small letters.
    var headers: [String: String]
    var body: [UInt8]
}

/// Why there was no answer.
struct HTTPProblem: Error, CustomStringConvertible {
    let description: String
    /// Whether another try may help.
    let mayPass: Bool
}

/// Sends requests through libcurl, from several threads at once; connections are kept.
final class HTTPClient: Sendable {
    private let authorities: String?
    private let idle = Mutex<[CurlHandle]>([])

    /// Makes a client.
    ///
    /// - Parameter authorities: a file of certificates that are trusted; nil for those of the system.
    /// - Throws: ``BackupError`` if there is no libcurl.
    init(authorities: String? = nil) throws {
        // Told before anything is sent, and the first handle is needed in any case.
        let first = try CurlHandle()
        idle.withLock { $0.append(first) }
        self.authorities = authorities
    }

    deinit {
        for handle in idle.withLock(\.self) { handle.close() }
    }

    /// Sends a request and waits for the whole answer.
    func send(_ request: HTTPRequest) throws -> HTTPResponse {
        let handle = try idle.withLock { $0.popLast() } ?? CurlHandle()
        defer {
            handle.reset()
            idle.withLock { $0.append(handle) }
        }
        let answer = Answer()
        let code = CurlHandle.withList(request.headers.map { "\($0.name): \($0.value)" } + Self.unwantedHeaders) {
            list in
            configure(handle, request)
            handle.set(CURLOPT_HTTPHEADER, list)
            let context = Unmanaged.passUnretained(answer).toOpaque()
            handle.setSink(CURLOPT_WRITEFUNCTION, { Answer.add(bytes: $0, $1 * $2, to: $3) })
            handle.set(CURLOPT_WRITEDATA, context)
            handle.setSink(CURLOPT_HEADERFUNCTION, { Answer.add(header: $0, $1 * $2, to: $3) })
            handle.set(CURLOPT_HEADERDATA, context)
            return withExtendedLifetime(answer) { handle.perform() }
        }
        guard code == CURLE_OK else {
            throw HTTPProblem(description: CurlHandle.words(for: code), mayPass: !Self.lasting.contains(code.rawValue))
        }
        return HTTPResponse(status: handle.status, headers: answer.headers, body: answer.body)
    }

    private func configure(_ handle: CurlHandle, _ request: HTTPRequest) {
        handle.set(CURLOPT_URL, request.url)
        handle.set(CURLOPT_NOSIGNAL, 1)
        handle.set(CURLOPT_CONNECTTIMEOUT, 20)
        // A store that says nothing for a minute says nothing any more.
        handle.set(CURLOPT_LOW_SPEED_LIMIT, 1)
        handle.set(CURLOPT_LOW_SPEED_TIME, 60)
        handle.set(CURLOPT_TCP_KEEPALIVE, 1)
        if let authorities { handle.set(CURLOPT_CAINFO, authorities) }
        switch request.method {
        case "GET": handle.set(CURLOPT_HTTPGET, 1)
        case "HEAD": handle.set(CURLOPT_NOBODY, 1)
        default:
            handle.set(CURLOPT_CUSTOMREQUEST, request.method)
            if request.method != "DELETE" {
                let body = request.body ?? UnsafeRawBufferPointer(start: nil, count: 0)
                handle.set(CURLOPT_POST, 1)
                handle.setSize(CURLOPT_POSTFIELDSIZE_LARGE, body.count)
                handle.set(CURLOPT_POSTFIELDS, body.baseAddress ?? UnsafeRawPointer(Self.nothing.utf8Start))
            }
        }
    }

    /// Without a pointer libcurl would ask for the body with a function.
    private static let nothing: StaticString = ""

    /// What libcurl would add of its own.
    private static let unwantedHeaders = ["Expect:", "Content-Type:", "Accept:"]

    /// What another try does not mend: a malformed or unknown address, a certificate that is not trusted.
    private static let lasting: Set<UInt32> = Set(
        [
            CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CONNECT_ERROR, CURLE_OUT_OF_MEMORY,
        ].map(\.rawValue)
    )

    /// Collects an answer, on the thread that performs the request.
    private final class Answer {
        var headers: [String: String] = [:]
        var body: [UInt8] = []

        static func add(bytes: UnsafeMutablePointer<CChar>?, _ count: Int, to context: UnsafeMutableRawPointer?) -> Int
        {
            guard let bytes, let context else { return 0 }
            let answer = Unmanaged<Answer>.fromOpaque(context).takeUnretainedValue()
            answer.body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
            return count
        }

        static func add(header: UnsafeMutablePointer<CChar>?, _ count: Int, to context: UnsafeMutableRawPointer?) -> Int
        {
            guard let header, let context else { return 0 }
            let answer = Unmanaged<Answer>.fromOpaque(context).takeUnretainedValue()
            let line = String(decoding: UnsafeRawBufferPointer(start: header, count: count), as: UTF8.self)
            if line.hasPrefix("HTTP/") {
                answer.headers = [:]  // of the last answer, if there was one before it
            } else if let colon = line.firstIndex(of: ":") {
                let value = line[line.index(after: colon)...]
                answer.headers[line[..<colon].lowercased()] = value.trimmed
            }
            return count
        }
    }
}

extension Substring {
    /// The text without blanks and line ends around it.
    fileprivate var trimmed: String {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
