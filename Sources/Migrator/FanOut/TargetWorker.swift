import Postgres

/// Works on one target after the other, with two connections that serve for many schemas of one database.
struct TargetWorker {
    let directory: String
    let files: MigrationDirectory
    let options: Migrator.Options
    let goal: MigrationTarget
    let scripts: ScriptCache
    let hookAction: (@Sendable (_ target: String) -> HookAction?)?

    /// Whether other workers use the same pooler, if there is one.
    var sharesPool = false
    private var settings: ConnectionSettings?
    private var connection: PostgresConnection?
    private var lockConnection: PostgresConnection?
    private var uses = 0

    /// How many targets a server process serves: it keeps what it once knew of a table, and would grow for ever.
    private static let wear = 250
    /// How long to wait for a connection that the server can spare.
    private static let patience = Duration.seconds(30)

    init(
        directory: String,
        files: MigrationDirectory,
        options: Migrator.Options,
        goal: MigrationTarget,
        scripts: ScriptCache,
        hookAction: (@Sendable (_ target: String) -> HookAction?)?
    ) {
        self.directory = directory
        self.files = files
        self.options = options
        self.goal = goal
        self.scripts = scripts
        self.hookAction = hookAction
    }

    /// Applies what is pending on a target.
    ///
    /// - Parameters:
    ///   - target: the target.
    ///   - isPatient: whether another runner on the target is waited for.
    ///   - emit: is told what happens.
    /// - Returns: what was done.
    /// - Throws: ``MigratorError`` with code `lock-timeout` at once where another runner is at work and nobody waits for it.
    mutating func migrate(
        _ target: FanOutTarget,
        isPatient: Bool,
        emit: @escaping MigrationRun.Emit
    ) async throws -> RunSummary {
        try await withFreeConnections { worker in
            try await worker.migrateNow(target, isPatient: isPatient, emit: emit)
        }
    }

    /// Takes a target's migrations back that ran behind one of them.
    mutating func undo(
        _ target: FanOutTarget,
        to name: String,
        emit: @escaping MigrationRun.Emit
    ) async throws -> RunSummary {
        try await withFreeConnections { try await $0.migrator(of: target, isPatient: true).undo(.to(name), emit: emit) }
    }

    /// Repairs a target's history, or finds out what a repair would do if there is no reason.
    mutating func repair(_ target: FanOutTarget, _ names: [String], reason: String?) async throws -> [Repair] {
        do {
            return try await withFreeConnections { worker in
                let migrator = worker.migrator(of: target, isPatient: true)
                // Most targets need none, and nothing is written there.
                let repairs = try await migrator.plan().repairs(of: names)
                guard let reason, !repairs.isEmpty else { return repairs }
                return try await migrator.repair(names, reason: reason)
            }
        } catch let error as MigratorError where error.code == .wrongState {
            return []
        }
    }

    /// Finds out where a target stands.
    mutating func look(at target: FanOutTarget) async throws -> TargetStanding {
        try await withFreeConnections { try await $0.lookNow(at: target) }
    }

    /// Tries again while the server has no connection left: other workers give theirs back in a moment.
    private mutating func withFreeConnections<Result>(
        _ body: (inout TargetWorker) async throws -> Result
    ) async throws -> Result {
        let start = ContinuousClock.now
        while true {
            do {
                return try await body(&self)
            } catch {
                // Whatever the failure left in its sessions ends with them.
                await close()
                guard let failure = error as? PostgresError, failure.isOutOfConnections,
                    start.duration(to: .now) < Self.patience
                else { throw error }
                try await Task.sleep(for: .milliseconds(Int.random(in: 50...250)))
            }
        }
    }

    private mutating func migrateNow(
        _ target: FanOutTarget,
        isPatient: Bool,
        emit: @escaping MigrationRun.Emit
    ) async throws -> RunSummary {
        let start = ContinuousClock.now
        let migrator = migrator(of: target, isPatient: isPatient)
        let connection = try await connect(to: target)
        let history = try await history(of: target, on: connection, emit: emit)
        let plan = try migrator.plan(files, history, to: goal).plan
        try plan.check()
        if plan.pending.isEmpty, history.table?.isNaive != true { return plan.summary(of: [], since: start) }
        let lock = try await openLockConnection(to: target)
        return try await migrator.apply(
            files,
            since: history,
            to: goal,
            on: connection,
            lockedBy: lock,
            start: start,
            emit: emit
        )
    }

    private mutating func lookNow(at target: FanOutTarget) async throws -> TargetStanding {
        let connection = try await connect(to: target)
        let history = try await history(of: target, on: connection) { _ in }
        let migrator = migrator(of: target, isPatient: false)
        var plan = try migrator.plan(files, history, to: goal).plan
        if !scripts.isChecked(plan.pending) {
            let problems = await files.problemsInScripts(of: plan.pending, migrator.reader(beside: history))
            if problems.isEmpty { scripts.noteChecked(plan.pending) }
            plan = plan.adding(problems)
        }
        return TargetStanding(
            appliedCount: plan.statuses.count { !$0.state.isPending },
            pending: plan.pending.map(\.name),
            unverified: plan.statuses.filter { $0.state == .unverified }.map(\.name),
            problems: plan.problems
        )
    }

    /// Lends the connection to a target's database.
    private mutating func connect(to target: FanOutTarget) async throws -> PostgresConnection {
        uses += 1
        if let connection, settings == target.settings, uses <= Self.wear, await connection.isAlive() {
            return connection
        }
        await close()
        let opened = try await PostgresConnection.open(target.settings, waitingUpTo: options.connectPatience)
        (connection, settings, uses) = (opened, target.settings, 1)
        return opened
    }

    /// Closes what is open.
    mutating func close() async {
        await connection?.close()
        await lockConnection?.close()
        (connection, lockConnection, uses) = (nil, nil, 0)
    }

    private mutating func openLockConnection(to target: FanOutTarget) async throws -> PostgresConnection {
        if let lockConnection, await lockConnection.isAlive() { return lockConnection }
        let opened = try await PostgresConnection.open(target.settings)
        lockConnection = opened
        return opened
    }

    private func migrator(of target: FanOutTarget, isPatient: Bool) -> Migrator {
        var options = options
        options.schema = target.schema ?? options.schema
        var migrator = Migrator(directory: directory, database: target.settings, options: options)
        migrator.scripts = scripts
        migrator.files = files
        migrator.givesWay = !isPatient
        // Each worker's lock keeps a connection of the pool: whoever finds none gives way before all wait for each other.
        if sharesPool { migrator.poolPatience = [.milliseconds(500)] }
        migrator.hookAction = hookAction?(target.name)
        return migrator
    }

    private func history(
        of target: FanOutTarget,
        on connection: PostgresConnection,
        emit: @escaping MigrationRun.Emit
    ) async throws -> History {
        let migrator = migrator(of: target, isPatient: true)
        let options = migrator.options
        do {
            return try await migrator.waitingVisibly(on: connection) {
                emit(.historyLocked($0))
            } _: {
                try await connection.withRole(options.role) { connection in
                    try await HistoryStore.read(named: options.historyTable, in: options.schema, from: connection)
                        .history
                }
            }
        } catch let error as PostgresError where error.code == .server {
            throw MigratorError.historyUnreadable(error)
        }
    }
}

extension PostgresError {
    /// Whether the server, or a pooler, has no room for another connection now.
    fileprivate var isOutOfConnections: Bool {
        let words = ["too many clients", "too many connections", "connection slots", "no more connections allowed"]
        return code == .connectionFailed && words.contains { message.contains($0) }
    }
}
