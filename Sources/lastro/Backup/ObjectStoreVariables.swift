import Backup
import ProjectSettings
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the environment says of an object store, under the names that all tools for it use.
struct ObjectStoreVariables {
    private let values = ProcessInfo.processInfo.environment

    var region: String { value("AWS_REGION") ?? value("AWS_DEFAULT_REGION") ?? "us-east-1" }
    var endpoint: String? { value("AWS_ENDPOINT_URL_S3") ?? value("AWS_ENDPOINT_URL") }
    /// A file of certificates that are trusted.
    var authorities: String? { value("AWS_CA_BUNDLE") }

    /// The key: from a file that was named, from the environment, or from the usual file.
    func credentials(file: String?) throws -> S3Credentials {
        if let file { return try credentials(in: file) }
        if let key = value("AWS_ACCESS_KEY_ID"), let secret = value("AWS_SECRET_ACCESS_KEY") {
            return S3Credentials(
                accessKey: key,
                secretKey: SecretBytes(copying: secret.utf8),
                sessionToken: value("AWS_SESSION_TOKEN")
            )
        }
        if let file = value("AWS_SHARED_CREDENTIALS_FILE") { return try credentials(in: file) }
        let usual = (value("HOME") ?? "") + "/.aws/credentials"
        if FileManager.default.fileExists(atPath: usual) { return try credentials(in: usual) }
        throw ConfigurationError(
            "there is no key for the object store",
            next: "put it into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a file with --credentials"
        )
    }

    /// The key in a file of profiles: `[default]`, then `aws_access_key_id = …` and `aws_secret_access_key = …`.
    private func credentials(in path: String) throws -> S3Credentials {
        let profile = value("AWS_PROFILE") ?? "default"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ConfigurationError(
                "\(path), the file of the object store's key, cannot be read",
                next: "see to it that it is there and may be read"
            )
        }
        var found: [String: String] = [:]
        var section = "default"
        for line in text.split(whereSeparator: \.isNewline).map({ trimmed($0) }) where !line.hasPrefix("#") {
            if line.hasPrefix("["), line.hasSuffix("]") {
                section = trimmed(line.dropFirst().dropLast())
            } else if section == profile, let sign = line.firstIndex(of: "=") {
                found[trimmed(line[..<sign]).lowercased()] = trimmed(line[line.index(after: sign)...])
            }
        }
        guard let key = found["aws_access_key_id"], let secret = found["aws_secret_access_key"] else {
            throw ConfigurationError(
                "\(path) has no key for the profile \(profile)",
                next: "write aws_access_key_id and aws_secret_access_key under [\(profile)], or set AWS_PROFILE"
            )
        }
        return S3Credentials(
            accessKey: key,
            secretKey: SecretBytes(copying: secret.utf8),
            sessionToken: found["aws_session_token"]
        )
    }

    private func value(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    private func trimmed(_ text: some StringProtocol) -> String {
        var text = Substring(text)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
