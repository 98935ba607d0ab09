public import Logging
public import Migrator
import Postgres

/// What an application passes before it touches its database: the schema is the one that it was written for, or it does not
/// start.
///
/// It waits for the database, migrates or looks whether that was done, and looks at more where it is asked to.
/// ``RuntimeStatus`` tells how far it has come, all the way.
public struct BootGate: Sendable {
    /// Who migrates.
    public enum Mode: Hashable, Sendable {
        /// This process, unless another one of its kind is faster; then it waits.
        case migrate
        /// Somebody else, who has done so already: the gate stays shut otherwise.
        case verifyOnly
        /// Somebody else, who is waited for.
        case waitForMigration(timeout: Duration)
    }

    /// What migrates, or knows what is pending; its options say how long another runner is waited for.
    public var migrator: Migrator
    /// Who migrates.
    public var mode: Mode
    /// The last version up to which the database may be newer than this program; nil if it may not be newer.
    public var newestVersion: MigrationVersion?
    /// How long to wait for a database that does not answer, or that is lost on the way.
    public var databasePatience = Duration.seconds(300)
    /// What else is looked at, in this order.
    public var checks: [GateCheck] = []
    /// What probes answer from.
    public let status: RuntimeStatus
    /// Where it is told what happens.
    public var logger: Logger

    /// Makes a gate.
    ///
    /// - Parameters:
    ///   - migrator: the folder of migrations, and the database.
    ///   - mode: who migrates.
    ///   - status: what probes answer from.
    ///   - logger: where it is told what happens.
    public init(
        _ migrator: Migrator,
        mode: Mode = .verifyOnly,
        status: RuntimeStatus = RuntimeStatus(),
        logger: Logger = Logger(label: "lastro.gate")
    ) {
        self.migrator = migrator
        self.mode = mode
        self.status = status
        self.logger = logger
    }

    /// Returns when the application may start.
    ///
    /// - Throws: ``AppRuntimeError``, `MigratorError` or `PostgresError` for what is not as it must be; any error when the
    ///   task was cancelled, with the migration under way rolled back.
    public func open() async throws {
        do {
            try await pass()
            status.enter(.startingServices)
            logger.info("the gate is open")
        } catch {
            // A migration that was told to stop says so with an error of its own.
            if !Task.isCancelled {
                status.enter(.failed("\(error)"))
                logger.error("the gate stays shut", metadata: ["error": "\(error)"])
            }
            throw error
        }
    }

    private func pass() async throws {
        // A folder that cannot be read is found out without a database.
        _ = try await MigrationDirectory(readingFrom: migrator.directory, layout: migrator.options.layout)
        let start = ContinuousClock.now
        while true {
            status.enter(.waitingForDatabase)
            let left = max(.milliseconds(1), databasePatience - start.duration(to: .now))
            try await PostgresConnection.waitForServer(at: migrator.database, upTo: left) {
                logger.warning(
                    "the database does not answer, waiting for it",
                    metadata: ["database": "\(migrator.database.target)", "longest": "\(left)"]
                )
            }
            try await PostgresConnection.open(migrator.database, waitingUpTo: left).close()
            // A database that is restarted just now is waited for again; a migration that was cut off is not repeated.
            guard let lost = try await attempt() else { return }
            guard start.duration(to: .now) < databasePatience else { throw lost }
            logger.warning("the database was lost", metadata: ["error": "\(lost.message)"])
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Tries once.
    ///
    /// - Returns: how the database was lost; nil if the gate is passed.
    /// - Throws: what keeps it shut.
    private func attempt() async throws -> PostgresError? {
        do {
            try await bringUpToDate()
            try await runChecks()
            return nil
        } catch let error as PostgresError where [.connectionFailed, .connectionLost].contains(error.code) {
            return error
        }
    }

    private func bringUpToDate() async throws {
        status.enter(.verifying)
        var patience: Duration?
        if case .waitForMigration(let timeout) = mode { patience = timeout }
        let plan = try await migrator.plan().tolerating(newerThrough: newestVersion)
        try checkAge(of: plan)
        if mode == .migrate {
            // Where the database is newer there is nothing of ours to run.
            if plan.newer.isEmpty || !plan.pending.isEmpty || !plan.problems.isEmpty { try await migrate() }
            return
        }
        try plan.check()
        if plan.pending.isEmpty { return }
        guard patience != nil else { throw await notMigrated(plan, waited: nil) }
        logger.info("waiting for another process to migrate", metadata: ["pending": "\(plan.pending.count)"])
        status.enter(.waitingForMigration(holder: nil))
        let last = try await migrator.verify(waitingUpTo: patience, newerThrough: newestVersion)
        try checkAge(of: last)
        guard last.pending.isEmpty else { throw await notMigrated(last, waited: patience) }
    }

    private func checkAge(of plan: Plan) throws {
        let newer = plan.newer.filter { status in
            guard let newestVersion, let version = MigrationVersion(status.version) else { return true }
            return version > newestVersion
        }
        guard newer.isEmpty else { throw AppRuntimeError.tooNew(newer.map(\.name), through: newestVersion) }
    }

    private func notMigrated(_ plan: Plan, waited: Duration?) async -> AppRuntimeError {
        // What is missing is told as well as can be: the checks see more than names of files.
        var lacking: [String] = []
        for check in checks where check.explainsPending { lacking += (try? await check.findings(of: self)) ?? [] }
        return .notMigrated(plan.pending.map(\.name), lacking: lacking, waited: waited)
    }

    private func migrate() async throws {
        for try await event in migrator.migrate() { note(event) }
    }

    private func note(_ event: MigrationEvent) {
        switch event {
        case .waiting(let holder):
            status.enter(.waitingForMigration(holder: holder?.description))
            logger.info("waiting for another runner", metadata: ["holder": "\(holder?.description ?? "unknown")"])
        case .historyLocked(let blockers):
            status.enter(.waitingForMigration(holder: blockers.first.map { "\($0)" }))
        case .started(let step):
            status.enter(.migrating(name: step.name, number: step.number, count: step.count))
            logger.info("migrating", metadata: ["migration": "\(step.name)"])
        case .applied(let step, let duration):
            logger.info("migrated", metadata: ["migration": "\(step.name)", "duration": "\(duration)"])
        case .retrying(let step, let attempt, _, _):
            logger.warning("a lock is in the way", metadata: ["migration": "\(step.name)", "attempt": "\(attempt)"])
        case .remark(let name, let words):
            logger.notice("\(words)", metadata: name.map { ["migration": "\($0)"] })
        default:
            break
        }
    }

    private func runChecks() async throws {
        for check in checks {
            status.enter(.checking(check.name))
            let findings = try await check.findings(of: self)
            guard !findings.isEmpty else { continue }
            guard check.onFinding == .report else { throw AppRuntimeError.checkFailed(check.name, findings) }
            logger.warning("a check found something", metadata: ["check": "\(check.name)", "findings": "\(findings)"])
        }
    }
}
