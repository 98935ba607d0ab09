import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How far to go back.
public enum UndoTarget: Hashable, Sendable {
    /// This many migrations.
    case steps(Int)
    /// Down to this migration, given by its version or its name, which stays.
    case to(String)
}

extension Migrator {
    func undo(_ target: UndoTarget, emit: @escaping MigrationRun.Emit) async throws -> RunSummary {
        let start = ContinuousClock.now
        return try await withDatabase { connection in
            try await HistoryStore.read(from: connection).history
        } _: { connection, files, history in
            let files = try plan(files, history).files
            let first = try files.undoSteps(to: target, in: history, placeholders: options.placeholders)
            if first.isEmpty { return try Plan(directory: files, history: history).summary(of: [], since: start) }
            let runID = UUID().uuidString.lowercased()
            return try await withRunLock(runID: runID, on: connection, emit: emit) { store, history, lock in
                let steps = try files.undoSteps(to: target, in: history, placeholders: options.placeholders)
                for (index, undo) in steps.enumerated() {
                    let step = MigrationStep(name: undo.migration.name, number: index + 1, count: steps.count)
                    let lastApplied = undo.migration.name
                    guard await lock.isHeld() else { throw MigratorError.lockLost(lastApplied: lastApplied) }
                    emit(.started(step))
                    let start = ContinuousClock.now
                    let event = HistoryEvent(kind: "undone", migration: step.name, runID: runID)
                    let transaction = MigrationTransaction(
                        opening: [store.undoing(undo.entry)],
                        script: undo.script,
                        closing: [store.recording(event)],
                        isDurable: true
                    )
                    do {
                        try await transaction.run(on: connection)
                    } catch {
                        throw undo.script.error(for: error, lastApplied: lastApplied)
                    }
                    emit(.undone(step, start.duration(to: .now)))
                }
                let end = try await HistoryStore.read(from: connection).history
                return try Plan(directory: files, history: end).summary(of: steps.map(\.migration.name), since: start)
            }
        }
    }
}

/// A migration to take back.
struct UndoStep {
    let migration: Migration
    let entry: HistoryEntry
    let script: MigrationScript
}

extension MigrationDirectory {
    /// The migrations to take back, the one that ran last first, with their scripts: all of them, or an error.
    func undoSteps(
        to target: UndoTarget,
        in history: History,
        placeholders: [String: String]?
    ) throws -> [UndoStep] {
        let plan = try Plan(directory: self, history: history, order: .any)
        try plan.check()
        // There is no way back from a repeatable one: what it was before is in no file.
        var inForce = history.entries.filter { entry in
            entry.isInForce && !repeatables.contains { $0.isCalled(entry.name) }
        }.reversed()[...]
        switch target {
        case .steps(let count):
            inForce = inForce.prefix(count)
        case .to(let name):
            guard let stays = migration(called: name) else { throw MigratorError.unknownMigration(name, in: self) }
            inForce = inForce.prefix { !stays.isCalled($0.name) }
            guard inForce.count < history.entries.count(where: \.isInForce) else {
                throw MigratorError.notApplied(stays.name)
            }
        }
        return try inForce.map { entry in
            guard let migration = migrations.first(where: { $0.isCalled(entry.name) }) else {
                throw MigratorError.missing(entry)
            }
            guard let down = migration.down else { throw MigratorError.noDownFile(migration.name) }
            let script = try MigrationScript(of: down, placeholders: placeholders)
            return UndoStep(migration: migration, entry: entry, script: script)
        }
    }
}
