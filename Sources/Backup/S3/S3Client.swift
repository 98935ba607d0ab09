#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Sends signed requests to an object store, and tries again what may pass.
struct S3Client: Sendable {
    let location: S3Location
    private let endpoint: S3Endpoint
    private let credentials: S3Credentials
    private let region: String
    private let http: HTTPClient
    /// How often a request is sent at most.
    var attempts = 6
    /// How long is waited before the second try; each time twice as long, and by chance up to half of it shorter.
    var firstPause = 0.2

    init(
        _ location: S3Location,
        at endpoint: S3Endpoint,
        region: String,
        credentials: S3Credentials,
        http: HTTPClient
    ) {
        self.location = location
        self.endpoint = endpoint
        self.region = region
        self.credentials = credentials
        self.http = http
    }

    /// An answer, with whether an earlier try may have done its work without our hearing of it.
    struct Outcome: Sendable {
        let response: HTTPResponse
        let mayHaveBeenDone: Bool

        /// The store's own code for what went wrong.
        var code: String? { S3Answer(response.body).value("Code") }
    }

    /// Sends a request until there is an answer that another try does not change.
    ///
    /// - Parameters:
    ///   - method: the method.
    ///   - key: the object's key; nil for the bucket.
    ///   - query: the query.
    ///   - headers: headers beside those that every request has.
    ///   - body: what is sent.
    /// - Returns: the last answer, whatever it says.
    /// - Throws: ``BackupError`` if there was none.
    func send(
        _ method: String,
        _ key: String? = nil,
        query: [(String, String)] = [],
        headers: [(name: String, value: String)] = [],
        body: UnsafeRawBufferPointer? = nil
    ) throws -> Outcome {
        let payloadHash = body.map { hexadecimal(digest($0)) } ?? Self.emptyHash
        var mayHaveBeenDone = false
        var attempt = 1
        while true {
            do {
                let request = try request(method, key, query, headers, body, payloadHash)
                let outcome = Outcome(response: try http.send(request), mayHaveBeenDone: mayHaveBeenDone)
                guard mayPass(outcome), attempt < attempts else { return outcome }
                if outcome.response.status >= 500 { mayHaveBeenDone = true }
                pause(attempt, asked: outcome.response.headers["retry-after"].flatMap(Double.init))
            } catch let problem as HTTPProblem {
                guard problem.mayPass, attempt < attempts else {
                    throw BackupError.unreachableStore(location.description, problem.description, tries: attempt)
                }
                mayHaveBeenDone = true
                pause(attempt, asked: nil)
            }
            attempt += 1
        }
    }

    private func request(
        _ method: String,
        _ key: String?,
        _ query: [(String, String)],
        _ headers: [(name: String, value: String)],
        _ body: UnsafeRawBufferPointer?,
        _ payloadHash: String
    ) throws -> HTTPRequest {
        var path = endpoint.hasBucketInPath ? "/\(location.bucket)" : ""
        if let key { path += "/" + key } else if path.isEmpty { path = "/" }
        let signature = RequestSignature(credentials: credentials, region: region)
        let all = try signature.headers(
            method,
            path: path,
            query: query,
            headers: headers + [("host", endpoint.authority)],
            payloadHash: payloadHash,
            time: Timestamp.digits(Timestamp.text(Timestamp.now))
        )
        var url = "\(endpoint.scheme)://\(endpoint.authority)\(RequestSignature.encoded(path, keeping: "/"))"
        if !query.isEmpty { url += "?" + RequestSignature.encoded(query) }
        return HTTPRequest(method: method, url: url, headers: all, body: body)
    }

    private static let emptyHash = sha256([])

    private func mayPass(_ outcome: Outcome) -> Bool {
        switch outcome.response.status {
        case 408, 429, 500, 502, 503, 504: true
        case 409: outcome.code == "ConditionalRequestConflict" || outcome.code == "OperationAborted"
        case 400: outcome.code == "RequestTimeout"
        default: false
        }
    }

    private func pause(_ attempt: Int, asked: Double?) {
        let longest = min(firstPause * Double(1 << (attempt - 1)), 10)
        let seconds = max(min(asked ?? 0, 60), longest * Double.random(in: 0.5...1))
        usleep(UInt32(seconds * 1_000_000))
    }
}
