import Foundation
public import Logging
public import Postgres
public import ServiceLifecycle

/// Keeps the gauges of this process current and writes its requests down, whether anybody looks or not.
///
/// Every process runs one. What is written for all processes together the leader writes, with
/// ``MaintenanceDuty/trends(from:)``.
public final class RuntimeObserver: Service {
    private let source: SnapshotSource
    private let requests: RequestFigures?
    private let connection: ReopenedConnection
    private let interval: Duration
    private let logger: Logger
    /// Two processes have the same minutes: their rows are told apart by this.
    private let process = "\(ProcessInfo.processInfo.hostName):\(ProcessInfo.processInfo.processIdentifier)"

    /// Makes the service; it does nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - source: where snapshots come from; pages may use the same one.
    ///   - requests: what whoever answers requests records.
    ///   - settings: where the database is.
    ///   - interval: how often to look.
    ///   - logger: where to say what happens.
    public init(
        _ source: SnapshotSource,
        requests: RequestFigures? = nil,
        to settings: ConnectionSettings,
        every interval: Duration = .seconds(5),
        logger: Logger = Logger(label: "lastro.observer")
    ) {
        self.source = source
        self.requests = requests
        connection = ReopenedConnection(settings, named: "lastro trends")
        self.interval = interval
        self.logger = logger
    }

    /// Looks until a graceful shutdown, or the task's cancellation.
    public func run() async throws {
        let stop = StopSignal()
        let wake = WakeUp()
        stop.wake(wake)
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await Task.detached { await self.work(until: stop, wake) }.value
            } onCancel: {
                stop.raise(isHard: true)
            }
        } onGracefulShutdown: {
            stop.raise(isHard: false)
        }
    }

    private func work(until stop: StopSignal, _ wake: WakeUp) async {
        while !stop.isRaised {
            await look()
            await store(requests?.takeEnded() ?? [])
            await wake.wait(upTo: interval)
        }
        await store(requests?.takeAll() ?? [])
        await connection.close()
        await source.close()
    }

    private func look() async {
        do {
            _ = try await source.snapshot()
        } catch {
            logger.info("cannot look how the background work is", metadata: ["error": "\(error)"])
        }
    }

    private func store(_ ended: [(minute: Int, routes: [String: RequestFigures.Minute])]) async {
        guard !ended.isEmpty else { return }
        do {
            try await RequestTrends.store(ended, of: process, on: try await connection.open())
        } catch {
            requests?.giveBack(ended)
            logger.warning("cannot write requests down, trying again", metadata: ["error": "\(error)"])
        }
    }
}

/// Writes requests into `ops_metrics`.
enum RequestTrends {
    /// How many routes of a minute have rows of their own: those that took the most time.
    private static let routes = 20

    /// Stores minutes; one that was stored before is left as it is, because nobody knows of a lost connection whether its last
    /// statement counts.
    static func store(
        _ ended: [(minute: Int, routes: [String: RequestFigures.Minute])],
        of process: String,
        on connection: PostgresConnection
    ) async throws {
        var rows: [(minute: Int, name: String, route: String?, value: Double)] = []
        for (minute, routes) in ended {
            let sum = routes.values.reduce(RequestFigures.Minute(), +)
            rows += RequestMetric.allCases.map { (minute, $0.rawValue, nil, $0.value(of: sum)) }
            for (route, figures) in routes.sorted(by: { $0.value.seconds > $1.value.seconds }).prefix(Self.routes) {
                rows.append((minute, "http_route_requests_per_minute", route, Double(figures.requests)))
                rows.append((minute, "http_route_p95_seconds", route, figures.seconds(at: 0.95)))
            }
        }
        try await connection.query(
            """
            INSERT INTO ops_metrics (nome, rotulos, valor, coletado_em)
            SELECT r.name, jsonb_strip_nulls(jsonb_build_object('process', $5::text, 'route', r.route)), r.value,
                to_timestamp(r.minute * 60)
            FROM unnest($1::int8[], $2::text[], $3::text[], $4::float8[]) AS r (minute, name, route, value)
            WHERE NOT EXISTS (
                SELECT FROM ops_metrics o WHERE o.nome = r.name AND o.coletado_em = to_timestamp(r.minute * 60)
                    AND o.rotulos = jsonb_strip_nulls(jsonb_build_object('process', $5::text, 'route', r.route))
            )
            """,
            rows.map(\.minute),
            rows.map(\.name),
            rows.map(\.route),
            rows.map(\.value),
            process
        )
    }
}
