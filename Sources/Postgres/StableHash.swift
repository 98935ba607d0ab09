/// A number that follows from a text, the same in every process and on every machine: FNV-1a with 64 bits.
///
/// For names of files, keys of advisory locks and the like. Whoever can choose the text can make two that collide.
public struct StableHash: Hashable, Sendable, CustomStringConvertible {
    /// The number.
    public let value: UInt64

    /// The number of a text's UTF-8 bytes.
    public init(_ text: String) {
        // The offset basis and the prime are those of the algorithm for 64 bits.
        value = text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }

    /// Sixteen hexadecimal digits.
    public var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
