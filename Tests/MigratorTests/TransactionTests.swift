import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Migrator

@Suite("Migrations in a transaction")
struct TransactionTests {
    @Test("leaves out a BEGIN and a COMMIT around the whole file, and says so")
    func unwraps() async throws {
        let text =
            "-- as another tool wants it\nBEGIN;\ncreate table t (i int);\nsavepoint s;\nrollback to s;\nCOMMIT;\n"
        try await withStage(["0001_t.sql": text]) { stage in
            var remarks: [String] = []
            for try await event in stage.migrator().migrate() {
                if case .remark(let name, let text) = event { remarks.append("\(name ?? ""): \(text)") }
            }
            #expect(
                remarks == [
                    "0001_t: its own BEGIN and COMMIT are left out: the whole file is one transaction with its history row"
                ]
            )
            #expect(try await stage.states() == ["0001_t applied"])
        }
    }

    @Test("runs COPY with its data, as pg_dump writes it")
    func copies() async throws {
        let text = """
            create table t (i int, s text);
            COPY t (i, s) FROM stdin;
            1\tone
            2\t\\N
            \\.

            create table u (i int);
            copy u from stdin with (format csv);
            3
            \\.
            select 1 / (select count(*) from t, u);
            """
        try await withStage(["0001_t.sql": text]) { stage in
            try await stage.migrator().migrate()()
            #expect(
                try await stage.value("select sum(i) from (select i from t union all select i from u) x", as: Int.self)
                    == 6
            )
        }
    }

    @Test("names the line of the data that COPY stumbles over, and leaves nothing")
    func placesCopyErrors() async throws {
        let text = "create table t (i int);\ncopy t from stdin;\n1\nnope\n3\n\\.\nselect 1;"
        try await withStage(["0001_t.sql": text]) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.location.map { "\($0)" }?.hasSuffix("0001_t.sql:4:1") == true)
            #expect(error.message.hasPrefix("statement 2 of 3: invalid input syntax for type integer: \"nope\""))
            #expect(try await stage.tables() == [])
        }
    }

    @Test(
        "fails, and leaves nothing, when the migration's row does not last",
        arguments: [
            "do $$ begin execute 'delete from ' || 'schema_migrations'; end $$; create table t (i int)",
            "do $$ begin execute 'drop table schema_' || 'migrations'; end $$; create table t (i int)",
            "do $$ begin execute 'truncate schema_' || 'migrations'; end $$; create table t (i int)",
        ]
    )
    func noticesLostRows(text: String) async throws {
        try await withStage(["0001_a.sql": "create table a (i int)", "0002_t.sql": text]) { stage in
            try await stage.migrator().migrate(to: .through("1"))()
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .unusableHistory)
            #expect(error.message == "the row of 0002_t in the history did not last until its transaction's end")
            #expect(error.state == "rolled back; the last applied migration is 0001_a")
            #expect(try await stage.tables() == ["a"])
            #expect(try await stage.states() == ["0001_a applied", "0002_t failed"])
        }
    }

    @Test("fails when a trigger swallows the row")
    func noticesSwallowedRows() async throws {
        try await withStage(["0001_a.sql": "create table a (i int)", "0002_t.sql": "create table t (i int)"]) { stage in
            try await stage.migrator().migrate(to: .through("1"))()
            try await stage.run(
                """
                create function swallow() returns trigger language plpgsql as 'begin return null; end';
                create trigger swallow before insert on schema_migrations for each row execute function swallow();
                """
            )
            #expect(try await stage.failure(of: stage.migrator().migrate()).code == .unusableHistory)
            #expect(try await stage.tables() == ["a"])
        }
    }

    @Test("speaks of the history, and of no place in the file, when the history refuses the row")
    func namesTheHistory() async throws {
        try await withStage(["0001_a.sql": "create table a (i int)", "0002_t.sql": "create table t (i int)"]) { stage in
            try await stage.migrator().migrate(to: .through("1"))()
            try await stage.run("alter table schema_migrations drop column reason")
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .unusableHistory && error.location == nil)
            #expect(error.message.hasPrefix("0002_t could not be put into the history: column \"reason\""))
        }
    }

    @Test("reads backslashes as the splitter does, whatever the database's setting is")
    func setsStandardStrings() async throws {
        let text = #"create table q (x int); select 'x\', '; commit; select 1/0; --'"#
        try await withStage(["0001_a.sql": text]) { stage in
            try await stage.run(
                "do $$ begin execute format('alter database %I set standard_conforming_strings = off', current_database()); end $$"
            )
            try await stage.migrator().migrate()()
            #expect(try await stage.states() == ["0001_a applied"])
        }
    }

    @Test("tells of a guard that did nothing, whatever the database's setting is")
    func setsMessages() async throws {
        try await withStage([
            "0001_a.sql": "create table a (i int)", "0002_b.sql": "create table if not exists a (i int)",
        ]) {
            stage in
            try await stage.run(
                "do $$ begin execute format('alter database %I set client_min_messages = error', current_database()); end $$"
            )
            var notices: [String] = []
            for try await event in stage.migrator().migrate() {
                if case .notice(_, let notice) = event { notices.append(notice.message) }
            }
            #expect(notices == ["relation \"a\" already exists, skipping"])
        }
    }

    @Test("rolls back when a deferred constraint fails at the commit")
    func failsAtCommit() async throws {
        let text = """
            create table p (i int primary key);
            create table c (i int references p deferrable initially deferred);
            insert into c values (1);
            """
        try await withStage(["0001_a.sql": text]) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.message.contains("violates foreign key constraint"))
            #expect(error.location.map { "\($0)" }?.hasSuffix("0001_a.sql") == true)
            #expect(try await stage.tables() == [])
        }
    }

    @Test("tries again when a lock cannot be had in time, and says who holds it")
    func retries() async throws {
        try await withStage(["0001_a.sql": "create table a (i int)", "0002_b.sql": "alter table a add column j int"]) {
            stage in
            try await stage.migrator().migrate(to: .through("1"))()
            var migrator = stage.migrator()
            migrator.options.lockTimeout = .seconds(3)
            var blockers: [String] = []
            var attempts: [Int] = []
            try await withPostgresConnection(to: stage.settings) { other in
                try await other.script("set application_name = 'reporting'; begin; select * from a")
                let run = migrator.migrate()
                for try await event in run {
                    switch event {
                    case .retrying(_, let attempt, _, let found):
                        attempts.append(attempt)
                        blockers += found.map(\.description)
                        // On a busy machine a first try may end before anybody looked who is in its way.
                        if !found.isEmpty { try await other.script("rollback") }
                    default: continue
                    }
                }
            }
            #expect(!attempts.isEmpty)
            #expect(attempts == attempts.indices.map { $0 + 1 })
            #expect(blockers.count == 1)
            #expect(blockers.first?.contains("(reporting, idle in transaction") == true)
            #expect(blockers.first?.hasSuffix("begin; select * from a") == true)
            #expect(try await stage.states() == ["0001_a applied", "0002_b applied"])
            let recorded = "select count(*) = \(attempts.count) from lastro_events where event = 'lock-timeout'"
            #expect(try await stage.value(recorded))
        }
    }

    @Test("gives up when the lock cannot be had at all, with nothing done")
    func givesUp() async throws {
        try await withStage(["0001_a.sql": "create table a (i int)", "0002_b.sql": "alter table a add column j int"]) {
            stage in
            try await stage.migrator().migrate(to: .through("1"))()
            var migrator = stage.migrator()
            migrator.options.lockTimeout = .milliseconds(50)
            migrator.options.lockRetries = 1
            let failing = migrator
            try await withPostgresConnection(to: stage.settings) { other in
                try await other.script("begin; select * from a")
                let error = try await stage.failure(of: failing.migrate())
                #expect(error.message.contains("canceling statement due to lock timeout (SQLSTATE 55P03)"))
            }
            #expect(try await stage.states() == ["0001_a applied", "0002_b failed"])
        }
    }

    @Test("gives what it makes to the role it is told, whatever a file does to its role")
    func assumesRole() async throws {
        let files = [
            "0001_a.sql": "create table a (i int)", "0002_b.sql": "create table b (i int); reset role",
            "0003_c.sql": "create table c (i int)",
        ]
        try await withStage(files) { stage in
            let role = "lastro_test_owner"
            let superuser = try await TestServer.standard.superuser()
            try await withPostgresConnection(to: superuser) { connection in
                _ = try await connection.script(
                    "create role \(role); create role lastro_test_login login noinherit in role \(role)"
                )
            }
            try await stage.run("grant create, usage on schema public to \(role)")
            var migrator = Migrator(
                directory: stage.folder.path,
                database: stage.settings.with("user", "lastro_test_login")
            )
            migrator.options.role = role
            try await migrator.migrate(to: .through("2"))()
            try await migrator.migrate()()
            let owners = try await stage.value(
                "select string_agg(relname || ' ' || (relowner::regrole::text = '\(role)'), ', ' order by relname) from pg_class where relname in ('a', 'b', 'c', 'schema_migrations')",
                as: String.self
            )
            #expect(owners == "a true, b true, c true, schema_migrations true")
        }
    }

    @Test("tries again a few times where a catalog has the name, which may be the file's own doing")
    func givesUpOnDuplicates() async throws {
        let twice = "CREATE TEXT SEARCH CONFIGURATION c (COPY = simple);\n"
        try await withStage(["0001_a.sql": twice + twice]) { stage in
            let retries = Mutex(0)
            let error = await #expect(throws: MigratorError.self) {
                for try await event in stage.migrator().migrate() {
                    if case .retrying = event { retries.withLock { $0 += 1 } }
                }
            }
            #expect(error?.code == .statementFailed)
            #expect(error?.message.contains("pg_ts_config_cfgname_index") == true)
            #expect(retries.withLock { $0 } == 3)
        }
    }
}
