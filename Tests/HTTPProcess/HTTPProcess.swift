import AppRuntime
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import Migrator
import Postgres
import ServiceLifecycle
import UnixSignals

/// Servers for HTTP as processes of their own, for the load test and the measurements.
///
/// `bare` says hello with Hummingbird alone, `probes` is the probe listener, and `api DATABASE MIGRATIONS` a whole application: the
/// gate, workers and the jobs API. Each prints its port as the first line, and ends with SIGTERM.
@main
struct HTTPProcess {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        var logger = Logger(label: "http-process")
        logger.logLevel = .error
        switch arguments.first {
        case "bare":
            let router = Router()
            router.get("livez") { _, _ in "hello" }
            let application = Application(
                router: router,
                configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0), serverName: nil),
                onServerRunning: { tell($0.localAddress?.port) },
                logger: logger
            )
            try await run(application, logger)
        case "probes":
            let probes = ProbeListener(RuntimeStatus(), address: .hostname("127.0.0.1", port: 0), logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { tell(try await probes.port()) }
                try await run(probes, logger)
            }
        case "api" where arguments.count == 3:
            try await serve(try ConnectionSettings(arguments[1]), migrations: arguments[2], logger)
        default:
            FileHandle.standardError.write(Data("usage: http-process bare | probes | api DATABASE MIGRATIONS\n".utf8))
            exit(2)
        }
    }

    private static func run(_ service: some Service, _ logger: Logger) async throws {
        try await ServiceGroup(services: [service], gracefulShutdownSignals: [.sigterm], logger: logger).run()
    }

    private static func serve(_ database: ConnectionSettings, migrations: String, _ logger: Logger) async throws {
        let gate = BootGate(Migrator(directory: migrations, database: database), mode: .migrate)
        let pool = PostgresPool(to: database, limit: 4)
        let queue = JobQueue(pool: pool)
        var handlers = JobHandlers()
        handlers.register(Rest.self) { job, _ in
            if job.milliseconds > 0 { try await Task.sleep(for: .milliseconds(job.milliseconds)) }
        }
        let snapshots = SnapshotSource(to: database, status: gate.status)
        let api = JobsAPI(queue: queue, handlers: handlers, snapshots: snapshots, status: gate.status)
        var http = HTTPServer(gate.status, authenticator: OneToken(), logger: logger)
        http.options.port = 0
        http.options.logsRequests = false
        http.groups = [api.routes()]
        var runtime = ApplicationRuntime(
            gate: gate,
            probes: ProbeListener(gate.status, address: .hostname("127.0.0.1", port: 0), logger: logger),
            logger: logger
        )
        runtime.parts = [
            RuntimePart("workers", JobWorker(to: database, handlers: handlers, queue: queue, logger: logger)),
            RuntimePart("maintenance", JobMaintenance(to: database, logger: logger)),
            http.part,
        ]
        try await withThrowingTaskGroup(of: Void.self) { [http] group in
            group.addTask { tell(try await http.port()) }
            try await runtime.run()
        }
        await pool.shutDown()
    }

    private static func tell(_ port: Int?) {
        FileHandle.standardOutput.write(Data("\(port ?? 0)\n".utf8))
    }
}

/// A job that takes as long as it says.
struct Rest: Job {
    static let type = "rest"
    var milliseconds: Int
}

/// Knows one operator, by a token.
private struct OneToken: Authenticator {
    @concurrent
    func principal(of request: Request, context: AppRequestContext) async throws -> Principal? {
        guard request.headers[.authorization] == "Bearer operator" else { return nil }
        return Principal(userID: "1", name: "operator", roles: [.operator], proof: .token)
    }
}
