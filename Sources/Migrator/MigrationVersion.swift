/// The number that a migration's file name begins with: a counter or a timestamp, of any length.
///
/// Versions are numbers: `7`, `007` and `0007` are one version.
public struct MigrationVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The digits as they were written, with their leading zeros.
    public let description: String
    private let significantDigits: Substring

    /// Reads a version from its digits; nil for anything else, and for zero.
    public init?(_ digits: some StringProtocol) {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        description = String(digits)
        significantDigits = description.drop { $0 == "0" }
        if significantDigits.isEmpty { return nil }
    }

    /// Reads the version of a file called `NNNN_name.sql` or a migration called `NNNN_name`; nil for other names.
    public init?(fileName: some StringProtocol) {
        guard let underscore = fileName.firstIndex(of: "_") else { return nil }
        let name = fileName[fileName.index(after: underscore)...]
        guard !name.isEmpty, name != ".sql" else { return nil }
        self.init(fileName[..<underscore])
    }

    /// Whether both are the same number.
    public static func == (left: Self, right: Self) -> Bool { left.significantDigits == right.significantDigits }

    /// Hashes the number.
    public func hash(into hasher: inout Hasher) { hasher.combine(significantDigits) }

    /// Whether the left number is the smaller one.
    public static func < (left: Self, right: Self) -> Bool {
        let counts = (left.significantDigits.utf8.count, right.significantDigits.utf8.count)
        return counts.0 == counts.1 ? left.significantDigits < right.significantDigits : counts.0 < counts.1
    }
}
