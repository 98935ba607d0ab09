/// Bech32 (BIP 173), in which age writes its keys: a readable part, `1`, the bytes in groups of five bits, a checksum.
///
/// The limit of 90 characters is left out, as age leaves it out.
enum Bech32 {
    /// Writes bytes behind a readable part in small letters.
    static func encode(_ bytes: some Sequence<UInt8>, behind readable: String) -> String {
        let groups = regroup(bytes, from: 8, to: 5, isFilledUp: true) ?? []
        let checksum = checksum(readable: Array(readable.utf8), groups: groups)
        let digits = (groups + checksum).map { alphabet[Int($0)] }
        return readable + "1" + String(decoding: digits, as: UTF8.self)
    }

    /// Reads a text in small or in large letters; nil if it is none.
    static func decode(_ text: some Collection<UInt8>) -> (readable: String, bytes: [UInt8])? {
        let text = Array(text)
        guard text.allSatisfy({ (33...126).contains($0) }) else { return nil }
        let isSmall = text.contains { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
        let isLarge = text.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        guard !(isSmall && isLarge) else { return nil }
        let small = text.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 32 : $0 }
        guard let separator = small.lastIndex(of: UInt8(ascii: "1")), separator > 0 else { return nil }
        var groups: [UInt8] = []
        for digit in small[(separator + 1)...] {
            guard let value = alphabet.firstIndex(of: digit) else { return nil }
            groups.append(UInt8(value))
        }
        guard groups.count >= 6 else { return nil }
        let data = groups.dropLast(6)
        guard Array(groups.suffix(6)) == checksum(readable: Array(small[..<separator]), groups: Array(data)),
            let bytes = regroup(data, from: 5, to: 8, isFilledUp: false)
        else { return nil }
        return (String(decoding: text[..<separator], as: UTF8.self), bytes)
    }

    private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)

    /// The six groups that make the remainder 1.
    private static func checksum(readable: [UInt8], groups: [UInt8]) -> [UInt8] {
        let expanded = readable.map { $0 >> 5 } + [0] + readable.map { $0 & 31 }
        let remainder = remainder(of: expanded + groups + [0, 0, 0, 0, 0, 0]) ^ 1
        return (0..<6).map { UInt8(remainder >> (5 * (5 - UInt32($0))) & 31) }
    }

    private static func remainder(of values: [UInt8]) -> UInt32 {
        let generator: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
        return values.reduce(1) { sum, value in
            let top = sum >> 25
            let shifted = (sum & 0x1ff_ffff) << 5 ^ UInt32(value)
            return generator.indices.reduce(shifted) { top >> UInt32($1) & 1 == 1 ? $0 ^ generator[$1] : $0 }
        }
    }

    /// Cuts bits into groups of another size; nil if what is left over in the end is no padding.
    private static func regroup(
        _ values: some Sequence<UInt8>,
        from size: UInt32,
        to newSize: UInt32,
        isFilledUp: Bool
    ) -> [UInt8]? {
        var result: [UInt8] = []
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for value in values {
            bits = bits << size | UInt32(value)
            count += size
            while count >= newSize {
                count -= newSize
                result.append(UInt8(bits >> count & (1 << newSize - 1)))
            }
            bits &= 1 << count - 1
        }
        if isFilledUp {
            if count > 0 { result.append(UInt8(bits << (newSize - count) & (1 << newSize - 1))) }
        } else if count >= size || bits != 0 {
            return nil
        }
        return result
    }
}
