/// The number that a migration's file name begins with: a counter or a timestamp, of any length.
///
/// Versions are numbers: `7`, `007` and `0007` are one version.
public struct MigrationVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The digits as they were written, with their leading zeros.
    public let description: String
    /// The number; nil if it has more digits than fit, and then the digits are compared.
    private let number: UInt64?

    /// Reads a version from its digits; nil for anything else, and for zero.
    public init?(_ digits: some StringProtocol) {
        var number: UInt64? = 0
        var isZero = true
        for byte in digits.utf8 {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            isZero = isZero && byte == UInt8(ascii: "0")
            number = number.flatMap { $0.appending(digit: byte - UInt8(ascii: "0")) }
        }
        if isZero { return nil }
        description = String(digits)
        self.number = number
    }

    /// Reads the version of a file called `NNNN_name.sql` or a migration called `NNNN_name`; nil for other names.
    public init?(fileName: some StringProtocol) {
        guard let underscore = fileName.utf8.firstIndex(of: UInt8(ascii: "_")) else { return nil }
        let name = fileName[fileName.utf8.index(after: underscore)...]
        guard !name.isEmpty, name != ".sql" else { return nil }
        self.init(fileName[..<underscore])
    }

    /// Whether both are the same number.
    public static func == (left: Self, right: Self) -> Bool {
        left.number == right.number && (left.number != nil || left.significantDigits == right.significantDigits)
    }

    /// Hashes the number.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(number)
        if number == nil { hasher.combine(significantDigits) }
    }

    /// Whether the left number is the smaller one.
    public static func < (left: Self, right: Self) -> Bool {
        switch (left.number, right.number) {
        case (let left?, let right?): return left < right
        case (.some, nil): return true
        case (nil, .some): return false
        case (nil, nil):
            let (left, right) = (left.significantDigits, right.significantDigits)
            return left.utf8.count == right.utf8.count ? left < right : left.utf8.count < right.utf8.count
        }
    }

    private var significantDigits: Substring { description.drop { $0 == "0" } }
}

extension UInt64 {
    /// The number with one more decimal digit behind it; nil if that does not fit.
    fileprivate func appending(digit: UInt8) -> UInt64? {
        let (product, overflows) = multipliedReportingOverflow(by: 10)
        let (sum, overflowsToo) = product.addingReportingOverflow(UInt64(digit))
        return overflows || overflowsToo ? nil : sum
    }
}
