import Foundation
import Logging
import Migrator
import Postgres
import Synchronization

/// The life of a worker under one id: from its row in `job_workers` until it stops or has lost its jobs.
final class WorkerSession: Sendable {
    let id = UUID().uuidString.lowercased()
    let wake = WakeUp()
    let options: JobWorkerOptions
    let logger: Logger
    let metrics: JobMetrics
    let running = RunningJobs()
    let reports = JobReports()
    let acknowledger: Acknowledger
    /// Raised when the heartbeat did not get through in time.
    let lost = StopSignal()

    let handlers: JobHandlers
    let stop: StopSignal
    let fetcher: ReopenedConnection
    let settings: ConnectionSettings
    private let acknowledging: ReopenedConnection
    private let helping: ReopenedConnection

    init(
        settings: ConnectionSettings,
        handlers: JobHandlers,
        options: JobWorkerOptions,
        stop: StopSignal,
        logger: Logger,
        metrics: JobMetrics
    ) {
        let settings = settings.forWork
        self.settings = settings
        self.handlers = handlers
        self.options = options
        self.stop = stop
        self.metrics = metrics
        types = handlers.types.filter { type in options.types.map { $0.contains(type) } ?? true }
        typeMetrics = Dictionary(uniqueKeysWithValues: types.map { ($0, metrics.of($0)) })
        var logger = logger
        logger[metadataKey: "worker"] = "\(id)"
        self.logger = logger
        fetcher = ReopenedConnection(settings, for: "fetch", of: id)
        acknowledging = ReopenedConnection(settings, for: "acknowledge", of: id)
        helping = ReopenedConnection(settings, for: "acknowledge", of: id)
        acknowledger = Acknowledger(
            connection: acknowledging,
            helper: helping,
            worker: id,
            limit: options.acknowledgementBatch,
            logger: logger,
            metrics: metrics
        )
    }

    /// With how many jobs left the end of one wakes the fetch loop.
    let wakesAt = Atomic(Int.min)
    /// The types that the worker takes.
    let types: [String]
    let typeMetrics: [String: TypeMetrics]

    /// Works until ``stop`` or ``lost``, and cleans up behind itself.
    func run() async {
        guard await register() else { return }
        logger.info("taking jobs", metadata: ["types": "\(types.joined(separator: ", "))"])
        stop.wake(wake)
        lost.wake(wake)
        let acknowledging = Task { await acknowledger.run { [self] in callForRoom(holding: running.held) } }
        // These go on while the worker drains: running jobs are to be seen alive.
        let pulse = Task { await WorkerPulse(session: self, settings: settings).run() }
        let listener = options.listens ? Task { await listen() } : nil
        let fetching = Task { await fetchLoop() }
        await isOver()
        // A fetch may wait for somebody's lock, or for a network that fell silent: the jobs do not wait for it.
        fetching.cancel()
        listener?.cancel()
        await drain()
        let farewell = Task {
            await fetching.ends(within: options.lastWords / 2)
            await giveBackUnknown()
            acknowledger.close()
            await acknowledging.value
            pulse.cancel()
            await pulse.value
            await listener?.value
            await unregister()
        }
        // A server that cannot be reached does not keep the process from ending: a sweep finds the jobs.
        if await !farewell.ends(within: options.lastWords) {
            acknowledging.cancel()
            pulse.cancel()
        }
        stop.forget(wake)
    }

    /// Waits until the worker is to stop, or has lost its jobs.
    private func isOver() async {
        await withTaskGroup { group in
            for signal in [stop, lost] { group.addTask { await signal.arrives() } }
            await group.next()
            group.cancelAll()
        }
    }

    /// Asks the server whether a fetch that was cut short has got through all the same.
    private func giveBackUnknown() async {
        // Of a worker that has lost its jobs, handlers may go on that it does not know any more.
        guard !lost.isRaised else { return }
        do {
            try await LostReplies.giveBackAll(of: self, on: acknowledging)
        } catch {
            logger.warning("cannot look for jobs of which the reply was lost", metadata: ["error": "\(error)"])
        }
    }

    /// Registers the worker, unless it is to stop before.
    private func register() async -> Bool {
        let registering = Task { await tryToRegister() }
        let stopping = Task {
            await stop.arrives()
            if !Task.isCancelled { registering.cancel() }
        }
        defer { stopping.cancel() }
        return await registering.value
    }

    private func tryToRegister() async -> Bool {
        var failures = 0
        while !stop.isRaised {
            do {
                let connection = try await fetcher.open()
                for type in types {
                    let limits = handlers.entries[type]?.settings.limits ?? JobLimits()
                    try await JobControls.storeOfCode(limits, of: type, on: connection)
                }
                try await connection.query(
                    "INSERT INTO job_workers (id, host, pid, version, types) VALUES ($1, $2, $3, $4, $5)",
                    id,
                    ProcessInfo.processInfo.hostName,
                    Int(ProcessInfo.processInfo.processIdentifier),
                    lastroVersion,
                    types
                )
                return true
            } catch {
                if stop.isRaised { break }
                failures += 1
                logger.warning("cannot register as a worker, trying again", metadata: ["error": "\(error)"])
                await pause(after: failures)
            }
        }
        return false
    }

    private func unregister() async {
        do {
            // Claims that could not be given back keep the row: a sweep tells their jobs from it.
            try await acknowledging.open().query(
                "DELETE FROM job_workers WHERE id = $1 AND NOT EXISTS (SELECT FROM job_claims WHERE worker_id = $1)",
                id
            )
        } catch {
            logger.warning("the worker's row stays until a sweep", metadata: ["error": "\(error)"])
        }
        await acknowledging.close()
        await helping.close()
        await fetcher.close()
    }
}
