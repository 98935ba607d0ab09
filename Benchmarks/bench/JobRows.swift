import Postgres
import Subprocess
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The job queue beside loops that do only what no queue can do without, and beside PgQueuer.
func jobRows(_ bench: Workbench) -> RowGroup {
    let jobs = JobContest(bench: bench)
    return RowGroup(
        name: "jobs",
        rows: [
            Row(
                "jobs-drain",
                unit: "jobs/s",
                bound: 0.4,
                note:
                    "50,000 no-op jobs drained by one process as it is set by default, beside a loop on 2 connections × 500"
            ) { try await jobs.drain("100", "500") },
            Row(
                "jobs-drain-tuned",
                unit: "jobs/s",
                bound: 0.6,
                note: "the same with concurrency 1000 and 500 acknowledgements at once"
            ) { try await jobs.drain("1000", "500") },
            Row(
                "jobs-drain-old-snapshot",
                unit: "jobs/s",
                bound: 0.5,
                note: "the tuned drain while somebody holds an old snapshot, beside one without"
            ) { try await jobs.drainHeld() },
            Row("jobs-drain-peer") { try await jobs.drainPeer() },
            Row(
                "jobs-insert",
                unit: "jobs/s",
                bound: 0.5,
                note: "100,000 jobs inserted at once from values in Swift, beside INSERT … SELECT in the server"
            ) { try await jobs.insert() },
            Row("jobs-latency") { try await jobs.latency() },
            Row("jobs-fetch") { try await jobs.fetch() },
        ]
    )
}

/// Runs `job-bench`, on a database that the platform's migrations made.
private struct JobContest {
    private let count = "50000"
    let bench: Workbench

    func drain(_ concurrency: String, _ batch: String) async throws -> Figures {
        let url = try await database()
        return try await inTurn(
            runs: 5,
            ours: { try await first(["drain", url, count, concurrency, batch, "0"]) },
            theirs: { try await first(["raw-drain", url, count, "2", "500"]) }
        )
    }

    func drainHeld() async throws -> Figures {
        let url = try await database()
        return try await inTurn(
            runs: 3,
            ours: { try await first(["drain", url, count, "1000", "500", "1"]) },
            theirs: { try await first(["drain", url, count, "1000", "500", "0"]) }
        )
    }

    func drainPeer() async throws -> [Measurement] {
        let name = "jobs-drain/pgqueuer"
        let note = "50,000 no-op jobs, as it is set by default, beside PgQueuer with 2 consumers × 500"
        guard let program = Peer.program("pgq") else {
            return [
                Measurement(name: name, value: nil, unit: "jobs/s", note: "PgQueuer is not installed: script/peers")
            ]
        }
        let url = try await database()
        let peer = try await bench.emptyDatabase("jobs_pgqueuer")
        let python = program.removingLastComponent().appending("python")
        let script = FileManager.default.currentDirectoryPath + "/Benchmarks/pgqueuer/drain.py"
        let figures = try await inTurn(
            runs: 3,
            ours: { try await first(["drain", url, count, "100", "500", "0"]) },
            theirs: { try await numbers(Command(python, [script, peer, count, "2", "500"]))[0] }
        )
        return [Measurement(name, figures, unit: "jobs/s", bound: 1.5, note: note)]
    }

    func insert() async throws -> Figures {
        let url = try await database()
        return try await inTurn(
            runs: 5,
            ours: { try await first(["insert", url, "100000"]) },
            theirs: { try await first(["raw-insert", url, "100000"]) }
        )
    }

    func latency() async throws -> [Measurement] {
        let url = try await database()
        var (ours, theirs): ([[Double]], [[Double]]) = ([], [])
        for _ in 0..<3 {
            ours.append(try await numbers(command(["latency", url, "200", "20"])))
            theirs.append(try await numbers(command(["raw-latency", url, "200", "20"])))
        }
        return [("p50", 0, 1.0), ("p99", 1, 3.0)].map { name, place, room in
            let figures = Figures(ours.map { $0[place] }, beside: theirs.map { $0[place] })
            return Measurement(
                "jobs-latency/\(name)",
                figures,
                unit: "ms",
                // The bound is so many milliseconds more than the loop takes.
                bound: figures.baseline.map { ($0 + room) / $0 },
                note:
                    "from insertion in another process to the handler's start, at 20 jobs/s, beside LISTEN and a fetch"
            )
        }
    }

    func fetch() async throws -> [Measurement] {
        let values = try await numbers(command(["fetch", try await database(), "1000000"]))
        let table = "of 8 types out of 1,000,000 rows with 50,000 future ones of high priority"
        return zip(["find-100", "take-1", "take-10", "take-100"], values).map { name, value in
            Measurement(
                name: "jobs-fetch/\(name)",
                value: value,
                unit: "ms",
                baseline: 1,
                ratio: value,
                // What a fetch costs more the larger the table is; the rest is the price of each job.
                bound: name == "find-100" ? 1 : nil,
                note: "\(name.replacing("-", with: " ")) jobs \(table), beside 1 ms"
            )
        }
    }

    /// A database with the platform's tables, made anew for each row.
    private func database() async throws -> String {
        let url = try await bench.emptyDatabase("jobs")
        _ = try await bench.migration(of: url, with: "migrations").time()
        return url
    }

    private func command(_ words: [String]) -> Command {
        let folder = FilePath(FileManager.default.currentDirectoryPath)
        return Command(folder.appending(".build/release/job-bench"), words)
    }

    private func first(_ words: [String]) async throws -> Double { try await numbers(command(words))[0] }

    /// The numbers that a program prints, one a line.
    private func numbers(_ command: Command) async throws -> [Double] {
        let result = try await Subprocess.run(
            .path(command.program),
            arguments: Arguments(command.arguments),
            output: .string(limit: 65536),
            error: .string(limit: 1 << 20)
        )
        let numbers = result.standardOutput.split(separator: "\n").compactMap { Double($0) }
        guard result.terminationStatus.isSuccess, !numbers.isEmpty else {
            throw BenchFailure(
                "\(command.program) \(command.arguments.joined(separator: " ")): \(result.standardError)"
            )
        }
        return numbers
    }
}
