import Glibc
import Postgres

/// Reading and comparing schemas beside `pg_dump`, and how the cost grows with them.
func schemaRows(_ bench: Workbench) -> RowGroup {
    let sizes = [100, 1000, 5000]
    return RowGroup(
        name: "schema",
        rows: sizes.flatMap { rows(of: $0, bench) } + [
            Row("peers-diff") { try await peers(1000, bench) },
            Row("introspect-growth", isLong: true) {
                try await growth("introspect-growth", bench, sizes) { try await bench.inspection(of: $0.url(.plain)) }
            },
            Row("diff-growth", isLong: true) {
                try await growth("diff-growth", bench, sizes) {
                    try await bench.comparison(of: $0.url(.plain), with: $0.url(.equal))
                }
            },
        ]
    )
}

private func rows(of size: Int, _ bench: Workbench) -> [Row] {
    let schemas = BenchSchemas(size, bench)
    let isLong = size >= 5000
    func row(
        _ name: String,
        unit: String = "ms",
        bound: Double? = nil,
        note: String,
        figures: @escaping () async throws -> Figures
    ) -> Row {
        Row(name, unit: unit, bound: bound, isLong: isLong, note: note, figures: figures)
    }
    return [
        row("introspect-\(size)", bound: 0.7, note: "inspect of \(size) tables beside pg_dump --schema-only") {
            let url = try await schemas.url(.plain)
            return try await inTurn(
                runs: schemas.rounds,
                ours: { try await bench.inspection(of: url).time() },
                theirs: { try await bench.dump(of: url).time() }
            )
        },
        row("diff-\(size)", bound: 1.2, note: "two equal schemas of \(size) tables beside two inspects") {
            try await schemas.comparison(to: .equal)
        },
        row("diff-\(size)-changed", bound: 1.2, note: "the same with 20 changes") {
            try await schemas.comparison(to: .changed)
        },
        row("introspect-memory-\(size)", unit: "MB", note: "the peak of inspect beside that of pg_dump") {
            let url = try await schemas.url(.plain)
            return Figures(
                [try await PeakMemory.of(bench.inspection(of: url))],
                beside: [try await PeakMemory.of(bench.dump(of: url))]
            )
        },
        row("diff-memory-\(size)", unit: "MB", note: "the peak of diff of equal schemas beside that of inspect") {
            let (from, to) = (try await schemas.url(.plain), try await schemas.url(.equal))
            return Figures(
                [try await PeakMemory.of(bench.comparison(of: from, with: to))],
                beside: [try await PeakMemory.of(bench.inspection(of: from))]
            )
        },
    ]
}

/// Lastro and other tools, each comparing two equal schemas.
private func peers(_ size: Int, _ bench: Workbench) async throws -> [Measurement] {
    let schemas = BenchSchemas(size, bench)
    let (from, to) = (try await schemas.url(.plain), try await schemas.url(.equal))
    func entry(_ name: String, _ arguments: [String]) -> ContestEntry {
        guard let program = Peer.program(name) else {
            return ContestEntry(name: name, missing: "\(name) is not installed: script/peers")
        }
        return ContestEntry(name: name) { try await Command(program, arguments).time() }
    }
    return try await contest(
        "peers-diff",
        entries: [
            ContestEntry(name: "lastro") { try await bench.comparison(of: from, with: to).time() },
            entry("migra", [from, to]),
            entry("pgmig", ["generate", "--source", from, "--target", to]),
            entry("results", ["dbdiff", from, to]),
        ],
        rounds: 5,
        note: "two equal schemas of \(size) tables, beside one pg_dump"
    ) {
        try await bench.dump(of: from).time()
    }
}

/// The exponent of the cost over the number of tables, from each size to the next: 1 where it is linear.
///
/// Below a thousand tables the start of the program and the fixed number of queries hide it.
private func growth(
    _ name: String,
    _ bench: Workbench,
    _ sizes: [Int],
    command: (BenchSchemas) async throws -> Command
) async throws -> [Measurement] {
    let commands = try await sizes.asyncMap { try await command(BenchSchemas($0, bench)) }
    var times = Array(repeating: [Double](), count: sizes.count)
    for _ in 0..<5 {
        for index in sizes.indices { times[index].append(try await commands[index].time()) }
    }
    let costs = times.map(median)
    return zip(sizes.indices, sizes.indices.dropFirst()).map { smaller, larger in
        Measurement(
            name: "\(name)-\(sizes[larger])",
            value: log(costs[larger] / costs[smaller]) / log(Double(sizes[larger]) / Double(sizes[smaller])),
            unit: "",
            note: "the exponent of the time from \(sizes[smaller]) to \(sizes[larger]) tables; 1 is linear"
        )
    }
}

/// Databases with the generated schema of one size, made when they are first asked for.
private struct BenchSchemas {
    enum Version: String {
        case plain, equal, changed
    }

    let tables: Int
    let bench: Workbench

    init(_ tables: Int, _ bench: Workbench) {
        self.tables = tables
        self.bench = bench
    }

    var rounds: Int { tables < 5000 ? 9 : 5 }

    /// The database, made if it is not there yet.
    func url(_ version: Version) async throws -> String {
        let name = "schema_\(tables)_\(version)"
        let url = bench.server.connectionString(database: name)
        guard try await !bench.hasDatabase(name) else { return url }
        let plain = version == .plain ? "template0" : "schema_\(tables)_plain"
        if version != .plain { _ = try await self.url(.plain) }
        try await withPostgresConnection(to: ConnectionSettings(bench.server.connectionString())) { connection in
            try await connection.query("CREATE DATABASE \(name) TEMPLATE \(plain)")
        }
        switch version {
        case .plain:
            let file = bench.path("schema-\(tables).sql")
            try SchemaGenerator(tables: tables).write(to: file)
            _ = try await Command(bench.psql, ["-Xq", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", file]).time()
        case .equal: break
        case .changed:
            _ = try await Command(
                bench.psql,
                ["-Xq", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", SchemaGenerator.changes]
            ).time()
        }
        // As on a server in use, whose autovacuum has been there.
        _ = try await Command(bench.psql, ["-Xq", "-d", url, "-c", "VACUUM ANALYZE"]).time()
        return url
    }

    /// A diff beside the two inspects one after another.
    func comparison(to version: Version) async throws -> Figures {
        let (from, to) = (try await url(.plain), try await url(version))
        return try await inTurn(
            runs: rounds,
            ours: { try await bench.comparison(of: from, with: to, isEqual: version == .equal).time() },
            theirs: { try await bench.inspection(of: from).time() + bench.inspection(of: to).time() }
        )
    }
}

extension Workbench {
    /// Reads a schema and throws away what comes out.
    fileprivate func inspection(of url: String) -> Command { Command(lastro, ["inspect", url, "--format", "json"]) }

    fileprivate func dump(of url: String) -> Command {
        Command(server.installation.program("pg_dump"), ["--schema-only", "-d", url])
    }

    fileprivate func comparison(of from: String, with to: String, isEqual: Bool = true) -> Command {
        var command = Command(lastro, ["diff", from, to])
        // The exit status says whether the schemas differ.
        command.status = isEqual ? 0 : 1
        return command
    }

    fileprivate func hasDatabase(_ name: String) async throws -> Bool {
        try await withPostgresConnection(to: ConnectionSettings(server.connectionString())) {
            try await !$0.query("SELECT 1 FROM pg_database WHERE datname = $1", name).isEmpty
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
