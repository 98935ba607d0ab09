#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Where one migration stands.
public struct MigrationStatus: Hashable, Sendable {
    /// Where a migration stands.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// It ran, and its file is what it was.
        case applied
        /// It did not run yet.
        case pending
        /// It ran, and its file was edited since.
        case changed
        /// It ran, and its file is gone.
        case missing
        /// It did not run, though one behind it did.
        case outOfOrder = "out-of-order"
        /// It counts as run, but nobody knows what its file was then.
        case unverified
        /// It is a repeatable whose file changed: it runs again.
        case due
        /// Its last attempt failed; it is pending.
        case failed
        /// Its way back was begun and did not come to its end.
        case halfUndone = "half-undone"
        /// Another hand put its row into the history.
        case foreign

        /// Whether it is to run.
        var isPending: Bool { self == .pending || self == .failed || self == .outOfOrder || self == .due }
    }

    /// The migration's name, without `.sql`.
    public let name: String
    /// Its version; empty where there is none.
    public let version: String
    /// Whether it runs once or whenever it changes.
    public let kind: MigrationKind
    /// Where it stands.
    public let state: State
    /// The checksum of its file; that of the history where there is no file.
    public let checksum: Checksum?
    /// When it ran.
    public let appliedAt: Date?
    /// How its row came to be.
    public let outcome: HistoryEntry.Outcome?
    /// The names of the migrations that it stands for; empty unless it is a squashed file.
    public let replaced: [String]
    /// How much ran of what it stands for; nil unless it is a squashed file that is pending.
    public internal(set) var standing: Standing?

    /// How far it is, if it runs by steps or ranges and was begun; nil otherwise.
    public internal(set) var progress: Progress?

    /// How far a migration is that was begun and is not wholly there, or not wholly taken back.
    public struct Progress: Hashable, Sendable {
        /// What is done.
        public enum Extent: Hashable, Sendable {
            /// The first steps, of so many; of how many is not known where the file cannot be read.
            case steps(done: Int, of: Int?)
            /// So many rows, and the next range begins with this key; nil before the first range and behind the last one.
            case rows(Int, nextKey: String?)
        }

        /// What is done.
        public let extent: Extent
        /// When it was begun.
        public let since: Date
        /// The role that began it; nil where that is not on record.
        public let by: String?
        /// Whether a run is at work on this history now.
        public let isRunning: Bool
    }

    /// How much ran of what a pending squashed file stands for.
    public enum Standing: String, Hashable, Sendable, CaseIterable {
        /// Nothing: the file runs.
        case absent
        /// Everything: the file is recorded, and does not run.
        case whole
        /// Everything, but nobody knows whether from the same files.
        case unverified
        /// A part.
        case partial
        /// Everything, from other files.
        case changed
    }

    init(migration: Migration, entries: [HistoryEntry], isLate: Bool, hasFailed: Bool) {
        name = migration.name
        version = migration.version?.description ?? ""
        kind = migration.kind
        checksum = migration.checksum
        replaced = migration.replaced.map(\.name)
        guard let entry = entries.last(where: \.isInForce) else {
            state = isLate ? .outOfOrder : hasFailed ? .failed : .pending
            appliedAt = nil
            outcome = entries.last?.outcome
            return
        }
        appliedAt = entry.appliedAt
        outcome = entry.outcome
        let isForeign = entries.contains { $0.outcome == nil } || entries.count > 1
        if isForeign {
            state = .foreign
        } else if entry.outcome == .undoing {
            state = .halfUndone
        } else if entry.hasUnreadableChecksum {
            state = .changed
        } else if let applied = entry.checksum {
            state = applied == migration.checksum ? .applied : kind == .repeatable ? .due : .changed
        } else {
            state = .unverified
        }
    }

    init(without entry: HistoryEntry) {
        name = MigrationKey(entry.name).name
        version = MigrationVersion(migrationName: name)?.description ?? ""
        kind = name.hasPrefix("R__") ? .repeatable : .versioned
        checksum = entry.checksum
        appliedAt = entry.appliedAt
        outcome = entry.outcome
        replaced = []
        state = entry.outcome == nil ? .foreign : .missing
    }
}
