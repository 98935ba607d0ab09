public import Logging
import Metrics
public import Postgres

/// Does what keeps a queue healthy, in one process at a time: gives back the jobs of dead workers, ends batches, fires
/// schedules, deletes what is old.
///
/// Every process runs one of these; the one that leads works, and another takes over within fifteen seconds when it
/// dies. A leader one of whose duties fails or takes too long gives up the lead, so that a half leader helps nobody. One that is to
/// end stops its duty, which the next leader does again.
public final class JobMaintenance: DrainingService {
    private let connection: ReopenedConnection
    private let leadership = Leadership()
    private let duties: [MaintenanceDuty]
    private let logger: Logger
    private let leads = Gauge(label: "lastro_leader")

    /// Makes the service; it does nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - settings: where the database is.
    ///   - options: what is kept for how long.
    ///   - more: other duties of the leader.
    ///   - logger: where to say what happens.
    public init(
        to settings: ConnectionSettings,
        options: JobMaintenanceOptions = JobMaintenanceOptions(),
        adding more: [MaintenanceDuty] = [],
        logger: Logger = Logger(label: "lastro.maintenance")
    ) {
        connection = ReopenedConnection(settings.forWork, named: "lastro jobs: maintenance")
        duties =
            [
                .rescue(after: options.timeToLive, every: options.rescueInterval),
                .endBatches,
                .adoptOrphans(after: options.orphanAge),
                .retain(options),
                .foldRollups,
            ] + more
        self.logger = logger
    }

    /// Whether this process leads.
    public var isLeading: Bool { leadership.term != nil }

    /// Leads when it can, until a graceful shutdown or the task's cancellation.
    public func run() async throws {
        await StopSignal.guarding { await self.work(until: $0, $1) }
    }

    private func work(until stop: StopSignal, _ wake: WakeUp) async {
        var due = Dictionary(uniqueKeysWithValues: duties.map { ($0.name, ContinuousClock.now) })
        var failures = 0
        while !stop.isRaised {
            do {
                let connection = try await connection.open()
                let isLeading = try await leadership.claim(on: connection)
                leads.record(isLeading ? 1 : 0)
                guard isLeading else {
                    await wake.wait(upTo: .seconds(5) * Double.random(in: 0.8...1.2))
                    continue
                }
                try await doDuties(&due, on: connection, until: stop)
                failures = 0
                let next = due.values.min() ?? .now
                await wake.wait(upTo: min(max(next - .now, .milliseconds(10)), .seconds(5)))
            } catch {
                if stop.isRaised { break }
                failures += 1
                logger.error("a duty failed; leading no more for a while", metadata: ["error": "\(error)"])
                await resign()
                await wake.wait(upTo: pauseLength(after: failures + 4))
            }
        }
        await resign()
        await connection.close()
    }

    private func doDuties(
        _ due: inout [String: ContinuousClock.Instant],
        on connection: PostgresConnection,
        until stop: StopSignal
    ) async throws {
        for duty in duties where due[duty.name].map({ $0 <= .now }) ?? true {
            guard !stop.isRaised, let term = leadership.term else { return }
            try await perform(duty, LeaderTerm(holder: leadership.holder, term: term), on: connection, until: stop)
            due[duty.name] = .now + duty.interval
            _ = try await leadership.claim(on: connection)
        }
    }

    private func perform(
        _ duty: MaintenanceDuty,
        _ term: LeaderTerm,
        on connection: PostgresConnection,
        until stop: StopSignal
    ) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await duty.work(connection, term) }
            group.addTask {
                try await Task.sleep(for: duty.timeout)
                throw AppRuntimeError.stalledDuty(duty.name, after: duty.timeout)
            }
            group.addTask {
                await stop.arrives()
                throw CancellationError()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func resign() async {
        leads.record(0)
        do {
            try await leadership.resign(on: try await connection.open())
        } catch {
            logger.info("the lead ends by itself", metadata: ["error": "\(error)"])
        }
    }
}

/// What is kept for how long, and when a worker counts as dead.
public struct JobMaintenanceOptions: Sendable, Hashable {
    /// After how long without a heartbeat a worker's jobs are given to others, as in ``JobWorkerOptions/timeToLive``.
    public var timeToLive: Duration
    /// How often dead workers are looked for.
    public var rescueInterval: Duration
    /// After how long a job that is marked as running, but held by nobody, is given back.
    public var orphanAge: Duration
    /// How long completed jobs are kept.
    public var keepsCompleted: Duration
    /// How long cancelled jobs are kept.
    public var keepsCancelled: Duration
    /// How long failed jobs are kept.
    public var keepsFailed: Duration
    /// How long counts, events and the times of schedules are kept.
    public var keepsTraces: Duration

    /// Makes options.
    public init(
        timeToLive: Duration = .seconds(30),
        rescueInterval: Duration = .seconds(10),
        orphanAge: Duration = .seconds(300),
        keepsCompleted: Duration = .seconds(86_400),
        keepsCancelled: Duration = .seconds(86_400),
        keepsFailed: Duration = .seconds(30 * 86_400),
        keepsTraces: Duration = .seconds(90 * 86_400)
    ) {
        self.timeToLive = timeToLive
        self.rescueInterval = rescueInterval
        self.orphanAge = orphanAge
        self.keepsCompleted = keepsCompleted
        self.keepsCancelled = keepsCancelled
        self.keepsFailed = keepsFailed
        self.keepsTraces = keepsTraces
    }
}
