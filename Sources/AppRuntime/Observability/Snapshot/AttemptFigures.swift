public import Foundation
import Postgres

/// How attempts at jobs ended, added up.
public struct AttemptFigures: Sendable, Hashable {
    /// Attempts that succeeded.
    public private(set) var completed = 0
    /// Jobs that were given up.
    public private(set) var failed = 0
    /// Attempts that failed and are followed by another one.
    public private(set) var retried = 0
    /// Jobs that were cancelled while they ran.
    public private(set) var cancelled = 0
    /// Jobs that were taken from workers that are gone.
    public private(set) var rescued = 0
    /// Attempts that were put off, or given back by a worker that stops.
    public private(set) var postponed = 0
    private var runSeconds = 0.0
    private var waitSeconds = 0.0
    /// Attempts by the power of two of milliseconds that their time is at most.
    private var buckets: [Int: Int] = [:]

    init() {}

    mutating func add(_ row: RollupRow) {
        switch row.outcome {
        case "completed": completed += row.jobs
        case "failed": failed += row.jobs
        case "retry": retried += row.jobs
        case "cancelled": cancelled += row.jobs
        case "rescued": rescued += row.jobs
        default: postponed += row.jobs
        }
        waitSeconds += row.waitSeconds
        // A rescued job ran for a time that nobody knows.
        if row.outcome == "completed" || row.outcome == "failed" || row.outcome == "retry" {
            runSeconds += row.runSeconds
            buckets[row.bucket, default: 0] += row.jobs
        }
    }

    /// Jobs that ended.
    public var ended: Int { completed + failed + cancelled }

    /// The part of the attempts that failed, from 0 to 1; 0 if there were none.
    public var errorRate: Double {
        let bad = failed + retried + rescued
        return bad == 0 ? 0 : Double(bad) / Double(completed + bad)
    }

    /// How long an attempt ran on average, in seconds; nil if there were none.
    public var averageSeconds: Double? {
        let timed = completed + failed + retried
        return timed == 0 ? nil : runSeconds / Double(timed)
    }

    /// How long a job that ended had waited on average from when it was due, in seconds; nil if there were none.
    public var averageWait: Double? { ended == 0 ? nil : waitSeconds / Double(ended) }

    /// In how many seconds a part of the attempts ended.
    ///
    /// Times are kept in ranges that double; within one they are taken to be spread evenly on its scale.
    ///
    /// - Parameter part: such as 0.95.
    /// - Returns: the time in seconds; nil if there were no attempts.
    public func seconds(at part: Double) -> Double? {
        let total = buckets.values.reduce(0, +)
        guard total > 0 else { return nil }
        let wanted = part * Double(total)
        var before = 0.0
        for (bucket, jobs) in buckets.sorted(by: { $0.key < $1.key }) {
            let inside = Double(jobs)
            if before + inside >= wanted {
                guard bucket > 0 else { return 0.001 * (wanted - before) / inside }
                return pow(2, Double(bucket - 1) + (wanted - before) / inside) / 1000
            }
            before += inside
        }
        return buckets.keys.max().map { pow(2, Double($0)) / 1000 }
    }
}

/// What ended in one minute.
public struct MinuteFigures: Sendable, Hashable {
    /// The minute's beginning.
    public let minute: Date
    /// What ended.
    public let attempts: AttemptFigures
}

/// A sum of `job_rollups`.
struct RollupRow: Sendable {
    /// The minute's number since 1970.
    let minute: Int
    let type: String
    let outcome: String
    let bucket: Int
    let jobs: Int
    let runSeconds: Double
    let waitSeconds: Double
}

extension RollupRow {
    /// Reads minute, type, outcome, bucket, jobs and the sums of times.
    init(_ row: PostgresRow) throws(PostgresError) {
        let values = try row.decode(
            Int.self,
            String.self,
            String.self,
            Int.self,
            Int.self,
            Double.self,
            Double.self
        )
        self.init(
            minute: values.0,
            type: values.1,
            outcome: values.2,
            bucket: values.3,
            jobs: values.4,
            runSeconds: values.5,
            waitSeconds: values.6
        )
    }
}
