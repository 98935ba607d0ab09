import SQLSyntax

/// Between which numbers a sequence counts, and where it begins.
struct SequenceLimits {
    let lowest: Int
    let highest: Int
    let first: Int
    let isDescending: Bool

    /// Takes the options of a sequence as catalogs hold them.
    ///
    /// - Parameters:
    ///   - options: those that are not the server's own choice.
    ///   - type: the sequence's type, or its identity column's; nil for `bigint`.
    init(_ options: [String], type: String?) {
        func number(_ name: String) -> Int? {
            options.first { $0.hasPrefix(name + " ") }.flatMap { Int($0.dropFirst(name.count + 1)) }
        }
        let largest: Int =
            switch type {
            case "smallint": Int(Int16.max)
            case "integer": Int(Int32.max)
            default: Int.max
            }
        isDescending = number("INCREMENT BY").map { $0 < 0 } ?? false
        lowest = number("MINVALUE") ?? (isDescending ? -largest - 1 : 1)
        highest = number("MAXVALUE") ?? (isDescending ? -1 : largest)
        first = number("START WITH") ?? (isDescending ? highest : lowest)
    }
}

/// What has to be done before the limits of a sequence can be drawn closer: the server refuses limits that leave out the
/// number at which the sequence stands.
struct SequenceNarrowing {
    private let from: SequenceLimits
    private let to: SequenceLimits
    private let name: String

    init(from: SequenceLimits, to: SequenceLimits, of name: String) {
        self.from = from
        self.to = to
        self.name = name
    }

    /// Whether the new limits leave out what the old ones held.
    private var isNeeded: Bool { to.lowest > from.lowest || to.highest < from.highest }

    /// Whether the limits are moved before they are what they should be.
    var widensFirst: Bool { isNeeded && (to.lowest < from.lowest || to.highest > from.highest) }

    /// The statements; none where the new limits hold all that the old ones held.
    ///
    /// - Parameter alter: makes a statement of options.
    /// - Returns: the statements.
    func statements(_ alter: ([String]) -> String) -> [PlanStatement] {
        guard isNeeded else { return [] }
        var statements: [PlanStatement] = []
        if widensFirst {
            // Where it is moved to may lie outside of what it has now.
            let limits = [
                "MINVALUE \(min(from.lowest, to.lowest))", "MAXVALUE \(max(from.highest, to.highest))",
            ]
            statements.append(PlanStatement(alter(limits), lock: .shareRowExclusive))
        }
        // A sequence that was never asked begins where a new one would; one that is through its numbers stays so.
        let end = to.isDescending ? "last_value < \(to.lowest)" : "last_value > \(to.highest)"
        statements.append(
            PlanStatement(
                """
                SELECT pg_catalog.setval(\(StringLiteral.quote(name)), CASE WHEN NOT is_called THEN \(to.first) \
                ELSE greatest(least(last_value, \(to.highest)), \(to.lowest)) END, is_called AND \(end)) \
                FROM \(name) WHERE last_value NOT BETWEEN \(to.lowest) AND \(to.highest)
                """,
                hazards: [
                    Hazard(.correctness, "\(name) goes on within its new limits, if it stands outside of them")
                ],
                lock: .rowExclusive
            )
        )
        return statements
    }
}
