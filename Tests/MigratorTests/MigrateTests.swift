import Postgres
import TestSupport
import Testing

@testable import Migrator

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite("Migrating")
struct MigrateTests {
    @Test("applies what is pending, once, and tells of each step")
    func applies() async throws {
        try await withStage(["0001_a.sql": "create table a (i int);", "0002_b.sql": "create table b (i int)"]) {
            stage in
            var events: [String] = []
            for try await event in stage.migrator().migrate() {
                switch event {
                case .started(let step): events.append("start \(step.number)/\(step.count) \(step.name)")
                case .applied(let step, _): events.append("applied \(step.name)")
                case .finished(let summary):
                    events.append("done \(summary.migrations.count) \(summary.appliedCount) \(summary.pendingCount)")
                case .working: continue  // of a server that is busy with other tests
                default: events.append("?")
                }
            }
            #expect(
                events == ["start 1/2 0001_a", "applied 0001_a", "start 2/2 0002_b", "applied 0002_b", "done 2 2 0"]
            )
            #expect(try await stage.tables() == ["a", "b"])
            #expect(try await stage.migrator().migrate()().migrations.isEmpty)
            #expect(try await stage.states() == ["0001_a applied", "0002_b applied"])
        }
    }

    @Test("passes on what the server remarks, so that a guard which did nothing is seen")
    func passesNotices() async throws {
        let files = [
            "0001_a.sql": "create table a (i int)", "0002_b.sql": "create table if not exists a (i int)",
        ]
        try await withStage(files) { stage in
            var notices: [String] = []
            for try await event in stage.migrator().migrate() {
                if case .notice(let step, let notice) = event {
                    notices.append("\(step.name) \(notice.severity) \(notice.message)")
                }
            }
            #expect(notices == ["0002_b NOTICE relation \"a\" already exists, skipping"])
        }
    }

    @Test("stops where it is told to")
    func stopsAtTarget() async throws {
        let files = Dictionary(uniqueKeysWithValues: (1...5).map { ("000\($0)_t.sql", "create table t\($0) (i int)") })
        try await withStage(files) { stage in
            try await stage.migrator().migrate(to: .through("0002_t"))()
            #expect(try await stage.tables() == ["t1", "t2"])
            try await stage.migrator().migrate(to: .steps(1))()
            try await stage.migrator().migrate(to: .through("4"))()
            #expect(try await stage.tables() == ["t1", "t2", "t3", "t4"])
            let error = await #expect(throws: MigratorError.self) {
                try await stage.migrator().migrate(to: .through("0004_x"))()
            }
            #expect(error?.code == .unknownMigration)
        }
    }

    @Test("leaves nothing of a migration that fails in statement k of n, and says which", arguments: 1...4)
    func rollsBack(failing: Int) async throws {
        let lines = (1...4).map {
            $0 == failing ? "insert into nowhere values (\($0));" : "create table t\($0) (i int);"
        }
        try await withStage(["0001_a.sql": "create table a (i int)", "0002_b.sql": lines.joined(separator: "\n")]) {
            stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .statementFailed)
            #expect(error.location.map { "\($0)" }?.hasSuffix("0002_b.sql:\(failing):13") == true)
            #expect(
                error.message.hasPrefix(
                    "statement \(failing) of 4: relation \"nowhere\" does not exist (SQLSTATE 42P01)"
                )
            )
            #expect(error.state == "rolled back; the last applied migration is 0001_a")
            #expect(try await stage.tables() == ["a"])
            #expect(try await stage.states() == ["0001_a applied", "0002_b failed"])
            let event = try await stage.value(
                "select event || ' ' || migration from lastro_events order by position desc limit 1",
                as: String.self
            )
            #expect(event == "failed 0002_b")
            try stage.folder.write("create table b (i int)", to: "0002_b.sql")
            try await stage.migrator().migrate()()
            #expect(try await stage.states() == ["0001_a applied", "0002_b applied"])
        }
    }

    @Test("names the statement for errors that the server gives no place")
    func placesErrors() async throws {
        let sql =
            "create table t (i int);\ninsert into t values (0);\n-- a comment\n  insert into t\n  values (1), (1 / (select i from t));\nselect 1;"
        try await withStage(["0001_a.sql": sql]) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.location.map { "\($0)" }?.hasSuffix("0001_a.sql:4:3") == true)
            #expect(error.message.hasPrefix("statement 3 of 4: division by zero (SQLSTATE 22012)"))
        }
    }

    @Test(
        "runs files as people leave them",
        arguments: [
            "", "-- only a comment", "/* only a comment */\n", ";;\n;", "create table t (i int)",
            "\u{FEFF}create table t (i int);\r\n",
            "create table t (i int); -- no newline",
            "select 'it''s; a' as \"x;y\";\ncreate function f() returns int language sql as $$ select 1; $$;",
            "create function f() returns int language sql begin atomic; select case when true then 1 end; end;",
        ]
    )
    func runsUnusualFiles(text: String) async throws {
        try await withStage(["0001_a.sql": text]) { stage in
            try await stage.migrator().migrate()()
            #expect(try await stage.states() == ["0001_a applied"])
        }
    }

    @Test(
        "refuses what would end its transaction or only psql understands, and runs nothing",
        arguments: [
            ("create table b (i int);\ncommit;", "2:1"),
            ("begin;\ncreate table b (i int);\nend;\nselect 1", "1:1"),
            ("begin;\nset transaction read only;\nend;", "2:1"),
            ("begin isolation level serializable;\ncreate table b (i int);\nend;", "1:1"),
            ("create table b (i int);\n  rollback", "2:3"), ("\\i other.sql", "1:1"),
            ("select 1;\nselect 'open", "2:8"),
            ("create table b (i int) /* open", "1:24"), ("select 1;\n$$ open", "2:1"),
            ("prepare transaction 'x'", "1:1"), ("drop table public.schema_migrations", "1:1"),
            ("select 1;\ntruncate \"lastro_events\"", "2:1"), ("delete from schema_migrations", "1:1"),
            ("create temp table t (i int);\nvacuum", "1:1"), ("vacuum;\nlock table a", "2:1"),
            ("vacuum;\nset local work_mem = '1MB'", "2:1"), ("vacuum;\nbegin;\nselect 1", "2:1"),
            ("vacuum;\nbegin;\nvacuum;\ncommit", "3:1"), ("vacuum;\nrollback", "2:1"),
        ]
    )
    func refusesScripts(text: String, place: String) async throws {
        try await withStage(["0001_a.sql": "create table a (i int)", "0002_b.sql": text]) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.isRefusal)
            #expect(error.location.map { "\($0)" }?.hasSuffix("0002_b.sql:\(place)") == true, "\(error)")
            #expect(error.state == "nothing was run")
            #expect(try await stage.tables() == [])
        }
    }

    @Test("stops before it begins when a file was changed, and goes on when it is restored")
    func refusesChangedFiles() async throws {
        try await withStage(["0001_a.sql": "create table a (i int);\n"]) { stage in
            try await stage.migrator().migrate()()
            try stage.folder.write("create table a (i int, j int);\n", to: "0001_a.sql")
            try stage.folder.write("create table b (i int)", to: "0002_b.sql")
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .checksumMismatch)
            #expect(try await stage.tables() == ["a"])
            try stage.folder.write("\u{FEFF}create table a (i int);\r\n", to: "0001_a.sql")
            try await stage.migrator().migrate()()
            #expect(try await stage.tables() == ["a", "b"])
        }
    }

    @Test("stops at a missing file and at one that comes late, unless that is allowed")
    func refusesGaps() async throws {
        try await withStage(["0001_a.sql": "create table a (i int)", "0003_c.sql": "create table c (i int)"]) { stage in
            try await stage.migrator().migrate()()
            try stage.folder.write("create table b (i int)", to: "0002_b.sql")
            #expect(try await stage.failure(of: stage.migrator().migrate()).code == .outOfOrder)
            try await stage.migrator(order: .any).migrate()()
            #expect(try await stage.tables() == ["a", "b", "c"])
            try stage.folder.delete("0001_a.sql")
            #expect(try await stage.failure(of: stage.migrator().migrate()).code == .missingFile)
        }
    }

    @Test("keeps what a file sets for its session away from the next one, and its history where it was")
    func resetsTheSession() async throws {
        let files = [
            "0001_a.sql":
                "create schema other; set search_path = other; set statement_timeout = '1h'; create temp table scratch (i int); listen c; prepare p as select 1;",
            "0002_b.sql":
                "create table b as select current_setting('search_path') as path, current_setting('statement_timeout') as timeout, to_regclass('scratch') as scratch, (select count(*) from pg_prepared_statements) as prepared;",
        ]
        try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            let row = try await stage.value(
                "select path || ' ' || timeout || ' ' || coalesce(scratch::text, '-') || ' ' || prepared from public.b",
                as: String.self
            )
            #expect(row == "\"$user\", public 0 - 0")
            #expect(try await stage.value("select count(*) from public.schema_migrations", as: Int.self) == 2)
        }
    }

    @Test("numbers rows in the order in which they came, and uses no number twice")
    func numbersRows() async throws {
        try await withStage([
            "0001_a.sql": "create table a (i int)", "0002_b.sql": "create table b (i int)",
            "0002_b.down.sql": "drop table b",
        ]) { stage in
            try await stage.migrator().migrate()()
            try await stage.migrator().undo()()
            try await stage.migrator().migrate()()
            let positions = try await stage.value(
                "select string_agg(name || position, ' ' order by position) from schema_migrations",
                as: String.self
            )
            #expect(positions == "0001_a1 0002_b3")
        }
    }

    @Test("runs each migration once when many runners start together")
    func runsOnce() async throws {
        var files = ["0001_a.sql": "create table a (i int); select pg_sleep(0.2);"]
        for i in 2...10 {
            files["00\(i < 10 ? "0" : "")\(i)_t.sql"] = "insert into a values (\(i)); create table t\(i) (i int);"
        }
        try await withStage(files) { stage in
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<16 { group.addTask { try await stage.migrator().migrate()().migrations.count } }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(counts.sorted() == Array(repeating: 0, count: 15) + [10])
            #expect(try await stage.value("select count(*) from a", as: Int.self) == 9)
        }
    }

    @Test("says whom it waits for, and gives up when it was told to")
    func waitsForOthers() async throws {
        try await withStage(["0001_a.sql": "select pg_sleep(60)"]) { stage in
            let first = Task { try await stage.migrator().migrate()() }
            try await withPostgresConnection(to: stage.settings) { observer in
                try await observer.wait(
                    until:
                        "select exists (select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database())"
                )
            }
            var holder: LockHolder??
            let error = await #expect(throws: MigratorError.self) {
                for try await event in stage.migrator(lockPatience: .milliseconds(100)).migrate() {
                    if case .waiting(let found) = event { holder = found }
                }
            }
            #expect(error?.code == .lockTimeout)
            #expect(holder.flatMap { $0 }?.applicationName == "lastro")
            first.cancel()
            let interrupted = await #expect(throws: MigratorError.self) { try await first.value }
            #expect(interrupted?.code == .interrupted)
            #expect(try await stage.value("select count(*) from schema_migrations", as: Int.self) == 0)
        }
    }

    @Test("stops before the next migration when its lock connection is cut")
    func noticesALostLock() async throws {
        let waits = """
            create table a (i int);
            do $$ begin while not exists (select from gate) loop perform pg_sleep(0.02); end loop; end $$
            """
        try await withStage(["0001_a.sql": waits, "0002_b.sql": "create table b (i int)"]) { stage in
            try await withPostgresConnection(to: stage.settings) { observer in
                try await observer.query("create table gate ()")
            }
            let run = Task { try await stage.migrator().migrate()() }
            try await withPostgresConnection(to: stage.settings) { observer in
                try await observer.wait(
                    until:
                        "select exists (select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database())"
                )
                let pid = try await observer.query(
                    "select pid from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())"
                ).single.decode(Int.self)
                try await observer.query("select pg_terminate_backend($1::integer)", pid)
                // A session leaves the server's views a moment before its process hangs up.
                try await TestSupport.wait(for: "the process ends") { access("/proc/\(pid)", F_OK) != 0 }
                try await observer.query("insert into gate default values")
            }
            let error = await #expect(throws: MigratorError.self) { try await run.value }
            #expect(error?.code == .lockLost)
            #expect(try await stage.tables() == ["a", "gate"])
            #expect(try await stage.states() == ["0001_a applied", "0002_b pending"])
        }
    }

    @Test("says what became of a migration whose connection was cut")
    func settlesCutConnections() async throws {
        try await withStage(["0001_a.sql": "create table a (i int); select pg_terminate_backend(pg_backend_pid());"]) {
            stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .statementFailed)
            #expect(error.state.hasPrefix("rolled back"))
            #expect(try await stage.tables() == [])
        }
    }

    @Test("plans again when a row of its migration turned up meanwhile, and does not pass it for its own")
    func meetsTheFence() async throws {
        try await withStage([
            "0001_a.sql": "create table a (i int); insert into schema_migrations (name) values ('0002_b');",
            "0002_b.sql": "create table b (i int)",
        ]) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .foreignRow)
            #expect(try await stage.tables() == ["a"])
        }
    }
}
