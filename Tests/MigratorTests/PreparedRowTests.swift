import Postgres
import TestSupport
import Testing

@testable import Migrator

@Suite("The rows of many migrations one behind the other")
struct PreparedRowTests {
    /// Migrations that make a table each, enough for rows of several.
    private static func files(_ count: Int = 30) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: (1...count).map { number in
                ("\(String(10_000 + number).dropFirst())_t.sql", "create table t\(number) (i int);")
            }
        )
    }

    /// Has statements run whenever something is defined.
    private static func watch(_ stage: Stage, _ body: String) async throws {
        try await stage.run("create table seen (query text)")
        var superuser = try await TestServer.standard.superuser()
        superuser["dbname"] = stage.settings["dbname"]
        try await withPostgresConnection(to: superuser) { connection in
            _ = try await connection.script(
                """
                create function watch() returns event_trigger language plpgsql as $$ begin \(body) end $$;
                create event trigger watch on ddl_command_end execute function watch();
                """
            )
        }
    }

    private static let count = "select count(*) from public.schema_migrations where outcome = 'applied' "

    @Test("are written by statements that the server keeps ready, and of which nothing is left behind them")
    func keepsReady() async throws {
        var files = Self.files()
        let look = "do $$ begin if exists (select from pg_prepared_statements) then raise 'left'; end if; end $$;"
        files["0015_t.sql"] = look + "create table t15 (i int);"
        files["0031_last.sql"] = look
        try await withStage(files) { stage in
            try await Self.watch(stage, "insert into public.seen values (current_query());")
            try await stage.migrator().migrate()()
            let ready = "select count(*) from seen where query like '%EXECUTE lastro_insertion%'"
            #expect(try await stage.value(ready, as: Int.self) > 15)
            let row =
                "and execution_ms >= 0 and checksum like 'v1:%' and kind = 'versioned' and version = left(name, 4)"
            #expect(try await stage.value(Self.count + row, as: Int.self) == 31)
            let events =
                "select count(distinct migration) || ' ' || count(*) from lastro_events where event = 'applied'"
            #expect(try await stage.value(events, as: String.self) == "31 31")
            #expect(try await stage.states().allSatisfy { $0.hasSuffix(" applied") })
        }
    }

    @Test("are written with a role, and beside migrations that do more than to define")
    func goesWithOthers() async throws {
        var files = Self.files()
        for number in [7, 8, 21] {
            files["\(String(10_000 + number).dropFirst())_t.sql"]? += " insert into t1 values (1);"
        }
        try await withStage(files) { stage in
            var migrator = stage.migrator()
            migrator.options.role = "lastro"
            migrator.options.historyTable = HistoryTableName(schema: nil, name: "my \"own\"")
            try await migrator.migrate()()
            let rows = "select count(*) from public.\"my \"\"own\"\"\" where outcome = 'applied'"
            #expect(try await stage.value(rows, as: Int.self) == 30)
            #expect(try await stage.value("select count(*) from t1", as: Int.self) == 3)
        }
    }

    @Test("give up where the history is locked")
    func meetsLock() async throws {
        try await withStage(Self.files(2)) { stage in
            try await stage.migrator().migrate()()
            for (name, text) in Self.files(20) { try stage.folder.write(text, to: name) }
            try await withPostgresConnection(to: stage.settings) { other in
                try await other.script("begin; lock table schema_migrations in share mode")
                var migrator = stage.migrator(lockPatience: .seconds(1))
                migrator.options.lockTimeout = .milliseconds(200)
                migrator.options.lockRetries = 1
                let error = try await stage.failure(of: migrator.migrate())
                #expect("\(error)".contains("lock timeout"), "\(error)")
                try await other.script("rollback")
            }
            try await stage.migrator().migrate()()
            #expect(try await stage.value(Self.count, as: Int.self) == 20)
        }
    }

    @Test("do not hide that something else has no such statement")
    func tellsOthersError() async throws {
        try await withStage(Self.files(2)) { stage in
            try await stage.migrator().migrate()()
            for (name, text) in Self.files() { try stage.folder.write(text, to: name) }
            // At the row's end, where the statement that was made ready could be gone, too.
            try await stage.run(
                """
                create function tell() returns trigger language plpgsql as
                    $$ begin raise 'gone' using errcode = '26000'; end $$;
                create trigger tell before insert on lastro_events for each row
                    when (new.event = 'applied' and new.migration > '0005') execute function tell();
                """
            )
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect("\(error)".contains("gone"))
            #expect(try await stage.value("select count(*) from public.schema_migrations", as: Int.self) == 4)
        }
    }

    @Test("are written in other words where somebody lets go of what the server keeps ready")
    func doesWithout() async throws {
        try await withStage(Self.files()) { stage in
            try await Self.watch(stage, "execute 'deallocate all';")
            try await stage.migrator().migrate()()
            #expect(try await stage.value(Self.count, as: Int.self) == 30)
            #expect(try await stage.tables().count == 31)
        }
    }

    @Test("are refused like any other where another hand has written one")
    func collides() async throws {
        try await withStage(Self.files()) { stage in
            let row = "insert into public.schema_migrations (name) values ('0009_t') on conflict do nothing;"
            try await Self.watch(
                stage,
                "if to_regclass('t7') is not null and to_regclass('t8') is null then \(row) end if;"
            )
            // The plan is made anew, and knows no checksum of that row.
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect("\(error)".contains("\"0009_t\" that Lastro did not write"))
            #expect(try await stage.tables() == ["seen"] + (1...8).map { "t\($0)" })
            #expect(try await stage.value(Self.count, as: Int.self) == 8)
        }
    }

    @Test("leave nothing in the sessions of a pooler")
    func passesPooler() async throws {
        try await withStage(Self.files()) { stage in
            try await Self.watch(stage, "insert into public.seen values (current_query());")
            let folder = stage.folder.path
            let left = try await withPgBouncer(to: stage.settings, poolSize: 2) { pooled in
                try await Migrator(directory: folder, database: pooled).migrate()()
                return try await withPostgresConnection(to: pooled) { connection in
                    try await connection.query("select count(*) from pg_prepared_statements where name like 'lastro%'")
                        .single.decode(Int.self)
                }
            }
            #expect(left == 0)
            let ready = "select count(*) from seen where query like '%lastro_insertion%'"
            #expect(try await stage.value(ready, as: Int.self) == 0)
            #expect(try await stage.value(Self.count, as: Int.self) == 30)
        }
    }

    @Test("leave the database as it was before the one that fails")
    func fails() async throws {
        var files = Self.files()
        files["0013_t.sql"] = "create table t13 (i int);\ncreate index on t13 (missing);"
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect("\(error)".contains("0013_t.sql:2:"))
            #expect("\(error)".contains("column \"missing\" does not exist"))
            #expect(try await stage.value(Self.count, as: Int.self) == 12)
            #expect(try await stage.tables().count == 12)
        }
    }
}
