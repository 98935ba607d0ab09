import COpenSSL

/// Deriving keys, and codes that tell whether something was made by who has the key; all of it from libcrypto.
enum KeyDerivation {
    /// A key of 32 bytes from another secret: HKDF with SHA-256 (RFC 5869).
    static func hkdf(_ secret: SecretBytes, salt: [UInt8], info: String) throws -> SecretBytes {
        guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nil) else { throw BackupError.cryptography("HKDF") }
        defer { EVP_PKEY_CTX_free(context) }
        let info = Array(info.utf8)
        let isReady = secret.withUnsafeBytes { secret in
            EVP_PKEY_derive_init(context) == 1
                && EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) == 1
                && EVP_PKEY_CTX_set1_hkdf_key(
                    context,
                    secret.bindMemory(to: UInt8.self).baseAddress,
                    Int32(secret.count)
                ) == 1
                && (salt.isEmpty || EVP_PKEY_CTX_set1_hkdf_salt(context, salt, Int32(salt.count)) == 1)
                && EVP_PKEY_CTX_add1_hkdf_info(context, info, Int32(info.count)) == 1
        }
        guard isReady else { throw BackupError.cryptography("HKDF") }
        return try SecretBytes(count: 32) { key in
            var count = key.count
            guard EVP_PKEY_derive(context, key.bindMemory(to: UInt8.self).baseAddress, &count) == 1, count == 32 else {
                throw BackupError.cryptography("HKDF")
            }
        }
    }

    /// A key of 32 bytes from a passphrase: scrypt with r = 8 and p = 1 (RFC 7914).
    ///
    /// The work factor is the binary logarithm of N; it takes 1 KiB of memory times N.
    static func scrypt(_ passphrase: SecretBytes, salt: [UInt8], workFactor: Int) throws -> SecretBytes {
        let rounds: UInt64 = 1 << UInt64(workFactor)
        return try SecretBytes(count: 32) { key in
            let isDerived = passphrase.withUnsafeBytes { passphrase in
                // The library's own limit on memory refuses work factors from 15 on.
                EVP_PBE_scrypt(
                    passphrase.bindMemory(to: CChar.self).baseAddress,
                    passphrase.count,
                    salt,
                    salt.count,
                    rounds,
                    8,
                    1,
                    128 * 8 * rounds + (1 << 20),
                    key.bindMemory(to: UInt8.self).baseAddress,
                    key.count
                ) == 1
            }
            guard isDerived else { throw BackupError.cryptography("scrypt") }
        }
    }

    /// The code of a message under a key: HMAC with SHA-256 (RFC 2104).
    static func hmac(_ message: some ContiguousBytes, key: SecretBytes) throws -> [UInt8] {
        var code = [UInt8](repeating: 0, count: 32)
        var count = 0
        let isMade = key.withUnsafeBytes { key in
            message.withContiguousBytes { message in
                EVP_Q_mac(
                    nil,
                    "HMAC",
                    nil,
                    "SHA256",
                    nil,
                    key.baseAddress,
                    key.count,
                    message.bindMemory(to: UInt8.self).baseAddress,
                    message.count,
                    &code,
                    code.count,
                    &count
                ) != nil
            }
        }
        guard isMade, count == 32 else { throw BackupError.cryptography("HMAC") }
        return code
    }
}

/// Whether two sequences are equal, in a time that says nothing of where they differ.
func areEqualInConstantTime(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
}

/// What lies in memory in one piece.
protocol ContiguousBytes {
    func withContiguousBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result
}

extension [UInt8]: ContiguousBytes {
    func withContiguousBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(body)
    }
}

extension SecretBytes: ContiguousBytes {
    func withContiguousBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(body)
    }
}
