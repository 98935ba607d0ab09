import CLoop
import Glibc
import Postgres
import Subprocess
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Measures Lastro beside psql and C, on one server in one run, and writes what came out.
@main
struct Bench {
    static func main() async throws {
        let names = Set(CommandLine.arguments.dropFirst())
        let options = LocalServer.Options(
            settings: ["shared_buffers": "256MB", "max_connections": "100"],
            isDurable: true
        )
        let measurements = try await withLocalServer(options) { server in
            let bench = BenchRun(server: server, names: names)
            return try await bench.measureAll()
        }
        try write(measurements)
        if !measurements.allSatisfy(\.isKept) { exit(EXIT_FAILURE) }
    }

    private static func write(_ measurements: [Measurement]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(measurements).write(to: URL(filePath: ".build/bench.json"))
        for row in measurements {
            let baseline = row.baseline.map { "\(rounded($0)) \(row.unit)" } ?? "no peer here"
            let ratio = row.ratio.map { "\(rounded($0))×" } ?? ""
            let bound =
                row.bound.map { "\(row.unit == "MB/s" ? "≥" : "≤") \($0)× \(row.isKept ? "kept" : "MISSED")" } ?? ""
            print(
                "\(padded(row.name, 18)) \(padded("\(rounded(row.value)) \(row.unit)", 14)) \(padded(baseline, 14)) "
                    + "\(padded(ratio, 7)) \(padded(bound, 14)) \(row.note)"
            )
        }
    }

    private static func rounded(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        return "\(hundredths / 100).\(String(hundredths % 100 + 100).dropFirst())"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

/// The measurements on one server.
struct BenchRun {
    let server: LocalServer
    let names: Set<String>

    let lastro = FilePath(".build/release/lastro")
    var psql: FilePath { server.installation.program("psql") }

    func measureAll() async throws -> [Measurement] {
        let all: [(String, () async throws -> Measurement)] = [
            ("start", start), ("migrate-1000", migrate), ("nothing-pending", nothingPending), ("copy-out", copyOut),
            ("select-1", roundTrip), ("local-server", localServer),
            ("fan-out-100", { try await fanOut(schemas: 100, parallelism: 2, runs: 3) }),
        ]
        // These take minutes, and are made by name only.
        let long: [(String, () async throws -> Measurement)] =
            [1, 2, 4].map { number in
                ("fan-out-1000x\(number)", { try await fanOut(schemas: 1000, parallelism: number, runs: 1) })
            } + [("fan-out-idle", { try await fanOutIdle(schemas: 10_000) })]
        var rows: [Measurement] = []
        for (name, measure) in all + long
        where names.contains(name) || names.isEmpty && !long.contains(where: { $0.0 == name }) {
            _ = try FileDescriptor.standardError.writeAll("measuring \(name)\n".utf8)
            rows.append(try await measure())
        }
        return rows
    }

    private func start() async throws -> Measurement {
        let figures = try await inTurn(
            runs: 31,
            ours: { try await milliseconds { try await run(lastro, ["--version"]) } },
            theirs: { try await milliseconds { try await run(psql, ["--version"]) } }
        )
        return Measurement(
            name: "start",
            value: figures.ours,
            unit: "ms",
            baseline: figures.theirs,
            ratio: figures.ratio,
            bound: nil,
            note: "lastro --version beside psql --version"
        )
    }

    private func migrate() async throws -> Measurement {
        let folder = try generatedMigrations(1000)
        let figures = try await inTurn(
            runs: 5,
            ours: {
                let url = try await emptyDatabase("ours")
                return try await milliseconds {
                    try await run(lastro, ["migrate", "--quiet", "--database", url, "--migrations", folder])
                }
            },
            theirs: {
                let url = try await emptyDatabase("theirs")
                return try await milliseconds {
                    try await run(psql, ["-XqAt1", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", folder + ".sql"])
                }
            }
        )
        return Measurement(
            name: "migrate-1000",
            value: figures.ours,
            unit: "ms",
            baseline: figures.theirs,
            ratio: figures.ratio,
            bound: 1.2,
            note: "1,000 migrations onto an empty database beside psql -1 with the same statements"
        )
    }

    private func nothingPending() async throws -> Measurement {
        let folder = try generatedMigrations(1000)
        let url = try await emptyDatabase("ours")
        try await run(lastro, ["migrate", "--quiet", "--database", url, "--migrations", folder])
        let figures = try await inTurn(
            runs: 31,
            ours: {
                try await milliseconds {
                    try await run(lastro, ["migrate", "--quiet", "--database", url, "--migrations", folder])
                }
            },
            theirs: { try await milliseconds { try await run(psql, ["-Xq", "-d", url, "-c", "select 1"]) } }
        )
        return Measurement(
            name: "nothing-pending",
            value: figures.ours,
            unit: "ms",
            baseline: figures.theirs,
            ratio: figures.ratio,
            bound: 2.5,
            note: "migrate with nothing pending over 1,000 files beside psql -c 'select 1', whole processes"
        )
    }

    private func copyOut() async throws -> Measurement {
        let url = try await emptyDatabase("copy")
        return try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
            try await connection.query(
                """
                CREATE TABLE big AS SELECT i, md5(i::text) AS hash, repeat('x', 40) AS filler, now() AS at
                FROM generate_series(1, 2000000) AS i
                """
            )
            // By itself: VACUUM refuses the transaction that a script is.
            try await connection.query("VACUUM ANALYZE big")
            var bytes = 0
            let figures = try await inTurn(
                runs: 5,
                ours: {
                    bytes = 0
                    let time = try await milliseconds {
                        for try await chunk in connection.copyOut("COPY big TO STDOUT") { bytes += chunk.count }
                    }
                    return Double(bytes) / 1000 / time
                },
                theirs: {
                    let time = try await milliseconds {
                        try await run(psql, ["-Xq", "-d", url, "-c", "copy big to stdout"])
                    }
                    return Double(bytes) / 1000 / time
                }
            )
            return Measurement(
                name: "copy-out",
                value: figures.ours,
                unit: "MB/s",
                baseline: figures.theirs,
                ratio: figures.ratio,
                bound: 0.9,
                note: "COPY TO STDOUT of \(bytes / 1_000_000) MB beside psql -c 'copy … to stdout', its start included"
            )
        }
    }

    private func roundTrip() async throws -> Measurement {
        let url = server.connectionString()
        let count = 5000
        return try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
            let figures = try await inTurn(
                runs: 9,
                ours: {
                    var times: [Double] = []
                    for _ in 0..<count {
                        times.append(try await milliseconds { try await connection.query("SELECT 1") } * 1000)
                    }
                    return median(times)
                },
                theirs: {
                    var times = [Int64](repeating: 0, count: count)
                    guard cloop_round_trips(url, "SELECT 1", Int32(count), &times) == 0 else { throw BenchFailure() }
                    return median(times.map { Double($0) / 1000 })
                }
            )
            return Measurement(
                name: "select-1",
                value: figures.ours,
                unit: "µs",
                baseline: figures.theirs,
                ratio: figures.ratio,
                bound: 1.3,
                note: "the round trip of SELECT 1 beside the same loop in C on libpq"
            )
        }
    }

    private func localServer() async throws -> Measurement {
        var times: [Double] = []
        for _ in 0..<11 {
            let start = ContinuousClock.now
            try await withLocalServer { server in
                try await withPostgresConnection(to: ConnectionSettings(server.connectionString())) { connection in
                    try await connection.query("SELECT 1")
                }
                times.append(start.duration(to: .now) / .milliseconds(1))
            }
        }
        return Measurement(
            name: "local-server",
            value: median(times),
            unit: "ms",
            baseline: nil,
            ratio: nil,
            bound: nil,
            note: "from the call to the first query, from the cached template"
        )
    }

    func generatedMigrations(_ count: Int) throws -> String {
        let folder = FileManager.default.currentDirectoryPath + "/.build/bench-migrations-\(count)"
        try MigrationGenerator(count: count).write(to: folder)
        return folder
    }

    func emptyDatabase(_ name: String) async throws -> String {
        try await withPostgresConnection(to: ConnectionSettings(server.connectionString())) { connection in
            try await connection.query("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
            try await connection.query("CREATE DATABASE \(name) TEMPLATE template0")
        }
        return server.connectionString(database: name)
    }

    func run(_ program: FilePath, _ arguments: [String]) async throws {
        let result = try await Subprocess.run(
            .path(program),
            arguments: Arguments(arguments),
            output: .discarded,
            error: .string(limit: 4096)
        )
        guard result.terminationStatus.isSuccess else {
            throw BenchFailure(words: "\(program) \(arguments): \(result.standardError)")
        }
    }
}

/// A measurement that cannot be made.
struct BenchFailure: Error {
    var words = "a statement failed"
}
