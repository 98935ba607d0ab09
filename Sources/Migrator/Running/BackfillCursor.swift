#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where a backfill stands, as the ledger has it.
struct BackfillCursor: Codable, Hashable {
    /// The first key that is not done, or the last one that is where `isBehind`; nil before the first range.
    var key: String?
    /// Whether the key itself is done.
    var isBehind = false
    /// How many rows were changed.
    var rows = 0

    var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"  // always encodes
    }
}
