import AppRuntime
import Foundation
import Postgres

/// Jobs a second that are inserted at once.
func insert(_ jobs: Int, on settings: ConnectionSettings) async throws -> Double {
    let pool = PostgresPool(to: settings, limit: 1)
    try await pool.withConnection { _ = try await $0.script("TRUNCATE jobs CASCADE; CHECKPOINT") }
    let start = machineTime()
    try await JobQueue(pool: pool).insert(contentsOf: (0..<jobs).map { _ in Noop() })
    let seconds = machineTime() - start
    await pool.shutDown()
    return Double(jobs) / seconds
}

/// Rows a second that the server itself makes on the same table.
func rawInsert(_ jobs: Int, on settings: ConnectionSettings) async throws -> Double {
    try await withPostgresConnection(to: settings) { connection in
        try await connection.script("TRUNCATE jobs CASCADE; CHECKPOINT")
        let start = machineTime()
        try await connection.query(
            "INSERT INTO jobs (name, type, data) SELECT 'noop', 'noop', '{}' FROM generate_series(1, $1::int)",
            jobs
        )
        return Double(jobs) / (machineTime() - start)
    }
}

/// The medians of the milliseconds that it takes to find a hundred jobs, and to take one, ten and a hundred, of a table of
/// so many rows, nine of ten of them finished, with jobs of the future that have the highest priority.
func fetch(_ rows: Int, on settings: ConnectionSettings) async throws -> [Double] {
    try await withPostgresConnection(to: settings) { connection in
        try await connection.script("TRUNCATE jobs, job_claims, job_rollups CASCADE")
        try await connection.query(
            """
            INSERT INTO jobs (name, type, status, priority, data, created_at, completed_at, scheduled_for)
            SELECT 'n', 'type-' || n % 8, CASE WHEN n % 10 > 0 THEN 'completed' ELSE 'pending' END,
                CASE WHEN n % 20 = 0 THEN 100 ELSE n % 7 END, '{}', now() - make_interval(secs => n % 1000),
                CASE WHEN n % 10 > 0 THEN now() END, CASE WHEN n % 20 = 0 THEN now() + make_interval(secs => 3600 + n) END
            FROM generate_series(1, $1::int) n
            """,
            rows
        )
        try await connection.query("VACUUM ANALYZE jobs")
        let worker = UUID().uuidString
        let types = (0..<8).map { "type-\($0)" }
        func median(_ statements: [PostgresStatement]) async throws -> Double {
            var times: [Double] = []
            for _ in 0..<100 {
                let start = machineTime()
                _ = try await connection.preparedPipeline(statements)
                times.append((machineTime() - start) * 1000)
            }
            return times.sorted()[50]
        }
        var medians = [try await median(try JobProbe.find(types, limit: 100))]
        for limit in [1, 10, 100] {
            medians.append(try await median(try JobProbe.fetch(types, limit: limit, worker: worker)))
        }
        return medians
    }
}
