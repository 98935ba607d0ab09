import Postgres
import SQLSyntax

/// Runs a script step by step, and goes on where an earlier run stopped.
struct StepRun {
    let session: RunSession
    let task: ScriptTask
    let steps: [ScriptStep]

    private var ledger: StepLedger { StepLedger(store: session.store) }
    private var connection: PostgresConnection { session.connection }

    /// Runs what is left of the steps, and then writes the history.
    func callAsFunction() async throws -> ScriptEnd {
        do {
            return try await run()
        } catch let error as PostgresError where error.code == .connectionLost {
            throw await session.recordingCut(task.error(for: error), of: task.step.name)
        } catch let error as MigratorError where error.code == .outcomeUnknown {
            throw await session.recordingCut(error, of: task.step.name)
        } catch {
            let code = (error as? MigratorError)?.code
            let isStopped = error is CancellationError || code == .interrupted
            guard isStopped || error is PostgresError || code == .lockLost else { throw error }
            throw MigratorError.stepsStopped(
                by: isStopped ? nil : error,
                task.step.name,
                done: await countDone(),
                of: steps.count { $0.kind != .session }
            )
        }
    }

    /// How many steps are on record as done, also in a task that was cancelled; nil if that cannot be read.
    private func countDone() async -> Int? {
        let (ledger, name, connection) = (ledger, task.ledgerName, connection)
        return try? await Task {  // what is done is told in other words then
            try await ledger.records(of: name, on: connection).values.count(where: \.isDone)
        }.value
    }

    private func run() async throws -> ScriptEnd {
        try await checkPooling()
        // The session of an earlier run may be in the middle of a step still.
        try await Orphans(session: session).settle(task.step)
        let records = try await ledger.records(of: task.ledgerName, on: connection)
        try check(records)
        let first = steps.first { $0.kind != .session && records[$0.number]?.isDone != true }
        if let first, !records.isEmpty {
            session.emit(.resumed(task.step, step: first.number, of: steps.count))
        }
        var notices: [ServerReport] = []
        var skips: [SkippedStatement] = []
        if records.isEmpty {
            notices += try await session.prepare(task)
            await session.noteBeginning(task)
        }
        for step in steps {
            guard await session.lock.isHeld() else { throw MigratorError.lockLost(lastApplied: task.lastApplied) }
            switch step.kind {
            case .session:
                notices += try await send(step)
            case .transaction, .outside:
                if records[step.number]?.isDone == true { continue }
                try await session.noteUndoing(task)
                guard let end = try await run(step, record: records[step.number]) else { return .collided }
                notices += end.notices
                skips += end.skips
                session.emit(.stepDone(task.step, step: step.number, of: steps.count))
            }
        }
        try await resetSession()
        return try await finish(notices, skips)
    }

    /// What came of a step.
    typealias StepEnd = (notices: [ServerReport], skips: [SkippedStatement])

    /// Runs one step.
    ///
    /// - Returns: what came of it; nil if another runner has touched the step's record.
    private func run(_ step: ScriptStep, record: StepLedger.Record?) async throws -> StepEnd? {
        let recovery = StepRecovery(session: session, task: task, step: step)
        // What a mended statement finds is not of its own making.
        let known = record?.digest == step.digest.description ? record : nil
        if let known, try await recovery.isAchieved(since: known) {
            guard try await start(step, seen: known, detail: known.detail) else { return nil }
            try await noteDone(step)
            return ([], [])
        }
        let before = try await recovery.clearWay()
        let skips = try await judgeOutside(step)
        guard try await start(step, seen: record, detail: known?.detail ?? before) else { return nil }
        switch step.kind {
        case .session: return ([], [])
        case .transaction:
            return try await notingFailure(of: step) {
                try await StepTransaction(session: session, task: task, step: step, ledger: ledger)()
            }
        case .outside:
            let notices = try await notingFailure(of: step) { try await sendOutside(step, recovery) }
            // Before anything that a cancellation could stop: what ran must not be run again.
            try await noteDone(step, unless: recovery.checkResult)
            if let event = skips?.event { await session.record(event) }
            return (notices, skips?.report ?? [])
        }
    }

    /// Puts a step on record as done that has no transaction of its own.
    ///
    /// - Parameters:
    ///   - step: the step.
    ///   - check: what may turn out to be wrong with it after all.
    /// - Throws: what the check throws; `PostgresError`.
    private func noteDone(
        _ step: ScriptStep,
        unless check: @escaping @Sendable () async throws -> Void = {}
    ) async throws {
        let (statement, connection) = (
            ledger.done(step, of: task.ledgerName, runID: session.runID), connection
        )
        // In a task of its own, since this one may be cancelled.
        try await Task {
            try await check()
            try await connection.script(statement)
        }.value
    }

    /// Runs a step, and puts on record if it failed for certain, so that its statement can be mended.
    ///
    /// An interruption is such a failure: it is told once the server has stopped the statement, or never got it.
    private func notingFailure<Result>(of step: ScriptStep, _ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch
            where error is CancellationError
            || [.statementFailed, .skippedStatement, .interrupted].contains((error as? MigratorError)?.code)
        {
            await session.noteFailure(ofStep: step.number, of: task)
            throw error
        }
    }

    /// Judges what a step without a transaction would skip, before it runs: afterwards there is nothing to roll back.
    private func judgeOutside(_ step: ScriptStep) async throws -> SkipCheck? {
        guard case .outside = step.kind,
            let skips = SkipCheck(task, statements: step.text.statements, in: session)
        else { return nil }
        try await connection.withTransaction(TransactionOptions(isolation: .readCommitted)) { connection in
            for checkpoint in skips.checkpoints { try await skips.look(at: checkpoint, on: connection) }
        }
        if let error = skips.error() { throw error }
        return skips
    }

    private func start(_ step: ScriptStep, seen: StepLedger.Record?, detail: String?) async throws -> Bool {
        try await ledger.start(
            step.number,
            digest: step.digest,
            of: task.ledgerName,
            runID: session.runID,
            seen: seen,
            detail: detail,
            on: connection
        )
    }

    /// Sends a step that has no transaction, again where it and another one waited for each other: builds of indexes do
    /// that which go on at the same time, in whatever schemas.
    private func sendOutside(_ step: ScriptStep, _ recovery: StepRecovery) async throws -> [ServerReport] {
        var retries = LockRetries(limit: session.options.lockRetries)
        while true {
            do {
                return try await send(step)
            } catch let error as StepDeadlock {
                guard let pause = retries.next() else { throw error.failure }
                try await session.announceRetry(
                    of: task.step,
                    after: error.failure.message,
                    blockers: [],
                    attempt: retries.count,
                    pause: pause
                )
                _ = try await recovery.clearWay()
            }
        }
    }

    /// Sends a step by itself, outside of any transaction.
    private func send(_ step: ScriptStep) async throws -> [ServerReport] {
        let marker = session.marker(task.step.name)
        let clock = await session.lookAhead(task, step.text)
        session.watch.begin(task.step, marker: marker)
        defer { session.watch.end() }
        do {
            clock?.begin()
            let results = try await connection.migrationScript(
                step.text.text(after: "\(marker)\n"),
                copyData: step.text.copyData
            )
            let notices = results.flatMap(\.notices)
            await session.lookBack(clock, notices, isCommitted: true)
            return notices
        } catch {
            let failure = task.error(for: error, in: step, linesBefore: 1)
            throw (error as? PostgresError)?.sqlState == "40P01" ? StepDeadlock(failure: failure) : failure
        }
    }

    /// Refuses steps that were run from another text.
    private func check(_ records: [Int: StepLedger.Record]) throws {
        for step in steps {
            guard let record = records[step.number], record.digest != step.digest.description, !record.hasFailed
            else { continue }
            throw MigratorError.stepChanged(
                step.number,
                of: task.step.name,
                isDone: record.isDone,
                at: task.script.location(ofStatement: step.firstStatement)
            )
        }
        if let last = records.values.filter({ !$0.hasFailed }).map(\.step).max(), last > steps.count {
            throw MigratorError.stepChanged(
                last,
                of: task.step.name,
                isDone: true,
                at: task.script.location(ofStatement: task.script.statementCount - 1)
            )
        }
    }

    /// Refuses settings of the session where a pooler may give each statement another one.
    private func checkPooling() async throws {
        let setting = steps.first { $0.kind == .session }
        guard setting != nil || !sessionSettings.isEmpty else { return }
        guard !session.isPooled else {
            throw MigratorError.needsDirectConnection(
                setting?.statement.leadingWords.prefix(2).joined(separator: " ") ?? sessionSettings[0].words,
                isInFile: setting != nil,
                at: task.script.location(ofStatement: setting?.firstStatement ?? 0),
                lastApplied: task.lastApplied
            )
        }
        for setting in sessionSettings { try await connection.script(setting.sql) }
    }

    /// What the configuration and the file ask for, for statements that have no transaction to set it in.
    private var sessionSettings: [(words: String, sql: String)] {
        var settings: [(words: String, sql: String)] = []
        func add(_ sql: String) { settings.append((words: sql, sql: sql)) }
        if let role = session.options.role { add("SET ROLE \(Identifier.quote(role))") }
        if let path = session.searchPath {
            settings.append((words: "SET search_path", sql: SearchPath.setting(path, isLocal: false)))
        }
        let rules = task.script.rules
        // The configuration's limits are not for these: an index build waits for transactions with a lock's wait, and a
        // limit leaves an invalid index.
        if let limit = rules.lockTimeout { add("SET lock_timeout = \(limit.value.milliseconds)") }
        if let limit = rules.statementTimeout { add("SET statement_timeout = \(limit.value.milliseconds)") }
        return settings
    }

    private func resetSession() async throws {
        guard steps.contains(where: { $0.kind == .session }) || !sessionSettings.isEmpty else { return }
        try await connection.script("DISCARD ALL")
    }

    /// Writes the history's row, once all steps are done, and clears their records with it.
    private func finish(_ notices: [ServerReport], _ skips: [SkippedStatement]) async throws -> ScriptEnd {
        let text = TransactionText.empty
        let clearing = ledger.clearing(task.ledgerName)
        let run = TransactionRun(session: session, task: task.withoutAssertions, text: text, cleanUp: [clearing])
        switch try await run.retrying() {
        case .done(let more, _): return .done(notices: notices + more, skips: skips)
        case .collided: return .collided
        }
    }
}

/// A step that the server ended since it and another session waited for each other.
private struct StepDeadlock: Error {
    /// The error for a user.
    let failure: MigratorError
}

/// A step with a transaction of its own, and with its record in that transaction.
struct StepTransaction {
    let session: RunSession
    let task: ScriptTask
    let step: ScriptStep
    let ledger: StepLedger

    func callAsFunction() async throws -> StepRun.StepEnd {
        var retries = LockRetries(limit: session.options.lockRetries)
        let clock = await session.lookAhead(task, step.text)
        let skips = SkipCheck(task, statements: step.text.statements, in: session)
        let transaction = MigrationTransaction(
            marker: session.marker(task.step.name),
            settings: session.settings.overridden(by: task.script.rules),
            fence: [],
            assertions: [],
            script: step.text,
            completion: [ledger.done(step, of: task.ledgerName, runID: session.runID)],
            keepsSession: true,
            clock: clock,
            skips: skips
        )
        while true {
            session.watch.begin(task.step, marker: transaction.marker)
            do {
                let notices = try await transaction.run(on: session.connection)
                await session.lookBack(clock, notices, isCommitted: true)
                session.watch.end()
                return (notices, skips?.report ?? [])
            } catch {
                let blockers = session.watch.end()
                guard let failure = error as? TransactionFailure else { throw task.error(for: error) }
                for notice in failure.error.notices { session.emit(.notice(task.step, notice)) }
                guard failure.isLockTimeout || failure.isConflict, let pause = retries.next(after: failure) else {
                    if let error = skips?.error(before: failure) { throw error }
                    throw task.error(for: failure)
                }
                let unavailable = LockUnavailable(
                    step: task.step,
                    failure: failure,
                    blockers: blockers,
                    error: task.error(for: failure)
                )
                try await session.announceRetry(unavailable, attempt: retries.count, pause: pause)
            }
        }
    }
}

extension PostgresConnection {
    /// Whether a pooler stands between this program and the server: then the server process is not the one that the
    /// connection was opened with.
    func isPooled() async throws -> Bool {
        // A simple query, which leaves no portal with a snapshot behind in the transaction of a run lock.
        let rows = try await script("SELECT pg_catalog.pg_backend_pid()")
        return try rows.last?.single.decode(Int.self) != backendPID
    }
}
