import SourceText

/// What would run and why, or why nothing may: a value that follows from the files and the history alone.
public struct Plan: Sendable {
    /// Every migration in the order of the directory, and behind them the rows of the history without a file.
    public private(set) var statuses: [MigrationStatus]
    /// The migrations to run, in this order, and among them those that are only recorded.
    public let pending: [Migration]
    /// The squashed files that are recorded and do not run, since all that they replace ran.
    public let adoptions: [SquashAdoption]
    /// The migrations of which nobody knows whether they ran from the files that a squashed one replaces.
    let unverified: [String]
    /// What stands in the way; while there is any, nothing runs.
    public private(set) var problems: [MigratorError]
    /// Of these, what says that an applied migration has no file, by the migration's name.
    private let missing: [String: MigratorError]

    /// Plans a run.
    ///
    /// - Parameters:
    ///   - directory: the files.
    ///   - history: what ran.
    ///   - target: how far to go.
    ///   - order: whether a migration may run after one that comes later in the directory.
    ///   - failed: the names of migrations whose last attempt failed.
    ///   - trusted: the names of replaced migrations that count as unchanged though nobody knows their checksums.
    /// - Throws: ``MigratorError`` with code `unknown-migration` for a target that is not there.
    public init(
        directory: MigrationDirectory,
        history: History,
        target: MigrationTarget = .newest,
        order: OrderRule = .byVersion,
        failed: Set<String> = [],
        trusted: Set<String> = []
    ) throws(MigratorError) {
        self.init(
            migrations: directory.inOrder,
            history: history,
            limit: try target.limit(in: directory),
            order: order,
            failed: failed,
            trusted: trusted
        )
        // What ran says more about an edited file than what was written down of it.
        let changed = Set(problems.filter { $0.code == .checksumMismatch }.compactMap(\.location?.file))
        problems =
            directory.sumProblems.filter { $0.location.map { !changed.contains($0.file) } ?? true } + problems
    }

    init(
        migrations: [Migration],
        history: History,
        limit: TargetLimit,
        order: OrderRule,
        failed: Set<String>,
        trusted: Set<String> = []
    ) {
        let newest = migrations.lastIndex { migration in
            migration.kind == .versioned && history.entries(of: migration).contains(where: \.isInForce)
        }
        var problems: [MigratorError] = []
        var statuses: [MigrationStatus] = []
        var squashes = SquashPlan(history: history, trusted: trusted)
        for (place, migration) in migrations.enumerated() {
            let entries = history.entries(of: migration)
            // What stands for migrations that ran is late only as a file.
            let standing = squashes.look(at: migration, isWanted: limit.includes(place))
            var status = MigrationStatus(
                migration: migration,
                entries: entries,
                isLate: migration.kind == .versioned && place < newest ?? 0
                    && standing ?? .absent == .absent,
                hasFailed: failed.contains(migration.name)
            )
            status.standing = standing
            statuses.append(status)
            switch status.state {
            case .changed:
                let isUnreadable = entries.last?.hasUnreadableChecksum == true
                problems.append(
                    isUnreadable
                        ? .unreadableChecksum(of: migration) : .changed(migration, applied: entries.last?.checksum)
                )
            case .halfUndone:
                problems.append(.halfUndone(migration))
            case .foreign:
                problems.append(.foreign(status.name, entries: entries, hasFile: true))
            case .outOfOrder where order == .byVersion && limit.includes(place):
                problems.append(.outOfOrder(migration, newest: newest.map { migrations[$0].name } ?? ""))
            default: break
            }
        }
        let known = Set(migrations.map { MigrationKey($0.name) })
        let strangers = history.entries.filter { entry in
            let key = MigrationKey(entry.name)
            guard entry.isInForce, entry.outcome != .squashed, !known.contains(key) else { return false }
            return entry.outcome == nil || !squashes.replaced.contains(key)
        }
        var missing: [String: MigratorError] = [:]
        for entry in strangers {
            let status = MigrationStatus(without: entry)
            statuses.append(status)
            let isForeign = status.state == .foreign
            let problem: MigratorError =
                isForeign ? .foreign(entry.name, entries: [entry], hasFile: false) : .missing(entry)
            problems.append(problem)
            if !isForeign { missing[status.name] = problem }
        }
        self.missing = missing
        self.statuses = statuses
        self.problems = squashes.problems + problems
        adoptions = squashes.adoptions
        unverified = squashes.unverified
        let recorded = Set(squashes.adoptions.map(\.migration.name))
        let due = migrations.indices.filter { statuses[$0].state.isPending }
        let run = Set(limit.cut(due.filter { !recorded.contains(migrations[$0].name) }))
        let places = due.filter { run.contains($0) || recorded.contains(migrations[$0].name) }
        // On an empty database that is all of them, and then they are not there twice.
        pending = places.count == migrations.count ? migrations : places.map { migrations[$0] }
    }

    /// The plan with the revision to catch up from, where a part of what a squashed file replaces is missing.
    func tellingWhereToCatchUp(in directory: MigrationDirectory) -> Plan {
        guard problems.contains(where: { $0.code == .squashIncomplete }) else { return self }
        var copy = self
        copy.problems = problems.map { problem in
            guard problem.code == .squashIncomplete,
                let squash = directory.migrations.first(where: { $0.path == problem.location?.file }),
                let revision = directory.lastRevision(before: squash)
            else { return problem }
            return problem.catchingUp(from: revision)
        }
        return copy
    }

    /// The plan that says of migrations which were begun how far they are.
    func telling(_ records: ProgressRecords, in directory: MigrationDirectory, _ reader: ScriptReader) -> Plan {
        guard !records.beginnings.isEmpty else { return self }
        var copy = self
        for (place, status) in statuses.enumerated() where status.state.isPending || status.state == .halfUndone {
            let isUndo = status.state == .halfUndone
            let name = isUndo ? ScriptTask.ledgerName(ofUndoing: status.name) : status.name
            guard records.beginnings[name] != nil, let migration = directory.migration(called: status.name) else {
                continue
            }
            // A file that cannot be read is told as a problem.
            let script = try? (isUndo ? migration.down : migration.up).map { try reader.script(of: $0) }
            copy.statuses[place].progress = records.progress(of: script ?? nil, called: name)
        }
        return copy
    }

    /// The plan with more that stands in the way.
    func adding(_ more: [MigratorError]) -> Plan {
        var copy = self
        copy.problems += more
        return copy
    }

    /// The plan without the problem that these applied migrations have no file.
    func tolerating(missing names: Set<String>) -> Plan {
        let tolerated = Set(names.compactMap { missing[$0] })
        var copy = self
        copy.problems.removeAll { tolerated.contains($0) }
        return copy
    }

    /// The plan for an undo, which goes on where an earlier one stopped.
    func toleratingHalfUndone() -> Plan {
        var copy = self
        copy.problems.removeAll { $0.code == .halfUndone }
        return copy
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
    /// To this migration, given by its version or its name, and no further; repeatable ones come behind all others.
    case through(String)
    /// This many of the pending migrations.
    case steps(Int)

    func limit(in directory: MigrationDirectory) throws(MigratorError) -> TargetLimit {
        switch self {
        case .newest: return .none
        case .steps(let count): return .count(count)
        case .through(let name):
            guard let migration = directory.migration(called: name),
                let place = directory.inOrder.firstIndex(where: { $0.name == migration.name })
            else { throw .unknownMigration(name, in: directory) }
            return .place(place)
        }
    }
}

/// A target with its name looked up.
enum TargetLimit {
    case none
    /// A migration's place in the directory.
    case place(Int)
    case count(Int)

    func includes(_ place: Int) -> Bool {
        if case .place(let last) = self { place <= last } else { true }
    }

    /// Cuts off the places of migrations that lie behind the target.
    func cut(_ places: [Int]) -> [Int] {
        if case .count(let count) = self { Array(places.prefix(count)) } else { places.filter(includes) }
    }
}

/// Whether a migration may run after one that comes later in the directory.
public enum OrderRule: Hashable, Sendable {
    /// A pending migration before an applied one stops the run.
    case byVersion
    /// It runs.
    case any
}
