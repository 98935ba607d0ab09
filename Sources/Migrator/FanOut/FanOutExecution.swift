import Postgres
import Synchronization

/// Carries a fan-out out.
struct FanOutExecution {
    /// What is done with each target.
    enum Work {
        case migrate
        case look
        case undo(to: String)
        case repair([String], reason: String?)

        var deed: FanOutSummary.Deed {
            switch self {
            case .migrate, .look: .migrated
            case .undo: .undone
            case .repair: .repaired
            }
        }

        var isMigration: Bool { if case .migrate = self { true } else { false } }
        var isLook: Bool { if case .look = self { true } else { false } }
    }

    let fanOut: FanOut
    let work: Work
    let goal: MigrationTarget
    let emit: EventSink
    private let tally: FanOutTally
    private let scripts = ScriptCache()

    init(fanOut: FanOut, work: Work, goal: MigrationTarget, emit: EventSink) {
        self.fanOut = fanOut
        self.work = work
        self.goal = goal
        self.emit = emit
        tally = FanOutTally(of: work.deed)
    }

    private var options: FanOut.Options { fanOut.options }

    func callAsFunction() async throws {
        try await tellingInterruption { try await run() }
    }

    private func run() async throws {
        let files = try await MigrationDirectory(readingFrom: fanOut.directory, layout: options.migrator.layout)
        if work.isMigration, let problem = files.sumProblems.first {
            throw files.sumProblems.count == 1 ? problem : .several(files.sumProblems)
        }
        let limit = try goal.limit(in: files)
        let count: Int
        var targets: [FanOutTarget]
        switch fanOut.targets {
        case .databases(let databases):
            targets = databases.map { FanOutTarget(name: $0.name, settings: $0.settings, schema: nil) }
            count = targets.count
            try checkCanary(among: targets.map(\.name))
            emit(.listed(count: count))
        case .schemas(let patterns, let settings):
            (targets, count) = try await sift(patterns, on: settings, files: files, limit: limit)
        }
        if !work.isLook { targets = try await sendCanaries(of: targets, files: files) }
        if tally.isClean || work.isLook { await workThrough(targets, files: files) }
        try end(count)
    }

    private func end(_ count: Int) throws {
        let summary = tally.summary(of: count)
        emit(.ended(summary))
        let noun = fanOut.targets.noun
        if Task.isCancelled, summary.notBegunCount > 0 || !summary.failed.isEmpty {
            throw MigratorError.fanOutInterrupted(summary, noun: noun)
        }
        if let failure = tally.failure(summary, noun: noun) { throw failure }
    }

    // MARK: before the work

    /// Lists the schemas, and tells of those at once on which nothing is to do.
    ///
    /// - Returns: the others, and how many there are together.
    private func sift(
        _ patterns: [SchemaPattern],
        on settings: ConnectionSettings,
        files: MigrationDirectory,
        limit: TargetLimit
    ) async throws -> (targets: [FanOutTarget], count: Int) {
        if let name = options.migrator.historyTable, name.schema != nil { throw MigratorError.sharedHistory(name) }
        let scan = TenantScan(files: files, goal: limit, options: options.migrator)
        let patience = options.migrator.connectPatience
        let tenants = try await withPostgresConnection(to: settings, waitingUpTo: patience) { connection in
            try await scan.tenants(fitting: patterns, on: connection)
        }
        guard !tenants.isEmpty else { throw MigratorError.noSchemaFits(patterns) }
        try checkCanary(among: tenants.map(\.schema))
        emit(.listed(count: tenants.count))
        var rest = tenants.map(\.schema)
        if work.isMigration || work.isLook {
            rest = try await scan.sift(tenants, on: settings) { found in
                try await emit.waitForRoom()
                for tenant in found { tell(tenant) }
            }
        }
        let targets = rest.map { FanOutTarget(name: $0, settings: settings, schema: $0) }
        return (targets, tenants.count)
    }

    private func tell(_ tenant: TenantScan.UpToDate) {
        switch work {
        case .undo, .repair: break
        case .migrate:
            let summary = RunSummary(
                migrations: [],
                duration: .zero,
                appliedCount: tenant.appliedCount,
                pendingCount: tenant.pendingCount
            )
            tally.add(summary)
            emit(.finished(tenant.schema, summary))
        case .look:
            let standing = TargetStanding(
                appliedCount: tenant.appliedCount,
                pending: [],
                unverified: [],
                problems: []
            )
            tally.add(standing)
            emit(.looked(tenant.schema, standing))
        }
    }

    private func checkCanary(among names: [String]) throws {
        guard case .named(let name)? = options.canary, !names.contains(name) else { return }
        throw MigratorError.unknownCanary(name, noun: fanOut.targets.noun)
    }

    // MARK: canaries

    /// Migrates the canaries, one by one.
    ///
    /// - Returns: the targets that are left.
    private func sendCanaries(
        of targets: [FanOutTarget],
        files: MigrationDirectory
    ) async throws -> [FanOutTarget] {
        guard let canary = options.canary else { return targets }
        var candidates = targets
        var wanted = 1
        switch canary {
        case .first(let count): wanted = count
        case .named(let name): candidates = targets.filter { $0.name == name }
        }
        var worker = worker(files)
        var passed: [String] = []
        var seen: Set<String> = []
        for target in candidates where passed.count < wanted && tally.isClean && !Task.isCancelled {
            seen.insert(target.name)
            // One that is up to date already proves nothing.
            switch await treat(target, isPatient: true, by: &worker) {
            case .migrated: passed.append(target.name)
            case .crowded(let error): tell(error, of: target)
            case .upToDate, .occupied, .failed: break
            }
        }
        await worker.close()
        if tally.isClean, !passed.isEmpty { emit(.canaryPassed(passed)) }
        return targets.filter { !seen.contains($0.name) }
    }

    // MARK: the work

    private func worker(_ files: MigrationDirectory) -> TargetWorker {
        TargetWorker(
            directory: fanOut.directory,
            files: files,
            options: options.migrator,
            goal: goal,
            scripts: scripts,
            hookAction: fanOut.hookAction
        )
    }

    private func workThrough(_ targets: [FanOutTarget], files: MigrationDirectory) async {
        let count = min(max(options.parallelism, 1), targets.count)
        let queue = TargetQueue(targets, workers: count)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask { await serve(queue, by: worker(files)) }
            }
        }
    }

    /// Takes target after target until there is none, none may begin any more, or the task is cancelled.
    @concurrent
    private func serve(_ queue: TargetQueue, by worker: TargetWorker) async {
        var worker = worker
        var hasLeft = false
        while !Task.isCancelled, !hasLeft, let item = queue.next() {
            worker.sharesPool = queue.isShared
            // Only a cancellation ends the wait early, and the work ends with it.
            guard (try? await emit.waitForRoom()) != nil else { break }
            switch await treat(item.target, isPatient: item.isLast, by: &worker) {
            case .migrated, .upToDate: break
            case .occupied: queue.putOff(item.target)
            case .failed: if options.failureRule == .stop, !work.isLook { queue.stop() }
            case .crowded(let error):
                // With one worker less there is more of the pool for each.
                hasLeft = queue.leave(to: item.target)
                if hasLeft { continue }
                // Alone by now, but it was not so patient yet.
                guard !worker.sharesPool else {
                    queue.putBack(item.target)
                    continue
                }
                tell(error, of: item.target)
                queue.stop()
            }
        }
        if !hasLeft { queue.leave() }
        await worker.close()
    }

    private enum Outcome {
        case migrated
        case upToDate
        /// Another runner is at work on it.
        case occupied
        case failed
        /// The pooler had no connection left for it, and nothing of it was begun.
        case crowded(MigratorError)
    }

    private func treat(_ target: FanOutTarget, isPatient: Bool, by worker: inout TargetWorker) async -> Outcome {
        switch work {
        case .migrate: await migrate(target, isPatient: isPatient, by: &worker)
        case .look: await look(at: target, by: &worker)
        case .undo(let name): await undo(target, to: name, by: &worker)
        case .repair(let names, let reason): await repair(target, names, reason: reason, by: &worker)
        }
    }

    private func undo(_ target: FanOutTarget, to name: String, by worker: inout TargetWorker) async -> Outcome {
        let beginning = Beginning()
        do {
            let summary = try await worker.undo(target, to: name) { event in
                if beginning.isFirst { emit(.started(target.name)) }
                emit(.event(target.name, event))
            }
            tally.add(summary)
            emit(.finished(target.name, summary))
            return summary.isEmpty ? .upToDate : .migrated
        } catch {
            return failed(target, error)
        }
    }

    private func repair(
        _ target: FanOutTarget,
        _ names: [String],
        reason: String?,
        by worker: inout TargetWorker
    ) async -> Outcome {
        do {
            let repairs = try await worker.repair(target, names, reason: reason)
            tally.add(repairs)
            emit(.repaired(target.name, repairs))
            return repairs.isEmpty ? .upToDate : .migrated
        } catch {
            return failed(target, error)
        }
    }

    private func failed(_ target: FanOutTarget, _ error: any Error) -> Outcome {
        if let error = error as? MigratorError, error.code == .poolTooSmall { return .crowded(error) }
        tell(error is CancellationError ? MigratorError.interruptedBeforehand() : error, of: target)
        return .failed
    }

    private func tell(_ error: any Error, of target: FanOutTarget) {
        tally.add(error, of: target.name)
        emit(.failed(target.name, error))
    }

    private func migrate(_ target: FanOutTarget, isPatient: Bool, by worker: inout TargetWorker) async -> Outcome {
        let patience = options.migrator.lockPatience
        let waits = isPatient || patience == .zero
        let beginning = Beginning()
        do {
            let summary = try await worker.migrate(target, isPatient: waits) { event in
                if case .waiting = event, !waits { return }
                if beginning.isFirst { emit(.started(target.name)) }
                emit(.event(target.name, event))
            }
            tally.add(summary)
            emit(.finished(target.name, summary))
            return summary.isEmpty ? .upToDate : .migrated
        } catch let error as MigratorError where error.code == .lockTimeout && !waits {
            return .occupied
        } catch {
            return failed(target, error)
        }
    }

    private func look(at target: FanOutTarget, by worker: inout TargetWorker) async -> Outcome {
        do {
            let standing = try await worker.look(at: target)
            tally.add(standing)
            emit(.looked(target.name, standing))
            return .upToDate
        } catch {
            return failed(target, error)
        }
    }
}

/// Whether a target's run has begun to say anything.
private final class Beginning: Sendable {
    private let isToldAlready = Atomic(false)

    var isFirst: Bool { !isToldAlready.exchange(true, ordering: .relaxed) }
}
