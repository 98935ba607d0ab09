import AppRuntime
import Logging
import Postgres
import Synchronization

/// Does nothing.
struct Noop: Job {
    static let type = "noop"
    /// When it was inserted, in a test of how soon it starts.
    var at: Double?
}

/// A worker runs while a closure waits; then it stops.
func withWorker<Result>(
    _ handlers: JobHandlers,
    _ tuning: Tuning,
    on settings: ConnectionSettings,
    _ body: () async throws -> Result
) async throws -> Result {
    var logger = Logger(label: "job-bench")
    logger.logLevel = .error
    var options = JobWorkerOptions()
    options.concurrency = tuning.concurrency
    options.acknowledgementBatch = tuning.batch
    let worker = JobWorker(to: settings, handlers: handlers, options: options, logger: logger)
    let running = Task { try await worker.run() }
    let result = try await body()
    running.cancel()
    try await running.value
    return result
}

/// Jobs a second that a worker drains, until the database shows none that waits or runs.
func drain(
    _ jobs: Int,
    _ tuning: Tuning,
    holdingSnapshot: Bool,
    on settings: ConnectionSettings
) async throws -> Double {
    let handled = Atomic(0)
    var handlers = JobHandlers()
    handlers.register(Noop.self) { _, _ in handled.add(1, ordering: .relaxed) }
    return try await withPostgresConnection(to: settings) { reader in
        if holdingSnapshot {
            try await reader.script("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM jobs")
        }
        return try await withPostgresConnection(to: settings) { connection in
            try await connection.script(
                """
                \(holdingSnapshot ? "DELETE FROM jobs" : "TRUNCATE jobs, job_claims, job_rollups CASCADE");
                INSERT INTO jobs (name, type, data) SELECT 'noop', 'noop', '{}' FROM generate_series(1, \(jobs))
                """
            )
            try await connection.query("VACUUM ANALYZE jobs")
            try await connection.query("CHECKPOINT")
            let start = machineTime()
            return try await withWorker(handlers, tuning, on: settings) {
                // To ask the database all the while would take from what is measured.
                while handled.load(ordering: .relaxed) < jobs { try await Task.sleep(for: .milliseconds(2)) }
                try await waitUntilEmpty("jobs", on: connection)
                return Double(jobs) / (machineTime() - start)
            }
        }
    }
}

/// Waits until no job waits or runs.
func waitUntilEmpty(_ table: String, on connection: PostgresConnection) async throws {
    let isEmpty = "SELECT NOT EXISTS (SELECT FROM \(table) WHERE status IN ('pending', 'running'))"
    while try await !connection.query(isEmpty).single.decode(Bool.self) {
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// Jobs a second that loops drain that do nothing but fetch a batch and mark it as completed, on a table with one index.
func rawDrain(_ jobs: Int, _ connections: Int, batch: Int, on settings: ConnectionSettings) async throws -> Double {
    try await withPostgresConnection(to: settings) { connection in
        try await makeRawTable(on: connection)
        try await connection.query(
            "INSERT INTO raw_jobs (name, type) SELECT 'noop', 'noop' FROM generate_series(1, $1::int)",
            jobs
        )
        try await connection.query("VACUUM ANALYZE raw_jobs")
        try await connection.query("CHECKPOINT")
        let start = machineTime()
        try await withThrowingTaskGroup { group in
            for _ in 0..<connections {
                group.addTask {
                    try await withPostgresConnection(to: settings) { connection in
                        while true {
                            let ids = try await connection.query(RawQueue.fetch, batch).map { $0[0].text ?? "" }
                            if ids.isEmpty { return }
                            try await connection.query(RawQueue.complete, ids)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        return Double(jobs) / (machineTime() - start)
    }
}

/// The least that a queue on `FOR UPDATE SKIP LOCKED` can do.
enum RawQueue {
    static let fetch = """
        WITH p AS MATERIALIZED (
            SELECT id FROM raw_jobs
            WHERE status = 'pending' AND (scheduled_for IS NULL OR scheduled_for <= now()) AND attempts < max_attempts
            ORDER BY priority DESC, created_at LIMIT $1 FOR UPDATE SKIP LOCKED
        )
        UPDATE raw_jobs j SET status = 'running', attempts = attempts + 1, started_at = now() FROM p WHERE j.id = p.id
        RETURNING j.id, j.name, j.type, j.data, j.attempts
        """
    static let complete = """
        UPDATE raw_jobs SET status = 'completed', completed_at = now() WHERE id = ANY ($1::uuid[]) AND status = 'running'
        """
}

func makeRawTable(on connection: PostgresConnection) async throws {
    try await connection.script(
        """
        DROP TABLE IF EXISTS raw_jobs;
        CREATE TABLE raw_jobs (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL, type text NOT NULL,
            status text NOT NULL DEFAULT 'pending', priority integer NOT NULL DEFAULT 0,
            data jsonb NOT NULL DEFAULT '{}', result jsonb, error text, attempts integer NOT NULL DEFAULT 0,
            max_attempts integer NOT NULL DEFAULT 3, scheduled_for timestamptz, started_at timestamptz,
            completed_at timestamptz, created_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX raw_jobs_queue ON raw_jobs (priority DESC, created_at) WHERE status = 'pending'
        """
    )
}
