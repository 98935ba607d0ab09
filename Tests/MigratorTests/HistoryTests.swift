import Postgres
import TestSupport
import Testing

@testable import Migrator

@Suite("The history")
struct HistoryTests {
    private let files = [
        "0001_a.sql": "create table a (i int)", "0002_b.sql": "create table b (i int)",
        "0003_c.sql": "create table c (i int)",
    ]

    @Test(
        "takes over a table of names and times in place",
        arguments: [
            "name varchar(255) primary key, applied_at timestamptz default now()", "name text, applied_at timestamp",
            "applied_at timestamptz not null default now(), name varchar(100) not null unique",
            "name text not null, applied_at timestamptz",
        ]
    )
    func takesOver(columns: String) async throws {
        try await withStage(files) { stage in
            try await stage.run(
                """
                create table a (i int); create table b (i int); create table schema_migrations (\(columns));
                insert into schema_migrations (name, applied_at) values ('0002_b.sql', '2025-02-01'), ('0001_a.sql', '2025-01-01');
                """
            )
            #expect(try await stage.states() == ["0001_a unverified", "0002_b unverified", "0003_c pending"])
            try await stage.migrator().migrate()()
            #expect(try await stage.states() == ["0001_a unverified", "0002_b unverified", "0003_c applied"])
            let rows = try await stage.value(
                "select string_agg(name || ' ' || position || ' ' || outcome || ' ' || (applied_at < '2026-01-01'), ', ' order by position) from schema_migrations",
                as: String.self
            )
            #expect(rows == "0001_a.sql 1 adopted true, 0002_b.sql 2 adopted true, 0003_c.sql 3 applied false")
            #expect(
                try await stage.value("select count(*) from lastro_events where event = 'taken-over'", as: Int.self)
                    == 1
            )
            try await stage.migrator().migrate()()
            let events = try await stage.value(
                "select string_agg(event, ' ' order by position) from lastro_events",
                as: String.self
            )
            #expect(events == "taken-over applied")
        }
    }

    @Test("lets an old tool go on writing, and stops at what it wrote until somebody says why")
    func stopsAtForeignRows() async throws {
        try await withStage(files) { stage in
            try await stage.run(
                "create table schema_migrations (name varchar(255), applied_at timestamptz default now())"
            )
            try await stage.migrator().migrate(to: .through("1"))()
            try await stage.run("insert into schema_migrations (name) values ('0002_b.sql')")
            #expect(try await stage.states() == ["0001_a applied", "0002_b foreign", "0003_c pending"])
            #expect(try await stage.failure(of: stage.migrator().migrate()).code == .foreignRow)
            #expect(
                try await stage.value(
                    "select applied_by from schema_migrations where name = '0002_b.sql'",
                    as: String?.self
                ) != nil
            )
            try await stage.migrator().mark(["0002_b"], reason: "made by hand")
            #expect(try await stage.states() == ["0001_a applied", "0002_b applied", "0003_c pending"])
            try await stage.run("insert into schema_migrations (name) values ('0003_c.sql')")
            let repairs = try await stage.migrator().repair(["0003_c"], reason: "it never ran")
            #expect(repairs == [Repair(name: "0003_c", action: .removedRow)])
            try await stage.migrator().migrate()()
            #expect(try await stage.tables() == ["a", "c"])
            let events = try await stage.value(
                "select string_agg(event || ' ' || migration || ' ' || reason, ', ' order by position) from lastro_events where migration is not null",
                as: String.self
            )
            #expect(events == "marked 0002_b made by hand, repaired 0003_c it never ran")
        }
    }

    @Test("merges rows that mean one migration, and keeps when it first ran")
    func mergesDuplicates() async throws {
        try await withStage(files) { stage in
            try await stage.run(
                """
                create table schema_migrations (name text, applied_at timestamptz);
                insert into schema_migrations values ('0001_a.sql', '2025-03-01'), ('0001_a', '2025-01-01'), ('0001_a.sql', '2025-02-01');
                """
            )
            var takeover: Takeover?
            for try await event in stage.migrator().migrate() {
                if case .tookOver(let found) = event { takeover = found }
            }
            #expect(takeover?.rows == 1)
            #expect(takeover?.duplicates.count == 2)
            #expect(
                try await stage.value(
                    "select applied_at::date::text from schema_migrations where name like '0001%'",
                    as: String.self
                ) == "2025-01-01"
            )
        }
    }

    @Test("refuses rows without a name, and leaves the table as it was")
    func refusesNullNames() async throws {
        try await withStage(files) { stage in
            try await stage.run(
                "create table schema_migrations (name text, applied_at timestamptz); insert into schema_migrations values (null, now())"
            )
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .unusableHistory)
            #expect(error.isRefusal)
            #expect(try await stage.tables() == [])
            #expect(
                try await stage.value(
                    "select count(*) from information_schema.columns where table_name = 'schema_migrations'",
                    as: Int.self
                ) == 2
            )
        }
    }

    @Test(
        "goes beside a table of that name that is another tool's",
        arguments: ["version bigint primary key, dirty boolean not null", "version varchar(128) primary key"]
    )
    func leavesOtherTools(columns: String) async throws {
        try await withStage(files) { stage in
            try await stage.run("create table schema_migrations (\(columns))")
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select count(*) from lastro_migrations", as: Int.self) == 3)
            #expect(try await stage.value("select count(*) from schema_migrations", as: Int.self) == 0)
            #expect(try await stage.migrator().migrate()().migrations.isEmpty)
        }
    }

    @Test(
        "is not begun where another tool's says that something ran, unless somebody says so",
        arguments: [
            ("schema_migrations", "version bigint primary key, dirty boolean not null", "2, false", "golang-migrate"),
            ("schema_migrations", "version varchar(128) primary key", "'1'", "dbmate"),
            ("alembic_version", "version_num varchar(32) primary key", "'ab12'", "Alembic"),
            (
                "goose_db_version", "id serial primary key, version_id bigint, is_applied boolean, tstamp timestamp",
                "1, 0, true, now()", "goose"
            ),
        ]
    )
    func needsAdoption(table: String, columns: String, row: String, tool: String) async throws {
        try await withStage(files) { stage in
            try await stage.run("create table \(table) (\(columns)); insert into \(table) values (\(row))")
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .otherHistory && error.isRefusal)
            #expect(
                error.message.hasPrefix("public.\(table) says what \(tool) ran on this database"),
                "\(error.message)"
            )
            #expect(try await stage.migrator().plan().problems.map(\.code) == [.otherHistory])
            #expect(try await stage.tables().filter { $0 != table } == [])
            var migrator = stage.migrator()
            migrator.options.historyTable = HistoryTableName(name: "own_migrations")
            #expect(try await migrator.migrate()().migrations.count == 3)
        }
    }

    @Test("lets a migration change another tool's table of that name")
    func sparesOtherTools() async throws {
        let sql = "ALTER TABLE ONLY public.schema_migrations ADD CONSTRAINT own PRIMARY KEY (version);\n"
        try await withStage(["0001_structure.sql": sql]) { stage in
            try await stage.run("CREATE TABLE schema_migrations (version varchar NOT NULL)")
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select count(*) = 1 from lastro_migrations"))
        }
        try await withStage(["0001_structure.sql": sql]) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .unsupportedStatement && error.next.contains("`history-table`"))
        }
    }

    @Test("begins at a baseline on a database that was made without one")
    func beginsAtABaseline() async throws {
        try await withStage(files) { stage in
            try await stage.run("create table a (i int); create table b (i int)")
            #expect(try await stage.migrator().baseline(at: "2", reason: "as delivered") == ["0001_a", "0002_b"])
            try await stage.migrator().migrate()()
            #expect(try await stage.tables() == ["a", "b", "c"])
            let error = await #expect(throws: MigratorError.self) { try await stage.migrator().baseline(at: "3") }
            #expect(error?.code == .wrongState)
        }
    }

    @Test("accepts edited files, notes checksums and forgets missing ones, when somebody says why")
    func isRepaired() async throws {
        try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            try stage.folder.write("create table a (i int) -- better", to: "0001_a.sql")
            try stage.folder.delete("0003_c.sql")
            try await stage.run("update schema_migrations set checksum = null where name = '0002_b'")
            let repairs = try await stage.migrator().repair(reason: "looked at it")
            #expect(
                repairs.map { "\($0.name) \($0.action.rawValue)" } == [
                    "0001_a accepted-file", "0002_b noted-checksum", "0003_c removed-row",
                ]
            )
            #expect(try await stage.states() == ["0001_a applied", "0002_b applied"])
            let error = await #expect(throws: MigratorError.self) {
                try await stage.migrator().repair(["1"], reason: "again")
            }
            #expect(error?.code == .wrongState)
        }
    }

    @Test("is found and kept where search_path leads first")
    func followsSearchPath() async throws {
        try await withStage(files) { stage in
            let name = try await stage.value("select current_database()", as: String.self)
            try await stage.run("create schema app; alter database \(name) set search_path = app")
            try await stage.migrator().migrate()()
            #expect(try await stage.value("select count(*) from app.schema_migrations", as: Int.self) == 3)
            #expect(try await stage.value("select to_regclass('app.c') is not null", as: Bool.self))
            try await stage.run("alter database \(name) set search_path = nowhere")
            #expect(try await stage.failure(of: stage.migrator().migrate()).code == .unusableHistory)
        }
    }
}

@Suite("Undoing")
struct UndoTests {
    private let files = [
        "0001_a.sql": "create table a (i int)", "0001_a.down.sql": "drop table a",
        "0002_b.sql": "create table b (i int)",
        "0002_b.down.sql": "drop table b", "0003_c.sql": "create table c (i int)", "0003_c.down.sql": "drop table c",
    ]

    @Test("goes back to a tag of Sqitch's plan, and says each one that it goes back behind")
    func undoesBehindTags() async throws {
        var files = ["sqitch.plan": "a 2026\n@v1 2026\nb 2026\nc 2026\n@v2 2026\n@stable 2026\nd 2026\n"]
        for name in ["a", "b", "c", "d"] {
            files["deploy/\(name).sql"] = "create table \(name) ();"
            files["revert/\(name).sql"] = "drop table \(name);"
        }
        try await withStage(files) { stage in
            try await stage.migrator().migrate(to: .through("@v2"))()
            #expect(try await stage.tables() == ["a", "b", "c"])
            var remarks: [String] = []
            for try await event in stage.migrator().undo(.to("@v1")) {
                if case .remark(let name, let text) = event { remarks.append("\(name ?? "") \(text)") }
            }
            #expect(remarks == ["c goes back behind @v2", "c goes back behind @stable"])
            #expect(try await stage.tables() == ["a"])
        }
    }

    @Test("takes migrations back in the reverse of the order in which they ran")
    func undoes() async throws {
        try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            #expect(try await stage.migrator().undo()().migrations == ["0003_c"])
            #expect(try await stage.states() == ["0001_a applied", "0002_b applied", "0003_c pending"])
            #expect(try await stage.migrator().undo(.to("0001_a"))().migrations == ["0002_b"])
            #expect(try await stage.tables() == ["a"])
            try await stage.migrator().migrate()()
            #expect(try await stage.migrator().undo(.steps(9))().migrations == ["0003_c", "0002_b", "0001_a"])
            #expect(try await stage.migrator().undo()().migrations.isEmpty)
            #expect(
                try await stage.value("select count(*) from lastro_events where event = 'undone'", as: Int.self) == 5
            )
        }
    }

    @Test("runs nothing when a down file is missing on the way")
    func refusesWithoutDownFile() async throws {
        try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            try stage.folder.delete("0002_b.down.sql")
            let error = try await stage.failure(of: stage.migrator().undo(.steps(2)))
            #expect(error.code == .noDownFile)
            #expect(try await stage.tables() == ["a", "b", "c"])
        }
    }

    @Test("leaves everything as it was when a down file fails")
    func rollsBack() async throws {
        try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            try stage.folder.write("drop table c;\ndrop table nowhere", to: "0003_c.down.sql")
            let error = try await stage.failure(of: stage.migrator().undo())
            #expect(error.location.map { "\($0)" }?.hasSuffix("0003_c.down.sql:2:1") == true)
            #expect(try await stage.tables() == ["a", "b", "c"])
            #expect(try await stage.states().last == "0003_c applied")
        }
    }

    @Test("stops at a row whose checksum is none, however it came to be there")
    func noticesGarbledChecksums() async throws {
        try await withStage(["0001_a.sql": "create table a (i int)"]) { stage in
            try await stage.migrator().migrate()()
            try await stage.run("update schema_migrations set checksum = upper(checksum)")
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .checksumMismatch)
            #expect(error.message == "the history has something in the place of its checksum that is none")
            try await stage.migrator().repair(["1"], reason: "restored by hand")
            #expect(try await stage.states() == ["0001_a applied"])
        }
    }

    @Test("says who locks the history, and gives up when it was waited for long enough")
    func waitsForTheHistory() async throws {
        try await withStage(["0001_a.sql": "create table a (i int)"]) { stage in
            try await stage.migrator().migrate()()
            try await withPostgresConnection(to: stage.settings) { other in
                try await other.script("begin; lock table schema_migrations in access exclusive mode")
                let error = try await stage.failure(of: stage.migrator(lockPatience: .milliseconds(200)).migrate())
                #expect(error.code == .lockTimeout)
                #expect(
                    error.message.hasPrefix(
                        "the history could not be read within 200 ms, since its table is locked by process"
                    )
                )
                var told = 0
                for try await event in stage.migrator().migrate() {
                    guard case .historyLocked(let blockers) = event else { continue }
                    told += 1
                    #expect(blockers.first?.query == "begin; lock table schema_migrations in access exclusive mode")
                    try await other.script("rollback")
                }
                #expect(told == 1)
            }
        }
    }

    @Test("tells who may not read or make the history, and what to do", arguments: [true, false])
    func namesMissingRights(isMade: Bool) async throws {
        try await withStage(["0001_a.sql": "create table a (i int)"]) { stage in
            let name = "lastro_guest_\(isMade ? "r" : "w")"
            try await withPostgresConnection(to: try await TestServer.standard.superuser()) { connection in
                _ = try await connection.script("create role \(name) login")
            }
            if isMade { try await stage.migrator().migrate()() }
            let guest = Migrator(directory: stage.folder.path, database: stage.settings.with("user", name))
            let error = try await stage.failure(of: guest.migrate())
            #expect(error.code == .historyRefused && error.location == nil)
            #expect(error.next.hasPrefix(isMade ? "grant the role SELECT" : "grant the role CREATE"))
        }
    }
}
