import Logging
import Postgres
import Synchronization

/// What a worker does beside its jobs: says that it lives, hears which jobs are to stop, writes what handlers report.
struct WorkerPulse {
    private let session: WorkerSession
    private let connection: ReopenedConnection
    private let lastBeat = LastBeat()

    /// When the last heartbeat that got through was sent; the session began with a new row.
    private final class LastBeat: Sendable {
        let at = Mutex(ContinuousClock.now)
    }

    init(session: WorkerSession, settings: ConnectionSettings) {
        self.session = session
        connection = ReopenedConnection(settings.forProbes, for: "heartbeat", of: session.id)
    }

    private static let tick = Duration.milliseconds(100)

    /// Goes on until the task is cancelled.
    ///
    /// Whoever watches the time waits for no server: a heartbeat that hangs is one that does not get through.
    func run() async {
        await withTaskGroup { group in
            group.addTask { await watch() }
            group.addTask { await speak() }
        }
        await finalReport()
        await connection.close()
    }

    /// Stops what has had its time, and everything when no heartbeat gets through.
    private func watch() async {
        // Two thirds of the time to live: the cancelled handlers then have the rest to stop before others begin.
        let patience = session.options.timeToLive * 2 / 3
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.tick)  // cut short when all stops
            let now = ContinuousClock.now
            session.running.stop(.timeout) { $0.deadline <= now }
            giveUpStuck()
            // The room that was to be there is not: others may have some.
            session.running.removeWaiting(where: { now - $0.started >= .seconds(1) }, session.giveBack)
            if now - lastBeat.at.withLock({ $0 }) > patience { session.lose(since: "no heartbeat got through in time") }
        }
    }

    /// Says that the worker lives, and what handlers report.
    private func speak() async {
        let options = session.options
        var nextBeat = ContinuousClock.now + options.heartbeat
        var nextReport = ContinuousClock.now + .seconds(1)
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.tick)  // cut short when all stops
            let now = ContinuousClock.now
            guard now >= nextBeat || now >= nextReport else { continue }
            do {
                let connection = try await connection.open()
                if now >= nextBeat {
                    try await beat(on: connection)
                    lastBeat.at.withLock { $0 = now }
                    nextBeat = now + options.heartbeat
                }
                nextReport = now + .seconds(1)
                try await report(on: connection)
            } catch {
                nextBeat = .now + min(options.heartbeat, .seconds(1))
                nextReport = nextBeat
                session.logger.warning("cannot reach the database for a heartbeat", metadata: ["error": "\(error)"])
            }
        }
    }

    private func beat(on connection: PostgresConnection) async throws {
        let state = session.stop.isRaised ? "draining" : "up"
        let rows = try await connection.query(
            """
            WITH w AS (UPDATE job_workers SET last_seen = now(), state = $2 WHERE id = $1 RETURNING id)
            SELECT id::text, k.job_id::text FROM w
            LEFT JOIN job_claims k ON k.worker_id = w.id AND k.cancel_requested IS NOT NULL
            """,
            session.id,
            state
        )
        guard !rows.isEmpty else { return session.lose(since: "the worker's row is gone") }
        let asked = Set(rows.compactMap { $0[1].text })
        if !asked.isEmpty { session.cancel { asked.contains($0.job.id) } }
    }

    private func report(on connection: PostgresConnection) async throws {
        let dropped = try await session.reports.flush(on: connection, worker: session.id)
        if dropped > 0 { session.logger.warning("lines of job logs were dropped", metadata: ["lines": "\(dropped)"]) }
    }

    private func finalReport() async {
        // A cancelled task could not ask the server any more.
        await Task.detached {
            do {
                try await report(on: try await connection.open())
            } catch {
                session.logger.warning("the last reports of handlers are lost", metadata: ["error": "\(error)"])
            }
        }.value
    }

    private func giveUpStuck() {
        session.running.removeStuck(after: session.options.stuckAfter) { entry in
            session.logger.error(
                "a handler does not stop; its job is given to others",
                metadata: ["job": "\(entry.job.id)", "type": "\(entry.job.type)"]
            )
            session.metrics.of(entry.job.type).stuck()
            let acknowledgement =
                switch entry.cause {
                case .request: entry.acknowledgement(of: .failure(CancellationError()))
                case .shutdown, .lostWorker: entry.givenBack
                case .timeout, nil: entry.timedOut
                }
            session.acknowledger.add(Acknowledger.Item(acknowledgement: acknowledgement, batch: entry.job.batch))
            session.wake.call()
        }
    }
}
