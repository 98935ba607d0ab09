import COpenSSL

/// Encryption that notices every change: ChaCha20-Poly1305 (RFC 8439) under one key.
///
/// A nonce must be used once only with a key; who calls sees to that.
final class ChaChaPoly {
    /// The bytes that a sealed message is longer than its content.
    static let tagSize = 16

    private let context: OpaquePointer
    private let isSealing: Bool

    /// Makes ready for sealing or for opening with a key of 32 bytes.
    init(sealingWith key: SecretBytes) throws {
        context = try Self.makeContext()
        isSealing = true
        let isReady = key.withUnsafeBytes { key in
            EVP_EncryptInit_ex(context, EVP_chacha20_poly1305(), nil, key.bindMemory(to: UInt8.self).baseAddress, nil)
        }
        guard isReady == 1, key.count == 32 else { throw BackupError.cryptography("ChaCha20-Poly1305") }
    }

    /// Makes ready for opening with a key of 32 bytes.
    init(openingWith key: SecretBytes) throws {
        context = try Self.makeContext()
        isSealing = false
        let isReady = key.withUnsafeBytes { key in
            EVP_DecryptInit_ex(context, EVP_chacha20_poly1305(), nil, key.bindMemory(to: UInt8.self).baseAddress, nil)
        }
        guard isReady == 1, key.count == 32 else { throw BackupError.cryptography("ChaCha20-Poly1305") }
    }

    deinit {
        // The library wipes the key on the way.
        EVP_CIPHER_CTX_free(context)
    }

    private static func makeContext() throws -> OpaquePointer {
        guard let context = EVP_CIPHER_CTX_new() else { throw BackupError.cryptography("ChaCha20-Poly1305") }
        return context
    }

    /// Seals a message into memory that is larger than it by ``tagSize``.
    func seal(
        _ message: UnsafeRawBufferPointer,
        nonce: [UInt8],
        into sealed: UnsafeMutableRawBufferPointer
    ) throws {
        precondition(isSealing && nonce.count == 12 && sealed.count == message.count + Self.tagSize)
        let output = sealed.bindMemory(to: UInt8.self).baseAddress
        var count: Int32 = 0
        guard EVP_EncryptInit_ex(context, nil, nil, nil, nonce) == 1,
            EVP_EncryptUpdate(
                context,
                output,
                &count,
                message.bindMemory(to: UInt8.self).baseAddress,
                Int32(message.count)
            ) == 1,
            EVP_EncryptFinal_ex(context, output.map { $0 + message.count }, &count) == 1,
            EVP_CIPHER_CTX_ctrl(
                context,
                EVP_CTRL_AEAD_GET_TAG,
                Int32(Self.tagSize),
                output.map { $0 + message.count }
            ) == 1
        else { throw BackupError.cryptography("ChaCha20-Poly1305") }
    }

    /// Opens a sealed message into memory that is smaller than it by ``tagSize``.
    ///
    /// - Returns: whether it is what was sealed with this key and nonce; if not, the memory is wiped.
    func open(
        _ sealed: UnsafeRawBufferPointer,
        nonce: [UInt8],
        into message: UnsafeMutableRawBufferPointer
    ) throws -> Bool {
        precondition(!isSealing && nonce.count == 12 && sealed.count == message.count + Self.tagSize)
        let input = sealed.bindMemory(to: UInt8.self).baseAddress
        let output = message.bindMemory(to: UInt8.self).baseAddress
        var nothing: UInt8 = 0
        var count: Int32 = 0
        // The library only reads the tag, through a mutable pointer.
        let tag = input.map { UnsafeMutableRawPointer(mutating: $0 + message.count) }
        guard EVP_DecryptInit_ex(context, nil, nil, nil, nonce) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagSize), tag) == 1
        else { throw BackupError.cryptography("ChaCha20-Poly1305") }
        let isAuthentic =
            EVP_DecryptUpdate(context, output ?? .init(&nothing), &count, input, Int32(message.count)) == 1
            && EVP_DecryptFinal_ex(context, output ?? .init(&nothing), &count) == 1
        if !isAuthentic {
            OPENSSL_cleanse(message.baseAddress, message.count)
            ERR_clear_error()
        }
        return isAuthentic
    }
}

extension ChaChaPoly {
    /// Seals a short secret with a key that is used for nothing else, hence with a nonce of zeros.
    static func seal(_ secret: SecretBytes, withOneTimeKey key: SecretBytes) throws -> [UInt8] {
        var sealed = [UInt8](repeating: 0, count: secret.count + tagSize)
        let cipher = try ChaChaPoly(sealingWith: key)
        try secret.withUnsafeBytes { secret in
            try sealed.withUnsafeMutableBytes { try cipher.seal(secret, nonce: zeroNonce, into: $0) }
        }
        return sealed
    }

    /// Opens what was sealed with a key that is used for nothing else; nil if it was not.
    static func open(_ sealed: [UInt8], withOneTimeKey key: SecretBytes) throws -> SecretBytes? {
        guard sealed.count >= tagSize else { return nil }
        let cipher = try ChaChaPoly(openingWith: key)
        var isAuthentic = false
        let secret = try SecretBytes(count: sealed.count - tagSize) { secret in
            isAuthentic = try sealed.withUnsafeBytes { try cipher.open($0, nonce: zeroNonce, into: secret) }
        }
        return isAuthentic ? secret : nil
    }

    private static let zeroNonce = [UInt8](repeating: 0, count: 12)
}
