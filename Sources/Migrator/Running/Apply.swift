import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Migrator {
    func apply(to target: MigrationTarget, emit: @escaping MigrationRun.Emit) async throws -> RunSummary {
        let start = ContinuousClock.now
        return try await withDatabase { connection in
            if let history = try await HistoryStore.readDirectly(from: connection) { return history }
            return try await HistoryStore.read(from: connection).history
        } _: { connection, files, history in
            let (first, files) = try plan(files, history, to: target)
            try first.check()
            let needsTakeover = history.table?.isNaive == true
            if first.pending.isEmpty, !needsTakeover { return first.summary(of: [], since: start) }
            try await checkScripts(of: first.pending, in: files)
            let runID = UUID().uuidString.lowercased()
            return try await withRunLock(runID: runID, on: connection, emit: emit) { store, history, lock in
                var run = ApplyRun(runID: runID, store: store, history: history, lock: lock, connection: connection)
                run.placeholders = options.placeholders
                var done: [String] = []
                while true {
                    let plan = try Plan(directory: files, history: run.history, target: target, order: options.order)
                    try plan.check()
                    if try await run.apply(plan.pending, appending: &done, emit: emit) { break }
                    run.history = try await HistoryStore.read(from: connection).history
                }
                let end = try await HistoryStore.read(from: connection).history
                return try Plan(directory: files, history: end).summary(of: done, since: start)
            }
        }
    }

    /// Looks at the files that are to run, so that one which cannot run stops the run before it begins.
    @concurrent
    private func checkScripts(of migrations: [Migration], in files: MigrationDirectory) async throws {
        let problems = await files.problemsInTexts(of: migrations, placeholders: options.placeholders)
        if let problem = problems.first { throw problems.count == 1 ? problem : .several(problems) }
        for migration in migrations { _ = try MigrationScript(of: migration.up, placeholders: options.placeholders) }
    }
}

/// The part of a run behind the lock: migration after migration, each in its own transaction.
struct ApplyRun {
    let runID: String
    let store: HistoryStore
    var history: History
    let lock: RunLock
    let connection: PostgresConnection
    /// The values of `${name}`; nil to leave such text as it is.
    var placeholders: [String: String]?
    /// The name of the last migration that is applied, for errors.
    private var lastApplied: String?

    init(runID: String, store: HistoryStore, history: History, lock: RunLock, connection: PostgresConnection) {
        self.runID = runID
        self.store = store
        self.history = history
        self.lock = lock
        self.connection = connection
        lastApplied = history.entries.last(where: \.isInForce)?.name
    }

    /// Applies migrations in order.
    ///
    /// - Returns: whether it came to the end; false if a row turned up in the history that the plan did not see, so
    ///   that the plan has to be made anew.
    mutating func apply(
        _ migrations: [Migration],
        appending done: inout [String],
        emit: @escaping MigrationRun.Emit
    ) async throws -> Bool {
        for (index, migration) in migrations.enumerated() {
            let step = MigrationStep(name: migration.name, number: index + 1, count: migrations.count)
            emit(.started(step))
            let start = ContinuousClock.now
            let end = await run(migration, as: step)
            switch end {
            case .applied(let notices):
                lastApplied = migration.name
                done.append(migration.name)
                for notice in notices { emit(.notice(step, severity: notice.severity, message: notice.message)) }
                emit(.applied(step, start.duration(to: .now)))
            case .collided: return false
            case .failed(let error):
                await record(error, of: migration)
                throw error
            }
        }
        return true
    }

    /// How one migration ended.
    private enum End {
        case applied(notices: [ServerReport])
        /// A row of its name was in the history already.
        case collided
        case failed(MigratorError)
    }

    private func run(_ migration: Migration, as step: MigrationStep) async -> End {
        guard await lock.isHeld() else { return .failed(.lockLost(lastApplied: lastApplied)) }
        let script: MigrationScript
        do {
            script = try MigrationScript(of: migration.up, placeholders: placeholders)
        } catch {
            return .failed(error)
        }
        guard script.checksum == migration.checksum else {
            return .failed(.fileChangedMeanwhile(migration.path, lastApplied: lastApplied))
        }
        // Only the last commit waits for the disk, and takes all before it along. A server that crashes in between
        // loses migrations together with their rows in the history, so that the next run does them again.
        let transaction = transaction(for: migration, script: script, isDurable: step.number == step.count)
        do {
            return .applied(notices: try await transaction.run(on: connection))
        } catch {
            if let failure = error as? ScriptFailure, failure.isCollision(in: store.table) { return .collided }
            if let error = error as? PostgresError, error.code == .connectionLost {
                return .failed(await verdict(on: migration, script: script, after: error))
            }
            return .failed(script.error(for: error, lastApplied: lastApplied))
        }
    }

    private func transaction(for migration: Migration, script: MigrationScript, isDurable: Bool) -> MigrationTransaction
    {
        let row = NewRow(
            migration: migration,
            name: history.name(of: migration),
            outcome: .applied,
            reason: nil,
            runID: runID,
            replacing: history.entries(of: migration).last { migration.kind == .repeatable || $0.outcome == .undone }?
                .position
        )
        return MigrationTransaction(
            opening: store.insertion(of: row),
            script: script,
            closing: [store.completion(of: row.name)],
            isDurable: isDurable
        )
    }

    /// Puts a failure on record, which also brings the commits before it to the disk.
    private func record(_ error: MigratorError, of migration: Migration) async {
        let event = HistoryEvent(
            kind: [.interrupted, .lockLost].contains(error.code) ? "interrupted" : "failed",
            migration: migration.name,
            runID: runID,
            detail: ["error": "\(error)"]
        )
        // In a task of its own, since this one may be cancelled.
        let (store, connection) = (store, connection)
        try? await Task { try await store.record(event, on: connection) }.value  // the failure itself is what to tell
    }

    /// What became of a migration whose connection was cut: around COMMIT only this run's own row tells.
    private func verdict(
        on migration: Migration,
        script: MigrationScript,
        after error: PostgresError
    ) async -> MigratorError {
        let (name, store, runID) = (history.name(of: migration), store, runID)
        do {
            let isApplied = try await withPostgresConnection(
                to: connection.settings,
                waitingUpTo: .seconds(30)
            ) { connection in
                try await store.hasRow(name: name, runID: runID, on: connection)
            }
            guard isApplied else { return script.error(for: error, lastApplied: lastApplied) }
            return .connectionCut(error, afterApplying: migration.name)
        } catch {
            return .outcomeUnknown(error, name: migration.name)
        }
    }
}

extension Plan {
    func summary(of migrations: [String], since start: ContinuousClock.Instant) -> RunSummary {
        RunSummary(
            migrations: migrations,
            duration: start.duration(to: .now),
            appliedCount: statuses.count { !$0.state.isPending },
            pendingCount: statuses.count { $0.state.isPending }
        )
    }
}
