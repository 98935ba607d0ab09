import Migrator

/// Looks whether a database is migrated, for as long as it takes or is waited for.
struct Verification {
    let migrator: Migrator
    /// How long to wait for another process to migrate; nil not at all.
    let patience: Duration?

    /// Returns when nothing is pending.
    ///
    /// - Parameter onWait: is told once how many migrations are pending.
    /// - Throws: ``NotMigrated``; ``MigratorError`` for what is changed or missing; `CancellationError`; ``PostgresError``.
    func wait(onWait: (Int) -> Void) async throws {
        let plan = try await migrator.verify(waitingUpTo: patience) { onWait($0.pending.count) }
        guard plan.pending.isEmpty else { throw NotMigrated(pending: plan.pending.map(\.name), waited: patience) }
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
