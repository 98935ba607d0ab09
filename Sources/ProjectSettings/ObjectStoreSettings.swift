package import Backup

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How an object store is reached: as a program's own settings say, else as the variables do that all tools for it use.
package struct ObjectStoreSettings: Sendable {
    /// The server; nil for what the variables say.
    package var endpoint: String?
    /// The region; nil for what the variables say.
    package var region: String?
    /// The file of the key; nil for what the variables say.
    package var credentials: String?
    /// What a user may name the file of the key with, for errors.
    private let credentialsSetting: String
    private let values: [String: String]

    /// Takes the variables.
    ///
    /// - Parameters:
    ///   - values: the variables, by name.
    ///   - setting: the flag or variable that names the file of the key.
    package init(
        variables values: [String: String],
        credentialsSetting setting: String
    ) {
        self.values = values
        credentialsSetting = setting
    }

    /// The variables that are looked at.
    package static func isVariable(_ name: String) -> Bool { name.hasPrefix("AWS_") || name == "HOME" }

    /// The store of a place; nothing is sent yet.
    ///
    /// - Parameter place: `s3://BUCKET/PREFIX`.
    /// - Returns: the store.
    /// - Throws: `BackupError` for a place that is none; ``ConfigurationError`` if there is no key.
    package func store(at place: String) throws -> S3Store {
        let location = try S3Location(place)
        let region = region ?? value("AWS_REGION") ?? value("AWS_DEFAULT_REGION") ?? "us-east-1"
        let endpoint = endpoint ?? value("AWS_ENDPOINT_URL_S3") ?? value("AWS_ENDPOINT_URL")
        return try S3Store(
            location,
            at: S3Endpoint(endpoint, region: region, bucket: location.bucket),
            region: region,
            credentials: try key(),
            authorities: value("AWS_CA_BUNDLE")
        )
    }

    /// The key: from a file that was named, from the variables, or from the usual file.
    private func key() throws -> S3Credentials {
        if let credentials { return try key(in: credentials) }
        if let key = value("AWS_ACCESS_KEY_ID"), let secret = value("AWS_SECRET_ACCESS_KEY") {
            return S3Credentials(
                accessKey: key,
                secretKey: SecretBytes(copying: secret.utf8),
                sessionToken: value("AWS_SESSION_TOKEN")
            )
        }
        if let file = value("AWS_SHARED_CREDENTIALS_FILE") { return try key(in: file) }
        let usual = (value("HOME") ?? "") + "/.aws/credentials"
        if FileManager.default.fileExists(atPath: usual) { return try key(in: usual) }
        throw ConfigurationError(
            "there is no key for the object store",
            next: "put it into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a file with \(credentialsSetting)"
        )
    }

    /// The key in a file of profiles: `[default]`, then `aws_access_key_id = …` and `aws_secret_access_key = …`.
    private func key(in path: String) throws -> S3Credentials {
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
