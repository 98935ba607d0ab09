extension MigrationDirectory {
    /// Whether a history holds exactly what is in the folder, each in its place and as it is now, so that nothing is to do.
    ///
    /// What nearly every run finds is found here without a plan; anything else needs one.
    func isWhole(in entries: [HistoryEntry]) -> Bool {
        let migrations = inOrder
        guard sumProblems.isEmpty, entries.count == migrations.count else { return false }
        return zip(entries, migrations).allSatisfy { entry, migration in
            guard let outcome = entry.outcome, ![.undone, .undoing, .squashed].contains(outcome) else { return false }
            return entry.checksum == migration.checksum && entry.name == migration.name
        }
    }
}
