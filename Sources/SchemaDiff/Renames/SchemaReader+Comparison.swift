import Catalog
import Migrator

extension SchemaReader {
    /// Compares two schemas.
    ///
    /// - Parameters:
    ///   - from: what is.
    ///   - to: what is wanted; comments in its SQL may say what was called otherwise.
    ///   - renames: what is known of objects under other names.
    ///   - ignored: what is left out.
    ///   - options: how the plan is to be made.
    /// - Returns: the comparison.
    /// - Throws: ``SchemaDiffError`` for a source, for a rename that cannot be made and for a change that cannot be done
    ///   rightly; `PostgresError`, `MigratorError` and `LocalServerError`.
    public func comparison(
        _ from: SchemaSource,
        _ to: SchemaSource,
        renames: RenameChoice = RenameChoice(),
        ignoring ignored: IgnoreList = .none,
        options: PlanOptions = PlanOptions()
    ) async throws -> SchemaComparison {
        var choice = renames
        choice.annotated = try await annotations(of: to)
        let catalogs = try await read(from, to)
        return try await comparison(
            ignored.applied(to: catalogs.from),
            ignored.applied(to: catalogs.to),
            choice,
            options,
            notCompared: catalogs.notCompared
        )
    }

    /// The comparison the other way round, with the same objects taken to be one.
    ///
    /// - Parameters:
    ///   - comparison: the comparison.
    ///   - options: how the plan is to be made.
    /// - Returns: the way back.
    /// - Throws: as ``comparison(_:_:renames:ignoring:options:)``.
    public func reversal(of comparison: SchemaComparison, options: PlanOptions) async throws -> SchemaComparison {
        var choice = RenameChoice()
        choice.known = comparison.renames.map(\.rename.reversed)
        return try await self.comparison(comparison.to, comparison.from, choice, options)
    }

    func comparison(
        _ from: Catalog,
        _ to: Catalog,
        _ choice: RenameChoice,
        _ options: PlanOptions,
        notCompared: [NotCompared] = []
    ) async throws -> SchemaComparison {
        let renaming = try Renaming(from: from, to: to, choice)
        guard !renaming.taken.isEmpty else {
            return try SchemaComparison(
                from: from,
                to: to,
                renaming: renaming,
                behind: from,
                options: options,
                notCompared: notCompared
            )
        }
        let version = max(from.serverVersion, to.serverVersion)
        let (settled, isAsked) = try await withScratchServer(atLeast: version) { server in
            let (catalog, isAsked) = try await ServerRenaming(server: server).catalog(of: renaming)
            return (try await self.settled((catalog, to), on: server), isAsked)
        }
        return try SchemaComparison(
            from: from,
            to: to,
            renaming: renaming,
            behind: settled.from,
            isRenamingChecked: isAsked,
            options: options,
            notCompared: notCompared + settled.notCompared
        )
    }

    /// What comments in a source say of former names.
    private func annotations(of source: SchemaSource) async throws -> [RenameAnnotation] {
        switch source {
        case .sql(let path):
            return try SQLFiles.scripts(at: path).flatMap { try RenameAnnotation.all(in: $0) }
        case .revision(let revision, let path):
            return try await Revision(revision, path: path).withFiles { path in
                guard case .sql = try await SchemaSource.file(path) else { return [] }
                return try SQLFiles.scripts(at: path).flatMap { try RenameAnnotation.all(in: $0) }
            }
        case .empty, .database, .catalogFile, .migrations: return []
        }
    }
}
