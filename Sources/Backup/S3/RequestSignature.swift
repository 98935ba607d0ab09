/// Who may use a store.
public struct S3Credentials: Sendable {
    /// The public part.
    public let accessKey: String
    let secretKey: SecretBytes
    let sessionToken: String?

    /// Takes a key.
    ///
    /// - Parameters:
    ///   - accessKey: the public part.
    ///   - secretKey: the secret part.
    ///   - sessionToken: what comes with a key for a time.
    public init(accessKey: String, secretKey: SecretBytes, sessionToken: String? = nil) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }
}

/// Signs requests: AWS Signature Version 4, with the content's hash among what is signed.
struct RequestSignature {
    // AWS General Reference, "Signing AWS API requests"
    private static let algorithm = "AWS4-HMAC-SHA256"

    let credentials: S3Credentials
    let region: String
    var service = "s3"

    /// The headers of a request, with its signature among them.
    ///
    /// - Parameters:
    ///   - method: the request's method.
    ///   - path: the path, with everything in it as it is.
    ///   - query: the names and values of the query, as they are.
    ///   - headers: other headers that are signed, `host` among them.
    ///   - payloadHash: the SHA-256 of what is sent.
    ///   - time: when, as `20260114T030000Z`.
    /// - Returns: all headers.
    /// - Throws: ``BackupError`` if libcrypto refuses the key.
    func headers(
        _ method: String,
        path: String,
        query: [(String, String)],
        headers: [(name: String, value: String)],
        payloadHash: String,
        time: String
    ) throws -> [(name: String, value: String)] {
        var signed = headers + [("x-amz-content-sha256", payloadHash), ("x-amz-date", time)]
        if let token = credentials.sessionToken { signed.append(("x-amz-security-token", token)) }
        signed = signed.map { (name: $0.name.lowercased(), value: $0.value) }.sorted { $0.name < $1.name }
        let names = signed.map(\.name).joined(separator: ";")
        let request = [
            method, Self.encoded(path, keeping: "/"), Self.encoded(query),
            signed.map { "\($0.name):\($0.value)\n" }.joined(), names, payloadHash,
        ].joined(separator: "\n")
        let day = String(time.prefix(8))
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let text = [Self.algorithm, time, scope, sha256(Array(request.utf8))].joined(separator: "\n")
        let signature = hexadecimal(try KeyDerivation.hmac(Array(text.utf8), key: key(for: day)))
        let authorization =
            "\(Self.algorithm) Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(names), Signature=\(signature)"
        return signed.filter { $0.name != "host" } + [("authorization", authorization)]
    }

    private func key(for day: String) throws -> SecretBytes {
        var key = SecretBytes(
            count: 4 + credentials.secretKey.count,
            filledBy: { buffer in
                buffer.copyBytes(from: Array("AWS4".utf8))
                credentials.secretKey.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(rebasing: buffer[4...]).copyMemory(from: $0)
                }
            }
        )
        for part in [day, region, service, "aws4_request"] {
            var next = try KeyDerivation.hmac(Array(part.utf8), key: key)
            key = SecretBytes(copying: next)
            wipe(&next)
        }
        return key
    }

    /// A query in the order and the spelling in which it is signed and sent.
    static func encoded(_ query: [(String, String)]) -> String {
        query.map { (encoded($0.0), encoded($0.1)) }
            .sorted { $0.0 == $1.0 ? $0.1 < $1.1 : $0.0 < $1.0 }
            .map { "\($0.0)=\($0.1)" }
            .joined(separator: "&")
    }

    /// A text in which everything but unreserved characters is written as its bytes (RFC 3986).
    static func encoded(_ text: String, keeping kept: String = "") -> String {
        let plain = Set(
            ("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~" + kept).utf8
        )
        return text.utf8.map { byte in
            plain.contains(byte) ? String(UnicodeScalar(byte)) : "%" + hexadecimal([byte]).uppercased()
        }.joined()
    }
}
