import Postgres
import Subprocess
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What an application's HTTP costs, with wrk, beside what lies below it.
func httpRows(_ bench: Workbench) -> RowGroup {
    RowGroup(
        name: "http",
        rows: [
            Row(
                "http-livez",
                unit: "req/s",
                bound: 0.8,
                note: "GET /livez of the probe listener, 16 connections, beside a bare hello of Hummingbird"
            ) {
                try await livez(bench)
            },
            Row(
                "http-jobs",
                unit: "req/s",
                bound: 0.5,
                note:
                    "GET /api/jobs, 50 rows of 100,000, 4 connections, beside pgbench with 4 clients and the same query"
            ) {
                try await jobs(bench)
            },
        ]
    )
}

private let seconds = 4

private func livez(_ bench: Workbench) async throws -> Figures {
    try await withServer(["probes"]) { ours in
        try await withServer(["bare"]) { theirs in
            try await inTurn(
                runs: 3,
                ours: { try await load(ours, "/livez", connections: 16) },
                theirs: { try await load(theirs, "/livez", connections: 16) }
            )
        }
    }
}

private func jobs(_ bench: Workbench) async throws -> Figures {
    let url = try await bench.emptyDatabase("http")
    let migrations = FileManager.default.currentDirectoryPath + "/migrations"
    return try await withServer(["api", url, migrations]) { port in
        let query = bench.path("http-jobs.sql")
        try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
            _ = try await connection.query(
                """
                INSERT INTO jobs (id, name, type, status, attempts, data, created_at, started_at, completed_at)
                SELECT gen_random_uuid(), 'a job', 'other', 'completed', 1, '{"number": 1}', now() - i * interval '1 s',
                    now() - i * interval '1 s', now() - i * interval '1 s'
                FROM generate_series(1, 100000) i
                """
            )
            _ = try await connection.query("VACUUM ANALYZE jobs")
            // What the application sends is what pgbench sends.
            let statement = try await output(of: ".build/release/job-bench", ["page-query", url, "50"])
            try Data((filled(statement) + ";\n").utf8).write(to: URL(filePath: query))
        }
        return try await inTurn(
            runs: 3,
            ours: { try await load(port, "/api/jobs", connections: 4) },
            theirs: { try await pgbench(bench, url, query) }
        )
    }
}

/// A statement without its parameters, all of which are null on a first page.
private func filled(_ statement: String) -> String {
    (1...5).reduce(statement) { $0.replacing("$\($1)", with: "NULL") }
}

private func pgbench(_ bench: Workbench, _ url: String, _ file: String) async throws -> Double {
    let result = try await run(
        .path(bench.server.installation.program("pgbench")),
        arguments: ["--no-vacuum", "--client=4", "--jobs=1", "--time=\(seconds)", "--file=\(file)", url],
        output: .string(limit: 1 << 20),
        error: .string(limit: 1 << 20)
    )
    let line = result.standardOutput.split(separator: "\n").first { $0.hasPrefix("tps = ") }
    guard let rate = line?.split(separator: " ").dropFirst(2).first.flatMap({ Double($0) }) else {
        throw BenchFailure("pgbench: \(result.standardError)")
    }
    return rate
}

/// Requests a second, as wrk counts them; one that fails makes the measurement worthless.
private func load(_ port: Int, _ path: String, connections: Int, seconds: Int = seconds) async throws -> Double {
    let result = try await run(
        .name("wrk"),
        arguments: [
            "--threads=1", "--connections=\(connections)", "--duration=\(seconds)s",
            "--header=Authorization: Bearer operator",
            "http://127.0.0.1:\(port)\(path)",
        ],
        output: .string(limit: 1 << 20),
        error: .string(limit: 1 << 20)
    )
    let text = result.standardOutput
    let line = text.split(separator: "\n").first { $0.hasPrefix("Requests/sec:") }
    guard let rate = line?.split(separator: " ").last.flatMap({ Double($0) }) else {
        throw BenchFailure("wrk: \(text) \(result.standardError)")
    }
    if text.contains("Non-2xx") || text.contains("Socket errors") { throw BenchFailure("wrk: \(text)") }
    return rate
}

/// What a program of this build prints.
private func output(of program: String, _ arguments: [String]) async throws -> String {
    let result = try await run(
        .path(FilePath(FileManager.default.currentDirectoryPath).appending(program)),
        arguments: Arguments(arguments),
        output: .string(limit: 1 << 20),
        error: .string(limit: 1 << 20)
    )
    guard result.terminationStatus.isSuccess else { throw BenchFailure("\(program): \(result.standardError)") }
    return result.standardOutput
}

/// Runs a server while a closure asks it, by the port that it prints.
private func withServer<Result: Sendable>(
    _ arguments: [String],
    _ body: @escaping (Int) async throws -> Result
) async throws -> Result {
    let folder = FilePath(FileManager.default.currentDirectoryPath)
    let said = folder.appending(".build/bench-http-\(arguments[0])")
    let output = try FileDescriptor.open(
        said,
        .writeOnly,
        options: [.create, .truncate],
        permissions: [.ownerReadWrite, .groupRead, .otherRead]
    )
    let outcome = try await run(
        .path(folder.appending(".build/release/http-process")),
        arguments: Arguments(arguments),
        input: .none,
        output: .fileDescriptor(output, closeAfterSpawningProcess: true),
        error: .discarded
    ) { execution in
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(try await port(in: said.string)))
        } catch {
            result = .failure(error)
        }
        try? execution.send(signal: .terminate)  // it may have ended by itself
        return result
    }
    return try outcome.closureResult.get()
}

private func port(in file: String) async throws -> Int {
    for _ in 0..<3000 {
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        if text.hasSuffix("\n"), let port = Int(text.dropLast()) { return port }
        try await Task.sleep(for: .milliseconds(20))
    }
    throw BenchFailure("http-process did not say its port")
}
