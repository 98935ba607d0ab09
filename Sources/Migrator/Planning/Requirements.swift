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
        // A task of its own costs more than a few files, and memory where one of them is large.
        guard pending.count > 32 else {
            let look = ScriptLook(at: pending[...], reader)
            return look.problems + requirementProblems(of: look.requiring)
        }
        // The server waits for it, and a second processor has nothing to do.
        let half = pending.count / 2
        async let first = ScriptLook(at: pending[..<half], reader)
        let second = ScriptLook(at: pending[half...], reader)
        let looks = [await first, second]
        return looks.flatMap(\.problems) + requirementProblems(of: looks.flatMap(\.requiring))
    }
}

/// What a look at files before they run finds.
private struct ScriptLook {
    private(set) var problems: [MigratorError] = []
    /// The migrations that need others, with the directives of their files.
    private(set) var requiring: [(migration: Migration, directives: Directives)] = []

    init(at migrations: ArraySlice<Migration>, _ reader: ScriptReader) {
        for migration in migrations {
            do throws(MigratorError) {
                let directives = try reader.script(of: migration.up).rules
                if !directives.requirements.isEmpty { requiring.append((migration, directives)) }
                _ = try reader.verification(of: migration)
            } catch {
                problems.append(error)
            }
        }
    }
}
