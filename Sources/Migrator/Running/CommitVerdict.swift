import Dispatch
import Postgres
import SQLSyntax

/// Finds out what became of a transaction whose connection was cut: only the history tells, once its session is gone.
struct CommitVerdict {
    let session: RunSession
    let task: ScriptTask

    private static let patience = Duration.seconds(30)

    /// Reconnects to a primary and looks.
    ///
    /// - Throws: ``MigratorError`` in any case: the run cannot go on without its connection.
    func callAsFunction(after error: PostgresError) async throws -> ScriptEnd {
        let found: Finding
        let change: String?
        do {
            // In a task of its own: a run that is being cancelled has to know it, too.
            let (session, task) = (session, task)
            let look = Task { try await Self.look(session, task) }
            (found, change) = try await withTaskCancellationHandler {
                try await look.value
            } onCancel: {
                // Who interrupts waits for an answer, and not for a server that is gone.
                DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(3)) { look.cancel() }
            }
        } catch let failure {
            throw MigratorError.outcomeUnknown(failure, name: task.step.name)
        }
        switch found {
        case .committed:
            throw MigratorError.connectionCut(error, afterApplying: task.step.name).adding(change)
        case .rolledBack:
            await record(error, change)
            throw task.error(for: error).adding(change)
        case .stillRunning(let pid):
            throw MigratorError.stillRunning(error, name: task.step.name, pid: pid)
        case .failedOver(let lost):
            throw MigratorError.failedOver(error, name: task.step.name, lost: lost).adding(change)
        }
    }

    private enum Finding {
        case committed
        case rolledBack
        /// Its session works on.
        case stillRunning(pid: Int)
        /// Another server took over, without some of this run's earlier migrations.
        case failedOver(lost: [String])
    }

    private static func look(_ session: RunSession, _ task: ScriptTask) async throws -> (Finding, String?) {
        try await withPostgresConnection(to: session.connection.settings, waitingUpTo: patience) { connection in
            let deadline = ContinuousClock.now + patience
            while try await connection.query("SELECT pg_catalog.pg_is_in_recovery()").single.decode(Bool.self) {
                guard ContinuousClock.now < deadline else { throw MigratorError.onlyStandby() }
                try await Task.sleep(for: .milliseconds(500))
            }
            let change = session.server?.change(to: await ServerIdentity.read(on: connection))
            // The session may be in its COMMIT still: its row counts once it is gone.
            while let pid = try await connection.query(
                """
                SELECT pid FROM pg_catalog.pg_stat_activity WHERE query LIKE $1 AND state <> 'idle'
                AND datname = pg_catalog.current_database() LIMIT 1
                """,
                session.marker("").patternOfRun
            ).decode(as: Int.self).first {
                guard ContinuousClock.now < deadline else { return (.stillRunning(pid: pid), change) }
                try await Task.sleep(for: .milliseconds(100))
            }
            if let role = session.options.role { try await connection.query("SET ROLE \(Identifier.quote(role))") }
            let lost = try await session.store.missing(task.earlier, runID: session.runID, on: connection)
            if !lost.isEmpty { return (.failedOver(lost: lost), change) }
            switch task.direction {
            case .up(let row):
                let isThere = try await session.store.hasRow(name: row.name, runID: session.runID, on: connection)
                return (isThere ? .committed : .rolledBack, change)
            case .down(let entry):
                let isInForce = try await session.store.isInForce(entry, on: connection)
                return (isInForce ? .rolledBack : .committed, change)
            }
        }
    }

    /// Puts the cut on record; the run's own connection is gone.
    private func record(_ error: PostgresError, _ change: String?) async {
        var detail = ["error": error.message]
        detail["server"] = change
        await session.recordAnew(session.event("interrupted", of: task.step.name, detail: detail))
    }
}

extension MigratorError {
    /// The same, said of another server than the one that was asked to commit.
    fileprivate func adding(_ change: String?) -> MigratorError {
        guard let change else { return self }
        return MigratorError(
            code,
            "\(message); \(change)",
            at: location,
            state: "on that server: \(state)",
            next: "see to it that nothing writes to the old server any more, then \(next)"
        )
    }
}
