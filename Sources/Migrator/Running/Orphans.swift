import Postgres

/// Server processes that work on for runners which are gone.
///
/// A server notices the end of its client when it next talks to it: an index build, or a whole script with its COMMIT, goes
/// through long after its runner was killed.
struct Orphans {
    let session: RunSession

    /// Waits until no other run's session works on this database any more, or ends them where that was asked for.
    ///
    /// - Parameters:
    ///   - step: the migration that waits, for messages.
    ///   - started: since when; the patience for other runners is the patience for their sessions.
    /// - Returns: whether there were any.
    /// - Throws: ``MigratorError`` with code `lock-timeout`; `CancellationError`.
    @discardableResult
    func settle(_ step: MigrationStep, since started: ContinuousClock.Instant = .now) async throws -> Bool {
        var last: [Blocker] = []
        var pause = Duration.milliseconds(50)
        while true {
            let found = try await alive()
            if found.isEmpty { return !last.isEmpty }
            if found.map(\.pid) != last.map(\.pid) {
                session.emit(.orphans(step, found, isEnding: session.options.endsOrphans))
                await session.record(
                    session.event(
                        session.options.endsOrphans ? "orphan-ended" : "orphan-awaited",
                        of: step.name,
                        detail: ["sessions": found.map(\.description).joined(separator: "; ")]
                    )
                )
            }
            if session.options.endsOrphans, last.isEmpty { try await end(found) }
            last = found
            let waited = started.duration(to: .now)
            if let patience = session.options.lockPatience, waited >= patience {
                throw MigratorError.orphanAlive(found, waited: waited, lastApplied: nil)
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 1.5, .seconds(1))
        }
    }

    /// The sessions of other runs that are at work on this database.
    private func alive() async throws -> [Blocker] {
        let marker = session.marker("")
        try await session.connection.query("SELECT pg_catalog.pg_stat_clear_snapshot()")
        return try Blocker.read(
            try await session.connection.query(
                """
                SELECT \(Blocker.columns()) FROM pg_catalog.pg_stat_activity a
                WHERE a.query LIKE $1 AND a.query NOT LIKE $2 AND a.state IN ('active', 'idle in transaction')
                    AND a.datname = pg_catalog.current_database()
                ORDER BY a.pid
                """,
                marker.patternOfAnyRun,
                marker.patternOfRun
            )
        )
    }

    private func end(_ sessions: [Blocker]) async throws {
        for orphan in sessions {
            try await session.connection.query("SELECT pg_catalog.pg_terminate_backend($1::int)", orphan.pid)
        }
    }
}
