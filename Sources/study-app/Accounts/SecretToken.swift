import COpenSSL

/// A secret that is shown to its owner once; the database knows its hash alone.
struct SecretToken: Sendable, CustomStringConvertible, CustomReflectable {
    /// What a token is good for: its first letters, which its hash covers, so that one kind is never taken for another.
    enum Kind: String, Sendable, CaseIterable {
        /// A browser's session.
        case session = "ses_"
        /// A program's access, for minutes.
        case access = "acc_"
        /// What gets a program its next access, once.
        case refresh = "ref_"
        /// A link to set a password, once.
        case link = "lnk_"
    }

    /// The token as its owner shows it.
    let secret: String

    /// Makes a new one, of 256 random bits.
    init(_ kind: Kind) throws(AccountError) {
        secret = kind.rawValue + Base64Text.webText(of: try Random.bytes(32))
    }

    /// Takes one that is shown; nil for a text that is none of the kind.
    init?(_ text: String, kind: Kind) {
        guard text.hasPrefix(kind.rawValue), text.utf8.count == kind.rawValue.utf8.count + 43 else { return nil }
        secret = text
    }

    /// What the database knows of it.
    var hash: [UInt8] { Self.digest(of: secret) }

    /// What a form of the session has to send along: whoever has it cannot make a session of it.
    var csrfToken: String { Base64Text.webText(of: Self.digest(of: "csrf|" + secret)) }

    /// Three stars.
    var description: String { "***" }

    /// A mirror of nothing, so that a dump shows no secret either.
    var customMirror: Mirror { Mirror(self, children: []) }

    private static func digest(of text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        var digest = [UInt8](repeating: 0, count: 32)
        _ = SHA256(bytes, bytes.count, &digest)
        return digest
    }
}
