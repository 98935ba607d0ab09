import CXXHash

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A digest of lines that does not depend on their order: the number of them, and the sum of their hashes (XXH3, 128 bits).
///
/// Whoever can choose lines can make two sets with one sum; against chance it is proof enough.
struct LineSum: Hashable, Sendable {
    private(set) var count = 0
    private var high: UInt64 = 0
    private var low: UInt64 = 0

    /// Makes the sum of no lines.
    init() {}

    /// Adds a line, with the newline at its end.
    ///
    /// - Returns: 64 bits of the line's hash.
    @discardableResult
    mutating func add(_ line: UnsafeRawBufferPointer) -> UInt64 {
        let hash = XXH3_128bits(line.baseAddress, line.count)
        let (sum, carries) = low.addingReportingOverflow(hash.low64)
        low = sum
        high = high &+ hash.high64 &+ (carries ? 1 : 0)
        count += 1
        return hash.low64
    }

    /// Adds up the lines of a text.
    ///
    /// - Parameter text: lines, with the newline at the end of each.
    init(ofLinesIn text: [UInt8]) {
        self.init()
        text.withUnsafeBytes { text in
            var rest = text
            while let start = rest.baseAddress, let end = memchr(start, 0x0a, rest.count) {
                let size = UnsafeRawPointer(end) - start + 1
                add(UnsafeRawBufferPointer(start: start, count: size))
                rest = UnsafeRawBufferPointer(rebasing: rest[size...])
            }
        }
    }

    /// Adds the lines of another sum.
    mutating func add(_ other: LineSum) {
        let (sum, carries) = low.addingReportingOverflow(other.low)
        low = sum
        high = high &+ other.high &+ (carries ? 1 : 0)
        count += other.count
    }

    /// The sum in 32 hexadecimal digits.
    var digits: String {
        hexadecimal([high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } })
    }
}
