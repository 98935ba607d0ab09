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

    /// Runs it.
    ///
    /// - Throws: ``MigratorError``; nothing of the script stays then, unless the error's state says otherwise.
    func callAsFunction() async throws -> ScriptEnd {
        var retries = LockRetries(limit: begins ? session.options.lockRetries : 0)
        let started = ContinuousClock.now
        while true {
            guard await session.lock.isHeld() else { throw MigratorError.lockLost(lastApplied: task.lastApplied) }
            session.watch.begin(task.step, marker: transaction.marker)
            do {
                let notices = try await transaction.run(on: session.connection)
                session.watch.end()
                return .done(notices: notices)
            } catch {
                let blockers = session.watch.end()
                if let failure = error as? TransactionFailure {
                    if failure.isCollision(in: session.store.table) { return .collided }
                    if try await waits(after: failure, blockers: blockers, retries: &retries, since: started) {
                        continue
                    }
                }
                if let error = error as? PostgresError, error.code == .connectionLost {
                    return try await CommitVerdict(session: session, task: task)(after: error)
                }
                throw task.error(for: error)
            }
        }
    }

    /// Waits before another try, where another try makes sense.
    ///
    /// - Returns: whether to try again.
    private func waits(
        after failure: TransactionFailure,
        blockers: [Blocker],
        retries: inout LockRetries,
        since started: ContinuousClock.Instant
    ) async throws -> Bool {
        guard failure.isLockTimeout || failure.isConflict else { return false }
        if failure.place == .around(.fence) {
            // A session of an earlier run holds the row: it works on although its runner is gone.
            try await Orphans(session: session).settle(task.step, since: started)
            return true
        }
        guard let pause = retries.next() else { return false }
        session.emit(.retrying(task.step, attempt: retries.count, pause: pause, blockers: blockers))
        var detail = ["error": failure.error.message, "attempt": "\(retries.count)"]
        if !blockers.isEmpty { detail["blocked_by"] = blockers.map(\.description).joined(separator: "; ") }
        await session.record(session.event("lock-timeout", of: task.step.name, detail: detail))
        try await Task.sleep(for: pause)
        return true
    }

    private var transaction: MigrationTransaction {
        let store = session.store
        let settings = session.settings.overridden(by: task.script.rules)
        let fence: [String]
        let completion: String
        switch task.direction {
        case .up(let row):
            fence = store.insertion(of: row)
            completion = store.completion(of: row)
        case .down(let entry):
            fence = [store.undoing(entry, runID: session.runID)]
            completion = store.undone(entry, as: task.step.name, runID: session.runID)
        }
        return MigrationTransaction(
            marker: session.marker(task.step.name),
            settings: settings,
            fence: fence,
            assertions: task.script.rules.assertions,
            script: text,
            verification: task.verification,
            completion: cleanUp + [completion],
            begins: begins,
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

    /// How long to wait before the next try, longer each time and never quite the same; nil when it was tried enough.
    mutating func next() -> Duration? {
        guard count < limit else { return nil }
        let base = min(Duration.milliseconds(500) * pow2(count), .seconds(30))
        count += 1
        return base * Double.random(in: 0.75...1.25)
    }

    private func pow2(_ exponent: Int) -> Int { 1 << min(exponent, 10) }
}
