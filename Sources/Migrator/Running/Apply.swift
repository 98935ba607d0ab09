import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Migrator {
    func apply(to target: MigrationTarget, emit: @escaping MigrationRun.Emit) async throws -> RunSummary {
        let start = ContinuousClock.now
        return try await withDatabase(emit: emit) { connection -> Seen in
            // In a role's transaction a table that is not there would end the transaction.
            if options.role == nil,
                let entries = try await HistoryStore.readDirectly(
                    named: options.historyTable,
                    in: options.schema,
                    from: connection
                )
            {
                return .entries(entries)
            }
            let (name, schema) = (options.historyTable, options.schema)
            return .history(try await HistoryStore.read(named: name, in: schema, from: connection).history)
        } _: { connection, files, seen in
            if case .entries(let entries) = seen, files.isWhole(in: entries) {
                _ = try target.limit(in: files)
                return RunSummary(
                    migrations: [],
                    duration: start.duration(to: .now),
                    appliedCount: entries.count,
                    pendingCount: 0
                )
            }
            return try await apply(files, since: seen.history, to: target, on: connection, start: start, emit: emit)
        }
    }

    /// Applies what is pending of files that are read, on a connection that is open.
    ///
    /// The history is as it was before the run lock, which gets a connection of its own unless one is lent.
    func apply(
        _ files: MigrationDirectory,
        since history: History,
        to target: MigrationTarget,
        on connection: PostgresConnection,
        lockedBy lockConnection: PostgresConnection? = nil,
        start: ContinuousClock.Instant,
        emit: @escaping MigrationRun.Emit
    ) async throws -> RunSummary {
        let trusted = try await trustedMigrations(in: files, history, to: target)
        let (pending, files, idle) = try outlook(of: files, history, to: target, trusted: trusted, since: start)
        if let idle { return idle }
        if let obstacle = try await otherHistory(beside: history, on: connection) { throw obstacle }
        try await check(pending, in: files, history)
        let runID = UUID().uuidString.lowercased()
        return try await withRunLock(runID: runID, on: connection, lockedBy: lockConnection, emit: emit) {
            session,
            history in
            var run = try ApplyRun(session: session, history: history, files: files, trusted: trusted)
            try await run.apply(to: target)
            do {
                if let (applied, pending) = try await run.standing {
                    return RunSummary(
                        migrations: run.done,
                        adopted: run.adopted,
                        duration: start.duration(to: .now),
                        appliedCount: applied,
                        pendingCount: pending
                    )
                }
                let end = try await session.history()
                return try Plan(directory: files, history: end)
                    .summary(of: run.done, adopted: run.adopted, since: start)
            } catch is CancellationError {
                throw MigratorError.interruptedBetween(lastApplied: run.lastApplied)
            }
        }
    }

    /// What a run would do, as it looks before it has the lock: of the whole plan, only what is needed until then stays.
    ///
    /// - Returns: the pending migrations, the folder that the plan is of, and the run's end if there is nothing to do.
    private func outlook(
        of files: MigrationDirectory,
        _ history: History,
        to target: MigrationTarget,
        trusted: Set<String>,
        since start: ContinuousClock.Instant
    ) throws(MigratorError) -> (pending: [Migration], files: MigrationDirectory, idle: RunSummary?) {
        let (plan, files) = try plan(files, history, to: target, trusted: trusted)
        try plan.check()
        let isIdle = plan.pending.isEmpty && history.table?.isNaive != true
        return (plan.pending, files, isIdle ? plan.summary(of: [], since: start) : nil)
    }

    /// Looks at the files that are to run, so that one which cannot run stops the run before it begins.
    private func check(_ migrations: [Migration], in files: MigrationDirectory, _ history: History) async throws {
        if let scripts, scripts.isChecked(migrations) { return }
        let problems = await files.problemsInScripts(of: migrations, reader(beside: history))
        if let problem = problems.first { throw problems.count == 1 ? problem : .several(problems) }
        scripts?.noteChecked(migrations)
    }
}

/// What a run finds of the history before it takes the lock.
private enum Seen {
    /// The rows of a history of Lastro's own.
    case entries([HistoryEntry])
    /// A history that had to be looked for.
    case history(History)

    var history: History {
        switch self {
        case .entries(let entries): History(entries: entries, table: nil)
        case .history(let history): history
        }
    }
}

extension Plan {
    func summary(
        of migrations: [String],
        adopted: [String] = [],
        since start: ContinuousClock.Instant
    ) -> RunSummary {
        RunSummary(
            migrations: migrations,
            adopted: adopted,
            duration: start.duration(to: .now),
            appliedCount: statuses.count { !$0.state.isPending },
            pendingCount: statuses.count { $0.state.isPending }
        )
    }
}
