import Postgres
import SystemPackage
import TestSupport
import Testing

@testable import Backup

extension TestRepository {
    func restoration(to settings: ConnectionSettings, _ change: (inout RestoreOptions) -> Void = { _ in })
        -> Restoration
    {
        var restoration = Restoration(from: repository, with: identities, to: settings)
        change(&restoration.options)
        return restoration
    }
}

/// Lends a name for a database that a test restores, and drops what has it behind the test.
func withRestored(
    _ settings: ConnectionSettings,
    _ suffix: String = "copy",
    _ body: (ConnectionSettings) async throws -> Void
) async throws {
    let name = "\(settings["dbname"] ?? "")_\(suffix)"
    func drop() async throws {
        try await withPostgresConnection(to: settings) { connection in
            _ = try await connection.query("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
        }
    }
    do {
        try await body(settings.with(database: name))
    } catch {
        try? await drop()  // the test's own failure is the one to tell
        throw error
    }
    try await drop()
}

@Suite("What is restored of a snapshot")
struct RestoreOptionsTests {
    @Test("is the owner of the database, what may be done with it, its comment and its limit")
    func hasAttributes() async throws {
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                let name = settings["dbname"] ?? ""
                let superuser = try await TestServer.standard.superuser().with(database: name)
                let (owner, other, guest) = ("\(name)_o", "\(name)_x", "\(name)_g")
                let query = """
                    SELECT concat_ws(' ', datdba::regrole, datconnlimit, shobj_description(oid, 'pg_database'),
                        (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(datacl) a))
                    FROM pg_database WHERE datname = current_database()
                    """
                func facts(_ settings: ConnectionSettings) async throws -> String {
                    try await withPostgresConnection(to: settings) {
                        try await $0.query(query).single.decode(String.self)
                    }
                }
                try await withPostgresConnection(to: superuser) {
                    _ = try await $0.script(
                        """
                        CREATE ROLE \(owner); CREATE ROLE \(other); CREATE ROLE \(guest); ALTER DATABASE \(name) OWNER TO \(owner);
                        REVOKE ALL ON DATABASE \(name) FROM PUBLIC; GRANT CONNECT ON DATABASE \(name) TO \(guest) WITH GRANT OPTION;
                        COMMENT ON DATABASE \(name) IS 'it''s ours'; ALTER DATABASE \(name) CONNECTION LIMIT 42
                        """
                    )
                }
                let before = try await facts(superuser)
                #expect(before.hasPrefix("\(owner) 42 it's ours "))
                _ = try await test.creation(of: superuser)()
                try await withRestored(superuser) { copy in
                    let result = try await test.restoration(to: copy)()
                    let after = try await facts(copy)
                    #expect(result.schemaIsEqual && after == before)
                }
                try await withRestored(superuser, "mapped") { copy in
                    _ = try await test.restoration(to: copy) { $0.roleMap = [owner: other] }()
                    #expect(try await facts(copy) == before.replacing(owner, with: other))
                }
                try await withRestored(superuser, "plain") { copy in
                    _ = try await test.restoration(to: copy) { $0.keepsOwners = false }()
                    #expect(try await facts(copy) == "postgres -1")
                }
                // Who may not give a database away says so.
                try await withRestored(superuser, "other") { copy in
                    var restoration = test.restoration(to: copy.with("user", "lastro"))
                    let notes = Notes()
                    restoration.note = { notes.add($0) }
                    _ = try await restoration()
                    #expect(notes.all.contains { $0.hasPrefix("the database's owner \(owner) is not as it was: ") })
                }
                try await withPostgresConnection(to: superuser) {
                    _ = try await $0.script(
                        "ALTER DATABASE \(name) OWNER TO lastro; DROP OWNED BY \(guest); DROP ROLE \(owner), \(other), \(guest)"
                    )
                }
            }
        }
    }

    @Test("is a partition with its keys and indexes, though they are parts of its parent's")
    func standsAlone() async throws {
        let sql = """
            CREATE TABLE p (id integer PRIMARY KEY, n integer, UNIQUE (n, id)) PARTITION BY RANGE (id);
            CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (1000) PARTITION BY RANGE (id);
            CREATE TABLE p_2 PARTITION OF p_1 FOR VALUES FROM (0) TO (500); CREATE INDEX ON p (n);
            INSERT INTO p SELECT n, n FROM generate_series(1, 100) n
            """
        try await withSnapshot(sql) { test, settings, _ in
            for (table, count) in [("p_1", 6), ("p_2", 3)] {
                try await withRestored(settings, table) { copy in
                    let result = try await test.restoration(to: copy) { $0.tables = [table] }()
                    let indexes = try await withPostgresConnection(to: copy) { connection in
                        try await connection.query("SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'").single
                            .decode(Int.self)
                    }
                    #expect(result.rows == 100 && indexes == count)
                }
            }
        }
    }

    @Test("is whatever texts have in their last lines")
    func keepsLastLines() async throws {
        let sql = """
            CREATE TABLE t (n integer, w text DEFAULT 'x
            -- y');
            COMMENT ON TABLE t IS 'first
            -- second'; COMMENT ON COLUMN t.n IS 'first

            ---'; COMMENT ON COLUMN t.w IS 'a
            --';
            CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1
            -- the end';
            CREATE FUNCTION two() RETURNS text LANGUAGE sql AS $$SELECT 'x
            SET default_tablespace = y'$$;
            COMMENT ON FUNCTION one() IS 'x
            SET default_tablespace = y';
            CREATE VIEW v AS SELECT n FROM t; CREATE INDEX ON t (n)
            """
        try await withSnapshot(sql) { test, settings, _ in
            for keepsOwners in [true, false] {
                try await withRestored(settings) { copy in
                    let result = try await test.restoration(to: copy) { $0.keepsOwners = keepsOwners }()
                    #expect(result.schemaIsEqual)
                }
            }
        }
    }

    private static let schema = """
        CREATE TYPE mood AS ENUM ('well', 'ill');
        CREATE FUNCTION shouted(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper($1)';
        CREATE TABLE people (id serial PRIMARY KEY, name text NOT NULL CHECK (shouted(name) <> ''), mood mood);
        CREATE INDEX by_name ON people (shouted(name)); COMMENT ON INDEX by_name IS 'by name';
        INSERT INTO people (name, mood) SELECT 'n' || n, 'well' FROM generate_series(1, 100) n;
        CREATE TABLE visits (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person integer REFERENCES people,
            before integer REFERENCES visits);
        INSERT INTO visits (person, before) SELECT n, nullif(101 - n, n) FROM generate_series(1, 100) n;
        CREATE TABLE split (a integer PRIMARY KEY, b text) PARTITION BY RANGE (a);
        CREATE TABLE low PARTITION OF split FOR VALUES FROM (0) TO (10);
        CREATE TABLE high PARTITION OF split FOR VALUES FROM (10) TO (20);
        INSERT INTO split SELECT n, 'x' FROM generate_series(0, 19) n;
        CREATE VIEW seen AS SELECT name FROM people;
        CREATE TABLE log (n integer);
        CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.log VALUES (1); RETURN NEW; END $$;
        CREATE TRIGGER notes BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION noted();
        """

    private func count(_ settings: ConnectionSettings, _ sql: String) async throws -> Int {
        try await withPostgresConnection(to: settings) { try await $0.query(sql).single.decode(Int.self) }
    }

    @Test("is the schema alone, or what comes before the data, or the rows without keys")
    func goesUpToPoints() async throws {
        try await withSnapshot(Self.schema) { test, settings, _ in
            let keys = "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'"
            try await withRestored(settings) { copy in
                let result = try await test.restoration(to: copy) { $0.isSchemaOnly = true }()
                #expect(result.schemaIsEqual && !result.isPartial && result.rows == 0)
                #expect(try await count(copy, "SELECT count(*) FROM people") == 0)
                let all = try await count(settings, keys)
                #expect(try await count(copy, keys) == all)
                // The rows follow, with the triggers at rest, and into empty tables only.
                let rows = try await test.restoration(to: copy) { $0.isDataOnly = true }()
                #expect(rows.rows == 220 && rows.isPartial)
                #expect(try await count(copy, "SELECT nextval('people_id_seq')") == 101)
                #expect(try await count(copy, "SELECT count(*) FROM log") == 0)
                _ = try await withPostgresConnection(to: copy) {
                    try await $0.query("INSERT INTO people (name) VALUES ('x')")
                }
                #expect(try await count(copy, "SELECT count(*) FROM log") == 1)
                let again = await #expect(throws: BackupError.self) {
                    try await test.restoration(to: copy) { $0.isDataOnly = true }()
                }
                #expect(again?.message.hasSuffix(" is not empty") == true && again?.isUsage == true)
            }
            for (point, rows) in [(RestoreOptions.Point.preData, 0), (.data, 100)] {
                try await withRestored(settings, point.rawValue.replacing("-", with: "")) { copy in
                    let result = try await test.restoration(to: copy) { $0.point = point }()
                    #expect(result.isPartial)
                    #expect(try await count(copy, "SELECT count(*) FROM visits") == rows)
                    #expect(try await count(copy, keys) == 0)
                }
            }
            let nowhere = await #expect(throws: BackupError.self) {
                try await test.restoration(to: settings.with(database: "absent")) { $0.isDataOnly = true }()
            }
            #expect(nowhere?.isUsage == true)
        }
    }

    @Test("is some tables with what they need, in a new database or in the one where they are missing")
    func takesTables() async throws {
        try await withSnapshot(Self.schema) { test, settings, _ in
            try await withRestored(settings) { copy in
                let result = try await test.restoration(to: copy) { $0.tables = ["people", "public.sp*"] }()
                #expect(result.tables == 3 && result.rows == 120 && result.isPartial)
                #expect(try await count(copy, "SELECT count(*) FROM split JOIN people ON a = id") == 19)
                let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
                #expect(try await count(copy, tables) == 4)
                #expect(try await count(copy, "SELECT nextval('people_id_seq')") == 101)
            }
            try await withPostgresConnection(to: settings) { _ = try await $0.script("DROP TABLE people CASCADE") }
            _ = try await test.restoration(to: settings) { $0.tables = ["people"] }()
            #expect(try await count(settings, "SELECT count(*) FROM people WHERE mood = 'well'") == 100)
            let again = await #expect(throws: BackupError.self) {
                try await test.restoration(to: settings) { $0.tables = ["people"] }()
            }
            #expect(again?.code == .restoreFailed && again?.message.contains("already exists") == true)
            #expect(try await count(settings, "SELECT count(*) FROM people") == 100)
            let unknown = await #expect(throws: BackupError.self) {
                try await test.restoration(to: settings) { $0.tables = ["persons"] }()
            }
            #expect(unknown?.message == "the snapshot has no table persons")
        }
    }

    @Test("goes into another schema beside the original, with its own types, keys and sequences")
    func movesIntoSchemas() async throws {
        try await withSnapshot(Self.schema) { test, settings, _ in
            let restoration = test.restoration(to: settings) {
                $0.tables = ["people", "visits", "split"]
                $0.schema = "Rescued ones"
            }
            let result = try await restoration()
            #expect(result.tables == 4 && result.rows == 220)
            try await withPostgresConnection(to: settings) { connection in
                _ = try await connection.script("DROP TABLE public.people, public.visits, public.split CASCADE")
                let row = try await connection.query(
                    """
                    SELECT (SELECT count(*) FROM "Rescued ones".visits v JOIN "Rescued ones".people p ON p.id = v.person),
                        (SELECT count(*) FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
                            WHERE nspname = 'Rescued ones' AND contype = 'f'),
                        (SELECT pg_typeof(mood)::text FROM "Rescued ones".people LIMIT 1),
                        nextval('"Rescued ones".people_id_seq')
                    """
                ).single
                #expect(
                    try row.decode(Int.self, Int.self, String.self, Int.self) == (100, 2, "\"Rescued ones\".mood", 101)
                )
            }
            let again = await #expect(throws: BackupError.self) { try await restoration() }
            #expect(again?.message == "there is a schema Rescued ones already")
        }
    }

    @Test("belongs to other roles where that is asked for, and roles that are there stay as they are")
    func mapsRoles() async throws {
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                let name = settings["dbname"] ?? ""
                let superuser = try await TestServer.standard.superuser().with(database: name)
                let roles = ["\(name)_a", "\(name)_b", "\(name)_C d"]
                let quoted = roles.map { "\"\($0)\"" }
                try await withPostgresConnection(to: superuser) { connection in
                    for role in quoted { try await connection.script("CREATE ROLE \(role) LOGIN") }
                    _ = try await connection.script(
                        """
                        CREATE TABLE t (n integer); INSERT INTO t VALUES (1); ALTER TABLE t OWNER TO \(quoted[0]);
                        GRANT SELECT ON t TO \(quoted[1]), PUBLIC; GRANT UPDATE (n) ON t TO \(quoted[1]) WITH GRANT OPTION;
                        CREATE POLICY p ON t TO \(quoted[1]), \(quoted[0]) USING (true);
                        ALTER DEFAULT PRIVILEGES FOR ROLE \(quoted[0]) GRANT SELECT ON TABLES TO \(quoted[1]);
                        CREATE SCHEMA s AUTHORIZATION \(quoted[1])
                        """
                    )
                    _ = try await test.creation(of: superuser)()
                    _ = try await connection.script(
                        "ALTER ROLE \(quoted[0]) NOLOGIN SUPERUSER; DROP OWNED BY \(quoted[1]); DROP ROLE \(quoted[1])"
                    )
                }
                try await withRestored(superuser) { copy in
                    let notes = Notes()
                    var restoration = test.restoration(to: copy) { $0.roleMap = [roles[1]: roles[2]] }
                    restoration.note = { notes.add($0) }
                    _ = try await restoration()
                    #expect(notes.all.contains("role \(roles[0]) differs: LOGIN in the snapshot, SUPERUSER here"))
                    try await withPostgresConnection(to: copy) { connection in
                        let row = try await connection.query(
                            """
                            SELECT pg_get_userbyid(relowner)::text, relacl::text, (SELECT attacl::text FROM pg_attribute
                                WHERE attrelid = c.oid AND attname = 'n'),
                                (SELECT array_to_string(polroles::regrole[], ',') FROM pg_policy),
                                (SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 's')
                            FROM pg_class c WHERE relname = 't'
                            """
                        ).single
                        let all = try (0..<5).map { try String(postgres: row[$0]) }
                        #expect(all[0] == roles[0])
                        #expect(
                            all.dropFirst().allSatisfy { $0.contains(roles[2]) && !$0.contains(roles[1]) },
                            "\(all)"
                        )
                        let made = try await connection.query("SELECT FROM pg_roles WHERE rolname = $1", roles[1])
                        #expect(made.isEmpty)
                    }
                }
                try await withRestored(superuser, "more") { copy in
                    // Made anew, without rights; the one that is there keeps what it has.
                    _ = try await test.restoration(to: copy)()
                    try await withPostgresConnection(to: copy) { connection in
                        let rows = try await connection.query(
                            "SELECT rolname::text, rolcanlogin, rolsuper FROM pg_roles WHERE rolname LIKE $1 ORDER BY 1",
                            "\(name)\\__"
                        ).decode(as: (String, Bool, Bool).self)
                        #expect(rows.map(\.0) == [roles[0], roles[1]])
                        #expect(rows.map(\.1) == [false, true] && rows.map(\.2) == [true, false])
                    }
                    let none = await #expect(throws: BackupError.self) {
                        try await test.restoration(to: settings.with(database: "\(name)_no")) {
                            $0.roleMap = [roles[1]: "nobody_\(name)"]
                        }()
                    }
                    #expect(none?.code == .lacking)
                }
                try await withPostgresConnection(to: superuser) { connection in
                    for role in quoted {
                        _ = try await connection.script("DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)")
                    }
                }
            }
        }
    }

    @Test("is nothing where options contradict each other")
    func refusesContradictions() {
        let cases: [(inout RestoreOptions) -> Void] = [
            { ($0.isSchemaOnly, $0.isDataOnly) = (true, true) },
            { ($0.replaces, $0.tables) = (true, ["t"]) },
            { ($0.isDataOnly, $0.schema) = (true, "s") },
            { ($0.keepsOwners, $0.roleMap) = (false, ["a": "b"]) },
            { ($0.isSchemaOnly, $0.point) = (true, .data) },
        ]
        for change in cases {
            var options = RestoreOptions()
            change(&options)
            #expect(throws: BackupError.self) { try options.check() }
        }
    }
}
