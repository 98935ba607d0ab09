import Glibc
import Postgres
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Measures Lastro beside psql, C and its peers, on one server in one run, and writes what came out.
@main
struct Bench {
    static func main() async throws {
        let words = Array(CommandLine.arguments.dropFirst())
        if words.first == PeakMemory.word { exit(PeakMemory.tell(ofRunning: Array(words.dropFirst()))) }
        do {
            let measurements = try await measure(words)
            try write(measurements)
            if !measurements.allSatisfy(\.isKept) { exit(EXIT_FAILURE) }
        } catch let failure as BenchFailure {
            say("bench: \(failure)")
            exit(EXIT_FAILURE)
        }
    }

    private static func measure(_ names: [String]) async throws -> [Measurement] {
        let options = LocalServer.Options(
            settings: [
                "shared_buffers": "256MB", "max_connections": "100",
                // A dump locks every table that it reads.
                "max_locks_per_transaction": "256",
            ],
            isDurable: true
        )
        return try await withLocalServer(options) { server in
            let bench = Workbench(server: server)
            let groups = [
                migratorRows(bench), peerRows(bench), postgresRows(bench), fanOutRows(bench), memoryRows(bench),
                schemaRows(bench), lintRows(bench), backupRows(bench), restoreRows(bench), httpRows(bench),
                jobRows(bench),
            ]
            var measurements: [Measurement] = []
            for row in try groups.rows(named: names) {
                say("measuring \(row.name)")
                measurements += try await row.measure()
            }
            return measurements
        }
    }

    private static func write(_ measurements: [Measurement]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(measurements).write(to: URL(filePath: ".build/bench.json"))
        for measurement in measurements { print(measurement) }
    }

    private static func say(_ words: String) {
        // Where nobody listens, the measuring goes on.
        _ = try? FileDescriptor.standardError.writeAll("\(words)\n".utf8)
    }
}
