import AppRuntime
import Foundation
import Postgres
import StudyPlatform
import TestSupport
import Testing

/// An application with workers under requests from many connections, as a process of its own.
@Suite("An application under load")
struct LoadTests {
    @Test(
        "answers without an error, needs no more memory, and loses no job when its database is restarted [T14]",
        .timeLimit(.minutes(5))
    )
    func bears() async throws {
        try await withTemporaryFolder { folder in
            try await withOwnServer { server in
                try await server.initialise()
                try await server.whileRunning { server in
                    let settings = try server.superuser()
                    let application = try Application(on: settings, in: folder)
                    defer { application.kill() }
                    try await wait(for: "the application listens") { application.port != nil || !application.isRunning }
                    let port = try #require(application.port)
                    try await withPostgresConnection(to: settings) { connection in
                        try await Self.insert(isLongTest ? 20_000 : 1000, milliseconds: 2, on: connection)
                        let watching = Task { try await application.memories() }
                        let loaded = try await Self.load(port, seconds: isLongTest ? 60 : 2)
                        watching.cancel()
                        #expect(loaded.isWithoutError, "\(loaded.text)")
                        // What a new process takes until it has all that it needs is over after half of the time.
                        let memories = try await watching.value
                        let (second, last) = (memories[memories.count / 2], memories[memories.count - 1])
                        #expect(last < second * 9 / 8 + 8192, "\(memories) KiB")
                        if isLongTest { print("\(loaded.text)memory: \(second) KiB half-way, \(last) KiB at the end") }
                        try await connection.wait(until: "SELECT count(*) = 0 FROM jobs WHERE status <> 'completed'")
                        try await Self.insert(400, milliseconds: 20, on: connection)
                    }
                    let loading = Task { try await Self.load(port, seconds: isLongTest ? 20 : 4) }
                    try await withPostgresConnection(to: settings) { connection in
                        try await connection.wait(
                            until: "SELECT count(*) > 20 FROM jobs WHERE status = 'running' OR attempts > 0"
                        )
                    }
                    try await server.crash()
                    try await withPostgresConnection(to: settings, waitingUpTo: .seconds(60)) { connection in
                        try await Self.waitForAll(connection)
                    }
                    // While the database was away, requests were refused with 503; none was cut off.
                    let outage = try await loading.value
                    #expect(!outage.text.contains("Socket errors"), "\(outage.text)")
                    try await ask(port, "/openapi.json") { $0.status == 200 }
                    #expect(application.isRunning)
                }
            }
        }
    }

    private static func insert(_ count: Int, milliseconds: Int, on connection: PostgresConnection) async throws {
        _ = try await connection.query(
            """
            INSERT INTO jobs (name, type, data) SELECT 'rest', 'rest', jsonb_build_object('milliseconds', $1::int)
            FROM generate_series(1, $2::int)
            """,
            milliseconds,
            count
        )
    }

    /// Waits for the rescue of what the worker held, which takes its time to live.
    private static func waitForAll(_ connection: PostgresConnection) async throws {
        let limit = ContinuousClock.now + .seconds(120)
        while true {
            let open = try await connection.query(
                "SELECT status || ' ' || count(*) FROM jobs WHERE status <> 'completed' GROUP BY status"
            ).decode(as: String.self)
            if open.isEmpty { return }
            try #require(ContinuousClock.now < limit, "\(open)")
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// What wrk says of its requests.
    private struct Report {
        let text: String
        var isWithoutError: Bool {
            text.contains("Requests/sec:") && !text.contains("Socket errors") && !text.contains("Non-2xx")
        }
    }

    private static func load(_ port: Int, seconds: Int) async throws -> Report {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/wrk")
        process.arguments = [
            "--threads=1", "--connections=16", "--duration=\(seconds)s", "--timeout=60s",
            "--header=Authorization: Bearer operator",
            "http://127.0.0.1:\(port)/api/jobs",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        // What it says fits into the pipe.
        while process.isRunning { try await Task.sleep(for: .milliseconds(50)) }
        return Report(text: String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
    }
}

/// `http-process` with the jobs API on a database.
private final class Application: Sendable {
    private let process = Process()
    private let said: String

    init(on settings: ConnectionSettings, in folder: TemporaryFolder) throws {
        said = folder.file("port")
        try folder.write("", to: "port")
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(filePath: own).deletingLastPathComponent().appending(path: "http-process")
        let text = ["host", "port", "dbname", "user"].compactMap { key in settings[key].map { "\(key)=\($0)" } }
        process.arguments = ["api", text.joined(separator: " "), StudyPlatform.migrations]
        process.standardOutput = FileHandle(forWritingAtPath: said)
        process.standardError = FileHandle(forWritingAtPath: "/dev/null")
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    var port: Int? {
        guard let text = try? String(contentsOfFile: said, encoding: .utf8), text.hasSuffix("\n") else { return nil }
        return Int(text.dropLast())
    }

    /// The resident memory in KiB, ten times a second until the task is cancelled.
    func memories() async throws -> [Int] {
        var memories = [try memory()]
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(100))  // cancelled: the loop ends
            memories.append(try memory())
        }
        return memories
    }

    /// The resident memory in KiB.
    func memory() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    }

    func kill() {
        guard process.isRunning else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
