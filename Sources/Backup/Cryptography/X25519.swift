import COpenSSL

/// Diffie-Hellman on Curve25519 (RFC 7748).
enum X25519 {
    /// The bytes of a key, private or public, and of a shared secret.
    static let size = 32

    /// The public key that belongs to a private one.
    static func publicKey(of secret: SecretBytes) throws -> [UInt8] {
        let key = try privateKey(secret)
        defer { EVP_PKEY_free(key) }
        var bytes = [UInt8](repeating: 0, count: size)
        var count = size
        guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, count == size else {
            throw BackupError.cryptography("X25519")
        }
        return bytes
    }

    /// The secret that a private key and another's public key have in common.
    ///
    /// - Returns: the secret; nil if it would be zero, whatever the private key is: the public key is a point of low
    ///   order, and whoever sent it knows the secret (RFC 7748, section 6.1).
    static func sharedSecret(of secret: SecretBytes, with publicKey: [UInt8]) throws -> SecretBytes? {
        let key = try privateKey(secret)
        defer { EVP_PKEY_free(key) }
        guard let peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nil, publicKey, publicKey.count),
            let context = EVP_PKEY_CTX_new(key, nil)
        else { throw BackupError.cryptography("X25519") }
        defer {
            EVP_PKEY_free(peer)
            EVP_PKEY_CTX_free(context)
        }
        guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, peer) == 1 else {
            throw BackupError.cryptography("X25519")
        }
        var isDerived = false
        let shared = SecretBytes(count: size) { shared in
            var count = size
            isDerived =
                EVP_PKEY_derive(context, shared.bindMemory(to: UInt8.self).baseAddress, &count) == 1 && count == size
        }
        // libcrypto refuses a result of zero.
        if !isDerived { ERR_clear_error() }
        return isDerived ? shared : nil
    }

    private static func privateKey(_ secret: SecretBytes) throws -> OpaquePointer {
        let key = secret.withUnsafeBytes { secret in
            EVP_PKEY_new_raw_private_key(
                EVP_PKEY_X25519,
                nil,
                secret.bindMemory(to: UInt8.self).baseAddress,
                secret.count
            )
        }
        guard let key else { throw BackupError.cryptography("X25519") }
        return key
    }
}
