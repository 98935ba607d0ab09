import Postgres
import TestSupport

/// Migrations of every form, whose traces say whether they ran wholly, partly or twice.
enum MixedMigrations {
    static let files: [String: String] = {
        var files = [
            "m/0001_t.sql": """
            create table t (id int primary key, a int, n int not null default 0, o int not null default 0);
            insert into t select g, g from generate_series(1, 400) g;
            create table log (step int primary key, runs int not null default 1);
            comment on table t is 'done';
            """,
            "m/0002_index.sql":
                "create index concurrently t_a on t (a);\ncreate unique index concurrently on t (a, id);",
            "m/0003_batch.sql":
                "-- lastro: batch key=id size=40\nupdate t set n = n + 1 where id >= :from and id < :to;",
            "m/0004_steps.sql": """
            insert into log values (1);
            vacuum t;
            begin;
            update log set runs = runs + 1;
            insert into log values (2);
            commit;
            create index concurrently t_o on t (o);
            update log set runs = runs + 1;
            """,
            "m/0005_batch.sql":
                "-- lastro: batch key=id size=40\nupdate t set o = o + 1 where id >= :from and id < :to;",
        ]
        for number in 10...24 {
            files["m/00\(number)_t.sql"] = """
                create table t\(number) (a int primary key, b int);
                insert into t\(number) select g, g from generate_series(1, 1000) g;
                select pg_sleep(0.02);
                alter table t\(number) add check (b > 0);
                comment on table t\(number) is 'done';
                """
        }
        return files
    }()

    /// Waits until so many migrations have their rows.
    static func wait(forRows count: Int, on url: String) async throws {
        try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
            try await connection.wait(until: "select to_regclass('schema_migrations') is not null")
            try await connection.wait(until: "select count(*) >= \(count) from schema_migrations")
        }
    }

    /// What is there of them.
    struct Traces: Hashable {
        /// Rows in the history.
        var rows = 0
        /// Tables that a migration of one transaction made: each is one row in the history.
        var tables = 0
        /// Tables without the comment that comes last.
        var halfMade = 0
        /// Rows that a batched migration changed twice or more.
        var changedTwice = 0
        /// Indexes of which a record says that they are built, and that are not.
        var missingIndexes = 0
        /// What the steps of 0004 have left, in order.
        var log = ""

        /// How far it is: something between nothing and everything.
        var isPartial: Bool { rows < files.count && (rows > 0 || tables > 0) }

        /// What is there of it when all is done.
        static let complete = Traces(rows: files.count, tables: 16, log: "1:3 2:2")

        /// Reads what is there.
        init(on url: String) async throws {
            try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
                (tables, halfMade) = try await connection.query(
                    """
                    select count(*), count(*) filter (where obj_description(oid) is distinct from 'done')
                    from pg_class where relkind = 'r' and relname ~ '^t[0-9]*$'
                    """
                ).single.decode(Int.self, Int.self)
                let hasHistory = try await connection.query("select to_regclass('schema_migrations') is not null")
                    .single.decode(Bool.self)
                guard hasHistory else { return }
                rows = try await connection.query("select count(*) from schema_migrations").single.decode(Int.self)
                guard tables > 0 else { return }
                (changedTwice, log) = try await connection.query(
                    """
                    select (select count(*) from t where n > 1 or o > 1),
                        (select coalesce(string_agg(step || ':' || runs, ' ' order by step), '') from log)
                    """
                ).single.decode(Int.self, String.self)
                missingIndexes = try await connection.query(
                    """
                    select count(*) from (values ('0002_index', 1, 't_a'), ('0002_index', 2, 't_a_id_idx'),
                        ('0004_steps', 4, 't_o')) e (migration, step, index)
                    where (exists (select from schema_migrations where name = migration)
                        or exists (select from lastro_steps s where s.migration = e.migration and s.step = e.step
                            and state = 'done'))
                        and not exists (select from pg_index where indexrelid = to_regclass(index) and indisvalid)
                    """
                ).single.decode(Int.self)
            }
        }

        private init(rows: Int, tables: Int, log: String) {
            (self.rows, self.tables, self.log) = (rows, tables, log)
        }

        /// Whether every migration is wholly there or wholly absent, or recorded to the step.
        var isConsistent: Bool {
            halfMade == 0 && changedTwice == 0 && missingIndexes == 0
                && ["", "1:1", "1:2 2:1", "1:3 2:2"].contains(log)
        }
    }
}
