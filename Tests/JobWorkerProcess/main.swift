import AppRuntime
import Foundation
import Logging
import Postgres
import ServiceLifecycle
import UnixSignals

// A process that works on jobs until it is told to stop, for tests that kill it, stop it for a while, or time it.
// Its arguments are the database, the time to live of a worker in milliseconds, and the most jobs at once.

struct Turn: Job {
    static let type = "turn"
    static let settings = JobSettings(maxAttempts: 50, retry: RetryPolicy(base: .milliseconds(1)))
    var milliseconds: Int
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let timeToLive = Int(arguments[2]), let concurrency = Int(arguments[3]) else {
    FileHandle.standardError.write(Data("usage: job-worker DATABASE TIME-TO-LIVE CONCURRENCY\n".utf8))
    exit(2)
}
let settings = try ConnectionSettings(arguments[1])
var handlers = JobHandlers()
handlers.register(Turn.self) { job, _ in
    if job.milliseconds > 0 { try await Task.sleep(for: .milliseconds(job.milliseconds)) }
}
var logger = Logger(label: "job-worker")
logger.logLevel = .error
let worker = JobWorker(
    to: settings,
    handlers: handlers,
    options: JobWorkerOptions(
        concurrency: concurrency,
        pollInterval: .milliseconds(200),
        heartbeat: .milliseconds(timeToLive / 4),
        timeToLive: .milliseconds(timeToLive),
        softStop: .seconds(2),
        hardStop: .seconds(1)
    ),
    logger: logger
)
let maintenance = JobMaintenance(
    to: settings,
    options: JobMaintenanceOptions(
        timeToLive: .milliseconds(timeToLive),
        rescueInterval: .milliseconds(timeToLive / 4)
    ),
    logger: logger
)
let group = ServiceGroup(
    configuration: .init(
        services: [worker, maintenance],
        gracefulShutdownSignals: [.sigterm],
        logger: logger
    )
)
try await group.run()
