#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What would run and why, or why nothing may: a value that follows from the files and the history alone.
public struct Plan: Sendable {
    /// Every migration, by version, and behind them the rows of the history without a file.
    public let statuses: [MigrationStatus]
    /// The migrations to run, in this order.
    public let pending: [Migration]
    /// What stands in the way; while there is any, nothing runs.
    public let problems: [MigratorError]

    /// Plans a run.
    ///
    /// - Parameters:
    ///   - directory: the files.
    ///   - history: what ran.
    ///   - target: how far to go.
    ///   - order: whether a migration may run after one of a higher version.
    ///   - failed: the names of migrations whose last attempt failed.
    /// - Throws: ``MigratorError`` with code `unknown-migration` for a target that is not there.
    public init(
        directory: MigrationDirectory,
        history: History,
        target: MigrationTarget = .newest,
        order: OrderRule = .byVersion,
        failed: Set<String> = []
    ) throws(MigratorError) {
        self.init(
            migrations: directory.migrations,
            history: history,
            limit: try target.limit(in: directory),
            order: order,
            failed: failed
        )
    }

    init(
        migrations: [Migration],
        history: History,
        limit: TargetLimit,
        order: OrderRule,
        failed: Set<String>
    ) {
        let newest = migrations.last { history.entries(of: $0).contains(where: \.isInForce) }
        var problems: [MigratorError] = []
        var statuses: [MigrationStatus] = []
        for migration in migrations {
            let entries = history.entries(of: migration)
            let status = MigrationStatus(
                migration: migration,
                entries: entries,
                newest: newest,
                hasFailed: failed.contains(migration.name)
            )
            statuses.append(status)
            switch status.state {
            case .changed:
                problems.append(.changed(migration, applied: entries.last?.checksum))
            case .foreign:
                problems.append(.foreign(status.name, entries: entries))
            case .outOfOrder where order == .byVersion && limit.includes(migration):
                problems.append(.outOfOrder(migration, newest: newest?.name ?? ""))
            default: break
            }
        }
        let known = Set(migrations.map { MigrationKey($0.name) })
        let strangers = history.entries.filter { $0.isInForce && !known.contains(MigrationKey($0.name)) }
        for entry in strangers {
            let status = MigrationStatus(without: entry)
            statuses.append(status)
            problems.append(status.state == .foreign ? .foreign(entry.name, entries: [entry]) : .missing(entry))
        }
        self.statuses = statuses
        self.problems = problems
        let waiting = zip(migrations, statuses).filter { $1.state.isPending }.map(\.0)
        pending = limit.cut(waiting)
    }

    /// Throws what stands in the way, if anything does.
    public func check() throws(MigratorError) {
        guard let first = problems.first else { return }
        throw problems.count == 1 ? first : .several(problems)
    }
}

/// How far a run goes.
public enum MigrationTarget: Hashable, Sendable {
    /// To the last migration.
    case newest
    /// To this migration, given by its version or its name, and no further.
    case through(String)
    /// This many of the pending migrations.
    case steps(Int)

    func limit(in directory: MigrationDirectory) throws(MigratorError) -> TargetLimit {
        switch self {
        case .newest: return .none
        case .steps(let count): return .count(count)
        case .through(let name):
            guard let migration = directory.migration(called: name) else {
                throw .unknownMigration(name, in: directory)
            }
            return .version(migration.version)
        }
    }
}

/// A target with its name looked up.
enum TargetLimit {
    case none
    case version(MigrationVersion)
    case count(Int)

    func includes(_ migration: Migration) -> Bool {
        if case .version(let version) = self { migration.version <= version } else { true }
    }

    func cut(_ migrations: [Migration]) -> [Migration] {
        if case .count(let count) = self { Array(migrations.prefix(count)) } else { migrations.filter(includes) }
    }
}

/// Whether a migration may run after one of a higher version.
public enum OrderRule: Hashable, Sendable {
    /// A pending migration below an applied one stops the run.
    case byVersion
    /// It runs.
    case any
}

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
        /// It did not run, though one of a higher version did.
        case outOfOrder = "out-of-order"
        /// It counts as run, but nobody knows what its file was then.
        case unverified
        /// It is a repeatable whose file changed: it runs again.
        case due
        /// Its last attempt failed; it is pending.
        case failed
        /// Another hand put its row into the history.
        case foreign

        var isPending: Bool { self == .pending || self == .failed || self == .outOfOrder }
    }

    /// The migration's name, without `.sql`.
    public let name: String
    /// Its version; empty for a row whose name has none.
    public let version: String
    /// Where it stands.
    public let state: State
    /// The checksum of its file; that of the history where there is no file.
    public let checksum: Checksum?
    /// When it ran.
    public let appliedAt: Date?
    /// How its row came to be.
    public let outcome: HistoryEntry.Outcome?

    init(migration: Migration, entries: [HistoryEntry], newest: Migration?, hasFailed: Bool) {
        name = migration.name
        version = migration.version.description
        checksum = migration.checksum
        guard let entry = entries.last(where: \.isInForce) else {
            let isLate = newest.map { migration.version < $0.version } ?? false
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
        } else if let applied = entry.checksum {
            state = applied == migration.checksum ? .applied : .changed
        } else {
            state = .unverified
        }
    }

    init(without entry: HistoryEntry) {
        name = MigrationKey(entry.name).name
        version = MigrationVersion(fileName: name)?.description ?? ""
        checksum = entry.checksum
        appliedAt = entry.appliedAt
        outcome = entry.outcome
        state = entry.outcome == nil ? .foreign : .missing
    }
}
