import Foundation

/// Takes secrets out of what is logged.
///
/// A value is masked if its name says that it is one (`password`, `token`, `authorization`, …), and in any text the
/// password of a URL, what follows `Bearer`, `password=`, and the secrets that were named.
public struct Redaction: Sendable {
    private let secrets: [String]

    /// Makes a redaction.
    ///
    /// - Parameter secrets: texts that are masked wherever they stand; those of less than four characters are not, for they
    ///   would mask half the log.
    public init(secrets: [String] = []) {
        self.secrets = secrets.filter { $0.count >= 4 }.sorted { $0.count > $1.count }
    }

    private static let names = [
        "password", "passwd", "secret", "token", "authorization", "cookie", "apikey", "privatekey", "credential",
        "passphrase", "session",
    ]

    /// Whether a value of this name is a secret.
    func hides(_ name: String) -> Bool {
        let name = name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != "." }
        return Self.names.contains { name.contains($0) }
    }

    /// A text without secrets.
    public func callAsFunction(_ text: String) -> String {
        var text = text
        for secret in secrets { text = text.replacing(secret, with: "***") }
        // Nearly every line has none of these, and is not searched any further.
        if text.contains("://"), text.contains("@") { text = maskingURLs(text) }
        let lower = text.lowercased()
        for mark in ["bearer ", "password=", "passwd=", "token="] where lower.contains(mark) {
            text = masking(text, behind: mark)
        }
        return text
    }

    private func maskingURLs(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let scheme = rest.range(of: "://") {
            result += rest[..<scheme.upperBound]
            rest = rest[scheme.upperBound...]
            let end = rest.firstIndex { $0.isWhitespace || "/?#\"'<>".contains($0) } ?? rest.endIndex
            // A password may hold a slash that nobody has encoded: then the last @ before a blank ends it.
            let word = rest.firstIndex { $0.isWhitespace || "\"'<>".contains($0) } ?? rest.endIndex
            let at = rest[..<end].lastIndex(of: "@") ?? rest[..<word].lastIndex(of: "@")
            guard let at, let colon = rest[..<at].firstIndex(of: ":") else { continue }
            result += rest[...colon] + "***"
            rest = rest[at...]
        }
        return result + rest
    }

    private func masking(_ text: String, behind mark: String) -> String {
        var result = ""
        var rest = text[...]
        while let found = rest.range(of: mark, options: .caseInsensitive) {
            result += rest[..<found.upperBound] + "***"
            rest = rest[found.upperBound...]
            if let quote = rest.first, quote == "'" || quote == "\"" {
                rest = rest.dropFirst()
                rest = rest.firstIndex(of: quote).map { rest[rest.index(after: $0)...] } ?? rest[rest.endIndex...]
            } else {
                rest = rest[(rest.firstIndex { $0.isWhitespace || "&,;\"'".contains($0) } ?? rest.endIndex)...]
            }
        }
        return result + rest
    }
}
