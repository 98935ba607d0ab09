import COpenSSL

/// Who can open a file.
public enum AgeIdentity: Sendable {
    /// The holder of a secret key.
    case secretKey(AgeSecretKey)
    /// Whoever knows a passphrase. A file with a work factor above the limit is refused before anything is computed.
    case passphrase(SecretBytes, workFactorLimit: Int = 20)

    /// Finds the file's key in the part that is for one recipient; nil if that is somebody else.
    func unwrap(_ stanza: AgeStanza) throws -> SecretBytes? {
        switch self {
        case .secretKey(let key): try key.unwrap(stanza)
        case .passphrase(let passphrase, let limit):
            try PassphraseStanza.unwrap(stanza, with: passphrase, workFactorLimit: limit)
        }
    }
}

/// The secret half of an identity: `AGE-SECRET-KEY-1…`.
public struct AgeSecretKey: Sendable {
    private static let readablePart = "AGE-SECRET-KEY-"

    private let secret: SecretBytes
    /// The public half.
    public let publicKey: AgePublicKey

    private init(secret: SecretBytes) throws {
        self.secret = secret
        publicKey = AgePublicKey(bytes: try X25519.publicKey(of: secret))
    }

    /// Makes a new key.
    ///
    /// - Returns: the key.
    /// - Throws: ``BackupError`` if the system has no random bytes.
    public static func generate() throws -> AgeSecretKey {
        try AgeSecretKey(secret: SecretBytes(randomCount: X25519.size))
    }

    /// Reads a key; nil if it is none.
    init?(_ text: some Collection<UInt8>) throws {
        guard let decoded = Bech32.decode(text) else { return nil }
        var bytes = decoded.bytes
        defer { wipe(&bytes) }
        guard decoded.readable == Self.readablePart, bytes.count == X25519.size else { return nil }
        try self.init(secret: SecretBytes(copying: bytes))
    }

    /// The key's text, as it stands in a key file.
    var encoded: SecretBytes {
        secret.withUnsafeBytes { secret in
            SecretBytes(copying: Bech32.encode(secret, behind: Self.readablePart.lowercased()).uppercased().utf8)
        }
    }

    /// Unwraps a file's key (age v1, "The X25519 recipient type").
    func unwrap(_ stanza: AgeStanza) throws -> SecretBytes? {
        guard stanza.type == AgePublicKey.stanzaType else { return nil }
        guard stanza.arguments.count == 2, let share = Base64.decode(stanza.arguments[1][...]),
            share.count == X25519.size
        else { throw BackupError.malformedHeader("an X25519 recipient's part has malformed arguments") }
        guard stanza.body.count == AgeFile.fileKeySize + ChaChaPoly.tagSize else {
            throw BackupError.malformedHeader("an X25519 recipient's part has a body of \(stanza.body.count) bytes")
        }
        guard let shared = try X25519.sharedSecret(of: secret, with: share) else {
            throw BackupError.malformedHeader("an X25519 recipient's part has a share of low order")
        }
        let wrapKey = try AgePublicKey.wrapKey(shared: shared, share: share, recipient: publicKey.bytes)
        return try ChaChaPoly.open(stanza.body, withOneTimeKey: wrapKey)
    }
}

/// Overwrites bytes that were secret, as far as they are not shared.
func wipe(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
}
