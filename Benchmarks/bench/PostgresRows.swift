import CLoop
import Postgres

/// The client library beside psql and C, and how soon a private server answers.
func postgresRows(_ bench: Workbench) -> RowGroup {
    RowGroup(
        name: "postgres",
        rows: [
            Row(
                "copy-out",
                unit: "MB/s",
                bound: 0.9,
                note: "COPY TO STDOUT of 2,000,000 rows beside psql -c 'copy … to stdout', its start included"
            ) { try await copyOut(bench) },
            Row(
                "select-1",
                unit: "µs",
                bound: 1.3,
                note: "the round trip of SELECT 1 beside the same loop in C on libpq"
            ) { try await roundTrip(bench) },
            Row("local-server", note: "from the call to the first query, from the cached template") {
                try await localServer()
            },
        ]
    )
}

private func copyOut(_ bench: Workbench) async throws -> Figures {
    let url = try await bench.emptyDatabase("copy")
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
        return try await inTurn(
            runs: 5,
            ours: {
                bytes = 0
                let time = try await milliseconds {
                    for try await chunk in connection.copyOut("COPY big TO STDOUT") { bytes += chunk.count }
                }
                return Double(bytes) / 1000 / time
            },
            theirs: {
                let copy = Command(bench.psql, ["-Xq", "-d", url, "-c", "copy big to stdout"])
                return Double(bytes) / 1000 / (try await copy.time())
            }
        )
    }
}

private func roundTrip(_ bench: Workbench) async throws -> Figures {
    let url = bench.server.connectionString()
    let count = 5000
    return try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
        try await inTurn(
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
                guard cloop_round_trips(url, "SELECT 1", Int32(count), &times) == 0 else {
                    throw BenchFailure("the C loop: a statement failed")
                }
                return median(times.map { Double($0) / 1000 })
            }
        )
    }
}

private func localServer() async throws -> Figures {
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
    return Figures(times)
}
