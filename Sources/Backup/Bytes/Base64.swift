/// Base64 as age wants it: canonical, so that each byte sequence has one spelling (RFC 4648, sections 3.5 and 4).
enum Base64 {
    /// Writes bytes, without padding unless it is asked for.
    static func encode(_ bytes: some Sequence<UInt8>, padded: Bool = false) -> [UInt8] {
        var text: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 1
            guard count == 3 else { continue }
            for shift in [18, 12, 6, 0] as [UInt32] { text.append(alphabet[Int(bits >> shift & 63)]) }
            bits = 0
            count = 0
        }
        if count > 0 {
            bits <<= UInt32(8 * (3 - count))
            for index in 0...count { text.append(alphabet[Int(bits >> (18 - 6 * UInt32(index)) & 63)]) }
            if padded { text += repeatElement(UInt8(ascii: "="), count: 3 - count) }
        }
        return text
    }

    /// Reads a text; nil unless it is the one spelling of its bytes.
    ///
    /// - Parameters:
    ///   - text: the text, without line ends.
    ///   - padded: whether it has to be filled up with `=`, or must not be.
    /// - Returns: the bytes.
    static func decode(_ text: ArraySlice<UInt8>, padded: Bool = false) -> [UInt8]? {
        var digits = text
        if padded {
            guard text.count % 4 == 0 else { return nil }
            for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
        }
        guard digits.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for digit in digits {
            let value = values[Int(digit)]
            guard value < 64 else { return nil }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
                bits &= (1 << bitCount) - 1
            }
        }
        return bits == 0 ? bytes : nil
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 64, count: 256)
        for (value, digit) in alphabet.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()
}
