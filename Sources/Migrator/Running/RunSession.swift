import Postgres

/// What every part of a run behind the lock works with.
struct RunSession: Sendable {
    let runID: String
    let store: HistoryStore
    let lock: RunLock
    let connection: PostgresConnection
    /// Whether a pooler stands between.
    let isPooled: Bool
    let options: Migrator.Options
    /// The search path that migrations find, with the run's schema first; nil for the connection's own.
    let searchPath: String?
    let scripts: ScriptCache?
    let watch: RunWatch
    let locks = RunLocks()
    /// The server as it was when the run began; nil where the role may not ask.
    let server: ServerIdentity?
    let hookAction: HookAction?
    let emit: MigrationRun.Emit

    /// Writes an event in a task of its own, since this one may be cancelled; it also brings earlier commits to the disk.
    func record(_ event: HistoryEvent) async {
        let (store, connection, role) = (store, connection, options.role)
        // What is recorded is told as well; a database that takes no more rows must not hide it.
        try? await Task {
            try await connection.withRole(role) { try await store.record(event, on: $0) }
        }.value
    }

    /// The history as it is now.
    func history() async throws -> History {
        try await connection.withRole(options.role) { try await store.history(on: $0) }
    }

    /// How many rows of the history are in force now.
    func countRowsInForce() async throws -> Int {
        try await connection.withRole(options.role) { try await store.countRowsInForce(on: $0) }
    }

    /// What each transaction of a run sets for itself.
    var settings: TransactionSettings {
        TransactionSettings(
            lockTimeout: options.lockTimeout,
            statementTimeout: options.statementTimeout,
            roleName: options.role,
            searchPath: searchPath,
            fencePatience: options.lockPatience
        )
    }

    /// What reads the run's scripts.
    var reader: ScriptReader {
        ScriptReader(
            placeholders: options.placeholders,
            reserved: ReservedTables(history: store.table.name),
            cache: scripts
        )
    }

    func marker(_ migration: String) -> RunMarker {
        RunMarker(history: lock.key, runID: runID, migration: migration)
    }

    /// Puts on record that a migration did not come to its end.
    func recordFailure(_ error: MigratorError, of migration: String) async {
        // What was cut may be there after all, and a failure is what the server refused.
        let isOpen = [.interrupted, .lockLost, .outcomeUnknown].contains(error.code)
        await record(event(isOpen ? "interrupted" : "failed", of: migration, detail: ["error": "\(error)"]))
    }

    /// Puts on record that the connection was cut while a migration ran by steps or ranges.
    ///
    /// - Returns: the error.
    func recordingCut(_ error: MigratorError, of migration: String) async -> MigratorError {
        // On a connection that stands it is recorded like any other failure.
        if error.code == .outcomeUnknown, await !connection.isAlive() {
            await recordAnew(event("interrupted", of: migration, detail: ["error": "\(error)"]))
        }
        return error
    }

    /// Writes an event on a connection of its own, since the run's was cut.
    func recordAnew(_ event: HistoryEvent) async {
        let (store, settings, role) = (store, connection.settings, options.role)
        try? await Task {  // the error itself is told; a record of it is a service
            try await withPostgresConnection(to: settings, waitingUpTo: .seconds(3)) { connection in
                try await connection.withRole(role) { try await store.record(event, on: $0) }
            }
        }.value
    }

    func event(_ kind: String, of migration: String?, detail: [String: String] = [:]) -> HistoryEvent {
        HistoryEvent(kind: kind, migration: migration, runID: runID, detail: detail)
    }
}

/// A script to run, with what it does to the history.
struct ScriptTask {
    /// What happens to the migration's row.
    enum Direction {
        /// The migration is applied, and gets this row.
        case up(NewRow)
        /// The migration is taken back, and this row is out of force.
        case down(HistoryEntry)
    }

    let step: MigrationStep
    let script: MigrationScript
    let verification: MigrationScript?
    /// What runs before it in the same transaction.
    var before: MigrationScript?
    /// What runs behind it in the same transaction.
    var after: MigrationScript?
    let direction: Direction
    /// The last migration that is applied, for errors.
    let lastApplied: String?
    /// The names of the rows that this run wrote before.
    let earlier: [String]

    /// The same task, whose assertions held before its first step.
    var withoutAssertions: ScriptTask { asserting([]) }

    /// The same task with other conditions.
    func asserting(_ assertions: [Directives.Located<String>]) -> ScriptTask {
        ScriptTask(
            step: step,
            script: script.asserting(assertions),
            verification: verification,
            after: after,
            direction: direction,
            lastApplied: lastApplied,
            earlier: earlier
        )
    }

    /// The name under which its steps are on record.
    var ledgerName: String {
        switch direction {
        case .up: step.name
        case .down: Self.ledgerName(ofUndoing: step.name)
        }
    }

    static func ledgerName(ofUndoing name: String) -> String { name + " (down)" }
}

/// A lock that could not be had in time, or two transactions in each other's way: it makes sense to try again.
struct LockUnavailable: Error {
    let step: MigrationStep
    let failure: TransactionFailure
    let blockers: [Blocker]
    /// What to say when it was tried often enough.
    let error: MigratorError
}

extension RunSession {
    /// Puts on record who begins a migration that is not one transaction: until its end, nothing else tells.
    func noteBeginning(_ task: ScriptTask) async {
        await record(event("begun", of: task.ledgerName))
    }

    /// Says of a migration that is taken back in parts that this has begun; says it once.
    func noteUndoing(_ task: ScriptTask) async throws {
        guard case .down(let entry) = task.direction else { return }
        try await store.turn(to: .undoing, from: entry.outcome, entry, on: connection)
    }

    /// Says of such a migration that nothing of it was taken back.
    func noteNothingUndone(_ task: ScriptTask) async {
        guard case .down(let entry) = task.direction else { return }
        // If it cannot be said, the row goes on saying that something may have been.
        try? await store.turn(to: entry.outcome, from: .undoing, entry, on: connection)
    }

    /// Tells of another try, puts it on record, and waits until it is due.
    func announceRetry(_ failure: LockUnavailable, attempt: Int, pause: Duration) async throws {
        try await announceRetry(
            of: failure.step,
            after: failure.failure.error.message,
            blockers: failure.blockers,
            attempt: attempt,
            pause: pause
        )
    }

    /// The same for what is not a whole transaction.
    func announceRetry(
        of step: MigrationStep,
        after message: String,
        blockers: [Blocker],
        attempt: Int,
        pause: Duration
    ) async throws {
        emit(.retrying(step, attempt: attempt, pause: pause, blockers: blockers))
        var detail = ["error": message, "attempt": "\(attempt)"]
        if !blockers.isEmpty { detail["blocked_by"] = blockers.map(\.description).joined(separator: "; ") }
        await record(event("lock-timeout", of: step.name, detail: detail))
        try await connection.rest(for: pause)
    }

    /// Puts on record that a step of a migration failed for certain, so that another text may take its place.
    ///
    /// In a task of its own, since this one may be cancelled.
    func noteFailure(ofStep number: Int, of task: ScriptTask, undidNothing: Bool? = nil) async {
        let (session, ledger) = (self, StepLedger(store: store))
        await Task {
            await ledger.noteFailure(
                of: number,
                of: task.ledgerName,
                runID: session.runID,
                on: session.connection
            )
            var isNothing = undidNothing
            if isNothing == nil {
                // If it cannot be read, the row goes on saying that something may have been taken back.
                let records = try? await ledger.records(of: task.ledgerName, on: session.connection)
                isNothing = records?.values.allSatisfy(\.hasFailed)
            }
            if isNothing == true { await session.noteNothingUndone(task) }
        }.value
    }
}

extension RunSession {
    /// Checks what has to hold before the first step of a migration, and runs what comes before it.
    @discardableResult
    func prepare(_ task: ScriptTask) async throws -> [ServerReport] {
        guard !task.script.rules.assertions.isEmpty || task.before != nil else { return [] }
        let transaction = MigrationTransaction(
            marker: marker(task.step.name),
            settings: settings,
            fence: [],
            assertions: task.script.rules.assertions,
            script: .empty,
            around: MigrationTransaction.Surroundings(
                before: task.before,
                skipsBefore: skips(of: task.before, beside: task)
            ),
            completion: []
        )
        do {
            return try await transaction.run(on: connection)
        } catch {
            throw task.error(for: error)
        }
    }
}

extension RunSession {
    /// What judges the statements of a hook's file that do nothing.
    func skips(of hook: MigrationScript?, beside task: ScriptTask) -> SkipCheck? {
        SkipCheck(
            hook: hook,
            beside: task.step.name,
            marker: marker(task.step.name),
            in: self,
            standing: task.state(ofStatement: nil)
        )
    }
}

/// How a script ended that did not fail.
enum ScriptEnd {
    case done(notices: [ServerReport], skips: [SkippedStatement] = [])
    /// The row in the history was not as the plan saw it: another runner was there first.
    case collided
}

extension PostgresConnection {
    /// Sleeps, and gives a sign of life now and then: a server may end sessions that are idle (`idle_session_timeout`).
    func rest(for duration: Duration) async throws {
        let end = ContinuousClock.now + duration
        while true {
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero else { return }
            try await Task.sleep(for: min(left, .milliseconds(500)))
            try await giveSignOfLife()
        }
    }

    /// Sends nothing, which the server answers.
    func giveSignOfLife() async throws {
        try await script("")
    }
}
