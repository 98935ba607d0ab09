import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Migrator {
    func apply(to target: MigrationTarget, emit: @escaping MigrationRun.Emit) async throws -> RunSummary {
        let start = ContinuousClock.now
        return try await withDatabase(emit: emit) { connection in
            // In a role's transaction a table that is not there would end the transaction.
            if options.role == nil,
                let history = try await HistoryStore.readDirectly(named: options.historyTable, from: connection)
            {
                return history
            }
            return try await HistoryStore.read(named: options.historyTable, from: connection).history
        } _: { connection, files, history in
            let (first, files) = try plan(files, history, to: target)
            try first.check()
            let needsTakeover = history.table?.isNaive == true
            if first.pending.isEmpty, !needsTakeover { return first.summary(of: [], since: start) }
            try await check(first.pending, in: files)
            let runID = UUID().uuidString.lowercased()
            return try await withRunLock(runID: runID, on: connection, emit: emit) { session, history in
                var run = try ApplyRun(session: session, history: history, files: files)
                try await run.apply(to: target)
                let end = try await session.history()
                return try Plan(directory: files, history: end).summary(of: run.done, since: start)
            }
        }
    }

    /// Looks at the files that are to run, so that one which cannot run stops the run before it begins.
    @concurrent
    private func check(_ migrations: [Migration], in files: MigrationDirectory) async throws {
        let problems = await files.problemsInTexts(of: migrations, placeholders: options.placeholders)
        if let problem = problems.first { throw problems.count == 1 ? problem : .several(problems) }
        let reader = ScriptReader(placeholders: options.placeholders, reserved: ReservedTables(history: nil))
        for migration in migrations {
            _ = try reader.script(of: migration.up)
            _ = try reader.verification(of: migration)
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
