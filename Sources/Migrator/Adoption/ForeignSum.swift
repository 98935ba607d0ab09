import COpenSSL

/// A file's checksum as another tool computes it.
enum ForeignSum: Hashable, Sendable {
    /// Flyway's: the CRC-32 of the lines without their ends, as a signed number.
    case flyway(Int32)
    /// Prisma's: the SHA-256 in hexadecimal digits; line ends may have changed since.
    case prisma(String)
    /// sqlx's: the SHA-384.
    case sqlx([UInt8])
    /// Sqitch's: the SHA-1 in hexadecimal digits.
    case sqitch(String)

    /// Whether it is the checksum of a file's content; nil if that cannot be told.
    func matches(_ content: [UInt8], isRepeatable: Bool = false) -> Bool? {
        switch self {
        case .flyway(let sum):
            if sum == content.flywaySum { return true }
            // Flyway puts placeholders in before it computes a repeatable's checksum.
            return isRepeatable && content.contains(sequence: Array("${".utf8)) ? nil : false
        case .prisma(let digits):
            let variants = [content, content.withLineFeeds, content.withLineFeeds.withCarriageReturns]
            // Old releases wrote a byte below 16 as one digit.
            return variants.contains { $0.sha256.hexadecimal == digits || $0.sha256.unpaddedHexadecimal == digits }
        case .sqlx(let digest): return content.sha384 == digest
        case .sqitch(let digits): return content.sha1.hexadecimal == digits
        }
    }

    /// How the tool's checksum of a content looks, in few characters.
    func short(of content: [UInt8]) -> String {
        switch self {
        case .flyway: "\(content.flywaySum)"
        case .prisma: String(content.sha256.hexadecimal.prefix(8))
        case .sqlx: String(content.sha384.hexadecimal.prefix(8))
        case .sqitch: String(content.sha1.hexadecimal.prefix(8))
        }
    }

    /// The checksum in few characters, for messages.
    var short: String {
        switch self {
        case .flyway(let sum): "\(sum)"
        case .prisma(let digits), .sqitch(let digits): String(digits.prefix(8))
        case .sqlx(let digest): String(digest.hexadecimal.prefix(8))
        }
    }
}

extension [UInt8] {
    /// The CRC-32 of all bytes but line ends and a byte order mark.
    fileprivate var flywaySum: Int32 {
        let text = starts(with: byteOrderMark) ? dropFirst(3) : self[...]
        var remainder = UInt32.max
        for byte in text where byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\r") {
            remainder = crc32Table[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)] ^ (remainder >> 8)
        }
        return Int32(bitPattern: ~remainder)
    }

    fileprivate var sha1: [UInt8] { digest(SHA_DIGEST_LENGTH, SHA1) }
    fileprivate var sha256: [UInt8] { digest(SHA256_DIGEST_LENGTH, SHA256) }
    fileprivate var sha384: [UInt8] { digest(SHA384_DIGEST_LENGTH, SHA384) }

    private func digest(
        _ count: Int32,
        _ compute: (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UInt8>?) -> UnsafeMutablePointer<UInt8>?
    ) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
            _ = withUnsafeBufferPointer { compute($0.baseAddress, $0.count, buffer.baseAddress) }
            initialized = Int(count)
        }
    }

    fileprivate var hexadecimal: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    fileprivate var unpaddedHexadecimal: String {
        map { String($0, radix: 16) }.joined()
    }

    /// The bytes with `\r\n` as `\n`.
    fileprivate var withLineFeeds: [UInt8] {
        indices.filter { index in
            self[index] != UInt8(ascii: "\r") || index + 1 == count || self[index + 1] != UInt8(ascii: "\n")
        }.map { self[$0] }
    }

    /// The bytes with `\n` as `\r\n`.
    fileprivate var withCarriageReturns: [UInt8] {
        flatMap { $0 == UInt8(ascii: "\n") ? [UInt8(ascii: "\r"), $0] : [$0] }
    }

    fileprivate func contains(sequence: [UInt8]) -> Bool {
        indices.contains { self[$0...].starts(with: sequence) }
    }
}

/// The remainders of the 256 bytes for the polynomial of IEEE 802.3, bits reflected.
private let crc32Table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { remainder, _ in
        remainder & 1 == 1 ? 0xEDB8_8320 ^ (remainder >> 1) : remainder >> 1
    }
}
