import Postgres

/// What every part of a run behind the lock works with.
struct RunSession: Sendable {
    let runID: String
    let store: HistoryStore
    let lock: RunLock
    let connection: PostgresConnection
    let options: Migrator.Options
    /// The search path that migrations find, with the run's schema first; nil for the connection's own.
    let searchPath: String?
    let scripts: ScriptCache?
    let watch: RunWatch
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
        try await connection.withRole(options.role) { connection in
            try await HistoryStore.read(from: connection, in: options.schema).history
        }
    }

    /// What the configuration sets for a migration's transaction.
    var settings: TransactionSettings {
        TransactionSettings(
            lockTimeout: options.lockTimeout,
            statementTimeout: options.statementTimeout,
            roleName: options.role,
            searchPath: searchPath
        )
    }

    func marker(_ migration: String) -> RunMarker {
        RunMarker(history: lock.key, runID: runID, migration: migration)
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
            direction: direction,
            lastApplied: lastApplied,
            earlier: earlier
        )
    }

    /// The name under which its steps are on record.
    var ledgerName: String {
        switch direction {
        case .up: step.name
        case .down: step.name + " (down)"
        }
    }
}

/// How a script ended that did not fail.
enum ScriptEnd {
    case done(notices: [ServerReport])
    /// The row in the history was not as the plan saw it: another runner was there first.
    case collided
}
