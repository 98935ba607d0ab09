import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Migrator {
    /// Says that migrations count as applied though Lastro did not run them: pending ones, those whose row another hand wrote,
    /// and those that are half taken back.
    ///
    /// - Parameters:
    ///   - names: the migrations, by version or name.
    ///   - reason: why; it stays in the history.
    /// - Returns: the names of the migrations that were marked.
    /// - Throws: ``MigratorError`` for a migration that is unknown or applied already; then none is marked.
    @discardableResult
    public func mark(_ names: [String], reason: String) async throws -> [String] {
        try await change(reason: reason) { change in
            var marked: [Migration] = []
            for name in names {
                guard let migration = change.directory.migration(called: name) else {
                    throw MigratorError.unknownMigration(name, in: change.directory)
                }
                let status = change.status(of: migration)
                guard status.state.isPending || [.foreign, .halfUndone].contains(status.state) else {
                    throw MigratorError.alreadyApplied(migration.name)
                }
                if !marked.contains(migration) { marked.append(migration) }
            }
            for migration in marked {
                try await change.write(migration, outcome: .marked)
                let ledger = StepLedger(store: change.store)
                try await change.connection.script(ledger.clearing(ScriptTask.ledgerName(ofUndoing: migration.name)))
            }
            return marked.map(\.name)
        }
    }

    /// Says where the history of a database begins that was made without one: everything up to a migration counts as
    /// applied.
    ///
    /// - Parameters:
    ///   - name: the last migration whose work the database already holds, by version or name.
    ///   - reason: why; it stays in the history.
    /// - Returns: the names of the migrations up to there.
    /// - Throws: ``MigratorError`` with code `wrong-state` if the history has rows already.
    @discardableResult
    public func baseline(at name: String, reason: String? = nil) async throws -> [String] {
        try await change(reason: reason) { change in
            guard let last = change.directory.migration(called: name) else {
                throw MigratorError.unknownMigration(name, in: change.directory)
            }
            guard change.history.entries.isEmpty else { throw MigratorError.historyHasRows(change.store.table) }
            let ordered = change.directory.inOrder
            let included = ordered.prefix { $0.name != last.name } + [last]
            for migration in included { try await change.write(migration, outcome: .baseline) }
            return included.map(\.name)
        }
    }

    /// Changes rows of the history in one transaction, as the only runner.
    func change<Result>(
        reason: String?,
        _ body: (HistoryChange) async throws -> Result
    ) async throws -> Result {
        let runID = UUID().uuidString.lowercased()
        let emit = onWait ?? { _ in }
        return try await tellingInterruption {
            try await withDatabase(emit: emit) { _ in
            } _: { connection, files, _ in
                try await withRunLock(runID: runID, on: connection, emit: emit) { session, history in
                    try await connection.withTransaction { connection in
                        try await body(
                            HistoryChange(
                                directory: files,
                                store: session.store,
                                history: history,
                                runID: runID,
                                reason: reason,
                                connection: connection
                            )
                        )
                    }
                }
            }
        }
    }
}

/// Changes to rows of the history by a person's word, each with its event, in one transaction.
struct HistoryChange {
    let directory: MigrationDirectory
    let store: HistoryStore
    let history: History
    let runID: String
    let reason: String?
    let connection: PostgresConnection

    func status(of migration: Migration) -> MigrationStatus {
        MigrationStatus(migration: migration, entries: history.entries(of: migration), isLate: false, hasFailed: false)
    }

    /// Puts a migration's row in place of those that are there.
    func write(_ migration: Migration, outcome: HistoryEntry.Outcome) async throws {
        let old = history.entries(of: migration)
        let row = NewRow(
            migration: migration,
            name: old.first?.name ?? history.name(of: migration),
            outcome: outcome,
            reason: reason,
            runID: runID,
            replacing: nil
        )
        for entry in old { try await remove(entry) }
        // What a squashed file stands for goes with it, whatever of it ran.
        let replaced = migration.replaced.flatMap { history.entries(called: $0.name) }
            .filter { $0.isInForce && $0.outcome != nil && $0.outcome != .squashed }
        let statements = store.insertion(of: row) + store.squashing(replaced)
        try await connection.script(statements.joined(separator: "; "))
        try await record(outcome.rawValue, migration.name)
    }

    func remove(_ entry: HistoryEntry) async throws {
        try await connection.query(
            "DELETE FROM \(store.qualifiedName) WHERE name = $1 AND position = $2::bigint",
            entry.name,
            entry.position
        )
    }

    func record(_ kind: String, _ name: String, detail: [String: String] = [:]) async throws {
        try await store.record(
            HistoryEvent(kind: kind, migration: name, runID: runID, reason: reason, detail: detail),
            on: connection
        )
    }
}
