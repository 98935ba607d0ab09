import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Many schemas migrated by one call, beside one psql session that does the same work without a history.
func fanOutRows(_ bench: Workbench) -> RowGroup {
    func row(_ name: String, schemas: Int, parallelism: Int, runs: Int) -> Row {
        Row(
            name,
            isLong: schemas >= 1000,
            note: "13 migrations in each of \(schemas) schemas, \(parallelism) at once, beside one psql session with a "
                + "transaction a schema and no history"
        ) {
            try await fanOut(schemas: schemas, parallelism: parallelism, runs: runs, bench)
        }
    }
    return RowGroup(
        name: "fan-out",
        rows: [row("fan-out-100", schemas: 100, parallelism: 2, runs: 3)]
            + [1, 2, 4].map { row("fan-out-1000x\($0)", schemas: 1000, parallelism: $0, runs: 1) }
            + [
                Row("fan-out-idle", isLong: true, note: "10,000 schemas on which nothing is to do") {
                    try await fanOutIdle(schemas: 10_000, bench)
                }
            ]
    )
}

private func fanOut(schemas count: Int, parallelism: Int, runs: Int, _ bench: Workbench) async throws -> Figures {
    let folder = try bench.generatedMigrations(13)
    let script = bench.path("fan-out-\(count).sql")
    try write(try String(contentsOfFile: folder + ".sql", encoding: .utf8), forSchemas: count, to: script)
    return try await inTurn(
        runs: runs,
        ours: {
            let url = try await database("ours", schemas: count, bench)
            return try await migration(of: url, with: folder, ["--parallel", "\(parallelism)"], bench).time()
        },
        theirs: {
            let url = try await database("theirs", schemas: count, bench)
            return try await Command(bench.psql, ["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", script]).time()
        }
    )
}

/// Many schemas on which nothing is to do.
private func fanOutIdle(schemas count: Int, _ bench: Workbench) async throws -> Figures {
    let folder = try bench.generatedMigrations(13)
    let url = try await database("ours", schemas: 1, bench)
    let migration = migration(of: url, with: folder, [], bench)
    _ = try await migration.time()
    try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
        try await connection.script(
            """
            DO $$ BEGIN
                FOR number IN 2..\(count) LOOP
                    EXECUTE format('CREATE SCHEMA tenant_%s', number);
                    EXECUTE format('CREATE TABLE tenant_%s.schema_migrations (LIKE tenant_1.schema_migrations INCLUDING ALL)', number);
                    EXECUTE format('INSERT INTO tenant_%s.schema_migrations SELECT * FROM tenant_1.schema_migrations', number);
                    COMMIT;
                END LOOP;
            END $$
            """
        )
    }
    var times: [Double] = []
    for _ in 0..<5 { times.append(try await migration.time()) }
    return Figures(times)
}

private func migration(of url: String, with folder: String, _ options: [String], _ bench: Workbench) -> Command {
    Command(
        bench.lastro,
        ["migrate", "--quiet", "--database", url, "--migrations", folder, "--schemas", "tenant_*"] + options
    )
}

private func database(_ name: String, schemas count: Int, _ bench: Workbench) async throws -> String {
    let url = try await bench.emptyDatabase(name)
    try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
        for number in 1...count { try await connection.script("CREATE SCHEMA tenant_\(number)") }
    }
    return url
}

private func write(_ migrations: String, forSchemas count: Int, to path: String) throws {
    var text = ""
    for number in 1...count {
        text += "BEGIN;\nSET LOCAL search_path = tenant_\(number), public;\n\(migrations)COMMIT;\n"
    }
    try Data(text.utf8).write(to: URL(filePath: path))
}
