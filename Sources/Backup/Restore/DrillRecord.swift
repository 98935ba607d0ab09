#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A drill, as the repository remembers it: in the clear, and so without names and values of the database.
struct DrillRecord: Hashable, Codable, Sendable {
    var snapshot: SnapshotID
    var time: String
    /// When it was written down, in seconds since 1970: two drills may end in one second.
    var instant: Double?
    /// How long the restore took.
    var seconds: Double
    var rows: Int
    /// What came of it; nil in records of a release that wrote down only those that passed.
    var result: DrillOutcome?
    /// Of which kinds is what the server lacked; earlier releases wrote down names.
    var missing: [String]?
    /// Of which kind its failure was: the error's code, and the server's if it was the one to refuse.
    var failure: String?

    var outcome: DrillOutcome { result ?? .passed }

    /// Whether it came before another one.
    func precedes(_ other: DrillRecord) -> Bool { (time, instant ?? 0) < (other.time, other.instant ?? 0) }
}

extension Repository {
    /// The drills of each snapshot.
    func drills() throws -> [SnapshotID: [DrillRecord]] {
        var drills: [SnapshotID: [DrillRecord]] = [:]
        for name in try store.names(in: "drills") {
            guard let bytes = try store.get(name),
                let record = try? JSONDecoder().decode(DrillRecord.self, from: Data(bytes)),  // else it is no record
                name.hasPrefix("drills/\(record.snapshot)/")
            else { continue }
            drills[record.snapshot, default: []].append(record)
        }
        return drills
    }

    /// Writes a drill down.
    func record(_ drill: DrillRecord) throws {
        var drill = drill
        drill.instant = Date().timeIntervalSince1970
        let name = "drills/\(drill.snapshot)/\(Timestamp.digits(drill.time))-\(hexadecimal(try randomBytes(4))).json"
        try store.put(name, [UInt8](try manifestEncoder().encode(drill)) + [UInt8(ascii: "\n")])
    }
}
