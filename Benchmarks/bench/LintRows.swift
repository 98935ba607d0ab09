import Glibc
import Postgres
import Subprocess
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Judging migrations beside squawk, which parses each file on its own, and how the cost grows with them.
func lintRows(_ bench: Workbench) -> RowGroup {
    let files = LintFiles(1000, bench)
    return RowGroup(
        name: "lint",
        rows: [
            row("lint-cold", bound: 2.0, note: "1,000 files × 50 statements for the first time") { squawk in
                try await inTurn(
                    runs: 7,
                    ours: {
                        try files.forget()
                        return try await files.judging().time()
                    },
                    theirs: { try await squawk.time() }
                )
            } peer: {
                try files.peer()
            },
            row("lint-warm", bound: 0.7, note: "the same, unchanged since the run before") { squawk in
                try await files.judging().run()
                return try await inTurn(
                    runs: 7,
                    ours: { try await files.judging().time() },
                    theirs: { try await squawk.time() }
                )
            } peer: {
                try files.peer()
            },
            row("lint-since", note: "one of the 1,000 files has changed, beside squawk on that file alone") { squawk in
                try await files.commit()
                return try await inTurn(
                    runs: 11,
                    ours: { try await files.judging(["--since", "HEAD"]).time() },
                    theirs: { try await squawk.time() }
                )
            } peer: {
                try files.peer(onlyLast: true)
            },
            row("lint-memory", unit: "MB", note: "the peak of the first run") { squawk in
                try files.forget()
                return Figures(
                    [try await PeakMemory.of(files.judging())],
                    beside: [try await PeakMemory.of(squawk)]
                )
            } peer: {
                try files.peer()
            },
            Row("lint-linear", isLong: true) { try await growth([100, 1000, 10_000].map { LintFiles($0, bench) }) },
        ]
    )
}

/// A row beside squawk; without it, its line says so.
private func row(
    _ name: String,
    unit: String = "ms",
    bound: Double? = nil,
    note: String,
    figures: @escaping (Command) async throws -> Figures,
    peer: @escaping () throws -> Command?
) -> Row {
    Row(name) {
        guard let peer = try peer() else {
            return [Measurement(name: name, unit: unit, bound: bound, note: "squawk is not installed: script/peers")]
        }
        return [Measurement(name, try await figures(peer), unit: unit, bound: bound, note: note)]
    }
}

private func growth(_ sizes: [LintFiles]) async throws -> [Measurement] {
    var times = Array(repeating: [Double](), count: sizes.count)
    for _ in 0..<3 {
        for (index, files) in sizes.enumerated() { times[index].append(try await files.judging(["--no-cache"]).time()) }
    }
    let costs = times.map(median)
    return zip(sizes.indices, sizes.indices.dropFirst()).map { smaller, larger in
        let (from, to) = (sizes[smaller].count, sizes[larger].count)
        return Measurement(
            name: "lint-linear-\(to)",
            value: log(costs[larger] / costs[smaller]) / log(Double(to) / Double(from)),
            unit: "",
            note: "the exponent of the time from \(from) to \(to) files; 1 is linear"
        )
    }
}

/// Files of fifty generated statements each, in a folder of their own.
private struct LintFiles {
    let count: Int
    private let bench: Workbench
    private let path: String

    init(_ count: Int, _ bench: Workbench) {
        self.count = count
        self.bench = bench
        path = bench.path("lint-\(count)")
    }

    private var names: [String] { (1...count).map { "\(String(100_000 + $0).dropFirst())_part.sql" } }
    private var cache: String { bench.path("lint-cache") }

    /// Writes the files, where an earlier row has not done so.
    private func write() throws {
        guard !FileManager.default.fileExists(atPath: "\(path)/\(names[count - 1])") else { return }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let size = 50
        // The generator makes three or four statements a migration.
        let statements = MigrationGenerator(count: count * size / 3).migrations.flatMap(\.statements)
        for (index, name) in names.enumerated() {
            let text = statements[(index * size)..<(index + 1) * size].map { $0 + ";\n" }.joined()
            try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
        }
    }

    /// Throws away what runs have kept.
    func forget() throws {
        if FileManager.default.fileExists(atPath: cache) { try FileManager.default.removeItem(atPath: cache) }
    }

    func judging(_ options: [String] = []) throws -> Command {
        try write()
        var command = Command(bench.lastro, ["lint", "--migrations", path] + options)
        command.environment = ["LASTRO_CACHE": cache]
        return command
    }

    /// Squawk over the same files; nil if it is not installed.
    func peer(onlyLast: Bool = false) throws -> Command? {
        guard let squawk = Peer.program("squawk") else { return nil }
        try write()
        var command = Command(squawk, onlyLast ? [names[count - 1]] : names)
        command.folder = path
        // It finds something.
        command.status = 1
        return command
    }

    /// Commits the files, and then changes the last one.
    func commit() async throws {
        try write()
        let last = URL(filePath: "\(path)/\(names[count - 1])")
        guard let git = Peer.program("git") else { throw BenchFailure("there is no git") }
        func run(_ words: [String]) async throws {
            var command = Command(git, ["-c", "user.name=bench", "-c", "user.email=bench@localhost"] + words)
            command.folder = path
            try await command.run()
        }
        if !FileManager.default.fileExists(atPath: "\(path)/.git") {
            try await run(["init", "--quiet"])
            try await run(["add", "--all"])
            try await run(["commit", "--quiet", "--message", "All"])
        }
        try await run(["checkout", "--quiet", "HEAD", "--", "."])
        try await judging().run()
        let text = try String(contentsOf: last, encoding: .utf8)
        try Data((text + "CREATE TABLE came_last (id bigint PRIMARY KEY);\n").utf8).write(to: last)
    }
}

extension Command {
    /// Runs it for what it leaves.
    fileprivate func run() async throws { _ = try await time() }
}
