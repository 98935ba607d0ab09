extension Migrator {
    /// Looks whether the database is migrated, for as long as another process is waited for that migrates it.
    ///
    /// What is changed or missing does not become right by waiting, and ends it at once.
    ///
    /// - Parameters:
    ///   - patience: how long to wait while migrations are pending; nil not at all.
    ///   - newest: the version up to which the database may be newer than the folder; nil if it may not be newer.
    ///   - onWait: is told once what is pending.
    /// - Returns: the last plan; nothing is pending in it, unless the patience is at its end.
    /// - Throws: ``MigratorError`` for what is changed or missing; `CancellationError`; `PostgresError`.
    public func verify(
        waitingUpTo patience: Duration? = nil,
        newerThrough newest: MigrationVersion? = nil,
        onWait: (Plan) -> Void = { _ in }
    ) async throws -> Plan {
        let clock = ContinuousClock()
        // The patience is for the other process: the first look, however long it takes, is not part of it.
        var start: ContinuousClock.Instant?
        var pause = Duration.milliseconds(100)
        while true {
            let plan = try await plan().tolerating(newerThrough: newest)
            try plan.check()
            guard !plan.pending.isEmpty, let patience else { return plan }
            if start == nil { onWait(plan) }
            let since = start ?? clock.now
            start = since
            let waited = since.duration(to: clock.now)
            guard waited < patience else { return plan }
            try await clock.sleep(for: min(pause, patience - waited))
            pause = min(pause * 1.5, .seconds(2))
        }
    }
}

extension Plan {
    /// The applied migrations that have no file and a later version than every file: those of a newer folder.
    public var newer: [MigrationStatus] {
        let newest = statuses.filter { $0.state != .missing }.compactMap { MigrationVersion($0.version) }.max()
        return statuses.filter { status in
            guard status.state == .missing, let version = MigrationVersion(status.version) else { return false }
            return newest.map { version > $0 } ?? true
        }
    }

    /// The plan for a folder that may be older than the database.
    ///
    /// - Parameter newest: the last version that may have been applied without a file; nil for none.
    /// - Returns: the plan in which migrations of a newer folder, up to that version, stand in nobody's way.
    public func tolerating(newerThrough newest: MigrationVersion?) -> Plan {
        guard let newest else { return self }
        let names = newer.filter { status in MigrationVersion(status.version).map { $0 <= newest } ?? false }.map(
            \.name
        )
        return tolerating(missing: Set(names))
    }
}
