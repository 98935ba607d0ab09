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
