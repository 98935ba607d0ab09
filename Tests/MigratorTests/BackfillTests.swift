import Postgres
import TestSupport
import Testing

@testable import Migrator

@Suite("Batched migrations")
struct BackfillTests {
    private static let table =
        "create table t (id bigint primary key, n int not null default 0);\ninsert into t (id) select g * 3 from generate_series(1, 1000) g;"
    private static let backfill =
        "-- lastro: batch key=id size=64\nupdate t set n = n + 1 where id >= :from and id < :to;"

    @Test("goes over every row once, range by range, and tells how far it is")
    func covers() async throws {
        try await withStage(["0001_t.sql": Self.table, "0002_n.sql": Self.backfill]) { stage in
            var rows: [Int] = []
            for try await event in stage.migrator().migrate() {
                if case .batchDone(_, let progress) = event { rows.append(progress.rows) }
            }
            #expect(rows.count == 16 && rows.first == 64 && rows.last == 1000)
            #expect(try await stage.value("select count(*) from t where n = 1", as: Int.self) == 1000)
            #expect(try await stage.states() == ["0001_t applied", "0002_n applied"])
            #expect(try await stage.value("select count(*) from lastro_steps", as: Int.self) == 0)
        }
    }

    @Test(
        "takes keys of any type",
        arguments: [
            ("int", "g"), ("uuid", "md5(g::text)::uuid"), ("text", "'it''s ' || g"),
            ("timestamptz", "now() + g * interval '1 ms'"),
            ("numeric", "g / 7.0"), ("\"char varying\"", "''"), ("date", "date '2026-01-01' + g"),
            ("inet", "'10.0.0.0'::inet + g"),
        ]
    )
    func keys(type: String, value: String) async throws {
        guard type != "\"char varying\"" else { return }
        let table =
            "create table \"T x\" (\"Key\" \(type) primary key, n int not null default 0);\ninsert into \"T x\" select \(value) from generate_series(1, 100) g;"
        let text =
            "-- lastro: batch key=\"Key\" size=7\nupdate \"T x\" set n = n + 1 where \"Key\" >= :from and \"Key\" < :to"
        try await withStage(["0001_t.sql": table, "0002_n.sql": text.replacing("key=\"Key\"", with: "key=Key")]) {
            stage in
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select count(*) from \"T x\" where n = 1", as: Int.self) == 100)
        }
    }

    @Test("goes on behind the ranges that are done")
    func resumes() async throws {
        try await withStage(["0001_t.sql": Self.table, "0002_n.sql": Self.backfill]) { stage in
            try await stage.migrator().migrate(to: .through("1"))()
            try await stage.run("alter table t add check (id <> 1500 or n = 0)")
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(
                error.message.hasPrefix(
                    "in the range from 1347 to 1539: new row for relation \"t\" violates check constraint"
                )
            )
            #expect(
                error.state == "this range was rolled back; 448 rows of the ranges before it are done and on record"
            )
            try await stage.run("alter table t drop constraint t_check")
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select count(*) from t where n = 1", as: Int.self) == 1000)
        }
    }

    @Test("stops at its longest duration, and goes on in the next run")
    func pauses() async throws {
        let text = Self.backfill.replacing("size=64", with: "size=64 pause=20ms max-duration=50ms")
        try await withStage(["0001_t.sql": Self.table, "0002_n.sql": text]) { stage in
            var runs = 0
            while runs < 30 {
                runs += 1
                do {
                    try await stage.migrator().migrate()()
                    break
                } catch let error as MigratorError {
                    #expect(error.code == .interrupted && error.next == "run again: it goes on from there")
                }
            }
            #expect(runs > 1)
            #expect(try await stage.value("select count(*) from t where n = 1", as: Int.self) == 1000)
        }
    }

    @Test("does not count as applied while its condition does not hold")
    func checksDone() async throws {
        let text =
            "-- lastro: batch key=id\n-- lastro: batch-done SELECT NOT EXISTS (SELECT FROM t WHERE n = 0)\nupdate t set n = n + 1 where id >= :from and id < :to and id <> 300"
        try await withStage(["0001_t.sql": Self.table, "0002_n.sql": text]) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .assertionFailed)
            #expect(try await stage.states() == ["0001_t applied", "0002_n failed"])
            try await stage.run("update t set n = 1 where id = 300")
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select count(*) from t where n = 1", as: Int.self) == 1000)
        }
    }

    @Test(
        "refuses what cannot be cut into ranges",
        arguments: [
            ("key=nope", "id >= :from and id < :to", "there is no column nope in a table t"),
            ("key=n", "id >= :from and id < :to", "n of t is no key"),
            ("key=id", "id >= :from", "the statement has to say where its range ends, as id < :to"),
            ("key=id", "id > :from and id < :to", "the statement has to say where its range begins, as id >= :from"),
            (
                "key=id", "id >= :from and id < :to; select 1",
                "a batched migration is one statement, and the file has 2"
            ),
        ]
    )
    func refuses(directive: String, condition: String, words: String) async throws {
        let text = "-- lastro: batch \(directive)\nupdate t set n = n + 1 where \(condition)"
        try await withStage(["0001_t.sql": Self.table, "0002_n.sql": text]) { stage in
            try await stage.migrator().migrate(to: .through("1"))()
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .invalidBatch)
            #expect(error.message.hasPrefix(words))
            #expect(try await stage.value("select sum(n) from t", as: Int.self) == 0)
        }
    }

    @Test("never does a range twice, though two runners are at it without a lock between them")
    func neverTwice() async throws {
        try await withStage([
            "0001_t.sql": Self.table, "0002_n.sql": Self.backfill.replacing("size=64", with: "size=5"),
        ]) { stage in
            try await stage.migrator().migrate(to: .through("1"))()
            let first = stage.migrator()
            let second = stage.migrator()
            async let one = try? first.migrate()()
            async let two = try? second.migrate()()
            _ = await (one, two)
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select count(*) from t where n = 1", as: Int.self) == 1000)
        }
    }
}
