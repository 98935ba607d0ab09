/// One statement of a schema, as it is on the old side and on the new one; nil where a side lacks it.
struct SchemaSlot: Hashable, Sendable {
    var old: String?
    var new: String?
}

/// Two schemas that share some of their statements.
///
/// Statements that the server refuses, such as an index on a column that one side has not, are left out: any part of a pair
/// is a pair.
struct RandomPair: Hashable, Sendable, CustomStringConvertible {
    var slots: [SchemaSlot]
    /// Whether the plans are those for tables in use.
    var isOnline: Bool

    var old: [String] { slots.compactMap(\.old) }
    var new: [String] { slots.compactMap(\.new) }

    var description: String {
        let lines = slots.map { slot in
            switch (slot.old, slot.new) {
            case (let old?, let new?) where old == new: "  both: \(old);"
            case (let old?, let new?): "  old:  \(old);\n  new:  \(new);"
            case (let old?, nil): "  old:  \(old);"
            case (nil, let new?): "  new:  \(new);"
            case (nil, nil): ""
            }
        }
        return (["-- planned \(isOnline ? "online" : "offline")"] + lines).joined(separator: "\n")
    }

    /// The smallest pair found that fails too, by leaving slots out and by making both sides of a slot the same.
    ///
    /// - Parameters:
    ///   - limit: how many pairs are tried.
    ///   - fails: whether a pair fails.
    /// - Returns: the pair.
    func shrunk(limit: Int = 150, while fails: (RandomPair) async throws -> Bool) async rethrows -> RandomPair {
        var smallest = self
        var tries = 0
        func isBetter(_ pair: RandomPair) async throws -> Bool {
            tries += 1
            return try await fails(pair)
        }
        var size = max(slots.count / 2, 1)
        while tries < limit {
            var start = 0
            var isShorter = false
            while start < smallest.slots.count, tries < limit {
                var shorter = smallest
                shorter.slots.removeSubrange(start..<min(start + size, smallest.slots.count))
                if try await isBetter(shorter) {
                    smallest = shorter
                    isShorter = true
                } else {
                    start += size
                }
            }
            if size == 1, !isShorter { break }
            size = max(size / 2, 1)
        }
        for index in smallest.slots.indices where smallest.slots[index].old != smallest.slots[index].new {
            for side in [smallest.slots[index].old, smallest.slots[index].new] where tries < limit {
                var simpler = smallest
                simpler.slots[index] = SchemaSlot(old: side, new: side)
                if try await isBetter(simpler) {
                    smallest = simpler
                    break
                }
            }
        }
        return smallest
    }
}
