import COpenSSL
import Foundation

/// Sends alerts by HTTPS to hosts that the configuration names.
///
/// The body is signed, with the time, by HMAC-SHA256. Redirects are not followed, a proxy of the environment is not used,
/// and an address of this machine or its own network is refused, whatever the name resolves to: before the connection is
/// made, for each address, and once more on what was connected.
public struct WebhookChannel: AlertChannel {
    /// The name by which rules know it.
    public let name: String
    private let url: URL
    private let host: String
    private let secret: SecretReference
    private let trust: WebhookTrust

    /// Makes a channel.
    ///
    /// - Parameters:
    ///   - name: the name by which rules know it.
    ///   - url: where to; `https`, without user and password.
    ///   - hosts: the hosts that the configuration allows, by name.
    ///   - secret: where the key of the signature is found.
    /// - Throws: ``AppRuntimeError`` for a URL that is not allowed.
    public init(_ name: String, url: String, allowing hosts: [String], secret: SecretReference) throws {
        try self.init(name, url: url, allowing: hosts, secret: secret, trust: WebhookTrust())
    }

    /// Makes a channel that may trust more: a test has no server on the Internet.
    init(_ name: String, url: String, allowing hosts: [String], secret: SecretReference, trust: WebhookTrust) throws {
        guard let parsed = URL(string: url), let host = parsed.host?.lowercased(), !host.isEmpty else {
            throw AppRuntimeError.refusedAddress(url, "it is no URL")
        }
        let shown = "\(parsed.scheme ?? "")://\(host)"
        guard parsed.scheme?.lowercased() == "https" else {
            throw AppRuntimeError.refusedAddress(shown, "it is not https")
        }
        guard parsed.user == nil, parsed.password == nil else {
            throw AppRuntimeError.refusedAddress(shown, "it has a user or a password in it")
        }
        guard hosts.contains(where: { $0.lowercased() == host }) else {
            throw AppRuntimeError.refusedAddress(shown, "the configuration does not allow this host")
        }
        self.name = name
        self.url = parsed
        self.host = host
        self.secret = secret
        self.trust = trust
    }

    /// Sends the message; any answer but 2xx is a failure.
    public func deliver(_ message: AlertMessage) async throws {
        let body = Array(message.json.utf8)
        let timestamp = "\(Int(Date().timeIntervalSince1970))"
        let signature = try Self.signature(of: body, at: timestamp, key: try secret.value())
        let request = WebhookRequest(
            url: url.absoluteString,
            headers: [
                "Content-Type: application/json", "User-Agent: lastro", "Lastro-Delivery: \(message.delivery)",
                "Lastro-Timestamp: \(timestamp)", "Lastro-Signature: v1=\(signature)",
            ],
            body: body,
            trust: trust
        )
        // libcurl blocks: on a thread of its own, whose time the request itself limits.
        let outcome = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: request.send()) }
        }
        switch outcome {
        case .answered(let status) where (200..<300).contains(status): return
        case .answered(let status): throw AppRuntimeError.webhookFailed(host, "it answered \(status)")
        case .refused(let reason): throw AppRuntimeError.refusedAddress("https://\(host)", reason)
        case .failed(let reason): throw AppRuntimeError.webhookFailed(host, reason)
        }
    }

    /// The signature: HMAC-SHA256 over the timestamp, a point and the body, in hexadecimal.
    static func signature(of body: [UInt8], at timestamp: String, key: String) throws -> String {
        let message = Array(timestamp.utf8) + [UInt8(ascii: ".")] + body
        let key = Array(key.utf8)
        var code = [UInt8](repeating: 0, count: 32)
        var count = 0
        let made = EVP_Q_mac(
            nil,
            "HMAC",
            nil,
            "SHA256",
            nil,
            key,
            key.count,
            message,
            message.count,
            &code,
            code.count,
            &count
        )
        guard made != nil, count == 32 else { throw AppRuntimeError.noSecret("libcrypto cannot sign with it") }
        return code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// What a webhook may do beyond what is right in earnest.
struct WebhookTrust: Sendable {
    /// Whether it may go to this machine.
    var allowsLoopback = false
    /// A file of certificates that are trusted; nil for those of the system.
    var authorities: String?
}
