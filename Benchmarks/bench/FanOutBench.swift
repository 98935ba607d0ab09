import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension BenchRun {
    /// Thirteen migrations in each of many schemas, beside one psql session that does the same work without a history.
    func fanOut(schemas count: Int, parallelism: Int, runs: Int) async throws -> Measurement {
        let folder = try generatedMigrations(13)
        let script = FileManager.default.currentDirectoryPath + "/.build/bench-fan-out-\(count).sql"
        try write(try String(contentsOfFile: folder + ".sql", encoding: .utf8), forSchemas: count, to: script)
        let figures = try await inTurn(
            runs: runs,
            ours: {
                let url = try await database("ours", schemas: count)
                return try await milliseconds {
                    try await run(
                        lastro,
                        [
                            "migrate", "--quiet", "--database", url, "--migrations", folder, "--schemas", "tenant_*",
                            "--parallel", "\(parallelism)",
                        ]
                    )
                }
            },
            theirs: {
                let url = try await database("theirs", schemas: count)
                return try await milliseconds {
                    try await run(psql, ["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", script])
                }
            }
        )
        return Measurement(
            name: count == 100 ? "fan-out-100" : "fan-out-\(count)x\(parallelism)",
            value: figures.ours,
            unit: "ms",
            baseline: figures.theirs,
            ratio: figures.ratio,
            bound: nil,
            note: "13 migrations in each of \(count) schemas, \(parallelism) at once, beside one psql session with a "
                + "transaction a schema and no history"
        )
    }

    /// Many schemas on which nothing is to do.
    func fanOutIdle(schemas count: Int) async throws -> Measurement {
        let folder = try generatedMigrations(13)
        let url = try await database("ours", schemas: 1)
        let arguments = [
            "migrate", "--quiet", "--database", url, "--migrations", folder, "--schemas", "tenant_*",
        ]
        try await run(lastro, arguments)
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
        for _ in 0..<5 { times.append(try await milliseconds { try await run(lastro, arguments) }) }
        return Measurement(
            name: "fan-out-idle",
            value: median(times),
            unit: "ms",
            baseline: nil,
            ratio: nil,
            bound: nil,
            note: "\(count) schemas on which nothing is to do"
        )
    }

    private func database(_ name: String, schemas count: Int) async throws -> String {
        let url = try await emptyDatabase(name)
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
}
