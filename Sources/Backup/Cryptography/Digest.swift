import COpenSSL

/// The SHA-256 of bytes in hexadecimal digits.
func sha256(_ bytes: some ContiguousBytes) -> String {
    hexadecimal(bytes.withContiguousBytes { digest($0) })
}

/// The SHA-256 of bytes.
func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    _ = SHA256(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &digest)
    return digest
}

/// Bytes in hexadecimal digits.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
