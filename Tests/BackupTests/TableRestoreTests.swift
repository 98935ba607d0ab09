import Postgres
import TestSupport
import Testing

@testable import Backup

@Suite("Filling tables")
struct TableRestoreTests {
    @Test("is the same database whatever is made first: keys by their indexes, statistics beside other tables")
    func isEqual() async throws {
        let sql = """
            CREATE TABLE plain (id bigint PRIMARY KEY, "Other one" text UNIQUE, n numeric, d date, UNIQUE (n, d));
            INSERT INTO plain SELECT n, 'x' || n || E'\\t\\\\', n / 3.0, date '2020-01-01' + n FROM generate_series(1, 500) n;
            INSERT INTO plain VALUES (-1, NULL, 1e1200, 'infinity');
            CREATE TABLE special (a integer, b integer, c text, PRIMARY KEY (a) INCLUDE (b), UNIQUE (b) DEFERRABLE INITIALLY DEFERRED);
            ALTER TABLE special ADD CONSTRAINT "Odd (name)" UNIQUE (c) WITH (fillfactor = 50);
            INSERT INTO special VALUES (1, 2, 'c'); CREATE INDEX ON special (lower(c)); CREATE STATISTICS s ON a, b FROM special;
            CREATE TABLE identified (a integer NOT NULL UNIQUE, b integer); ALTER TABLE identified REPLICA IDENTITY USING INDEX identified_a_key;
            CREATE TABLE ordered (a integer PRIMARY KEY); ALTER TABLE ordered CLUSTER ON ordered_pkey; INSERT INTO ordered VALUES (2), (1);
            CREATE TABLE split (a integer PRIMARY KEY, b integer, UNIQUE (a, b)) PARTITION BY RANGE (a);
            CREATE TABLE split_1 PARTITION OF split FOR VALUES FROM (0) TO (10); INSERT INTO split VALUES (1, 1), (2, NULL);
            CREATE TABLE parent (a integer PRIMARY KEY); CREATE TABLE child (UNIQUE (a)) INHERITS (parent); INSERT INTO child VALUES (1), (2);
            CREATE TABLE refers (a integer REFERENCES plain (id), b integer REFERENCES special); INSERT INTO refers VALUES (1, 1);
            CREATE MATERIALIZED VIEW seen AS SELECT count(*) AS n FROM plain; CREATE UNIQUE INDEX ON seen (n)
            """
        try await withSnapshot(sql) { test, settings, _ in
            for jobs in [1, 3] {
                let copy = settings.with(database: (settings["dbname"] ?? "") + "_copy\(jobs)")
                var restoration = Restoration(from: test.repository, with: test.identities, to: copy)
                restoration.jobs = jobs
                restoration.largeTableBytes = 0
                let result = try await restoration()
                #expect(result.schemaIsEqual && result.rows == 509)
                try await withPostgresConnection(to: copy) { connection in
                    let row = try await connection.query(
                        """
                        SELECT (SELECT count(*) FROM pg_index WHERE NOT indisvalid OR NOT indisready),
                            (SELECT string_agg(relname::text, ' ' ORDER BY relname) FROM pg_class
                                WHERE relkind IN ('r', 'm') AND relnamespace = 'public'::regnamespace AND reltuples <= 0
                                    AND relname <> 'identified'),
                            (SELECT count(*) FROM pg_stats WHERE tablename = 'parent' AND inherited)
                        """
                    ).single
                    #expect(try row.decode(Int.self, String.self, Int.self) == (0, "parent", 1))
                }
                try await withPostgresConnection(to: settings) {
                    _ = try await $0.query("DROP DATABASE \(copy["dbname"] ?? "")")
                }
            }
        }
    }

    @Test("gathers no statistics where that is left to others", arguments: [false, true])
    func leavesStatistics(isAddition: Bool) async throws {
        let sql = """
            CREATE TABLE t (id integer PRIMARY KEY, n text); INSERT INTO t SELECT n, n FROM generate_series(1, 500) n;
            CREATE MATERIALIZED VIEW seen AS SELECT n FROM t
            """
        let columnsOfAll = isAddition ? 2 : 3
        try await withSnapshot(sql) { test, settings, _ in
            for analyses in [true, false] {
                let copy = settings.with(database: (settings["dbname"] ?? "") + "_copy\(analyses)")
                var restoration = Restoration(from: test.repository, with: test.identities, to: copy)
                if isAddition {
                    try await withPostgresConnection(to: settings) {
                        _ = try await $0.query("CREATE DATABASE \(copy["dbname"] ?? "")")
                    }
                    restoration.options.tables = ["t"]
                }
                restoration.options.analyses = analyses
                #expect(try await restoration().rows == 500)
                try await withPostgresConnection(to: copy) { connection in
                    let columns = try await connection.query(
                        "SELECT count(*) FROM pg_stats WHERE schemaname = 'public'"
                    ).single.decode(Int.self)
                    #expect(columns == (analyses ? columnsOfAll : 0))
                }
                try await withPostgresConnection(to: settings) {
                    _ = try await $0.query("DROP DATABASE \(copy["dbname"] ?? "")")
                }
            }
        }
    }

    @Test("has all its rows, in partitions that are chosen by numbers of the database's own", arguments: [false, true])
    func isHashedByEnum(readsBack: Bool) async throws {
        let sql = """
            CREATE TYPE mood AS ENUM ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p');
            CREATE TABLE t (id integer, at date, mood mood, twice integer GENERATED ALWAYS AS (2 * id) STORED)
                PARTITION BY RANGE (at);
            CREATE TABLE t_old PARTITION OF t FOR VALUES FROM ('2020-01-01') TO ('2026-01-01');
            CREATE TABLE t_new PARTITION OF t FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY HASH (mood);
            CREATE TABLE t_0 PARTITION OF t_new FOR VALUES WITH (MODULUS 2, REMAINDER 0);
            CREATE TABLE t_1 (mood mood, at date, id integer, twice integer GENERATED ALWAYS AS (2 * id) STORED);
            ALTER TABLE t_new ATTACH PARTITION t_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
            CREATE INDEX ON t (id); CREATE TABLE seen (mood mood[]) PARTITION BY HASH (mood);
            CREATE TABLE seen_0 PARTITION OF seen FOR VALUES WITH (MODULUS 2, REMAINDER 0);
            CREATE TABLE seen_1 PARTITION OF seen FOR VALUES WITH (MODULUS 2, REMAINDER 1);
            INSERT INTO t (id, at, mood)
                SELECT n, '2025-12-01'::date + n % 60, (enum_range(NULL::mood))[1 + n % 16] FROM generate_series(1, 3000) n;
            INSERT INTO seen SELECT ARRAY[mood, mood] FROM t LIMIT 500
            """
        try await withSnapshot(sql) { test, settings, _ in
            let names = try test.manifest().tables.map(\.name)
            #expect(Set(names) == ["t_old", "t_new", "seen"])
            let query = """
                SELECT (SELECT string_agg(t::text, ' ' ORDER BY id) FROM t) || (SELECT string_agg(s::text, ' ' ORDER BY s) FROM seen s)
                """
            func facts(_ settings: ConnectionSettings) async throws -> String {
                try await withPostgresConnection(to: settings) { try await $0.query(query).single.decode(String.self) }
            }
            let before = try await facts(settings)
            try await withRestored(settings) { copy in
                let result = try await test.restoration(to: copy) { $0.readsBack = readsBack }()
                #expect(result.rows == 3500 && result.schemaIsEqual)
                #expect(try await facts(copy) == before)
                try await withPostgresConnection(to: copy) { connection in
                    _ = try await connection.script(
                        """
                        TRUNCATE t, seen;
                        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''refused''; END';
                        CREATE TRIGGER one BEFORE INSERT ON t_0 FOR EACH ROW EXECUTE FUNCTION refuse();
                        CREATE TRIGGER all_of_them BEFORE INSERT ON t_new FOR EACH ROW EXECUTE FUNCTION refuse()
                        """
                    )
                }
                #expect(try await test.restoration(to: copy) { $0.isDataOnly = true }().rows == 3500)
                #expect(try await facts(copy) == before)
                try await withPostgresConnection(to: copy) { connection in
                    let triggers = "SELECT tgenabled::text FROM pg_trigger WHERE tgname IN ('one', 'all_of_them')"
                    let states = try await connection.query(triggers).decode(as: String.self)
                    #expect(states == ["O", "O", "O", "O"])
                }
            }
            try await withRestored(settings) { copy in
                let alone = await #expect(throws: BackupError.self) {
                    try await test.restoration(to: copy) { $0.tables = ["t_0"] }()
                }
                #expect(alone?.message.contains("are in the snapshot as those of \"t_new\"") == true)
                #expect(try await test.restoration(to: copy) { $0.tables = ["t_0", "t", "t_1"] }().rows == 3000)
                try await withPostgresConnection(to: settings) { connection in
                    _ = try await connection.query("DROP DATABASE \(copy["dbname"] ?? "") WITH (FORCE)")
                }
                let result = try await test.restoration(to: copy) { $0.tables = ["t_new"] }()
                let indexes = try await withPostgresConnection(to: copy) { connection in
                    try await connection.query("SELECT count(*) FROM pg_indexes WHERE indexname LIKE 't_%_id_idx'")
                        .single
                        .decode(Int.self)
                }
                #expect(result.rows > 0 && indexes == 3)
            }
        }
    }

    @Test("has its key though that says more than its columns do")
    func hasTemporalKey() async throws {
        guard try await PostgresInstallation.all().contains(where: { $0.version.major == 18 }) else {
            return print("skipped: PostgreSQL 18 is not installed: script/servers brings it")
        }
        let sql = """
            CREATE TABLE rooms (id int4range, at tsrange, PRIMARY KEY (id, at WITHOUT OVERLAPS), UNIQUE (at, id WITHOUT OVERLAPS));
            INSERT INTO rooms SELECT int4range(n, n + 1), tsrange('2026-01-01', '2026-01-02') FROM generate_series(1, 100) n
            """
        try await withSnapshot(sql, on: TestServer(major: 18)) { test, settings, _ in
            try await withRestored(settings) { copy in
                var restoration = test.restoration(to: copy)
                restoration.largeTableBytes = 0
                let result = try await restoration()
                #expect(result.rows == 100 && result.schemaIsEqual)
            }
        }
    }

    @Test(
        "notices rows that are other ones, in whichever table, and leaves no database then",
        arguments: [("wide", nil), ("small", nil), ("small", 18)]
    )
    func noticesOtherRows(table: String, major: Int?) async throws {
        let installed = try await PostgresInstallation.all()
        guard major == nil || installed.contains(where: { $0.version.major == major }) else {
            return print("skipped: PostgreSQL \(major ?? 0) is not installed: script/servers brings it")
        }

        // On its way in, a value becomes another one.
        let sql = """
            CREATE FUNCTION changed() RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''x''';
            CREATE TABLE wide AS SELECT n, repeat('w', 100) AS t FROM generate_series(1, 2000) n;
            CREATE TABLE small AS SELECT n, 's' AS t FROM generate_series(1, 20) n; CREATE TABLE none (n integer)
            """
        try await withSnapshot(sql) { test, source, _ in
            let settings = try await target(major, for: source)
            let copy = settings.with(database: (source["dbname"] ?? "") + "_copy")
            var restoration = Restoration(from: test.repository, with: test.identities, to: copy)
            restoration.options.keepsOwners = major == nil
            restoration.largeTableBytes = 1000
            restoration.observe = { phase in
                guard phase == .prepared else { return }
                let drafts = try await withPostgresConnection(to: settings) { connection in
                    try await connection.query(
                        "SELECT datname::text FROM pg_database WHERE strpos(shobj_description(oid, 'pg_database'), $1) > 0",
                        copy["dbname"] ?? ""
                    ).decode(as: String.self)
                }
                for draft in drafts {
                    try await withPostgresConnection(to: settings.with(database: draft)) { connection in
                        _ = try await connection.script(
                            """
                            CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS
                                $$ BEGIN IF NEW.n = 7 THEN NEW.t = 'other'; END IF; RETURN NEW; END $$;
                            CREATE TRIGGER other BEFORE INSERT ON public.\(table) FOR EACH ROW EXECUTE FUNCTION other()
                            """
                        )
                    }
                }
            }
            let error = await #expect(throws: BackupError.self) { try await restoration() }
            #expect(error?.message.contains("public.\(table)") == true, "\(error.map { "\($0)" } ?? "")")
            let left = try await withPostgresConnection(to: settings) { connection in
                try await connection.query("SELECT count(*) FROM pg_database WHERE datname = $1", copy["dbname"] ?? "")
                    .single
                    .decode(Int.self)
            }
            #expect(left == 0)
        }
    }

    private static let newer = TestServer(major: 18)

    private func target(_ major: Int?, for source: ConnectionSettings) async throws -> ConnectionSettings {
        guard major != nil else { return source }
        return try await Self.newer.superuser()
    }

    @Test("hands out what is ready: rows first, then what needs them, and nothing beside what would keep it waiting")
    func isScheduled() async throws {
        func entry(_ id: Int, _ kind: String, needs: Set<Int>) -> SchemaEntry {
            SchemaEntry(id: id, kind: kind, schema: "s", name: "e\(id)", dependencies: needs, settings: "", sql: "")
        }
        func make(_ id: Int, _ kind: String, needs: Set<Int>) -> RestoreTask {
            RestoreTask(work: .make(entry(id, kind, needs: needs)), tables: [1], bytes: 5)
        }
        func name(_ task: RestoreTask?) -> String? {
            switch task?.work {
            case .make(let entry): entry.name
            case .analyse(let table): "analyse \(table)"
            case .compare: "compare"
            case .load: "load"
            case nil: nil
            }
        }
        let schedule = RestoreSchedule([
            RestoreTask(work: .analyse("t"), tables: [1], bytes: 5), make(10, "CONSTRAINT", needs: [1, 11]),
            make(11, "INDEX", needs: [1]), make(12, "INDEX", needs: [1]),
            RestoreTask(work: .compare([]), tables: [1], bytes: 0),
            RestoreTask(work: .compare([]), tables: [1], bytes: 0),
        ])
        let first = try #require(try await schedule.next())
        let second = try #require(try await schedule.next())
        let third = try #require(try await schedule.next())
        #expect([first, second, third].map(name) == ["e11", "e12", "compare"])
        await schedule.end(first)
        // The key would wait for the other index and for who reads; statistics for the key.
        let fourth = try #require(try await schedule.next())
        #expect(name(fourth) == "compare")
        await schedule.end(second)
        await schedule.end(third)
        await schedule.end(fourth)
        let key = try #require(try await schedule.next())
        #expect(name(key) == "e10")
        await schedule.end(key)
        let last = try #require(try await schedule.next())
        #expect(name(last) == "analyse t")
        await schedule.end(last)
        #expect(try await schedule.next() == nil)
    }

    @Test("finishes a small table before the next one is loaded, and a large one when all are loaded")
    func finishesSmallTables() async throws {
        func load(_ table: Int, _ bytes: Int) -> RestoreTask {
            RestoreTask(work: .load(DataLoad.Batch(owner: nil, items: [], bytes: bytes)), tables: [table], bytes: bytes)
        }
        func analyse(_ table: Int, _ bytes: Int, isSmall: Bool) -> RestoreTask {
            RestoreTask(work: .analyse("t\(table)"), tables: [table], bytes: bytes, isSmall: isSmall)
        }
        let schedule = RestoreSchedule([
            analyse(1, 90, isSmall: false), analyse(2, 8, isSmall: true), load(3, 7), analyse(3, 7, isSmall: true),
            load(1, 45),
            load(1, 45), load(2, 8),
        ])
        var order: [String] = []
        while let task = try await schedule.next() {
            var more: [RestoreTask] = []
            switch task.work {
            case .load:
                order.append("load \(task.tables[0])")
                if await schedule.loaded(task) == [2] {
                    more = [RestoreTask(work: .compare([]), tables: [2], bytes: 0, isSmall: true)]
                }
            case .analyse(let table): order.append(table)
            case .compare: order.append("compare")
            case .make: break
            }
            await schedule.end(task, adding: more)
        }
        #expect(order == ["load 1", "load 1", "load 2", "t2", "compare", "load 3", "t3", "t1"])
    }
}
