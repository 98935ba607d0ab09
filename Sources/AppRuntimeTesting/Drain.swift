public import AppRuntime
import Logging
public import Postgres

/// What became of jobs while a queue was drained.
public struct Drained: Sendable, Hashable {
    /// How many ended, by outcome.
    public let completed: Int
    /// How many were given up.
    public let failed: Int
    /// How many wait for a later time.
    public let waiting: Int
}

/// Why a queue was not drained.
public struct DrainError: Error, CustomStringConvertible {
    /// What is left.
    public let description: String
}

/// Works until nothing of the handlers' types is due or runs any more, then stops.
///
/// - Parameters:
///   - settings: where the database is; those of a ``TestClock`` see its time.
///   - handlers: what to do with each kind of job.
///   - patience: after how long to give up.
/// - Returns: how many jobs of these types are in which state then.
/// - Throws: ``DrainError`` if something is left after `patience`; ``PostgresError``.
@discardableResult
public func drain(
    _ settings: ConnectionSettings,
    with handlers: JobHandlers,
    upTo patience: Duration = .seconds(60)
) async throws -> Drained {
    var logger = Logger(label: "lastro.drain")
    logger.logLevel = .error
    let options = JobWorkerOptions(pollInterval: .milliseconds(20), listens: false, softStop: .seconds(60))
    let worker = JobWorker(to: settings, handlers: handlers, options: options, logger: logger)
    return try await withThrowingTaskGroup { group in
        group.addTask {
            try await worker.run()
            return nil as Drained?
        }
        group.addTask { try await waitUntilDrained(settings, handlers.types, patience) }
        defer { group.cancelAll() }
        while let next = try await group.next() {
            if let drained = next {
                // The worker says its last words before anybody looks further.
                group.cancelAll()
                try await group.waitForAll()
                return drained
            }
        }
        throw DrainError(description: "the worker stopped")
    }
}

private func waitUntilDrained(
    _ settings: ConnectionSettings,
    _ types: [String],
    _ patience: Duration
) async throws -> Drained {
    let limit = ContinuousClock.now + patience
    return try await withPostgresConnection(to: settings) { connection in
        while true {
            let (open, completed, failed, waiting) = try await connection.query(
                """
                SELECT count(*) FILTER (WHERE j.status = 'running'
                        OR j.status = 'pending' AND coalesce(j.scheduled_for <= now(), true) AND c.paused_at IS NULL
                            AND coalesce(j.attempts, 0) < coalesce(j.max_attempts, 3)),
                    count(*) FILTER (WHERE j.status = 'completed'), count(*) FILTER (WHERE j.status = 'failed'),
                    count(*) FILTER (WHERE j.status = 'pending' AND j.scheduled_for > now())
                FROM jobs j LEFT JOIN job_controls c ON c.type = j.type WHERE j.type = ANY ($1::text[])
                """,
                types
            ).single.decode(Int.self, Int.self, Int.self, Int.self)
            if open == 0 { return Drained(completed: completed, failed: failed, waiting: waiting) }
            guard ContinuousClock.now < limit else {
                throw DrainError(description: "\(open) jobs of \(types.joined(separator: ", ")) are due or run yet")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
