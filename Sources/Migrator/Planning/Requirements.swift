import SourceText

extension MigrationDirectory {
    /// What is wrong with the migrations that others need: `-- lastro: requires NAME`.
    ///
    /// - Parameter pending: those of the migrations that are to run which need others, with the directives of their files.
    /// - Returns: an error for each name that nobody has, or that comes later.
    func requirementProblems(
        of pending: [(migration: Migration, directives: Directives)]
    ) -> [MigratorError] {
        guard !pending.isEmpty else { return [] }
        let names = inOrder.map(\.name)
        func squash(of name: String) -> Migration? {
            migrations.first { $0.replaced.contains { $0.isCalled(name) } }
        }
        return pending.flatMap { migration, directives in
            directives.requirements.compactMap { requirement in
                let location = SourceLocation(file: migration.path, position: requirement.position)
                guard let needed = self.migration(called: requirement.value) ?? squash(of: requirement.value) else {
                    return .requiresUnknown(requirement.value, known: names, at: location)
                }
                let places = (names.firstIndex(of: needed.name), names.firstIndex(of: migration.name))
                guard let place = places.0, let own = places.1, place < own else {
                    return .requiresLater(requirement.value, at: location)
                }
                return nil
            }
        }
    }
}

extension MigrationDirectory {
    /// What is wrong in the files that are to run: what cannot be read or run, directives, placeholders, requirements.
    @concurrent
    func problemsInScripts(of pending: [Migration], _ reader: ScriptReader) async -> [MigratorError] {
        var read: [(migration: Migration, directives: Directives)] = []
        var problems: [MigratorError] = []
        for migration in pending {
            do {
                let directives = try reader.script(of: migration.up).rules
                if !directives.requirements.isEmpty { read.append((migration, directives)) }
                _ = try reader.verification(of: migration)
            } catch {
                problems.append(error)
            }
        }
        return problems + requirementProblems(of: read)
    }
}
