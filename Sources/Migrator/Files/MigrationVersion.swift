/// The number that a migration's file name begins with: a counter, a timestamp of any length, or Flyway's dotted form.
///
/// Versions are numbers: `7`, `007` and `0007` are one version. Dotted ones are compared part by part, and zeros at
/// their end do not count: `1.9` comes before `1.10`, and `1`, `1.0` and `1.0.0` are one version.
public struct MigrationVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The digits as they were written, with their leading zeros, and dots between the parts.
    public let description: String
    /// The number, if it is one and fits; otherwise the digits are compared.
    let number: UInt64?

    /// Reads a version from its digits; nil for anything else, and for zero.
    public init?(_ digits: some StringProtocol) {
        self.init(digits: digits.utf8)
    }

    /// Reads a version from the bytes of its digits; nil for anything else, and for zero.
    init?(digits: some Collection<UInt8>) {
        var number: UInt64? = 0
        var isZero = true
        for byte in digits {
            guard byte.isDigit else { return nil }
            isZero = isZero && byte == UInt8(ascii: "0")
            number = number.flatMap { $0.appending(digit: byte - UInt8(ascii: "0")) }
        }
        if isZero { return nil }
        description = String(decoding: digits, as: UTF8.self)
        self.number = number
    }

    /// Reads a version of one or more parts, with dots or underscores between them; nil for anything else.
    ///
    /// Zero is a version here: Flyway has `V0__x.sql`, Prisma `0_init`.
    public init?(dotted text: some StringProtocol) {
        let parts = text.utf8.split(omittingEmptySubsequences: false) { $0 == UInt8(ascii: ".") || $0 == .underscore }
        guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isDigit) }) else { return nil }
        description = parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
        let isOneNumber = parts.dropFirst().allSatisfy { $0.allSatisfy { $0 == UInt8(ascii: "0") } }
        number = isOneNumber ? parts.first.flatMap { UInt64(String(decoding: $0, as: UTF8.self)) } : nil
    }

    /// Reads the version of a file called `NNNN_name.sql` or a migration called `NNNN_name`; nil for other names.
    public init?(fileName: some StringProtocol) {
        guard let underscore = fileName.utf8.firstIndex(of: .underscore) else { return nil }
        let name = fileName[fileName.utf8.index(after: underscore)...]
        guard !name.isEmpty, name != ".sql" else { return nil }
        self.init(fileName[..<underscore])
    }

    /// Whether both are the same number.
    public static func == (left: Self, right: Self) -> Bool {
        left.number == right.number && (left.number != nil || left.parts == right.parts)
    }

    /// Hashes the number.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(number)
        if number == nil { hasher.combine(parts) }
    }

    /// Whether the left number is the smaller one.
    public static func < (left: Self, right: Self) -> Bool {
        if let left = left.number, let right = right.number { return left < right }
        let (left, right) = (left.parts, right.parts)
        for (left, right) in zip(left, right) where left != right {
            return left.utf8.count == right.utf8.count ? left < right : left.utf8.count < right.utf8.count
        }
        return left.count < right.count
    }

    /// The parts without leading zeros, and without the parts at the end that are zero.
    private var parts: [Substring] {
        var parts = description.split(separator: ".").map { $0.drop { $0 == "0" } }
        while parts.last?.isEmpty == true { parts.removeLast() }
        return parts
    }
}

extension UInt8 {
    static let underscore = UInt8(ascii: "_")
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")

    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
}

extension UInt64 {
    /// The number with one more decimal digit behind it; nil if that does not fit.
    fileprivate func appending(digit: UInt8) -> UInt64? {
        let (product, overflows) = multipliedReportingOverflow(by: 10)
        let (sum, overflowsToo) = product.addingReportingOverflow(UInt64(digit))
        return overflows || overflowsToo ? nil : sum
    }
}
