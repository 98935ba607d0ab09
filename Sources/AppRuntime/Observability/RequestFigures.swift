public import Foundation
import Postgres
import Synchronization

/// Adds up requests by minute, for the trends in `ops_metrics`; whoever answers requests records each of them.
///
/// Recording takes a lock for some nanoseconds and no memory: a minute has 64 counters, whatever happens in it.
public final class RequestFigures: Sendable {
    /// What is known of a route of the last minutes.
    struct Minute: Sendable {
        var requests = 0
        var errors = 0
        var seconds = 0.0
        /// Requests by duration, in steps of a quarter of a power of two from 0.1 ms on.
        var steps = [Int](repeating: 0, count: 64)

        mutating func add(_ seconds: Double, isError: Bool) {
            requests += 1
            errors += isError ? 1 : 0
            self.seconds += seconds
            let step = (log2(max(seconds, 0.0001) / 0.0001) * 4).rounded(.up)
            steps[min(max(Int(step), 0), steps.count - 1)] += 1
        }

        /// In how many seconds a part of the requests was answered, at most a fifth too much.
        func seconds(at part: Double) -> Double {
            let wanted = part * Double(requests)
            var before = 0
            for (step, count) in steps.enumerated() where count > 0 {
                before += count
                if Double(before) >= wanted { return 0.0001 * exp2(Double(step) / 4) }
            }
            return 0
        }
    }

    private let minutes = Mutex<[Int: [String: Minute]]>([:])
    private let now: @Sendable () -> Date

    /// Makes figures without requests.
    ///
    /// - Parameter now: the clock.
    public init(now: @escaping @Sendable () -> Date = { Date() }) {
        self.now = now
    }

    /// Records a request that was answered.
    ///
    /// - Parameters:
    ///   - method: such as `GET`.
    ///   - route: the template, such as `/api/jobs/{id}`, never the path: it is kept, and there are to be few.
    ///   - status: the status of the answer.
    ///   - duration: how long it took.
    public func record(method: String, route: String, status: Int, duration: Duration) {
        let minute = Int(now().timeIntervalSince1970) / 60
        let seconds = duration / .seconds(1)
        minutes.withLock { minutes in
            let name = "\(method) \(route)"
            // A minute has two hundred routes; more are a mistake, and counted together.
            let isKnown = minutes[minute]?[name] != nil || (minutes[minute]?.count ?? 0) < 200
            minutes[minute, default: [:]][isKnown ? name : "other", default: Minute()].add(
                seconds,
                isError: status >= 500
            )
            // Nobody fetched them for an hour: they are not to fill the memory.
            if minutes.count > 60, let oldest = minutes.keys.min() { minutes[oldest] = nil }
        }
    }

    /// Takes out the minutes that are over, each with its routes.
    func takeEnded() -> [(minute: Int, routes: [String: Minute])] {
        let current = Int(now().timeIntervalSince1970) / 60
        return minutes.withLock { minutes in
            let ended = minutes.filter { $0.key < current }
            for minute in ended.keys { minutes[minute] = nil }
            return ended.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        }
    }

    /// Takes out all minutes, for a process that ends.
    func takeAll() -> [(minute: Int, routes: [String: Minute])] {
        minutes.withLock { minutes in
            defer { minutes = [:] }
            return minutes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        }
    }

    /// Puts minutes back that could not be stored.
    func giveBack(_ ended: [(minute: Int, routes: [String: Minute])]) {
        minutes.withLock { minutes in
            for (minute, routes) in ended { minutes[minute] = routes }
        }
    }
}

extension RequestFigures.Minute {
    static func + (one: RequestFigures.Minute, other: RequestFigures.Minute) -> RequestFigures.Minute {
        var sum = one
        sum.requests += other.requests
        sum.errors += other.errors
        sum.seconds += other.seconds
        for step in sum.steps.indices { sum.steps[step] += other.steps[step] }
        return sum
    }
}

/// The names under which requests stand in `ops_metrics`, a row a minute and process.
enum RequestMetric: String, CaseIterable {
    case requests = "http_requests_per_minute"
    case errors = "http_errors_per_minute"
    case seconds = "http_request_seconds"
    case p50 = "http_request_p50_seconds"
    case p95 = "http_request_p95_seconds"
    case p99 = "http_request_p99_seconds"

    func value(of minute: RequestFigures.Minute) -> Double {
        switch self {
        case .requests: Double(minute.requests)
        case .errors: Double(minute.errors)
        case .seconds: minute.seconds
        case .p50: minute.seconds(at: 0.5)
        case .p95: minute.seconds(at: 0.95)
        case .p99: minute.seconds(at: 0.99)
        }
    }
}

extension RequestMinute {
    /// Reads minute, name, sum and largest value of ``RequestMetric``s.
    static func read(_ rows: PostgresRows) throws(PostgresError) -> [RequestMinute] {
        var minutes: [Int: [RequestMetric: (sum: Double, largest: Double)]] = [:]
        for row in rows {
            let (minute, name, sum, largest) = try row.decode(Int.self, String.self, Double.self, Double.self)
            guard let metric = RequestMetric(rawValue: name) else { continue }
            minutes[minute, default: [:]][metric] = (sum, largest)
        }
        return minutes.sorted { $0.key < $1.key }.map { minute, values in
            let requests = values[.requests]?.sum ?? 0
            return RequestMinute(
                minute: Date(timeIntervalSince1970: Double(minute) * 60),
                requests: Int(requests),
                errors: Int(values[.errors]?.sum ?? 0),
                averageSeconds: requests > 0 ? (values[.seconds]?.sum ?? 0) / requests : 0,
                p50: values[.p50]?.largest ?? 0,
                p95: values[.p95]?.largest ?? 0,
                p99: values[.p99]?.largest ?? 0
            )
        }
    }
}
