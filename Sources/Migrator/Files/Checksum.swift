import COpenSSL

/// A fingerprint of a migration's file, the same for every line ending and with or without a byte order mark.
///
/// It carries the version of its algorithm, so that another algorithm never makes an applied file look changed.
public struct Checksum: Hashable, Sendable, CustomStringConvertible {
    private let digest: Digest

    /// Computes the checksum of a file's content.
    public init(of content: [UInt8]) {
        self = content.withUnsafeBytes { Checksum(of: $0) }
    }

    /// Computes the checksum of a file's content.
    init(of content: UnsafeRawBufferPointer) {
        let text = content.starts(with: byteOrderMark) ? UnsafeRawBufferPointer(rebasing: content[3...]) : content
        if text.offset(of: UInt8(ascii: "\r")) == nil {
            digest = sha256(text)
        } else {
            digest = text.withUnixLineEndings.withUnsafeBytes(sha256)
        }
    }

    /// Reads a checksum from the history; nil for an algorithm that this version does not know.
    public init?(_ text: some StringProtocol) {
        self.init(utf8: Array(text.utf8))
    }

    /// Reads a checksum from the bytes of a row; nil for an algorithm that this version does not know.
    init?(utf8 text: some Collection<UInt8>) {
        let digest: Digest? =
            text.withContiguousStorageIfAvailable { bytes in
                guard bytes.count == 67, bytes[0] == UInt8(ascii: "v"), bytes[1] == UInt8(ascii: "1"),
                    bytes[2] == UInt8(ascii: ":")
                else { return nil }
                var digest = Digest()
                let isRead = withUnsafeMutableBytes(of: &digest) { digest in
                    for index in 0..<32 {
                        guard let high = value(bytes[3 + index * 2]), let low = value(bytes[4 + index * 2]) else {
                            return false
                        }
                        digest[index] = high << 4 | low
                    }
                    return true
                }
                return isRead ? digest : nil
            } ?? nil
        guard let digest else { return nil }
        self.digest = digest
    }

    /// `v1:` and the SHA-256 of the normalised content in hexadecimal digits, as the history holds it.
    public var description: String {
        "v1:"
            + String(unsafeUninitializedCapacity: 64) { text in
                withUnsafeBytes(of: digest) { digest in
                    for index in digest.indices {
                        text[index * 2] = digit(digest[index] >> 4)
                        text[index * 2 + 1] = digit(digest[index] & 15)
                    }
                }
                return 64
            }
    }

    /// Loads what computes checksums; the first one does so too.
    public static func prepare() { COpenSSL_find_sha256() }

    /// The first eight digits, for messages.
    public var short: String { String(description.dropFirst(3).prefix(8)) }
}

/// What stands in the checksum's place of a row.
enum RecordedChecksum: Hashable {
    /// Nothing: nobody knows what the file was.
    case absent
    case checksum(Checksum)
    /// The checksum of an algorithm that a later release made.
    case later
    /// Something that no release ever wrote.
    case unreadable

    /// Reads it from the bytes of a row; nil for a null.
    init(utf8 text: ArraySlice<UInt8>?) {
        guard let text else {
            self = .absent
            return
        }
        if let checksum = Checksum(utf8: text) {
            self = .checksum(checksum)
            return
        }
        let number = text.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let isLater =
            text.first == UInt8(ascii: "v") && !number.isEmpty && !number.elementsEqual("1".utf8)
            && text.dropFirst(1 + number.count).first == UInt8(ascii: ":")
        self = isLater ? .later : .unreadable
    }

    var known: Checksum? { if case .checksum(let checksum) = self { checksum } else { nil } }
    var isUnreadable: Bool { self == .unreadable }
}

/// How some editors begin a file of UTF-8.
public let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

/// The 32 bytes of a SHA-256.
///
/// No vector: a value that is aligned to 32 bytes makes the compiler align the frame of an asynchronous function that
/// holds it, and Swift 6.3 does not count the bytes that this takes, so that the function writes behind its frame.
private struct Digest: Hashable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    static func == (left: Digest, right: Digest) -> Bool { left.words == right.words }

    func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

private func sha256(_ bytes: UnsafeRawBufferPointer) -> Digest {
    var digest = Digest()
    withUnsafeMutableBytes(of: &digest) { digest in
        var state = SHA256_CTX()
        SHA256_Init(&state)
        SHA256_Update(&state, bytes.baseAddress, bytes.count)
        SHA256_Final(digest.baseAddress, &state)
    }
    return digest
}

private func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

private func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes with `\r\n` and a lone `\r` as `\n`.
    fileprivate var withUnixLineEndings: [UInt8] {
        let newline = UInt8(ascii: "\n")
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var previous: UInt8?
        for byte in self {
            if byte == UInt8(ascii: "\r") {
                result.append(newline)
            } else if byte != newline || previous != UInt8(ascii: "\r") {
                result.append(byte)
            }
            previous = byte
        }
        return result
    }
}
