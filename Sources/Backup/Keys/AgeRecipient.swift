/// Whom a file is encrypted to.
public enum AgeRecipient: Sendable {
    /// Whoever has the identity that this public key belongs to.
    case publicKey(AgePublicKey)
    /// Whoever knows a passphrase; it must be a file's only recipient.
    case passphrase(SecretBytes, workFactor: Int = 18)

    var isPassphrase: Bool {
        if case .passphrase = self { true } else { false }
    }

    /// Wraps a file's key for this recipient.
    func wrap(_ fileKey: SecretBytes) throws -> AgeStanza {
        switch self {
        case .publicKey(let key): try key.wrap(fileKey)
        case .passphrase(let passphrase, let workFactor):
            try PassphraseStanza.wrap(fileKey, for: passphrase, workFactor: workFactor)
        }
    }
}

/// The public half of an identity: `age1…`.
public struct AgePublicKey: Hashable, Sendable, CustomStringConvertible {
    static let readablePart = "age"
    static let stanzaType = "X25519"
    private static let info = "age-encryption.org/v1/X25519"

    let bytes: [UInt8]

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads a key as `age-keygen` and `lastro backup keygen` print it.
    ///
    /// - Parameter text: the key.
    /// - Throws: ``BackupError`` if it is none, or one of a kind that is not supported.
    public init(_ text: String) throws(BackupError) {
        guard let (readable, bytes) = Bech32.decode(text.utf8) else { throw .malformedRecipient(text) }
        guard readable == Self.readablePart else { throw .unsupportedRecipient(text, kind: readable) }
        guard bytes.count == X25519.size else { throw .malformedRecipient(text) }
        self.bytes = bytes
    }

    /// The key as users pass it on.
    public var description: String { Bech32.encode(bytes, behind: Self.readablePart) }

    /// Wraps a file's key (age v1, "The X25519 recipient type").
    func wrap(_ fileKey: SecretBytes) throws -> AgeStanza {
        let ephemeral = try SecretBytes(randomCount: X25519.size)
        let share = try X25519.publicKey(of: ephemeral)
        guard let shared = try X25519.sharedSecret(of: ephemeral, with: bytes) else {
            throw BackupError.malformedRecipient(description)
        }
        let wrapKey = try Self.wrapKey(shared: shared, share: share, recipient: bytes)
        return AgeStanza(
            [Array(Self.stanzaType.utf8), Base64.encode(share)],
            body: try ChaChaPoly.seal(fileKey, withOneTimeKey: wrapKey)
        )
    }

    static func wrapKey(shared: SecretBytes, share: [UInt8], recipient: [UInt8]) throws -> SecretBytes {
        try KeyDerivation.hkdf(shared, salt: share + recipient, info: info)
    }
}
