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
            let schema = options.schema
            if options.role == nil, let history = try await HistoryStore.readDirectly(from: connection, in: schema) {
                return history
            }
            return try await HistoryStore.read(from: connection, in: schema).history
        } _: { connection, files, history in
            try await apply(files, since: history, to: target, on: connection, start: start, emit: emit)
        }
    }

    /// Applies what is pending of files that are read, on a connection that is open.
    ///
    /// - Parameters:
    ///   - history: the history as it was before the run lock.
    ///   - lockConnection: the connection for the run lock; nil to open one.
    func apply(
        _ files: MigrationDirectory,
        since history: History,
        to target: MigrationTarget,
        on connection: PostgresConnection,
        lockedBy lockConnection: PostgresConnection? = nil,
        start: ContinuousClock.Instant,
        emit: @escaping MigrationRun.Emit
    ) async throws -> RunSummary {
        let (first, files) = try plan(files, history, to: target)
        try first.check()
        let needsTakeover = history.table?.isNaive == true
        if first.pending.isEmpty, !needsTakeover { return first.summary(of: [], since: start) }
        try await check(first.pending, in: files)
        let runID = UUID().uuidString.lowercased()
        return try await withRunLock(runID: runID, on: connection, lockedBy: lockConnection, emit: emit) {
            session,
            history in
            var run = ApplyRun(session: session, history: history)
            try await run.apply(from: files, to: target)
            let end = try await session.history()
            return try Plan(directory: files, history: end).summary(of: run.done, since: start)
        }
    }

    /// Looks at the files that are to run, so that one which cannot run stops the run before it begins.
    @concurrent
    private func check(_ migrations: [Migration], in files: MigrationDirectory) async throws {
        if let scripts, scripts.isChecked(migrations) { return }
        let problems = await files.problemsInTexts(of: migrations, placeholders: options.placeholders)
        if let problem = problems.first { throw problems.count == 1 ? problem : .several(problems) }
        let reader = ScriptReader(
            placeholders: options.placeholders,
            reserved: ReservedTables(history: nil),
            cache: scripts
        )
        for migration in migrations {
            _ = try reader.script(of: migration.up)
            _ = try reader.verification(of: migration)
        }
        scripts?.noteChecked(migrations)
    }
}

/// The part of a run behind the lock: migration after migration.
struct ApplyRun {
    let session: RunSession
    private(set) var history: History
    /// The names of the migrations that are applied by now.
    private(set) var done: [String] = []
    /// The names of their rows.
    private var rows: [String] = []
    /// The name of the last migration that is applied, for errors.
    private var lastApplied: String?

    init(session: RunSession, history: History) {
        self.session = session
        self.history = history
        lastApplied = history.entries.last(where: \.isInForce)?.name
    }

    /// Applies what is pending, planning again whenever a row turned up that the plan did not see.
    mutating func apply(from files: MigrationDirectory, to target: MigrationTarget) async throws {
        while true {
            let plan = try Plan(directory: files, history: history, target: target, order: session.options.order)
            try plan.check()
            if try await apply(plan.pending) { return }
            history = try await session.history()
        }
    }

    /// Applies migrations in order.
    ///
    /// - Returns: whether it came to the end; false if the plan has to be made anew.
    private mutating func apply(_ migrations: [Migration]) async throws -> Bool {
        let reader = ScriptReader(
            placeholders: session.options.placeholders,
            reserved: ReservedTables(history: session.store.table),
            cache: session.scripts
        )
        var upcoming = migrations.first.map { reader.reading($0) }
        for (index, migration) in migrations.enumerated() {
            let step = MigrationStep(name: migration.name, number: index + 1, count: migrations.count)
            session.emit(.started(step))
            let start = ContinuousClock.now
            let reading = upcoming
            // The next file is read while the server works on this one.
            upcoming = migrations.indices.contains(index + 1) ? reader.reading(migrations[index + 1]) : nil
            switch try await run(migration, as: step, reading) {
            case .done(let notices):
                lastApplied = migration.name
                done.append(migration.name)
                rows.append(history.name(of: migration))
                for notice in notices {
                    session.emit(.notice(step, severity: notice.severity, message: notice.message))
                }
                session.emit(.applied(step, start.duration(to: .now)))
            case .collided:
                return false
            }
        }
        return true
    }

    private func run(
        _ migration: Migration,
        as step: MigrationStep,
        _ reading: Task<ScriptReader.Reading, any Error>?
    ) async throws -> ScriptEnd {
        do {
            guard await session.lock.isHeld() else { throw MigratorError.lockLost(lastApplied: lastApplied) }
            guard let (script, verification) = try await reading?.value else { return .collided }
            guard script.checksum == migration.checksum else {
                throw MigratorError.fileChangedMeanwhile(migration.path, lastApplied: lastApplied)
            }
            for remark in script.remarks { session.emit(.remark(migration.name, remark)) }
            return try await run(task(for: migration, as: step, script: script, verification))
        } catch {
            let error = (error as? MigratorError) ?? .interrupted(lastApplied: lastApplied, by: error)
            await session.record(
                session.event(
                    [.interrupted, .lockLost].contains(error.code) ? "interrupted" : "failed",
                    of: migration.name,
                    detail: ["error": "\(error)"]
                )
            )
            throw error
        }
    }

    private func run(_ task: ScriptTask) async throws -> ScriptEnd {
        switch task.script.form {
        case .transaction(let text):
            // Only the last commit waits for the disk, and takes all before it along. A server that crashes in between
            // loses migrations together with their rows in the history, so that the next run does them again.
            let end: MigrationTransaction.End = task.step.number == task.step.count ? .durable : .relaxed
            return try await TransactionRun(session: session, task: task, text: text, end: end)()
        case .steps(let steps):
            return try await StepRun(session: session, task: task, steps: steps)()
        case .batches(let backfill):
            return try await BackfillRun(session: session, task: task, backfill: backfill)()
        }
    }

    private func task(
        for migration: Migration,
        as step: MigrationStep,
        script: MigrationScript,
        _ verification: MigrationScript?
    ) -> ScriptTask {
        var row = NewRow(
            migration: migration,
            name: history.name(of: migration),
            outcome: .applied,
            reason: nil,
            runID: session.runID,
            replacing: history.entries(of: migration).last
        )
        row.detail = script.placeholders.isEmpty ? [:] : ["placeholders": script.placeholders.asJSON]
        return ScriptTask(
            step: step,
            script: script,
            verification: verification,
            direction: .up(row),
            lastApplied: lastApplied,
            earlier: rows
        )
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
