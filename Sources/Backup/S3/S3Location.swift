/// Where in an object store a repository is: `s3://bucket/prefix`.
public struct S3Location: Hashable, Sendable, CustomStringConvertible {
    /// The bucket.
    public let bucket: String
    /// What all names begin with, without `/` at its end; may be empty.
    public let prefix: String

    /// Whether a text is meant to be such a place.
    ///
    /// - Parameter text: what a user wrote.
    /// - Returns: whether it begins as one.
    public static func isMeant(by text: String) -> Bool { text.lowercased().hasPrefix("s3:") }

    /// Reads a place.
    ///
    /// - Parameter text: `s3://bucket/prefix`.
    /// - Throws: ``BackupError`` if it is none.
    public init(_ text: String) throws(BackupError) {
        let scheme = "s3://"
        guard text.lowercased().hasPrefix(scheme) else { throw .malformedLocation(text) }
        let parts = text.dropFirst(scheme.count).split(separator: "/", omittingEmptySubsequences: false).map(
            String.init
        )
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._".utf8)
        guard let bucket = parts.first, bucket.utf8.count >= 3, bucket.utf8.allSatisfy(plain.contains) else {
            throw .malformedLocation(text)
        }
        let prefix = parts.dropFirst().filter { !$0.isEmpty }
        guard prefix.allSatisfy({ $0 != "." && $0 != ".." }) else { throw .malformedLocation(text) }
        self.bucket = bucket
        self.prefix = prefix.joined(separator: "/")
    }

    /// The place as users write it.
    public var description: String { "s3://\(bucket)" + (prefix.isEmpty ? "" : "/\(prefix)") }
}

/// The server of an object store.
public struct S3Endpoint: Hashable, Sendable {
    let scheme: String
    /// The host with its port, if that is not the usual one.
    let authority: String
    /// Whether the bucket is the first part of the path, and not of the host's name.
    let hasBucketInPath: Bool

    /// Takes a server's address.
    ///
    /// - Parameters:
    ///   - url: the address: `https://host:port`; nil for Amazon's own of the region.
    ///   - region: the region.
    ///   - bucket: the bucket.
    /// - Throws: ``BackupError`` if it is none.
    public init(_ url: String?, region: String, bucket: String) throws(BackupError) {
        guard let url else {
            scheme = "https"
            // A name with a dot in it fits no certificate.
            hasBucketInPath = bucket.contains(".") || bucket != bucket.lowercased()
            authority = (hasBucketInPath ? "" : "\(bucket).") + "s3.\(region).amazonaws.com"
            return
        }
        let parts = url.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3, ["http:", "https:"].contains(parts[0].lowercased()), parts[1].isEmpty,
            !parts[2].isEmpty,
            parts.dropFirst(3).allSatisfy(\.isEmpty), !parts[2].contains("@")
        else { throw .malformedEndpoint() }
        scheme = String(parts[0].dropLast()).lowercased()
        let usual = scheme == "http" ? ":80" : ":443"
        authority = parts[2].hasSuffix(usual) ? String(parts[2].dropLast(usual.count)) : String(parts[2])
        hasBucketInPath = true
    }
}
