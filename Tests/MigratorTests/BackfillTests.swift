import Postgres
import TestSupport
import Testing

@testable import Migrator

@Suite("A batched migration")
struct BackfillTests {
    /// A statement that shows when a row is changed twice.
    private static func statement(_ options: String, key: String = "id", table: String = "t") -> String {
        """
        -- lastro: batch key=\(key) \(options)
        UPDATE \(table) SET n = n + 1 WHERE \(key) >= :from AND \(key) < :to;
        """
    }

    private static func table(_ rows: Int) -> String {
        "create table t (id int primary key, n int not null default 0); insert into t select generate_series(1, \(rows));"
    }

    @Test("changes each row once, range by range, and says how far it is")
    func changesEachRowOnce() async throws {
        let files = ["0001_t.sql": Self.table(25), "0002_b.sql": Self.statement("size=10")]
        try await withStage(files) { stage in
            var rows: [Int] = []
            for try await event in stage.migrator().migrate() {
                if case .batchDone(let step, let progress) = event {
                    #expect(step.name == "0002_b")
                    rows.append(progress.rows)
                }
            }
            #expect(rows == [10, 20, 25])
            #expect(try await stage.value("select count(*) = 25 and min(n) = 1 and max(n) = 1 from t"))
            #expect(try await stage.states() == ["0001_t applied", "0002_b applied"])
            #expect(try await stage.value("select count(*) from lastro_steps", as: Int.self) == 0)
        }
    }

    @Test(
        "takes keys of any type that has an order",
        arguments: [
            ("int", "i"), ("bigint", "i::bigint * 5000000000"), ("smallint", "i"), ("numeric", "i / 7.0"),
            ("uuid", "md5(i::text)::uuid"), ("text", "'k''\\ ' || i"), ("varchar(20)", "'k' || i"),
            ("char(12)", "'k' || i"), ("bit(8)", "i::bit(8)"), ("date", "date '2026-01-01' + i"),
            ("timestamptz", "timestamptz '2026-03-29 00:30:00.123456+00' + i * interval '7 minutes'"),
            ("timestamp", "timestamp 'infinity' - i * interval '1 day'"), ("float8", "1.0 / (i + 2)"),
            ("interval", "i * interval '1 hour'"), ("bytea", "decode(md5(i::text), 'hex')"),
            ("\"char\"", "chr(i + 40)"),
            ("inet", "inet '10.0.0.0' + i"),
        ]
    )
    func takesKeys(type: String, value: String) async throws {
        // An infinite time would be one key for all.
        let value = value.replacing("'infinity'", with: "'2026-01-01'")
        let files = [
            "0001_t.sql":
                "create table t (id \(type) primary key, n int not null default 0); insert into t select \(value) from generate_series(1, 43) i;",
            "0002_b.sql": Self.statement("size=10"),
        ]
        try await withStage(files) { stage in
            try await stage.run(
                "do $$ begin execute format('alter database %I set timezone = ''Europe/Berlin''', current_database()); end $$"
            )
            var batches = 0
            for try await event in stage.migrator().migrate() {
                if case .batchDone(_, let progress) = event { batches = progress.batches }
            }
            #expect(batches == 5)
            #expect(try await stage.value("select count(*) = 43 and min(n) = 1 and max(n) = 1 from t"))
        }
    }

    @Test("goes over a table whose names need quotes, in a schema, by a key that is not the primary one")
    func quotesNames() async throws {
        let files = [
            "0001_t.sql": """
            create schema "My Schema";
            create table "My Schema"."T ""x" (id int primary key, "Key" int not null unique, n int default 0);
            insert into "My Schema"."T ""x" select i, 100 - i from generate_series(1, 7) i;
            """,
            "0002_b.sql": """
            -- lastro: batch key=Key size=3
            update "My Schema"."T ""x" set n = n + 1 where "Key" >= :from and "Key" < :to
            """,
        ]
        try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            #expect(try await stage.value(#"select min(n) = 1 and max(n) = 1 from "My Schema"."T ""x" "#))
        }
    }

    @Test(
        "is refused when its key is none",
        arguments: [
            ("id int", "id of t is no key: ranges need a column that is NOT NULL and has a unique index of its own"),
            (
                "id int unique",
                "id of t is no key: ranges need a column that is NOT NULL and has a unique index of its own"
            ),
            (
                "id int not null",
                "id of t is no key: ranges need a column that is NOT NULL and has a unique index of its own"
            ),
            (
                "id int, o int, primary key (id, o)",
                "id of t is no key: ranges need a column that is NOT NULL and has a unique index of its own"
            ),
            ("other int primary key", "there is no column id in a table t"),
        ]
    )
    func refusesKeys(columns: String, words: String) async throws {
        let files = ["0001_t.sql": "create table t (\(columns), n int);", "0002_b.sql": Self.statement("size=10")]
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .invalidBatch)
            #expect(error.message == words)
            #expect(error.location.map { "\($0)" }?.hasSuffix("0002_b.sql:1:12") == true)
            #expect(error.state.contains("0001_t") || error.state == "nothing was run")
            #expect(try await stage.states() == ["0001_t applied", "0002_b failed"])
        }
    }

    @Test("is refused when its index does not hold for every row")
    func refusesPartialIndexes() async throws {
        let files = [
            "0001_t.sql": "create table t (id int not null, n int); create unique index on t (id) where n > 0;",
            "0002_b.sql": Self.statement("size=10"),
        ]
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.message.hasPrefix("id of t is no key"))
        }
    }

    @Test(
        "is refused before anything runs when its statement does not say its range",
        arguments: [
            ("update t set n = 1 where id >= :from", "1:", "ends, as id < :to"),
            ("update t set n = 1 where id > :from and id < :to", "2:", "begins, as id >= :from"),
            ("update t set n = 1 where id >= :from and id <= :to", "2:", "ends, as id < :to"),
            ("update t set n = 1; update t set n = 2", "1:", "the file has 2"),
            ("insert into t select id from t where id >= :from and id < :to", "1:", "not clear which table"),
            ("", "1:", "the file has 0"),
        ]
    )
    func refusesStatements(statement: String, line: String, words: String) async throws {
        let files = ["0001_t.sql": Self.table(1), "0002_b.sql": "-- lastro: batch key=id\n\(statement)"]
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .invalidBatch)
            #expect(error.message.contains(words), "\(error)")
            #expect(error.location.map { "\($0)" }?.contains("0002_b.sql:\(line)") == true, "\(error)")
            #expect(error.state == "nothing was run")
            #expect(try await stage.tables() == [])
        }
    }

    @Test("has nothing to do on an empty table, and is applied")
    func takesEmptyTables() async throws {
        let files = ["0001_t.sql": Self.table(0), "0002_b.sql": Self.statement("size=10")]
        try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            #expect(try await stage.states() == ["0001_t applied", "0002_b applied"])
        }
    }

    @Test("takes rows along that come while it runs, between and behind the others")
    func followsGrowth() async throws {
        // Each of the first three ranges puts a row before the last one that there was, and one behind it.
        let table = """
            create table t (id int primary key, n int not null default 0);
            insert into t select i * 10 from generate_series(1, 20) i;
            create sequence s;
            create function grow() returns trigger language plpgsql as $$ declare i int := nextval('s'); begin
                if i <= 3 then insert into t values (195 + i), (1000 + i); end if; return null;
            end $$;
            create trigger grow after update on t execute function grow();
            """
        try await withStage(["0001_t.sql": table, "0002_b.sql": Self.statement("size=5")]) { stage in
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select count(*) = 26 and min(n) = 1 and max(n) = 1 from t"))
        }
    }

    @Test("takes a row along that came behind the last range and before its next one")
    func leavesNoGap() async throws {
        let files = ["0001_t.sql": Self.table(10), "0002_b.sql": Self.statement("size=10")]
        try await withStage(files) { stage in
            try await stage.migrator().migrate(to: .through("1"))()
            // 20 is there when the next range is looked for, and 15 when it runs, behind the claim of the range.
            try await stage.run(
                """
                create function grow() returns trigger language plpgsql as $$ begin
                    if (select count(*) from t) = 11 then insert into t values (15); end if; return null;
                end $$;
                create trigger grow before update on lastro_steps execute function grow();
                create function first() returns trigger language plpgsql as $$ begin
                    if (select count(*) from t) = 10 then insert into t values (20); end if; return null;
                end $$;
                create trigger first after update on t execute function first();
                """
            )
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select count(*) = 12 and min(n) = 1 and max(n) = 1 from t"))
        }
    }

    @Test("stops at a row that the server refuses, says in which range, and goes on there")
    func goesOnBehindAFailure() async throws {
        let files = [
            "0001_t.sql": Self.table(30) + "alter table t add check (id <> 15 or n = 0);",
            "0002_b.sql": Self.statement("size=10"),
        ]
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .statementFailed)
            #expect(error.message.hasPrefix("in the range from 11 to 21: new row for relation \"t\" violates check"))
            #expect(error.location.map { "\($0)" }?.hasSuffix("0002_b.sql:2:1") == true)
            #expect(error.state == "this range was rolled back; 10 rows of the ranges before it are done and on record")
            #expect(try await stage.value("select count(*) = 10 from t where n = 1"))
            try await stage.run("alter table t drop constraint t_check")
            var remarks: [String] = []
            for try await event in stage.migrator().migrate() {
                if case .remark(_, let text) = event { remarks.append(text) }
            }
            #expect(remarks == ["goes on: 10 rows are done"])
            #expect(try await stage.value("select count(*) = 30 and min(n) = 1 and max(n) = 1 from t"))
        }
    }

    @Test(
        "tells a division by zero of its own statement from another runner's work, whatever is set",
        arguments: [false, true]
    )
    func tellsDivisions(hasLimits: Bool) async throws {
        let files = [
            "0001_t.sql": Self.table(3),
            "0002_b.sql": "-- lastro: batch key=id\nupdate t set n = 1 / n where id >= :from and id < :to",
        ]
        try await withStage(files) { stage in
            var migrator = stage.migrator()
            migrator.options.lockTimeout = hasLimits ? .seconds(5) : nil
            migrator.options.statementTimeout = hasLimits ? .seconds(5) : nil
            let error = try await stage.failure(of: migrator.migrate())
            #expect(error.message == "in the range from the first row to 3: division by zero (SQLSTATE 22012)")
        }
    }

    @Test("is not gone on with when its file was changed meanwhile")
    func refusesChangedFiles() async throws {
        let files = [
            "0001_t.sql": Self.table(30) + "alter table t add check (id <> 15 or n = 0);",
            "0002_b.sql": Self.statement("size=10"),
        ]
        try await withStage(files) { stage in
            _ = try await stage.failure(of: stage.migrator().migrate())
            // As a kill leaves it: nobody knows whether the statement is to blame.
            try await stage.run("update lastro_steps set state = 'started'")
            try stage.folder.write(Self.statement("size=20"), to: "0002_b.sql")
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .checksumMismatch)
            #expect(error.message == "step 1 of 0002_b was begun from another text than the file has now")
        }
    }

    @Test("goes on with another statement where the server refused the first", arguments: [5, 25])
    func takesMendedStatements(bad: Int) async throws {
        let files = [
            "0001_t.sql": Self.table(30) + "alter table t add check (id <> \(bad) or n = 0);",
            "0002_b.sql": Self.statement("size=10"),
        ]
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .statementFailed)
            let mended = Self.statement("size=10").replacing("WHERE", with: "WHERE id <> \(bad) AND")
            try stage.folder.write(mended, to: "0002_b.sql")
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select count(*) = 29 from t where n = 1"))
            #expect(try await stage.states() == ["0001_t applied", "0002_b applied"])
        }
    }

    @Test("is half taken back when its way back stops half-way, and applied when nothing of it is", arguments: [5, 25])
    func isHalfUndone(bad: Int) async throws {
        let files = [
            "0001_t.sql": Self.table(30) + "alter table t add check (id <> \(bad) or n < 2);",
            "0002_b.sql": "select 1;",
            "0002_b.down.sql": Self.statement("size=10").replacing("n + 1", with: "2"),
        ]
        try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            let error = try await stage.failure(of: stage.migrator().undo())
            #expect(error.code == .statementFailed)
            #expect(try await stage.states() == ["0001_t applied", bad == 5 ? "0002_b applied" : "0002_b half-undone"])
            try stage.folder.write(Self.statement("size=10"), to: "0002_b.down.sql")
            try await stage.migrator().undo()()
            #expect(try await stage.states() == ["0001_t applied", "0002_b pending"])
        }
    }

    @Test("pauses when it has taken its time, and the next runs go on")
    func pauses() async throws {
        let files = [
            "0001_t.sql": Self.table(20), "0002_b.sql": Self.statement("size=1 pause=40ms max-duration=100ms"),
        ]
        try await withStage(files) { stage in
            var done = 0
            while done < 20 {
                let before = done
                let run = Task { try await stage.migrator().migrate()() }
                let result = await run.result
                done = try await stage.value("select count(*) from t where n = 1", as: Int.self)
                guard case .failure(let error as MigratorError) = result else { break }
                #expect(error.code == .interrupted)
                #expect(error.message == "0002_b went on for its max-duration of 100 ms and is not done")
                #expect(
                    error.state == "\(done) rows of 0002_b are done, each range on record; it is not in the history yet"
                )
                #expect((before + 1...before + 5).contains(done))
            }
            #expect(done == 20)
            #expect(try await stage.value("select min(n) = 1 and max(n) = 1 from t"))
            #expect(try await stage.states() == ["0001_t applied", "0002_b applied"])
        }
    }

    @Test("rests between its ranges")
    func rests() async throws {
        let files = ["0001_t.sql": Self.table(4), "0002_b.sql": Self.statement("size=1 pause=100ms")]
        try await withStage(files) { stage in
            let start = ContinuousClock.now
            try await stage.migrator().migrate()()
            #expect(start.duration(to: .now) > .milliseconds(400))
        }
    }

    @Test("is not applied before its batch-done is true, and says where that stands")
    func asksWhetherItIsDone() async throws {
        let text =
            "-- lastro: batch key=id size=10\n-- lastro: batch-done select not exists (select from t where n = 0)\n"
        let files = [
            "0001_t.sql": Self.table(20) + "create rule keep as on update to t where old.id = 7 do instead nothing;",
            "0002_b.sql": text + "update t set n = n + 1 where id >= :from and id < :to",
        ]
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .assertionFailed)
            #expect(error.message == "this does not hold: select not exists (select from t where n = 0)")
            #expect(error.location.map { "\($0)" }?.hasSuffix("0002_b.sql:2:23") == true)
            #expect(error.state == "19 rows of 0002_b are done, each range on record; it is not in the history yet")
            #expect(try await stage.states() == ["0001_t applied", "0002_b failed"])
            #expect(try await stage.failure(of: stage.migrator().migrate()).code == .assertionFailed)
            try await stage.run("drop rule keep on t; update t set n = 1 where n = 0")
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select min(n) = 1 and max(n) = 1 from t"))
        }
    }

    @Test("does not begin while its assertion is false, in the second run as in the first")
    func assertsBefore() async throws {
        let text = "-- lastro: batch key=id size=10\n-- lastro: assert select count(*) = 0 from flag\n"
        let files = [
            "0001_t.sql": Self.table(20) + "create table flag (i int); insert into flag values (1);",
            "0002_b.sql": text + "update t set n = n + 1 where id >= :from and id < :to",
        ]
        try await withStage(files) { stage in
            for _ in 1...2 {
                let error = try await stage.failure(of: stage.migrator().migrate())
                #expect(error.code == .assertionFailed)
                #expect(error.location.map { "\($0)" }?.hasSuffix("0002_b.sql:2:19") == true)
                #expect(try await stage.value("select max(n) = 0 from t"))
            }
            try await stage.run("delete from flag")
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select min(n) = 1 and max(n) = 1 from t"))
        }
    }

    @Test("is done once by two runners of which one has lost its lock")
    func keepsRunnersApart() async throws {
        let files = ["0001_t.sql": Self.table(60), "0002_b.sql": Self.statement("size=10")]
        try await withStage(files) { stage in
            try await stage.migrator().migrate(to: .through("1"))()
            try await withPostgresConnection(to: stage.settings) { other in
                try await other.script("begin; update t set n = n where id = 25")
                let first = Task { try await stage.migrator().migrate()() }
                try await stage.wait(
                    until:
                        "select exists (select from pg_locks l join pg_stat_activity a using (pid) where not granted and a.datname = current_database())"
                )
                try await stage.run(
                    "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())"
                )
                let second = Task {
                    var waits = 0
                    for try await event in stage.migrator().migrate() {
                        guard case .orphans(_, let sessions, _) = event else { continue }
                        #expect(sessions.count == 1)
                        waits += 1
                        try await other.script("rollback")
                    }
                    return waits
                }
                #expect(try await second.value == 1)
                let error = await #expect(throws: MigratorError.self) { try await first.value }
                #expect(error?.code == .lockLost)
                #expect(
                    error?.state == "30 rows of 0002_b are done, each range on record; it is not in the history yet"
                )
            }
            #expect(try await stage.value("select count(*) = 60 and min(n) = 1 and max(n) = 1 from t"))
            #expect(try await stage.states() == ["0001_t applied", "0002_b applied"])
        }
    }

    @Test("stops when another runner has moved on behind its back, and does nothing twice")
    func noticesAnotherRunner() async throws {
        let files = ["0001_t.sql": Self.table(40), "0002_b.sql": Self.statement("size=10 pause=200ms")]
        try await withStage(files) { stage in
            // As if a second one had got past the lock: it takes the record over.
            var isTaken = false
            for try await event in stage.migrator().migrate() {
                guard case .batchDone = event, !isTaken else { continue }
                isTaken = true
                try await stage.run("update lastro_steps set run_id = gen_random_uuid()")
            }
            // Planned again, it went on from the record.
            #expect(try await stage.value("select count(*) = 40 and min(n) = 1 and max(n) = 1 from t"))
            #expect(try await stage.states() == ["0001_t applied", "0002_b applied"])
        }
    }

    @Test("tries a range again that met a lock")
    func retries() async throws {
        let files = ["0001_t.sql": Self.table(30), "0002_b.sql": Self.statement("size=10")]
        try await withStage(files) { stage in
            try await stage.migrator().migrate(to: .through("1"))()
            var migrator = stage.migrator()
            migrator.options.lockTimeout = .milliseconds(200)
            let run = migrator.migrate()
            try await withPostgresConnection(to: stage.settings) { other in
                try await other.script("begin; update t set n = n where id = 15")
                var attempts = 0
                for try await event in run {
                    guard case .retrying(_, let attempt, _, _) = event else { continue }
                    attempts = attempt
                    try await other.script("rollback")
                }
                #expect(attempts == 1)
            }
            #expect(try await stage.value("select count(*) = 30 and min(n) = 1 and max(n) = 1 from t"))
        }
    }

    @Test("keeps what it has done when it is interrupted, and says so")
    func isInterrupted() async throws {
        let files = ["0001_t.sql": Self.table(400), "0002_b.sql": Self.statement("size=10 pause=20ms")]
        try await withStage(files) { stage in
            let run = Task { try await stage.migrator().migrate()() }
            try await stage.wait(until: "select to_regclass('t') is not null")
            try await stage.wait(until: "select count(*) > 20 from t where n > 0")
            run.cancel()
            let error = await #expect(throws: MigratorError.self) { try await run.value }
            #expect(error?.code == .interrupted)
            #expect(error?.state.contains("on record") == true, "\(error?.state ?? "")")
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select count(*) = 400 and min(n) = 1 and max(n) = 1 from t"))
        }
    }
}
