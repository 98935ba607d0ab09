import Migrator

/// Looks whether a database is migrated, for as long as it takes or is waited for.
struct Verification {
    let migrator: Migrator
    /// How long to wait for another process to migrate; nil not at all.
    let patience: Duration?

    /// Returns when nothing is pending.
    ///
    /// What is changed or missing does not become right by waiting, and ends it at once.
    ///
    /// - Parameter onWait: is told once how many migrations are pending.
    /// - Throws: ``NotMigrated``; ``MigratorError`` for what is changed or missing; `CancellationError`; ``PostgresError``.
    func wait(onWait: (Int) -> Void) async throws {
        let clock = ContinuousClock()
        // The patience is for the other process: the first look, however long it takes, is not part of it.
        var start: ContinuousClock.Instant?
        var pause = Duration.milliseconds(100)
        while true {
            let plan = try await migrator.plan()
            try plan.check()
            guard !plan.pending.isEmpty else { return }
            if start == nil, patience != nil { onWait(plan.pending.count) }
            let since = start ?? clock.now
            start = since
            let waited = since.duration(to: clock.now)
            guard let patience, waited < patience else {
                throw NotMigrated(pending: plan.pending.map(\.name), waited: patience)
            }
            try await clock.sleep(for: min(pause, patience - waited))
            pause = min(pause * 1.5, .seconds(2))
        }
    }
}

/// Migrations are pending where none may be.
struct NotMigrated: Error, CustomStringConvertible {
    let pending: [String]
    let waited: Duration?

    var description: String {
        let shown = pending.prefix(5).joined(separator: ", ") + (pending.count > 5 ? ", …" : "")
        let time = waited.map { " (waited \(Words.duration($0)))" } ?? ""
        return """
            \(Words.count(pending.count, "migration")) pending: \(shown)\(time)
              state: nothing was run; the program was not started
              next:  run `lastro migrate`, or wait for who does it with --wait-for-migration
            """
    }
}
