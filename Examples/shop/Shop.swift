import AppRuntime
import Foundation
import Logging
import Metrics
import Migrator
import Postgres

/// A small application on the runtime: a gate, probes, HTTP, jobs, a schedule, alerts.
@main
struct Shop {
    static func main() async {
        LoggingSystem.bootstrap { JSONLogHandler(label: $0) }
        MetricsSystem.bootstrap(PrometheusRegistry.shared)
        do {
            try await Shop(ProcessInfo.processInfo.environment).runtime().run()
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    let database: ConnectionSettings
    let token: BearerToken
    let port: Int
    let probePort: Int

    init(_ environment: [String: String]) throws {
        guard let token = BearerToken(environment["SHOP_TOKEN"] ?? "") else { throw Mistake("set SHOP_TOKEN") }
        guard let url = environment["DATABASE_URL"] else { throw Mistake("set DATABASE_URL") }
        self.token = token
        database = try ConnectionSettings(url)
        port = environment["SHOP_PORT"].flatMap { Int($0) } ?? 3333
        probePort = environment["SHOP_PROBE_PORT"].flatMap { Int($0) } ?? 3334
    }

    private func runtime() -> ApplicationRuntime {
        let pool = PostgresPool(to: database, limit: 8)
        let queue = JobQueue(pool: pool)
        let handlers = JobHandlers.ofShop(pool)

        // Nothing but the probes starts before the database is as the migrations make it.
        let migrator = Migrator(directory: "migrations", database: database)
        let gate = BootGate(migrator, mode: .migrate)
        let probes = ProbeListener(
            gate.status,
            address: .hostname("127.0.0.1", port: probePort),
            token: token,
            metrics: .shared
        )
        let snapshots = SnapshotSource(to: database, status: gate.status)
        let requests = RequestFigures()

        var http = HTTPServer(gate.status, authenticator: OneOperator(token: token))
        http.options.port = port
        http.groups = [
            Orders(pool: pool, queue: queue),
            JobsAPI(queue: queue, handlers: handlers, snapshots: snapshots, status: gate.status).routes(),
        ]
        http.onRequest = { requests.record($0) }

        // One process leads: it fires schedules, gives back what dead workers held, and looks for what is wrong.
        let looks: [AlertLook] = [.figures(from: snapshots), .handBacks, .migrations(migrator), .anomalies]
        let upkeep = JobMaintenance(
            to: database,
            adding: [.schedules(), .trends(from: snapshots)] + MaintenanceDuty.alerts(looks)
        )

        var runtime = ApplicationRuntime(gate: gate, probes: probes)
        runtime.parts = [
            .pool(pool),
            RuntimePart("workers", JobWorker(to: database, handlers: handlers, queue: queue)),
            RuntimePart("observer", RuntimeObserver(snapshots, requests: requests, to: database)),
            RuntimePart("alerts", AlertService(to: database, channels: [LogChannel()])) {
                try await pool.withConnection { try await AlertRule.store(on: $0) }
            },
            RuntimePart("upkeep", upkeep) {
                let nightly = try JobSchedule(
                    "count-orders",
                    "0 2 * * *",
                    timeZone: "Europe/Lisbon",
                    job: CountOrders()
                )
                try await pool.withConnection { try await JobSchedule.store([nightly], on: $0) }
            },
            http.part,
        ]
        return runtime
    }
}

/// What is wrong with the environment.
struct Mistake: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
