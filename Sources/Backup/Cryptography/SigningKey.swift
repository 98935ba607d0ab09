import COpenSSL

/// The secret half of a pair of keys that signs (Ed25519, RFC 8032).
public struct SigningKey: Sendable {
    private static let readablePart = "lastro-signing-key-"
    private static let size = 32

    private let secret: SecretBytes
    /// What a signature is checked with.
    public let verificationKey: VerificationKey

    private init(secret: SecretBytes) throws {
        self.secret = secret
        let key = try Self.open(secret)
        defer { EVP_PKEY_free(key) }
        var bytes = [UInt8](repeating: 0, count: Self.size)
        var count = Self.size
        guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1 else { throw BackupError.cryptography("Ed25519") }
        verificationKey = VerificationKey(bytes: bytes)
    }

    /// Makes a new key.
    ///
    /// - Returns: the key.
    /// - Throws: ``BackupError`` if the system has no random bytes.
    public static func generate() throws -> SigningKey {
        try SigningKey(secret: SecretBytes(randomCount: size))
    }

    /// Reads a key; nil if it is none.
    init?(_ text: some Collection<UInt8>) throws {
        guard let decoded = Bech32.decode(text) else { return nil }
        var bytes = decoded.bytes
        defer { wipe(&bytes) }
        guard decoded.readable.lowercased() == Self.readablePart, bytes.count == Self.size else { return nil }
        try self.init(secret: SecretBytes(copying: bytes))
    }

    /// The key's text, `LASTRO-SIGNING-KEY-1…`.
    var encoded: SecretBytes {
        secret.withUnsafeBytes { secret in
            SecretBytes(copying: Bech32.encode(secret, behind: Self.readablePart).uppercased().utf8)
        }
    }

    /// Signs a message.
    func sign(_ message: [UInt8]) throws -> [UInt8] {
        let key = try Self.open(secret)
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { throw BackupError.cryptography("Ed25519") }
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: 64)
        var count = signature.count
        guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1, count == signature.count
        else { throw BackupError.cryptography("Ed25519") }
        return signature
    }

    private static func open(_ secret: SecretBytes) throws -> OpaquePointer {
        let key = secret.withUnsafeBytes { secret in
            EVP_PKEY_new_raw_private_key(
                EVP_PKEY_ED25519,
                nil,
                secret.bindMemory(to: UInt8.self).baseAddress,
                secret.count
            )
        }
        guard let key else { throw BackupError.cryptography("Ed25519") }
        return key
    }
}

/// The public half of a pair of keys that signs: `lastro1…`.
public struct VerificationKey: Hashable, Sendable, CustomStringConvertible {
    private static let readablePart = "lastro"

    private let bytes: [UInt8]

    fileprivate init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads a key; nil if it is none.
    ///
    /// - Parameter text: the key.
    public init?(_ text: String) {
        guard let (readable, bytes) = Bech32.decode(text.utf8), readable == Self.readablePart, bytes.count == 32 else {
            return nil
        }
        self.bytes = bytes
    }

    /// The key as users pass it on.
    public var description: String { Bech32.encode(bytes, behind: Self.readablePart) }

    /// Whether a message was signed with the other half.
    func accepts(_ signature: [UInt8], of message: [UInt8]) throws -> Bool {
        guard let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count),
            let context = EVP_MD_CTX_new()
        else { throw BackupError.cryptography("Ed25519") }
        defer {
            EVP_PKEY_free(key)
            EVP_MD_CTX_free(context)
        }
        guard EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else {
            throw BackupError.cryptography("Ed25519")
        }
        let isAccepted = EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        if !isAccepted { ERR_clear_error() }
        return isAccepted
    }
}
