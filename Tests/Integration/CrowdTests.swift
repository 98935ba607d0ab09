import Postgres
import SystemPackage
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Sixteen runners at once on an empty database")
struct CrowdTests {
    private static let files = [
        "m/0001_t.sql": "create table t (i int); insert into t select generate_series(1, 5000);",
        "m/0002_index.sql": "create index concurrently t_i on t (i);\ncreate index concurrently t_j on t (i);",
        "m/0003_once.sql": """
        create table once (i int); insert into once values (3);
        create table u (id int primary key, n int default 0); insert into u select generate_series(1, 3000);
        """,
        "m/0004_more.sql": "insert into once values (4);",
        "m/0005_batch.sql":
            "-- lastro: batch key=id size=1000 table=u\nupdate u set n = n + 1 where id >= :from and id < :to;",
        "m/0006_index.sql": "create index concurrently u_n on u (n);",
    ]

    @Test("run each migration once, all come to a good end, and nothing of them is left", arguments: [false, true])
    func runsOnce(isPooled: Bool) async throws {
        let files = Self.files
        try await withLocalServer(LocalServer.Options(settings: ["max_connections": "200"])) { server in
            for round in 1...(isLongTest ? 5 : 1) {
                let settings = try await server.makeDatabase("crowd\(round)")
                try await withTemporaryFolder(files) { folder in
                    let outcomes =
                        isPooled
                        ? try await withPgBouncer(to: settings, poolSize: 6) { try await crowd(in: folder, on: $0) }
                        : try await crowd(in: folder, on: settings)
                    for outcome in outcomes { #expect(outcome.status == 0, "\(outcome.errors)") }
                    // What the sixteen say that they have done, together.
                    let done = outcomes.map { outcome in
                        outcome.output.split(separator: "\n").count { $0.contains(#""event":"applied""#) }
                    }
                    #expect(done.reduce(0, +) == files.count)
                    let url = settings.url
                    #expect(try await ask("select count(*) from schema_migrations", on: url) == files.count)
                    #expect(try await ask("select string_agg(i::text, ' ') from once", on: url) == "3 4")
                    #expect(try await ask("select min(n) = 1 and max(n) = 1 and count(*) = 3000 from u", on: url))
                    #expect(
                        try await ask("select count(*) = 0 from pg_index where not indisvalid", on: url),
                        "an index is invalid"
                    )
                    #expect(try await ask("select count(*) = 0 from lastro_steps", on: url))
                    try await wait(until: noLockIsLeft, on: url)
                    if !isPooled { try await wait(until: noSessionIsLeft, on: url) }
                }
            }
            let log = try String(contentsOfFile: server.log.string, encoding: .utf8)
            // Each runner asks for the history once, whether it is there or not.
            let errors = log.split(separator: "\n").filter {
                $0.contains("ERROR:") && !$0.contains("relation \"schema_migrations\" does not exist")
            }
            #expect(errors == [])
        }
    }

    private func crowd(
        in folder: TemporaryFolder,
        on settings: ConnectionSettings
    ) async throws -> [LastroProcess.Outcome] {
        let lastro = LastroProcess(in: folder, on: settings)
        return try await withThrowingTaskGroup(of: LastroProcess.Outcome.self) { group in
            for _ in 0..<16 { group.addTask { try await lastro("migrate", "--format", "json") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
