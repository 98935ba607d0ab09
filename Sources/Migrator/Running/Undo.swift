import Postgres
import SourceText

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
        return try await withDatabase(emit: emit) { connection in
            try await HistoryStore.read(named: options.historyTable, in: options.schema, from: connection).history
        } _: { connection, files, history in
            let files = try plan(files, history).files
            let first = try files.undoSteps(to: target, in: history, placeholders: options.placeholders)
            if first.isEmpty { return try Plan(directory: files, history: history).summary(of: [], since: start) }
            let runID = UUID().uuidString.lowercased()
            return try await withRunLock(runID: runID, on: connection, emit: emit) { session, history in
                let steps = try files.undoSteps(to: target, in: history, placeholders: options.placeholders)
                let run = UndoRun(session: session)
                for (index, undo) in steps.enumerated() {
                    do {
                        try await run.undo(
                            undo,
                            as: MigrationStep(name: undo.migration.name, number: index + 1, count: steps.count)
                        )
                    } catch let error as MigratorError {
                        throw error.leaving(steps[index...].map(\.migration.name), as: "not taken back")
                    }
                }
                let end = try await session.history()
                return try Plan(directory: files, history: end).summary(of: steps.map(\.migration.name), since: start)
            }
        }
    }
}

/// The part of an undo behind the lock.
struct UndoRun {
    let session: RunSession

    func undo(_ undo: UndoStep, as step: MigrationStep) async throws {
        session.emit(.started(step))
        for tag in undo.migration.tags { session.emit(.remark(step.name, "goes back behind \(tag)")) }
        let start = ContinuousClock.now
        let task = ScriptTask(
            step: step,
            script: undo.script,
            verification: nil,
            direction: .down(undo.entry),
            lastApplied: undo.migration.name,
            earlier: []
        )
        do {
            guard case .done(let notices, let skips) = try await run(task) else {
                throw MigratorError.historyRowGone(
                    step.name,
                    at: SourceLocation(file: undo.script.path),
                    lastApplied: undo.migration.name
                )
            }
            for notice in notices { session.emit(.notice(step, notice)) }
            if !skips.isEmpty { session.emit(.skipped(step, skips)) }
            session.emit(.undone(step, start.duration(to: .now)))
        } catch {
            let error = (error as? MigratorError) ?? .interrupted(lastApplied: undo.migration.name, by: error)
            await session.record(session.event("undo-failed", of: step.name, detail: ["error": "\(error)"]))
            throw error
        }
    }

    private func run(_ task: ScriptTask) async throws -> ScriptEnd {
        switch task.script.form {
        case .transaction(let text): try await TransactionRun(session: session, task: task, text: text).retrying()
        case .steps(let steps): try await StepRun(session: session, task: task, steps: steps)()
        case .batches(let backfill): try await BackfillRun(session: session, task: task, backfill: backfill)()
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
    /// The rows that can be taken back, the last one first.
    ///
    /// A squashed file that was recorded on a database is not what ran there last, but what ran there first.
    private func undoable(in history: History) -> [HistoryEntry] {
        let squashes = Set(
            migrations.filter { !$0.replaced.isEmpty && SquashStanding(of: $0, in: history) != .absent }
                .map { MigrationKey($0.name) }
        )
        let replaced = Set(migrations.flatMap(\.replaced).map(\.key))
        let rows = history.entries.filter { entry in
            entry.isInForce && entry.outcome != .squashed && !replaced.contains(MigrationKey(entry.name))
                && !repeatables.contains { $0.isCalled(entry.name) }
        }
        let last = rows.filter { squashes.contains(MigrationKey($0.name)) }
        return rows.filter { !last.contains($0) }.reversed() + last.reversed()
    }

    /// The migrations to take back, the one that ran last first, with their scripts: all of them, or an error.
    func undoSteps(
        to target: UndoTarget,
        in history: History,
        placeholders: [String: String]?
    ) throws -> [UndoStep] {
        try Plan(directory: self, history: history, order: .any).toleratingHalfUndone().check()
        let reader = ScriptReader(placeholders: placeholders, reserved: ReservedTables(history: history.tableName))
        // There is no way back from a repeatable one: what it was before is in no file.
        var inForce = undoable(in: history)[...]
        switch target {
        case .steps(let count):
            inForce = inForce.prefix(count)
        case .to(let name):
            guard let stays = migration(called: name) else {
                if let squash = migrations.first(where: { $0.replaced.contains { $0.isCalled(name) } }) {
                    throw MigratorError.undoOfSquash(name, by: squash.name)
                }
                throw MigratorError.unknownMigration(name, in: self)
            }
            inForce = inForce.prefix { !stays.isCalled($0.name) }
            guard inForce.count < undoable(in: history).count else {
                throw MigratorError.notApplied(stays.name)
            }
        }
        return try inForce.map { entry in
            guard let migration = migrations.first(where: { $0.isCalled(entry.name) }) else {
                throw MigratorError.missing(entry)
            }
            // What ran before it was made would count as there, whatever a down file took away.
            guard migration.replaced.isEmpty || SquashStanding(of: migration, in: history) == .absent else {
                throw MigratorError.undoOfSquash(migration.name, by: migration.name)
            }
            guard let down = migration.down else { throw MigratorError.noDownFile(migration.name, in: layout) }
            return UndoStep(migration: migration, entry: entry, script: try reader.script(of: down))
        }
    }
}
