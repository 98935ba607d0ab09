import COpenSSL

/// A fingerprint of a migration's file, the same for every line ending and with or without a byte order mark.
///
/// It carries the version of its algorithm, so that another algorithm never makes an applied file look changed.
public struct Checksum: Hashable, Sendable, CustomStringConvertible {
    /// `v1:` and the SHA-256 of the normalised content in hexadecimal digits, as the history holds it.
    public let description: String

    /// Computes the checksum of a file's content.
    public init(of content: [UInt8]) {
        description = "v1:" + sha256(content.droppingByteOrderMark.withUnixLineEndings)
    }

    /// Reads a checksum from the history; nil for an algorithm that this version does not know.
    public init?(_ text: String) {
        guard text.hasPrefix("v1:"), text.utf8.count == 67 else { return nil }
        description = text
    }

    /// The first eight digits, for messages.
    public var short: String { String(description.dropFirst(3).prefix(8)) }
}

private func sha256(_ bytes: ArraySlice<UInt8>) -> String {
    let digest = [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
        bytes.withUnsafeBufferPointer { _ = SHA256($0.baseAddress, $0.count, digest.baseAddress) }
        count = digest.count
    }
    return String(unsafeUninitializedCapacity: digest.count * 2) { text in
        for (index, byte) in digest.enumerated() {
            text[index * 2] = hexadecimalDigit(byte >> 4)
            text[index * 2 + 1] = hexadecimalDigit(byte & 15)
        }
        return digest.count * 2
    }
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

extension Array<UInt8> {
    var droppingByteOrderMark: ArraySlice<UInt8> {
        starts(with: [0xEF, 0xBB, 0xBF]) ? self[3...] : self[...]
    }
}

extension ArraySlice<UInt8> {
    /// The bytes with `\r\n` and a lone `\r` as `\n`.
    var withUnixLineEndings: ArraySlice<UInt8> {
        let carriageReturn = UInt8(ascii: "\r")
        let newline = UInt8(ascii: "\n")
        guard firstIndexOfByte(carriageReturn) != nil else { return self }
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var previous: UInt8?
        for byte in self {
            if byte == carriageReturn {
                result.append(newline)
            } else if byte != newline || previous != carriageReturn {
                result.append(byte)
            }
            previous = byte
        }
        return result[...]
    }
}
