/// Lastro's own runs beside psql: the start, many migrations at once, and nothing to do.
func migratorRows(_ bench: Workbench) -> RowGroup {
    RowGroup(
        name: "migrator",
        rows: [
            Row("start", note: "lastro --version beside psql --version") {
                try await inTurn(
                    runs: 31,
                    ours: { try await Command(bench.lastro, ["--version"]).time() },
                    theirs: { try await Command(bench.psql, ["--version"]).time() }
                )
            },
            Row(
                "migrate-1000",
                bound: 1.0,
                note: "1,000 migrations onto an empty database beside psql -1 with the same statements"
            ) {
                let folder = try bench.generatedMigrations(1000)
                return try await inTurn(
                    runs: 5,
                    ours: {
                        let url = try await bench.anotherDatabase()
                        return try await bench.migration(of: url, with: folder).time()
                    },
                    theirs: {
                        let url = try await bench.anotherDatabase()
                        return try await bench.transaction(in: url, folder + ".sql").time()
                    }
                )
            },
            Row(
                "nothing-pending",
                bound: 2.0,
                note: "migrate with nothing pending over 1,000 files beside psql -c 'select 1', whole processes"
            ) { try await nothingPending(1000, bench) },
            Row(
                "nothing-pending-10000",
                note: "the same over 10,000 files"
            ) { try await nothingPending(10_000, bench) },
        ]
    )
}

private func nothingPending(_ count: Int, _ bench: Workbench) async throws -> Figures {
    let folder = try bench.generatedMigrations(count)
    let url = try await bench.emptyDatabase("ours")
    let migration = bench.migration(of: url, with: folder)
    _ = try await migration.time()
    return try await inTurn(
        runs: 31,
        ours: { try await migration.time() },
        theirs: { try await bench.leastQuery(in: url).time() }
    )
}
