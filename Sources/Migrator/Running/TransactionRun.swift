import Postgres

/// Runs a script in one transaction, again and again where a lock could not be had in time.
struct TransactionRun {
    let session: RunSession
    let task: ScriptTask
    let text: TransactionText
    /// Statements that go with the history's row.
    var cleanUp: [String] = []
    var begins = true
    var end = MigrationTransaction.End.durable
    /// What the server keeps ready for its row; nil for nothing.
    var prepared: PreparedRows?

    /// Runs it once.
    ///
    /// - Parameter failure: what became of a try that was made already; nil if there was none.
    /// - Returns: how it ended.
    /// - Throws: ``MigratorError``; nothing of the script stays then, unless the error's state says otherwise.
    ///   ``LockUnavailable`` if it makes sense to try again.
    func callAsFunction(after failure: TransactionRow.Failure? = nil) async throws -> ScriptEnd {
        let started = ContinuousClock.now
        if let failure, let end = try await settle(failure.error, failure.blockers, since: started) { return end }
        let clock = await session.lookAhead(task, text, begins: begins)
        var transaction = transaction
        transaction.clock = clock
        let skips = SkipCheck(task, statements: text.statements, in: session)
        transaction.skips = skips
        let beside = transaction.around.skips
        while true {
            guard await session.lock.isHeld() else { throw MigratorError.lockLost(lastApplied: task.lastApplied) }
            session.watch.begin(task.step, marker: transaction.marker)
            do {
                let notices = try await transaction.run(on: session.connection)
                await session.lookBack(clock, notices, isCommitted: end != .open)
                session.watch.end()
                return .done(notices: notices, skips: (skips?.report ?? []) + beside.flatMap(\.report))
            } catch {
                let blockers = session.watch.end()
                if let end = try await settle(error, blockers, since: started, skips) { return end }
            }
        }
    }

    /// Finds out what a failure means.
    ///
    /// - Returns: how it ended; nil if it is to be tried again at once.
    private func settle(
        _ error: any Error,
        _ blockers: [Blocker],
        since started: ContinuousClock.Instant,
        _ skips: SkipCheck? = nil
    ) async throws -> ScriptEnd? {
        if let failure = error as? TransactionFailure {
            if failure.place == .around(.probe) { return nil }
            if failure.isCollision(in: session.store.table) { return .collided }
            for notice in failure.error.notices { session.emit(.notice(task.step, notice)) }
            if failure.isLockTimeout, failure.place == .around(.fence), begins {
                // A session of an earlier run may hold the row: it works on although its runner is gone.
                if try await Orphans(session: session).settle(task.step, since: started) { return nil }
            }
            if failure.isLockTimeout || failure.isConflict {
                throw LockUnavailable(
                    step: task.step,
                    failure: failure,
                    blockers: blockers,
                    error: task.error(for: failure)
                )
            }
            if let error = skips?.error(before: failure) { throw error }
        }
        if let error = error as? PostgresError, error.code == .connectionLost {
            return try await CommitVerdict(session: session, task: task)(after: error)
        }
        throw task.error(for: error)
    }

    /// Runs it, again and again where a lock could not be had in time.
    func retrying() async throws -> ScriptEnd {
        var retries = LockRetries(limit: session.options.lockRetries)
        while true {
            do {
                return try await self()
            } catch let failure as LockUnavailable {
                guard let pause = retries.next(after: failure.failure) else { throw failure.error }
                try await session.announceRetry(failure, attempt: retries.count, pause: pause)
            }
        }
    }

    /// The transaction that it is, with a look ahead whether it would skip anything.
    var probingTransaction: MigrationTransaction {
        var transaction = transaction
        let guards = task.script.guards.items(of: text.statements)
        if session.options.skipRule != .ignore, !guards.isEmpty {
            transaction.probe = GuardLookup(guards.map(\.subject)).probe
        }
        return transaction
    }

    /// The transaction that it is.
    var transaction: MigrationTransaction {
        let store = session.store
        let settings = session.settings.overridden(by: task.script.rules)
        let fence: [String]
        let completion: String
        switch (task.direction, prepared) {
        case (.up(let row), let prepared?) where prepared.canWrite(row):
            fence = [prepared.insertion(of: row)]
            completion = prepared.completion(of: row)
        case (.up(let row), _):
            fence = store.insertion(of: row)
            completion = store.completion(of: row)
        case (.down(let entry), _):
            fence = [store.undoing(entry, runID: session.runID)]
            completion = store.undone(entry, as: task.step.name, runID: session.runID)
        }
        return MigrationTransaction(
            marker: session.marker(task.step.name),
            settings: settings,
            fence: fence,
            assertions: task.script.rules.assertions,
            script: text,
            around: MigrationTransaction.Surroundings(
                before: task.before,
                after: task.after,
                verification: task.verification,
                skipsBefore: session.skips(of: task.before, beside: task),
                skipsAfter: session.skips(of: task.after, beside: task)
            ),
            completion: cleanUp + [completion],
            begins: begins,
            keepsStatements: prepared != nil,
            end: end
        )
    }
}

/// How often and how soon a migration is tried again that met a lock: a value without a clock.
struct LockRetries {
    let limit: Int
    private(set) var count = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// How long to wait before the next try, longer each time and never quite the same.
    ///
    /// - Parameter failure: what it is tried again for; nil for a lock.
    /// - Returns: nil when it was tried enough.
    mutating func next(after failure: TransactionFailure? = nil) -> Duration? {
        guard count < min(limit, failure?.retryLimit ?? limit) else { return nil }
        let base = min(Duration.milliseconds(500) * pow2(count), .seconds(30))
        count += 1
        return base * Double.random(in: 0.75...1.25)
    }

    private func pow2(_ exponent: Int) -> Int { 1 << min(exponent, 10) }
}
