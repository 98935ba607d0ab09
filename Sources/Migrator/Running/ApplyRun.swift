import Postgres

/// The part of a run behind the lock: migration after migration.
struct ApplyRun {
    let session: RunSession
    private let files: MigrationDirectory
    private let hooks: HookScripts
    private var history: History
    /// The replaced migrations that count as unchanged though nobody knows their checksums.
    private let trusted: Set<String>
    /// The names of the migrations that are applied by now.
    private(set) var done: [String] = []
    /// The names of the squashed files that were recorded and did not run.
    private(set) var adopted: [String] = []
    /// The names of their rows, where those are others.
    private var fileNames: [String] = []
    /// What the migrations come to with those that this run applied.
    private var count = Count()
    /// The name of the last migration that is applied, for errors.
    private(set) var lastApplied: String?
    /// The names of what was to run when the plan was made last.
    private var planned: [String] = []
    /// What the server keeps ready for the rows of migrations; nil for nothing.
    private var prepared: PreparedRows?
    /// Whether it pays to have anything made ready.
    private var makesReady = true

    init(session: RunSession, history: History, files: MigrationDirectory, trusted: Set<String> = []) throws {
        self.session = session
        self.trusted = trusted
        self.history = history
        self.files = files
        hooks = try HookScripts(of: files, reader: session.reader)
        lastApplied = history.entries.last(where: \.isInForce)?.name
    }

    /// Applies what is pending, planning again whenever a row turned up that the plan did not see.
    ///
    /// - Throws: ``MigratorError``, with what is left to do if it was interrupted.
    mutating func apply(to target: MigrationTarget) async throws {
        do {
            try await applyAll(to: target)
        } catch {
            let left = planned.filter { !done.contains($0) }
            let interruption =
                error is CancellationError
                ? MigratorError.interruptedBetween(lastApplied: lastApplied) : error as? MigratorError
            throw interruption?.leaving(left, as: "pending") ?? error
        }
    }

    private mutating func applyAll(to target: MigrationTarget) async throws {
        var hasBegun = false
        while true {
            let plan = try Plan(
                directory: files,
                history: history,
                target: target,
                order: session.options.order,
                trusted: trusted
            )
            try plan.check()
            count = Count(plan, history)
            planned = plan.pending.map(\.name)
            // Before anything runs: what comes behind may need the names that are squashed.
            if !plan.adoptions.isEmpty {
                let adoption = SquashRun(session: session, history: history, lastApplied: lastApplied)
                adopted += try await adoption.adopt(plan.adoptions)
                history = try await session.history()
                continue
            }
            if !hasBegun, !plan.pending.isEmpty {
                try await hooks.run(.beforeRun, in: session)
                hasBegun = true
            }
            if try await apply(plan.pending) { break }
            history = try await session.history()
        }
        if hasBegun { try await hooks.run(.afterRun, in: session) }
    }

    /// Applies migrations in order.
    ///
    /// - Returns: whether it came to the end; false if the plan has to be made anew.
    private mutating func apply(_ migrations: [Migration]) async throws -> Bool {
        var queue = ScriptQueue(migrations, reader: session.reader)
        while let first = await queue.next() {
            var group = [first]
            var failure: TransactionRow.Failure?
            if session.options.isSingleTransaction {
                try await extend(&group, from: &queue)
            } else if isPlain(first) {
                var row = [first]
                while let item = queue.nextIfRead(isPlain) { row.append(item) }
                let definitions = Array(row.prefix(while: \.onlyDefines))
                if await prepareRows(for: definitions) {
                    queue.putBack(row[definitions.count...])
                    row = definitions
                }
                let end = await run(inARow: row)
                guard let next = end.next else { continue }
                queue.putBack(row[(next + 1)...])
                group = [row[next]]
                failure = end.failure
            }
            await letGoOfPrepared()
            guard try await run(group, after: failure) else { return false }
        }
        await letGoOfPrepared()
        return true
    }

    /// Whether a migration is a single transaction with nothing before, behind or beside it.
    private func isPlain(_ item: ScriptQueue.Item) -> Bool {
        guard case .success(let (script, verification)) = item.reading, case .transaction(let text) = script.form else {
            return false
        }
        let goesAtOnce = session.options.skipRule == .ignore || script.guards.isDecidedBefore
        return goesAtOnce && verification == nil && text.copyData.isEmpty && script.checksum == item.migration.checksum
            && session.hookAction == nil && hooks.scripts[.beforeEach] == nil && hooks.scripts[.afterEach] == nil
    }

    /// Applies plain migrations one behind the other, without anything between them.
    ///
    /// - Returns: the place of the first one that it did not apply, with why if it was tried.
    private mutating func run(inARow items: [ScriptQueue.Item]) async -> (next: Int?, failure: TransactionRow.Failure?)
    {
        let runs = items.compactMap { item -> TransactionRun? in
            guard case .success(let (script, _)) = item.reading, case .transaction(let text) = script.form else {
                return nil
            }
            let end: MigrationTransaction.End = item.step.number == item.step.count ? .durable : .relaxed
            return TransactionRun(
                session: session,
                task: task(for: item, script: script, nil),
                text: text,
                end: end,
                prepared: prepared
            )
        }
        let row = TransactionRow(runs)
        let failure = await row.run(on: session.connection)
        // Where the first one has to go another way, so will its like behind it.
        if row.endedCount == 0 { makesReady = false }
        for item in items.prefix(row.endedCount) { note(item) }
        return (row.endedCount < items.count ? row.endedCount : nil, failure)
    }

    /// Has the server make ready what the rows of migrations need that only define objects.
    ///
    /// - Returns: whether it is ready; false where that makes no sense, or cannot be had.
    private mutating func prepareRows(for definitions: [ScriptQueue.Item]) async -> Bool {
        guard makesReady, !session.isPooled, let first = definitions.first else {
            await letGoOfPrepared()
            return false
        }
        // For fewer, to have them made ready costs as much as it gives.
        guard prepared == nil, definitions.count > 3 else { return prepared != nil }
        let rows = PreparedRows(session.store, runID: session.runID)
        prepared = rows
        do {
            // They outlive the transaction, which is there for its limits.
            let settings = (session.settings.limits + session.settings.scope).map(\.sql).joined(separator: "; ")
            let marker = session.marker(first.migration.name)
            try await session.connection.script("\(marker) BEGIN; \(settings); \(rows.preparation); COMMIT")
            return true
        } catch {
            // Without it the rows cost more; what else is wrong, they meet as well, and say so.
            await session.connection.rollBack()
            await letGoOfPrepared()
            makesReady = false
            return false
        }
    }

    /// Sees to it that the next script finds a session in which nothing was made ready.
    private mutating func letGoOfPrepared() async {
        guard prepared != nil else { return }
        prepared = nil
        let connection = session.connection
        // In a task of its own, since this one may be cancelled; what is cut off has nothing any more.
        _ = await Task { try? await connection.script("DEALLOCATE ALL") }.value
    }

    private mutating func note(_ item: ScriptQueue.Item) {
        lastApplied = item.migration.name
        done.append(item.migration.name)
        if history.usesFileNames { fileNames.append(history.name(of: item.migration)) }
        let isNew = !history.entries(of: item.migration).contains(where: \.isInForce)
        count.noteApplied(isNewRow: isNew)
    }

    /// How many migrations are applied and pending now; nil if the history has to be read for that, since somebody else
    /// wrote into it.
    var standing: (applied: Int, pending: Int)? {
        get async throws {
            guard try await session.countRowsInForce() == count.rows else { return nil }
            return (count.applied, count.pending)
        }
    }

    /// Adds the migrations that can be in one transaction with the first one.
    private func extend(_ group: inout [ScriptQueue.Item], from queue: inout ScriptQueue) async throws {
        while let last = try group.last?.reading.get().script, case .transaction = last.form,
            let next = await queue.peek(), case .transaction = try next.reading.get().script.form
        {
            if last.addsEnumValue {
                session.emit(
                    .remark(
                        group.last?.migration.name,
                        "adds a value to an enum, which cannot be used before it is committed: the transaction ends here"
                    )
                )
                return
            }
            guard let item = await queue.next() else { return }
            group.append(item)
        }
    }

    /// Runs migrations that are one transaction, or a single one in whatever way it runs.
    ///
    /// - Parameters:
    ///   - group: the migrations.
    ///   - failure: what became of a first try; nil if there was none.
    /// - Returns: false if the plan has to be made anew.
    /// - Throws: ``MigratorError`` for the first migration that failed.
    private mutating func run(_ group: [ScriptQueue.Item], after failure: TransactionRow.Failure?) async throws -> Bool
    {
        var retries = LockRetries(limit: session.options.lockRetries)
        var failure = failure
        while true {
            do {
                defer { failure = nil }
                return try await runOnce(group, after: failure)
            } catch let failure as LockUnavailable {
                guard let pause = retries.next(after: failure.failure) else {
                    await session.recordFailure(failure.error, of: failure.step.name)
                    throw failure.error
                }
                do {
                    try await session.announceRetry(failure, attempt: retries.count, pause: pause)
                } catch is CancellationError {
                    let error = MigratorError.interrupted(lastApplied: lastApplied)
                    await session.recordFailure(error, of: failure.step.name)
                    throw error
                }
            }
        }
    }

    private mutating func runOnce(_ group: [ScriptQueue.Item], after failure: TransactionRow.Failure?) async throws
        -> Bool
    {
        var ends: [(step: MigrationStep, notices: [ServerReport], skips: [SkippedStatement], duration: Duration)] = []
        for (index, item) in group.enumerated() {
            if failure == nil { session.emit(.started(item.step)) }
            let start = ContinuousClock.now
            let place = GroupPlace(isFirst: index == 0, isLast: index == group.count - 1)
            guard case .done(let notices, let skips) = try await run(item, place, after: failure) else { return false }
            ends.append((item.step, notices, skips, start.duration(to: .now)))
        }
        // Told once it is committed.
        for (item, end) in zip(group, ends) {
            note(item)
            for notice in end.notices { session.emit(.notice(end.step, notice)) }
            if !end.skips.isEmpty { session.emit(.skipped(end.step, end.skips)) }
            session.emit(.applied(end.step, end.duration))
        }
        // Behind all of them: one that fails must not hide that the others are applied.
        for end in ends { try await session.runHook(.afterEach, end.step) }
        return true
    }

    private func run(
        _ item: ScriptQueue.Item,
        _ place: GroupPlace,
        after failure: TransactionRow.Failure?
    ) async throws -> ScriptEnd {
        do {
            let (script, verification) = try item.reading.get()
            guard script.checksum == item.migration.checksum else {
                throw MigratorError.fileChangedMeanwhile(item.migration.path, lastApplied: lastApplied)
            }
            if failure == nil {
                for remark in script.remarks { session.emit(.remark(item.migration.name, remark)) }
                try await session.runHook(.beforeEach, item.step)
            }
            return try await run(task(for: item, script: script, verification), place, after: failure)
        } catch let failure as LockUnavailable {
            throw failure
        } catch {
            // What stopped it may have come between two migrations of one transaction, which is open then.
            await session.connection.rollBack()
            let failure = (error as? MigratorError) ?? .interrupted(lastApplied: lastApplied, by: error)
            await session.recordFailure(failure, of: item.migration.name)
            throw failure
        }
    }

    private func run(_ task: ScriptTask, _ place: GroupPlace, after failure: TransactionRow.Failure?) async throws
        -> ScriptEnd
    {
        switch task.script.form {
        case .transaction(let text):
            // Only the last commit waits for the disk, and takes all before it along. A server that crashes in between
            // loses migrations together with their rows in the history, so that the next run does them again.
            let isLastOfRun = task.step.number == task.step.count
            return try await TransactionRun(
                session: session,
                task: task,
                text: text,
                begins: place.isFirst,
                end: !place.isLast ? .open : isLastOfRun ? .durable : .relaxed
            )(after: failure)
        case .steps(let steps):
            return try await StepRun(session: session, task: task, steps: steps)()
        case .batches(let backfill):
            return try await BackfillRun(session: session, task: task, backfill: backfill)()
        }
    }

    private func task(
        for item: ScriptQueue.Item,
        script: MigrationScript,
        _ verification: MigrationScript?
    ) -> ScriptTask {
        var row = NewRow(
            migration: item.migration,
            name: history.name(of: item.migration),
            outcome: .applied,
            reason: nil,
            runID: session.runID,
            replacing: history.entries(of: item.migration).last
        )
        row.detail = script.placeholders.isEmpty ? [:] : ["placeholders": script.placeholders.asJSON]
        return ScriptTask(
            step: item.step,
            script: script,
            verification: verification,
            before: hooks.scripts[.beforeEach],
            after: hooks.scripts[.afterEach],
            direction: .up(row),
            lastApplied: lastApplied,
            earlier: history.usesFileNames ? fileNames : done
        )
    }
}

/// How many migrations there are of each kind, and how many rows in the history are in force.
private struct Count {
    private(set) var applied = 0
    private(set) var pending = 0
    private(set) var rows = 0

    init() {}

    init(_ plan: Plan, _ history: History) {
        pending = plan.statuses.count { $0.state.isPending }
        applied = plan.statuses.count - pending
        rows = history.entries.count(where: \.isInForce)
    }

    mutating func noteApplied(isNewRow: Bool) {
        applied += 1
        pending -= 1
        if isNewRow { rows += 1 }
    }
}

/// Where a migration stands among those of its transaction.
private struct GroupPlace {
    let isFirst: Bool
    let isLast: Bool
}
