import Postgres
import SQLSyntax

extension RunSession {
    /// Looks ahead at the locks that statements of a migration take on tables which were there before the run.
    ///
    /// - Parameters:
    ///   - task: the migration.
    ///   - text: the statements.
    ///   - begins: whether they begin a transaction.
    /// - Returns: what takes their time; nil where nothing is to be told of them.
    func lookAhead(_ task: ScriptTask, _ text: TransactionText, begins: Bool = true) async -> LockClock? {
        if begins { locks.begin() }
        guard !text.statements.isEmpty else { return nil }
        let script = task.script.source
        let scan = locks.scan(script, text.statements)
        let demands = scan.demands
        if !demands.isEmpty, locks.mayLook() { await look(at: demands, before: task.step) }
        return demands.isEmpty && scan.made.isEmpty && scan.madeIfAbsent.isEmpty
            ? nil : LockClock(scan, in: task.step)
    }

    private func look(at demands: [LockDemand], before step: MigrationStep) async {
        // A look that failed says nothing; the lock is asked for as ever.
        let outlook = try? await lock.outlook(
            on: demands,
            in: options.schema,
            marker: marker(step.name),
            worker: connection.backendPID
        )
        guard let outlook, !outlook.isClear else { return }
        emit(.lockAhead(step, outlook))
        locks.keep(event("lock-ahead", of: step.name, detail: outlook.asDetail))
        await writeLockEvents()
    }

    /// Notes that statements came to their end, and tells how long locks were held if that was the transaction's end, too.
    func lookBack(_ clock: LockClock?, _ notices: [ServerReport], isCommitted: Bool) async {
        if let clock {
            let absent = locks.note(clock.scan, notices)
            locks.end(clock, without: absent, lastWait: watch.lastTableWait)
        }
        guard isCommitted else { return }
        let holds = locks.committed()
        guard !holds.isEmpty else { return }
        for (step, hold) in holds {
            emit(.lockHeld(step, hold))
            locks.keep(event("lock-held", of: step.name, detail: hold.asDetail))
        }
        await writeLockEvents()
    }

    /// Writes what there is to write of locks, unless the connection is in a transaction that may not last.
    ///
    /// At once, so that a runner which is killed has told of all that it held; the disk takes it with the next commit that
    /// waits for it.
    func writeLockEvents() async {
        guard await connection.transactionStatus == .idle else { return }
        let events = locks.takeUnwritten()
        guard !events.isEmpty else { return }
        let (store, connection, role) = (store, connection, options.role)
        // Several statements of one message are a transaction.
        let script = "SET LOCAL synchronous_commit = off; \(store.recording(events))"
        // As with every record: what was told must not fail for what is written of it.
        try? await Task {
            try await connection.withRole(role) { _ = try await $0.script(script) }
        }.value
    }
}

extension LockOutlook {
    /// What an event keeps of a look.
    var asDetail: [String: String] {
        var detail = ["locks": tables.map(\.description).joined(separator: "; ")]
        func add(_ key: String, _ values: [some CustomStringConvertible]) {
            if !values.isEmpty { detail[key] = values.map(\.description).joined(separator: "; ") }
        }
        add("transactions", transactions)
        add("vacuums", vacuums)
        add("standbys", standbys)
        return detail
    }
}

extension LockHold {
    /// What an event keeps of a lock.
    var asDetail: [String: String] {
        [
            "lock": lock.rawValue, "tables": tables.joined(separator: ", "),
            "held_ms": "\(duration.milliseconds)",
        ]
    }
}
