#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What another tool's history says ran: one form for all tools.
struct ForeignHistory: Hashable, Sendable {
    /// What ran, in that order, and what failed half way.
    var rows: [ForeignRow] = []
    /// What is half done or cannot be told.
    var problems: [MigratorError] = []
}

/// A migration that ran, as another tool's history tells it.
struct ForeignRow: Hashable, Sendable {
    /// Which files a row stands for.
    enum Reach: Hashable, Sendable {
        /// One.
        case one
        /// Its own, and every one of a lower version (golang-migrate notes the current version only).
        case upTo
        /// Every one up to its version, though it has none itself (a Flyway baseline).
        case below
    }

    /// What the tool calls it.
    let label: String
    /// The names that its file may have, the likeliest first.
    var names: [String] = []
    /// Its version, for tools that go by it.
    var version: ForeignVersion?
    var appliedAt: Date?
    /// The tool's checksum of the file that ran.
    var sum: ForeignSum?
    var reach = Reach.one
    /// Whether it failed half way; then there is a problem that says so.
    var hasFailed = false
    var isRepeatable = false
    /// Whether earlier instances of the file are called `name@tag` (Sqitch).
    var isReworkable = false
}

/// A version in other tools' way: numbers with dots between, where `1`, `01` and `1.0` are one.
struct ForeignVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The digits of each number without leading zeros, the last one not empty.
    private let parts: [String]

    /// Reads a version; nil for anything but numbers with dots or underscores between.
    init?(_ text: some StringProtocol) {
        var parts: [String] = []
        for part in text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "." || $0 == "_" }) {
            guard !part.isEmpty, part.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
                return nil
            }
            parts.append(String(part.drop { $0 == "0" }))
        }
        while parts.last == "" { parts.removeLast() }
        self.parts = parts
    }

    /// The numbers without leading zeros, dots between.
    var description: String { parts.isEmpty ? "0" : parts.map { $0.isEmpty ? "0" : $0 }.joined(separator: ".") }

    init(_ number: Int) {
        parts = number == 0 ? [] : ["\(number)"]
    }

    static func < (left: Self, right: Self) -> Bool {
        for (left, right) in zip(left.parts, right.parts) where left != right {
            return left.utf8.count == right.utf8.count ? left < right : left.utf8.count < right.utf8.count
        }
        return left.parts.count < right.parts.count
    }
}
