import TestSupport

@testable import Backup

/// A bucket on a server of this machine.
struct TestBucket {
    static let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

    let endpoint: String
    let name: String

    /// Makes a new bucket.
    init() async throws {
        endpoint = try await Moto.shared.endpoint()
        name = "bucket-" + hexadecimal(try randomBytes(6))
        let response = try HTTPClient().send(HTTPRequest(method: "PUT", url: "\(endpoint)/\(name)"))
        guard response.status == 200 else { throw MissingBucket(status: response.status) }
    }

    func client(prefix: String = "some/prefix", endpoint other: String? = nil, secret: String = secret) throws
        -> S3Client
    {
        let location = try S3Location("s3://\(name)/\(prefix)")
        var client = S3Client(
            location,
            at: try S3Endpoint(other ?? endpoint, region: "us-east-1", bucket: name),
            region: "us-east-1",
            credentials: S3Credentials(accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: SecretBytes(copying: secret.utf8)),
            http: try HTTPClient()
        )
        client.firstPause = 0.01
        return client
    }

    func store(prefix: String = "some/prefix", partSize: Int = 1 << 20) throws -> S3Store {
        S3Store(try client(prefix: prefix), partSize: partSize)
    }

    /// Plans what becomes of the next requests: `503`, `lose` for a lost answer, `ok`.
    func plan(_ faults: String...) throws {
        let text = Array("\(name):\(faults.joined(separator: ","))".utf8)
        let response = try text.withUnsafeBytes {
            try HTTPClient().send(HTTPRequest(method: "POST", url: "\(endpoint)/faults", body: $0))
        }
        guard response.status == 200 else { throw MissingBucket(status: response.status) }
    }
}

struct MissingBucket: Error {
    let status: Int
}
