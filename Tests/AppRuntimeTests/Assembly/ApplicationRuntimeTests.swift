import AppRuntime
import Foundation
import HummingbirdCore
import Logging
import Migrator
import Postgres
import ServiceLifecycle
import StudyPlatform
import Synchronization
import TestSupport
import Testing

@Suite("An application's runtime")
struct ApplicationRuntimeTests {
    @Test("starts its parts in order behind the gate, and ends them in the reverse order")
    func keepsOrder() async throws {
        try await withTestDatabase { database in
            try await withTemporaryFolder(["0001_a.sql": "CREATE TABLE a (i int);"]) { folder in
                let notes = Notes()
                let gate = BootGate(Migrator(directory: folder.path, database: database), mode: .migrate)
                let probes = ProbeListener(gate.status, address: .hostname("127.0.0.1", port: 0))
                var runtime = ApplicationRuntime(gate: gate, probes: probes)
                runtime.catchesSignals = false
                runtime.parts = ["pool", "workers", "http"].map { name in
                    RuntimePart(name) { started in
                        #expect(gate.status.phase == .startingServices)
                        notes.add("\(name) starts")
                        started()
                        return Noted(name: name, notes: notes)
                    }
                }
                // A group around the runtime passes its end on.
                let group = ServiceGroup(
                    services: [Closed(runtime: runtime)],
                    logger: Logger(label: "test")
                )
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask { try await group.run() }
                    let port = try await probes.port()
                    try await ask(port, "/readyz") { $0.status == 200 }
                    #expect(try await get(port, "/startupz").status == 200)
                    await group.triggerGracefulShutdown()
                    try await tasks.waitForAll()
                }
                #expect(
                    notes.all == [
                        "pool starts", "workers starts", "http starts", "http ends", "workers ends", "pool ends",
                    ]
                )
                #expect(gate.status.phase == .draining)
            }
        }
    }

    @Test("has workers and leader end at once when it drains, while parts that end before them go on")
    func drainsAtOnce() async throws {
        try await withJobDatabase { database in
            let gate = BootGate(Migrator(directory: StudyPlatform.migrations, database: database))
            let probes = ProbeListener(gate.status, address: .hostname("127.0.0.1", port: 0))
            var handlers = JobHandlers()
            handlers.register(Add.self) { _, _ in }
            let notes = Notes()
            var runtime = ApplicationRuntime(gate: gate, probes: probes, logger: quiet)
            runtime.catchesSignals = false
            runtime.limits.graceful = .seconds(120)
            runtime.parts = [
                RuntimePart("pool", Noted(name: "pool", notes: notes)),
                RuntimePart("workers", JobWorker(to: database, handlers: handlers, options: .quick, logger: quiet)),
                RuntimePart("scheduler", JobMaintenance(to: database, logger: quiet)),
                RuntimePart("http", Noted(name: "http", notes: notes, lingers: true)),
            ]
            let group = ServiceGroup(services: [Closed(runtime: runtime)], logger: quiet)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await withPostgresConnection(to: database) { connection in
                    try await ask(probes.port(), "/readyz") { $0.status == 200 }
                    try await connection.wait(until: "SELECT count(*) = 1 FROM job_workers")
                    let leads = "EXISTS (SELECT FROM runtime_leader WHERE expires_at > clock_timestamp())"
                    try await connection.wait(until: "SELECT \(leads)")
                    await group.triggerGracefulShutdown()
                    try await connection.wait(until: "SELECT count(*) = 0 FROM job_workers")
                    try await connection.wait(until: "SELECT NOT \(leads)")
                    #expect(notes.all == [])
                    notes.add("let go")
                }
                try await tasks.waitForAll()
            }
            #expect(notes.all == ["let go", "http ends", "pool ends"])
        }
    }

    @Test("ends with the gate's error when that stays shut, and starts nothing")
    func endsWithTheError() async throws {
        try await withTestDatabase { database in
            try await withTemporaryFolder(["0001_a.sql": "CREATE TABLE a (i int);"]) { folder in
                let notes = Notes()
                let gate = BootGate(Migrator(directory: folder.path, database: database))
                let probes = ProbeListener(gate.status, address: .hostname("127.0.0.1", port: 0))
                var runtime = ApplicationRuntime(gate: gate, probes: probes)
                runtime.catchesSignals = false
                runtime.parts = [
                    RuntimePart("workers") { started in
                        notes.add("workers starts")
                        return Noted(name: "workers", notes: notes)
                    }
                ]
                let shut = runtime
                let error = await #expect(throws: AppRuntimeError.self) { try await shut.run() }
                #expect(error?.code == .notMigrated)
                #expect(notes.all == [])
            }
        }
    }

    @Test("says that it is not ready before anything ends, and ends when all has ended", .timeLimit(.minutes(2)))
    func drains() async throws {
        try await withRunning("patient") { process, folder, port in
            try await ask(port, "/readyz") { $0.status == 200 }
            kill(process.processIdentifier, SIGTERM)
            let draining = try await ask(port, "/readyz") { $0.status == 503 }
            #expect(try draining.field("phase") == "draining")
            #expect(try await get(port, "/livez").status == 200)
            #expect(process.isRunning)
            try folder.write("", to: "let-go")
            try await wait(for: "the process has ended") { !process.isRunning }
            #expect(process.terminationReason == .exit)
            #expect(process.terminationStatus == 0)
        }
    }

    @Test("ends though a part blocks all threads and hears nothing", .timeLimit(.minutes(2)))
    func endsInSpiteOfAll() async throws {
        try await withRunning("stubborn") { process, folder, _ in
            try await wait(for: "the part runs") { (try? folder.read("working")) != nil }
            kill(process.processIdentifier, SIGTERM)
            try await wait(for: "the process has ended") { !process.isRunning }
            #expect(process.terminationReason == .exit)
            #expect(process.terminationStatus == 1)
        }
    }

    @Test("gives back jobs whose handlers hear nothing before it ends, without costing an attempt [T6]")
    func givesBackInTime() async throws {
        try await withJobDatabase { database in
            try await withRunning("deaf", on: database, migrations: StudyPlatform.migrations) { process, _, port in
                try await ask(port, "/readyz") { $0.status == 200 }
                try await withPostgresConnection(to: database) { connection in
                    try await connection.query("INSERT INTO jobs (type, max_attempts) VALUES ('deaf', 1)")
                    try await connection.wait(until: "SELECT status = 'running' FROM jobs")
                    kill(process.processIdentifier, SIGTERM)
                    try await wait(for: "the process has ended") { !process.isRunning }
                    let job = try await connection.query("SELECT status, attempts FROM jobs").single
                    let (status, attempts) = try job.decode(String.self, Int.self)
                    #expect(status == "pending" && attempts == 0)
                    #expect(try await connection.query("SELECT FROM job_claims").isEmpty)
                }
            }
        }
    }

    @Test("is ended by a signal in the middle of a migration, which is rolled back", .timeLimit(.minutes(2)))
    func endsAMigration() async throws {
        let files = ["0001_a.sql": "CREATE TABLE a (i int); SELECT pg_sleep(600);"]
        try await withRunning("patient", files) { process, folder, port in
            try await ask(port, "/startupz") { try $0.field("phase") == "migrating" }
            kill(process.processIdentifier, SIGTERM)
            try await wait(for: "the process has ended") { !process.isRunning }
            #expect(process.terminationStatus == 0)
            let database = try ConnectionSettings(folder.read("database"))
            try await withPostgresConnection(to: database) { connection in
                try await connection.wait(until: "SELECT to_regclass('a') IS NULL")
            }
        }
    }

    /// Starts an application on a database of its own for a test.
    private func withRunning(
        _ behaviour: String,
        _ files: [String: String] = ["0001_a.sql": "CREATE TABLE a (i int);"],
        _ body: (Process, TemporaryFolder, Int) async throws -> Void
    ) async throws {
        try await withTestDatabase { database in
            try await withTemporaryFolder(files) { migrations in
                try await withRunning(behaviour, on: database, migrations: migrations.path, body)
            }
        }
    }

    /// Starts an application as a process of its own for a test, and kills it behind that.
    private func withRunning(
        _ behaviour: String,
        on database: ConnectionSettings,
        migrations: String,
        _ body: (Process, TemporaryFolder, Int) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let text = ["host", "port", "dbname", "user"].compactMap { key in database[key].map { "\(key)=\($0)" } }
                .joined(separator: " ")
            try folder.write(text, to: "database")
            let process = Process()
            // It lies beside the test's own program.
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            process.executableURL = URL(filePath: own).deletingLastPathComponent().appending(path: "runtime-process")
            process.arguments = [text, migrations, folder.path, behaviour]
            process.standardError = FileHandle(forWritingAtPath: "/dev/null")
            try process.run()
            defer {
                if process.isRunning { kill(process.processIdentifier, SIGKILL) }
                process.waitUntilExit()
            }
            try await wait(for: "the probes listen") { (try? folder.read("port")) != nil || !process.isRunning }
            let port = try #require(Int(folder.read("port")))
            try await body(process, folder, port)
        }
    }
}

/// What happened, in order.
private final class Notes: Sendable {
    private let list = Mutex<[String]>([])

    var all: [String] { list.withLock { $0 } }

    func add(_ note: String) { list.withLock { $0.append(note) } }
}

private struct Noted: Service {
    let name: String
    let notes: Notes
    /// Whether it goes on until something is noted.
    var lingers = false

    func run() async throws {
        try await gracefulShutdown()
        while lingers, notes.all.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        notes.add("\(name) ends")
    }
}

/// The runtime as a service of another group.
private struct Closed: Service {
    let runtime: ApplicationRuntime

    func run() async throws { try await runtime.run() }
}
