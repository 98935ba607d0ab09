import Postgres

/// Records squashed files on a database on which all ran that they replace.
struct SquashRun {
    let session: RunSession
    let history: History
    /// The name of the last migration that is applied, for errors.
    let lastApplied: String?

    /// Records them, each in one transaction with the marks on the rows of what it replaces.
    ///
    /// - Returns: the names of those that were recorded; fewer if another hand was there first, so that the plan has to be
    ///   made anew.
    /// - Throws: ``MigratorError``; nothing of the file that failed is in the history then.
    func adopt(_ adoptions: [SquashAdoption]) async throws -> [String] {
        var names: [String] = []
        for (index, adoption) in adoptions.enumerated() {
            let migration = adoption.migration
            let step = MigrationStep(name: migration.name, number: index + 1, count: adoptions.count)
            let task = ScriptTask(
                step: step,
                script: try session.reader.script(of: migration.up).asserting([]),
                verification: nil,
                direction: .up(row(of: adoption)),
                lastApplied: lastApplied,
                earlier: []
            )
            let run = TransactionRun(
                session: session,
                task: task,
                text: .empty,
                cleanUp: session.store.squashing(adoption.rows)
            )
            guard case .done = try await run.retrying() else { break }
            session.emit(.adopted(step, replaced: adoption.rows.map { MigrationKey($0.name).name }))
            names.append(migration.name)
        }
        return names
    }

    private func row(of adoption: SquashAdoption) -> NewRow {
        let migration = adoption.migration
        let reason =
            adoption.unverified.isEmpty
            ? nil : session.options.squashReason ?? "the schema was compared and is what the folder makes"
        var row = NewRow(
            migration: migration,
            name: history.entries(of: migration).last?.name ?? history.name(of: migration),
            outcome: .adopted,
            reason: reason,
            runID: session.runID,
            replacing: history.entries(of: migration).last
        )
        row.detail["replaces"] = adoption.rows.map(\.name).joined(separator: ", ")
        let others = adoption.rows.filter { $0.outcome != .applied }
        if !others.isEmpty {
            row.detail["outcomes"] = others.map { "\($0.name) \($0.outcome?.rawValue ?? "")" }.joined(separator: ", ")
        }
        if !adoption.unverified.isEmpty { row.detail["unverified"] = adoption.unverified.joined(separator: ", ") }
        row.detail["reason"] = reason
        return row
    }
}
