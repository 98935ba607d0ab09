import Postgres
import Subprocess
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("A runner that is killed")
struct KillTests {
    /// Tables that say themselves whether they are whole: the comment comes last.
    private static let files: [String: String] = Dictionary(
        uniqueKeysWithValues: (10...39).map { number in
            (
                "m/00\(number)_t.sql",
                """
                create table t\(number) (a int primary key, b int);
                insert into t\(number) select g, g from generate_series(1, 2000) g;
                alter table t\(number) add check (b > 0);
                comment on table t\(number) is 'done';
                """
            )
        }
    )

    @Test("leaves every migration wholly applied or wholly absent, and the next run finishes")
    func leavesNothingHalfDone() async throws {
        let rounds = ProcessInfo.processInfo.environment["LASTRO_LONG"] == nil ? 20 : 200
        var generator = SeededGenerator(seed: testSeed)
        for round in 0..<rounds {
            let delay = Duration.milliseconds(Int.random(in: 0...600, using: &generator))
            try await withProject(Self.files) { lastro, _, url in
                try await lastro.killed(with: .kill, after: delay, "migrate")
                let state = try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
                    // The killed runner's backend may still be at work on its last message.
                    try await connection.wait(
                        until:
                            "select not exists (select from pg_stat_activity where application_name = 'lastro' and datname = current_database() and pid <> pg_backend_pid())"
                    )
                    return try await HalfDone(lookingAt: connection)
                }
                #expect(state.halfMade == 0, "round \(round); repeat with LASTRO_SEED=\(testSeed)")
                #expect(state.tables == state.rows, "round \(round); repeat with LASTRO_SEED=\(testSeed)")
                let again = try await lastro("migrate")
                #expect(again.status == 0, "\(again.errors)")
                let end = try await withPostgresConnection(to: ConnectionSettings(url)) {
                    try await HalfDone(lookingAt: $0)
                }
                #expect(end.tables == 30)
                #expect(end.rows == 30)
            }
        }
    }

    @Test("does not stand in the way of the next one, nor do sixteen that start at once")
    func startsTogether() async throws {
        try await withProject(Self.files) { lastro, _, url in
            let statuses = try await withThrowingTaskGroup(of: Int32.self) { group in
                for _ in 0..<16 { group.addTask { try await lastro("migrate").status } }
                return try await group.reduce(into: [Int32]()) { $0.append($1) }
            }
            #expect(statuses == Array(repeating: 0, count: 16))
            let end = try await withPostgresConnection(to: ConnectionSettings(url)) {
                try await HalfDone(lookingAt: $0)
            }
            #expect(end.tables == 30)
            #expect(end.rows == 30)
        }
    }
}

/// How much of the test's migrations is there.
private struct HalfDone {
    let tables: Int
    let halfMade: Int
    let rows: Int

    init(lookingAt connection: PostgresConnection) async throws {
        (tables, halfMade) = try await connection.query(
            """
            select count(*), count(*) filter (where obj_description(oid) is distinct from 'done')
            from pg_class where relkind = 'r' and relname ~ '^t[0-9]+$'
            """
        ).single.decode(Int.self, Int.self)
        let hasHistory = try await connection.query("select to_regclass('schema_migrations') is not null").single
            .decode(Bool.self)
        rows =
            hasHistory
            ? try await connection.query("select count(*) from schema_migrations").single.decode(Int.self) : 0
    }
}
