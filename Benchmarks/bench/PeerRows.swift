import Postgres

/// Lastro and its peers, each with the same migrations in its own layout, beside psql.
func peerRows(_ bench: Workbench) -> RowGroup {
    let count = 1000
    return RowGroup(
        name: "peers",
        rows: [
            Row("peers-migrate") {
                try await contest(
                    "peers-migrate",
                    entries: entries(count, bench) { try await $0.apply(bench) },
                    rounds: 5,
                    note: "\(count) migrations onto an empty database, beside psql -1"
                ) {
                    let url = try await bench.emptyDatabase("theirs")
                    return try await bench.transaction(in: url, bench.generatedMigrations(count) + ".sql").time()
                }
            },
            Row("peers-nothing-pending") {
                try await contest(
                    "peers-nothing-pending",
                    entries: entries(count, bench) { try await $0.applyNothing(bench) },
                    rounds: 11,
                    note: "nothing pending over \(count) migrations, beside psql -c 'select 1'"
                ) {
                    try await bench.leastQuery(in: bench.server.connectionString()).time()
                }
            },
        ]
    )
}

private func entries(
    _ count: Int,
    _ bench: Workbench,
    run: @escaping (PeerRun) async throws -> Double
) throws -> [ContestEntry] {
    let folder = try bench.generatedMigrations(count)
    let migrations = MigrationGenerator(count: count).migrations
    let name = "peer_lastro"
    let command = bench.migration(of: bench.server.connectionString(database: name), with: folder)
    let ours = PeerRun(database: name, command: command, migrations: count)
    return try [ContestEntry(name: "lastro") { try await run(ours) }]
        + Peer.all.map { peer in
            guard let command = try peer.prepare(migrations, bench) else {
                return ContestEntry(name: peer.name, missing: "\(peer.name) is not installed: script/peers")
            }
            let theirs = PeerRun(database: peer.database, command: command, migrations: count)
            return ContestEntry(name: peer.name) { try await run(theirs) }
        }
}

/// A tool's run over a database of its own.
private struct PeerRun {
    let database: String
    let command: Command
    let migrations: Int

    /// Applies everything to an empty database.
    ///
    /// - Returns: the milliseconds that it took.
    /// - Throws: ``BenchFailure`` if the tool failed, or did not make what the migrations make.
    func apply(_ bench: Workbench) async throws -> Double {
        let url = try await bench.emptyDatabase(database)
        let time = try await command.time()
        let made = try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
            try await connection.query(
                """
                SELECT count(*) FILTER (WHERE relname LIKE 'entity\\_%' AND relkind = 'r')
                    + (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)
                    + (SELECT count(*) FROM pg_attribute WHERE attname ~ '_\\d+$' AND attrelid IN
                        (SELECT oid FROM pg_class WHERE relname LIKE 'entity\\_%' AND relkind = 'r'))
                FROM pg_class
                """
            ).decode(as: Int.self)
        }
        // Each migration makes one of these: a table, a trigger or a column with a number.
        guard made == [migrations] else {
            throw BenchFailure("\(command.program) made \(made) of \(migrations) tables, triggers and columns")
        }
        return time
    }

    /// Runs over a database that has everything, which it first makes where an earlier row has not done so.
    func applyNothing(_ bench: Workbench) async throws -> Double {
        let isThere = try await withPostgresConnection(to: ConnectionSettings(bench.server.connectionString())) {
            try await !$0.query("SELECT 1 FROM pg_database WHERE datname = $1", database).isEmpty
        }
        if !isThere {
            do {
                _ = try await apply(bench)
            } catch {
                // Half of it would pass for the whole in the next round.
                try await bench.drop(database)
                throw error
            }
        }
        return try await command.time()
    }
}
