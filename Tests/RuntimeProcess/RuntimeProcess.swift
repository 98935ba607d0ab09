import AppRuntime
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import Migrator
import Postgres
import ServiceLifecycle

/// A small application on the runtime, for tests that start it and end it with signals.
@main
struct RuntimeProcess {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5 else { throw UsageError() }
        let (database, migrations, folder, behaviour) = (arguments[1], arguments[2], arguments[3], arguments[4])
        LoggingSystem.bootstrap { JSONLogHandler(label: $0) }
        let gate = BootGate(Migrator(directory: migrations, database: try ConnectionSettings(database)), mode: .migrate)
        let probes = ProbeListener(gate.status, address: .hostname("127.0.0.1", port: 0))
        var runtime = ApplicationRuntime(gate: gate, probes: probes)
        let seconds = ["stubborn": (0.3, 0.3), "deaf": (1, 5)][behaviour] ?? (20, 5)
        runtime.limits.graceful = .seconds(seconds.0)
        runtime.limits.cancellation = .seconds(seconds.1)
        var handlers = JobHandlers()
        handlers.register(Deaf.self) { _, _ in
            while true { await Task.detached { try? await Task.sleep(for: .milliseconds(50)) }.value }
        }
        let work: any Service =
            behaviour == "deaf"
            ? JobWorker(to: try ConnectionSettings(database), handlers: handlers)
            : Work(isStubborn: behaviour == "stubborn", folder: folder)
        runtime.parts = [
            RuntimePart("work", work),
            RuntimePart("http") { started in
                let router = Router()
                router.get("/") { _, _ in "hello" }
                return Application(
                    router: router,
                    configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
                    onServerRunning: { _ in started() }
                )
            },
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try "\(await probes.port())".write(toFile: folder + "/port", atomically: true, encoding: .utf8)
            }
            try await runtime.run()
            try await group.waitForAll()
        }
    }

    struct UsageError: Error {}
}

/// A job that hears nothing of its cancellation, and never ends.
private struct Deaf: Job {
    static let type = "deaf"
}

/// Work that ends only when a file is there, or that blocks its threads and never ends.
private struct Work: Service {
    let isStubborn: Bool
    let folder: String

    func run() async throws {
        try "".write(toFile: folder + "/working", atomically: true, encoding: .utf8)
        if isStubborn {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<64 { group.addTask { while true { sleep(1) } } }
            }
        }
        try? await gracefulShutdown()  // cancelled: the end all the same
        while !FileManager.default.fileExists(atPath: folder + "/let-go") {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
