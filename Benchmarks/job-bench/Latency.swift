import AppRuntime
import Foundation
import Postgres
import Synchronization

/// Milliseconds from the call that inserts a job, in another process, to its handler's start: median, and 99 of 100.
func latency(_ samples: Int, rate: Int, on settings: ConnectionSettings) async throws -> [Double] {
    let times = Mutex<[Double]>([])
    var handlers = JobHandlers()
    handlers.register(Noop.self) { job, _ in
        guard let at = job.at else { return }
        times.withLock { $0.append((machineTime() - at) * 1000) }
    }
    try await withPostgresConnection(to: settings) { connection in
        _ = try await connection.script("TRUNCATE jobs, job_claims, job_rollups CASCADE; CHECKPOINT")
        try await withWorker(handlers, Tuning(concurrency: 100, batch: 500), on: settings) {
            while try await connection.query("SELECT FROM job_workers").isEmpty {
                try await Task.sleep(for: .milliseconds(10))
            }
            try await produceElsewhere("produce", samples, rate)
            while times.withLock({ $0.count }) < samples { try await Task.sleep(for: .milliseconds(10)) }
        }
    }
    return percentiles(times.withLock { $0 })
}

func produce(_ samples: Int, rate: Int, on settings: ConnectionSettings) async throws {
    let pool = PostgresPool(to: settings, limit: 1)
    let queue = JobQueue(pool: pool)
    try await paced(samples, rate) { try await queue.insert(Noop(at: machineTime())) }
    await pool.shutDown()
}

/// The same with a loop that listens, and fetches when it hears something.
func rawLatency(_ samples: Int, rate: Int, on settings: ConnectionSettings) async throws -> [Double] {
    try await withPostgresConnection(to: settings) { connection in
        try await makeRawTable(on: connection)
        return try await withPostgresConnection(to: settings) { listener in
            let notifications = try await listener.notifications(on: "raw_jobs")
            return try await withThrowingTaskGroup { group in
                group.addTask { try await produceElsewhere("raw-produce", samples, rate) }
                var times: [Double] = []
                for try await _ in notifications {
                    while true {
                        let rows = try await connection.query(RawQueue.fetch, 10)
                        if rows.isEmpty { break }
                        let now = machineTime()
                        for row in rows {
                            let data = Data((row[3].text ?? "").utf8)
                            times.append((now - (try JSONDecoder().decode(Noop.self, from: data).at ?? now)) * 1000)
                        }
                        try await connection.query(RawQueue.complete, rows.map { $0[0].text ?? "" })
                    }
                    if times.count >= samples { break }
                }
                try await group.waitForAll()
                return percentiles(times)
            }
        }
    }
}

func rawProduce(_ samples: Int, rate: Int, on settings: ConnectionSettings) async throws {
    try await withPostgresConnection(to: settings) { connection in
        try await paced(samples, rate) {
            try await connection.query(
                """
                WITH i AS (
                    INSERT INTO raw_jobs (name, type, data) VALUES ('noop', 'noop', jsonb_build_object('at', $1::float8))
                    RETURNING id
                )
                SELECT pg_notify('raw_jobs', '') FROM i
                """,
                machineTime()
            )
        }
    }
}

/// Does something so many times, at a rate a second, whatever each takes.
private func paced(_ samples: Int, _ rate: Int, _ body: () async throws -> Void) async throws {
    var next = ContinuousClock.now + .milliseconds(500)
    for _ in 0..<samples {
        try await Task.sleep(until: next)
        try await body()
        next += .seconds(1) / rate
    }
}

/// Runs this program once more, which inserts.
private func produceElsewhere(_ what: String, _ samples: Int, _ rate: Int) async throws {
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = [what, CommandLine.arguments[2], "\(samples)", "\(rate)"]
    try process.run()
    while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
}

private func percentiles(_ times: [Double]) -> [Double] {
    let sorted = times.sorted()
    return [0.5, 0.99].map { sorted[min(sorted.count - 1, Int($0 * Double(sorted.count)))] }
}
