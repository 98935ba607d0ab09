/// How much of what a squashed file replaces ran on a database: a value that follows from the file and the history.
enum SquashStanding: Hashable {
    /// Nothing of it: the file runs.
    case absent
    /// All of it, with the same files: the file is recorded, and does not run.
    ///
    /// - rows: the rows that are in force and not yet marked.
    /// - unverified: the names of those whose checksum nobody knows.
    case whole(rows: [HistoryEntry], unverified: [String])
    /// A part of it.
    case partial(missing: [String])
    /// All of it, but from other files.
    case changed([Change])

    /// A replaced migration whose file was another one when it ran.
    struct Change: Hashable {
        let name: String
        let replaced: Checksum
        /// The history's checksum; nil for one that cannot be read.
        let applied: Checksum?
    }

    /// Finds out how much of what a migration replaces ran.
    init(of migration: Migration, in history: History) {
        let whole = SquashReading(replaced: migration.replaced, history: history)
        guard !whole.rows.isEmpty else {
            self = .absent
            return
        }
        if !whole.missing.isEmpty {
            self = .partial(missing: whole.missing)
        } else if !whole.changes.isEmpty {
            self = .changed(whole.changes)
        } else {
            self = .whole(rows: whole.rows.filter { $0.outcome != .squashed }, unverified: whole.unverified)
        }
    }
}

/// The rows of the history that mean what a squashed file replaces.
private struct SquashReading {
    private(set) var rows: [HistoryEntry] = []
    private(set) var missing: [String] = []
    private(set) var changes: [SquashStanding.Change] = []
    private(set) var unverified: [String] = []

    init(replaced: [ReplacedMigration], history: History) {
        for migration in replaced {
            rows += history.entries(called: migration.name).filter(\.isInForce)
        }
        for migration in replaced where migration.within == nil {
            read(migration, among: replaced, history)
        }
    }

    /// Looks for a migration, or for what it replaced itself: a database may have come by the one way or by the other.
    private mutating func read(_ migration: ReplacedMigration, among all: [ReplacedMigration], _ history: History) {
        let entry = history.entries(called: migration.name).last(where: \.isInForce)
        guard let entry else {
            let parts = all.filter { $0.within.map { MigrationKey($0) } == migration.key }
            let hasRows = parts.contains { history.entries(called: $0.name).contains(where: \.isInForce) }
            guard hasRows else {
                missing.append(migration.name)
                return
            }
            for part in parts { read(part, among: all, history) }
            return
        }
        if entry.hasUnreadableChecksum || entry.checksum.map({ $0 != migration.checksum }) ?? false {
            changes.append(
                SquashStanding.Change(name: migration.name, replaced: migration.checksum, applied: entry.checksum)
            )
        } else if entry.checksum == nil {
            unverified.append(migration.name)
        }
    }
}

/// A squashed file that is recorded as adopted in place of running, since all that it replaces ran.
public struct SquashAdoption: Hashable, Sendable {
    /// The squashed file.
    public let migration: Migration
    /// Those of the replaced migrations that nobody has compared with their files.
    public let unverified: [String]
    /// The rows to mark.
    let rows: [HistoryEntry]
}
