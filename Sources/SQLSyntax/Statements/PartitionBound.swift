import CPgQuery

/// What rows a partition takes: `FOR VALUES …` or `DEFAULT`.
public enum PartitionBound: Hashable, Sendable {
    /// What no other partition takes.
    case rest
    /// Rows with one of these values; nil is one that is no constant.
    case list([String?])
    /// Rows from the first values on, up to those before the last ones; nil is a value that is no constant.
    case range(from: [String?], to: [String?])
    /// Rows whose hash, divided by the first, leaves the second.
    case hash(modulus: Int, remainder: Int)

    /// Whether rows of both are sure to be possible, so that a table cannot have both partitions.
    ///
    /// Values are compared as numbers where all of them are, and as text where they are dates of ISO 8601. False says nothing.
    public func surelyOverlaps(_ other: PartitionBound) -> Bool {
        switch (self, other) {
        case (.rest, .rest):
            return true
        case (.list(let values), .list(let others)):
            return !Set(values.compactMap(\.self)).isDisjoint(with: others.compactMap(\.self))
        case (.range(let from, let to), .range(let otherFrom, let otherTo)):
            if Self.areSame(from, otherFrom) || Self.areSame(to, otherTo) { return true }
            guard let begins = Self.areInOrder(from, otherTo), let ends = Self.areInOrder(otherFrom, to) else {
                return false
            }
            return begins && ends
        case (.hash(let modulus, let remainder), .hash(let otherModulus, let otherRemainder)):
            guard modulus > 0, otherModulus > 0 else { return false }
            let common = Self.greatestCommonDivisor(modulus, otherModulus)
            return remainder % common == otherRemainder % common
        default:
            return false
        }
    }

    private static func areSame(_ values: [String?], _ others: [String?]) -> Bool {
        values == others && !values.contains(nil)
    }

    /// Whether the first are less than the others; nil where that is not known.
    private static func areInOrder(_ values: [String?], _ others: [String?]) -> Bool? {
        guard values.count == 1, others.count == 1, let value = values[0], let other = others[0] else { return nil }
        if value == least || other == greatest { return true }
        if value == greatest || other == least { return false }
        if let number = Int(value), let otherNumber = Int(other) { return number < otherNumber }
        return value.isDate && other.isDate ? value < other : nil
    }

    private static func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
        second == 0 ? first : greatestCommonDivisor(second, first % second)
    }

    /// The bounds that have no value; no value is called so.
    fileprivate static let least = "\u{0}least"
    fileprivate static let greatest = "\u{0}greatest"
}

extension String {
    /// Whether it is a date such as 2026-01-31, and so in the order of its text.
    fileprivate var isDate: Bool {
        utf8.count == 10
            && utf8.enumerated().allSatisfy { place, byte in
                [4, 7].contains(place)
                    ? byte == UInt8(ascii: "-") : (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
    }
}

extension NodeReader {
    func partitionBound(_ bound: UnsafeMutablePointer<PgQuery__PartitionBoundSpec>?) -> PartitionBound? {
        guard let bound = bound?.pointee else { return nil }
        if bound.is_default != 0 { return .rest }
        return switch text(bound.strategy) {
        case "l": .list(list(bound.listdatums, bound.n_listdatums).map { value(of: $0) })
        case "r":
            .range(
                from: list(bound.lowerdatums, bound.n_lowerdatums).map(limit),
                to: list(bound.upperdatums, bound.n_upperdatums).map(limit)
            )
        case "h": .hash(modulus: Int(bound.modulus), remainder: Int(bound.remainder))
        default: nil
        }
    }

    private func limit(_ node: Node) -> String? {
        if let value = value(of: node) { return value }
        return switch expression(node)?.sql.lowercased() {
        case "minvalue": PartitionBound.least
        case "maxvalue": PartitionBound.greatest
        default: nil
        }
    }
}
