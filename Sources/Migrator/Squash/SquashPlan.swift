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
    /// - Returns: how much of it ran; nil for a migration that replaces none, or has a row of its own.
    mutating func look(at migration: Migration, isWanted: Bool) -> MigrationStatus.Standing? {
        guard !migration.replaced.isEmpty else { return nil }
        replaced.formUnion(migration.replaced.map(\.key))
        guard !history.entries(of: migration).contains(where: \.isInForce) else { return nil }
        switch SquashStanding(of: migration, in: history) {
        case .absent: return .absent
        case .partial(let missing):
            if isWanted { problems.append(.squashIncomplete(migration, missing: missing)) }
            return .partial
        case .changed(let changes):
            if isWanted { problems.append(.squashChanged(migration, changes)) }
            return .changed
        case .whole(let rows, let names):
            let isTrusted = names.allSatisfy(trusted.contains)
            guard isWanted else { return isTrusted ? .whole : .unverified }
            unverified += names
            if isTrusted {
                adoptions.append(SquashAdoption(migration: migration, unverified: names, rows: rows))
            } else {
                problems.append(.squashUnverified(migration, names))
            }
            return isTrusted ? .whole : .unverified
        }
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
