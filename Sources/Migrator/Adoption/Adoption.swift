import Postgres

extension Migrator {
    /// Reads another tool's history and finds out what adopting it would do; changes nothing.
    ///
    /// - Parameters:
    ///   - source: whose history, and where; what is left out is found out.
    ///   - options: how to adopt it.
    /// - Returns: the plan, with everything that stands in its way.
    /// - Throws: ``MigratorError`` if there is no such history, or several; for an unknown baseline and a file that
    ///   cannot be read.
    public func adoptionPlan(
        from source: AdoptionSource = AdoptionSource(),
        options: AdoptionOptions = AdoptionOptions()
    ) async throws -> AdoptionPlan {
        try await withDatabase { connection in
            let (store, history) = try await HistoryStore.read(
                named: self.options.historyTable,
                in: self.options.schema,
                from: connection
            )
            return (table: store.table, rows: history.entries.count)
        } _: { connection, files, target in
            try await AdoptionPlan(
                from: source,
                into: target.table,
                rows: target.rows,
                files: files,
                options: options,
                on: connection
            )
        }
    }

    /// Writes another tool's history into Lastro's own, in one transaction, as the only runner.
    ///
    /// The other tool's table is left as it is; only one of `(name, applied_at)` that stands where Lastro's own would be
    /// becomes it, as it does with ``migrate(to:)``.
    ///
    /// - Parameters:
    ///   - plan: what was found out with ``adoptionPlan(from:options:)``.
    ///   - reason: why; it stays in the history.
    /// - Returns: the names of the migrations that count as applied now.
    /// - Throws: ``MigratorError`` for what stands in the way; with code `wrong-state` if the other history, the files
    ///   or Lastro's own history changed since the plan was made. Then nothing is adopted.
    @discardableResult
    public func adopt(_ plan: AdoptionPlan, reason: String? = nil) async throws -> [String] {
        try plan.check()
        guard !plan.rows.isEmpty else { return [] }
        // Asked before the run lock too, so that a refusal makes no tables.
        let now = try await adoptionPlan(from: plan.source, options: plan.options)
        try now.check()
        guard now.rows == plan.rows, now.isInPlace == plan.isInPlace else {
            throw MigratorError.historyMovedOn(plan.table)
        }
        return try await change(reason: reason) { change in
            try await change.adopt(plan)
        }
    }
}

extension AdoptionPlan {
    /// Finds a history and plans its adoption.
    init(
        from source: AdoptionSource,
        into target: HistoryTable,
        rows: Int,
        files: MigrationDirectory,
        options: AdoptionOptions,
        on connection: PostgresConnection
    ) async throws {
        let (table, tool) = try await ForeignTable.find(source, on: connection)
        let history = try await ForeignHistory(of: tool, in: table, project: source.project, on: connection)
        let baseline = try options.baseline.map { name -> AdoptionFile in
            guard let migration = files.migration(called: name) else {
                throw MigratorError.unknownMigration(name, in: files)
            }
            return AdoptionFile(migration)
        }
        try self.init(
            Place(
                tool: tool,
                table: table,
                target: target,
                source: AdoptionSource(tool: tool, table: table.qualifiedName, project: source.project),
                targetRows: rows
            ),
            history: history,
            files: files.inOrder.map { AdoptionFile($0) },
            baseline: baseline,
            options: options,
            content: { try MigrationFolder.content(of: $0.path) }
        )
    }
}
