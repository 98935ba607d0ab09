/// A snapshot in a repository, as far as it is known without a key.
public struct Snapshot: Hashable, Sendable {
    /// The snapshot's name.
    public let id: String
    /// When it was taken, as ISO 8601.
    public let time: String
    /// The database that it is of.
    public let database: String
    /// The size of its content.
    public let bytes: Int
    /// The size of all files that belong to it, also of those that others share.
    public let storedBytes: Int
    /// The size of what it added to the repository.
    public let addedBytes: Int
    /// How many whole seconds it took; nil where it is not known.
    public let seconds: Int?
    /// How many chunks it is made of.
    public let objectCount: Int
    /// When it last passed a drill, as ISO 8601.
    public let lastDrill: String?
    /// The newest of its drills, whatever came of it.
    public let newestDrill: DrillSummary?
    /// When it may be deleted at the earliest, as ISO 8601; nil if it is not to be.
    public let deletedAfter: String?
    /// How its chunks were compressed, in words; nil unless it was just taken.
    public internal(set) var compression: String?

    init(_ index: SnapshotIndex, drills: [DrillRecord] = [], deletedAfter: String? = nil) {
        lastDrill = drills.filter { $0.outcome == .passed }.map(\.time).max()
        newestDrill = drills.max { $0.precedes($1) }.map {
            DrillSummary(time: $0.time, outcome: $0.outcome, failure: $0.failure, instant: $0.instant ?? 0)
        }
        self.deletedAfter = deletedAfter
        id = index.id.description
        time = index.time
        database = index.database
        bytes = index.bytes
        storedBytes = index.storedBytes
        addedBytes = index.addedBytes
        seconds = index.seconds
        objectCount = index.objects.count
    }
}

/// A drill in a word.
public struct DrillSummary: Hashable, Sendable {
    /// When it was, as ISO 8601.
    public let time: String
    /// What came of it.
    public let outcome: DrillOutcome
    /// Of which kind its failure was; nil if it did not fail, and where an earlier release wrote it down.
    public let failure: String?
    /// When it was written down, in seconds since 1970; 0 where nobody knows.
    let instant: Double

    func precedes(_ other: DrillSummary) -> Bool { (time, instant) < (other.time, other.instant) }
}

/// What came of a drill.
public enum DrillOutcome: String, Codable, Sendable {
    /// All was restored, and is what was backed up.
    case passed
    /// Something was left out, since the server lacked what it needs; the rest is what was backed up.
    case partial
    /// It was not restored, or to something else.
    case failed
}
