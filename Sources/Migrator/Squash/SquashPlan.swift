/// What a plan says of squashed files.
struct SquashPlan {
    let history: History
    /// The names of replaced migrations that count as unchanged though nobody knows their checksums.
    let trusted: Set<String>
    private(set) var adoptions: [SquashAdoption] = []
    private(set) var problems: [MigratorError] = []
    /// The replaced migrations that nobody compared with their files.
    private(set) var unverified: [String] = []
    /// Everything that a file of the folder stands for.
    private(set) var replaced: Set<MigrationKey> = []

    init(history: History, trusted: Set<String>) {
        self.history = history
        self.trusted = trusted
    }

    /// Looks how much of what a migration replaces ran.
    ///
    /// - Parameters:
    ///   - migration: a migration of the folder.
    ///   - isWanted: whether the run goes as far as it.
    /// - Returns: whether anything that it replaces ran, and it has no row of its own.
    mutating func look(at migration: Migration, isWanted: Bool) -> Bool {
        guard !migration.replaced.isEmpty else { return false }
        replaced.formUnion(migration.replaced.map(\.key))
        guard !history.entries(of: migration).contains(where: \.isInForce) else { return false }
        let standing = SquashStanding(of: migration, in: history)
        if standing == .absent { return false }
        guard isWanted else { return true }
        switch standing {
        case .absent: break
        case .partial(let missing): problems.append(.squashIncomplete(migration, missing: missing))
        case .changed(let changes): problems.append(.squashChanged(migration, changes))
        case .whole(let rows, let names):
            unverified += names
            if names.allSatisfy(trusted.contains) {
                adoptions.append(SquashAdoption(migration: migration, unverified: names, rows: rows))
            } else {
                problems.append(.squashUnverified(migration, names))
            }
        }
        return true
    }
}

extension ReplacedMigration {
    /// Whether a name or a version means it.
    func isCalled(_ name: String) -> Bool {
        if key == MigrationKey(name) { return true }
        guard let version = MigrationVersion(dotted: name) else { return false }
        return MigrationVersion(migrationName: self.name) == version
    }
}
