import Postgres
import TestSupport
import Testing

@testable import Backup

@Suite("Tables that are read again")
struct ReadBackTests {
    /// Changes a database that is being built, when its tables are there and before their rows are.
    private func change(
        _ statements: String,
        in copy: ConnectionSettings,
        _ restoration: inout Restoration
    ) {
        restoration.observe = { phase in
            guard phase == .prepared else { return }
            let drafts = try await withPostgresConnection(to: copy.with(database: "postgres")) { connection in
                try await connection.query(
                    "SELECT datname::text FROM pg_database WHERE strpos(shobj_description(oid, 'pg_database'), $1) > 0",
                    copy["dbname"] ?? ""
                ).decode(as: String.self)
            }
            for draft in drafts {
                try await withPostgresConnection(to: copy.with(database: draft)) { _ = try await $0.script(statements) }
            }
        }
    }

    @Test(
        "are told apart by what the server writes, also where it stores the bits that it was sent",
        arguments: [1, 3]
    )
    func areReadBack(jobs: Int) async throws {
        let sql = """
            CREATE TABLE t AS SELECT n, (n || '.50')::numeric AS price FROM generate_series(1, 1000) n;
            CREATE TABLE other AS SELECT n FROM generate_series(1, 10) n
            """
        try await withSnapshot(sql) { test, settings, _ in
            let copy = settings.with(database: (settings["dbname"] ?? "") + "_copy")
            var restoration = test.restoration(to: copy)
            restoration.jobs = jobs
            // 1.50 becomes 1.5, and that is what is sent, stored and hashed.
            change("ALTER TABLE public.t ALTER COLUMN price TYPE double precision", in: copy, &restoration)
            let hashed = try await restoration()
            #expect(hashed.rows == 1010 && !hashed.schemaIsEqual)
            try await withPostgresConnection(to: settings) {
                _ = try await $0.query("DROP DATABASE \(copy["dbname"] ?? "")")
            }
            restoration.options.readsBack = true
            let error = await #expect(throws: BackupError.self) { try await restoration() }
            #expect(error?.code == .otherContent && error?.message.contains("public.t") == true, "\(error as Any)")
            // As it was backed up, it is what it was.
            restoration.observe = { _ in }
            #expect(try await restoration().schemaIsEqual)
            try await withPostgresConnection(to: settings) {
                _ = try await $0.query("DROP DATABASE \(copy["dbname"] ?? "")")
            }
        }
    }

    @Test("name objects as the backup did, whatever schemas names are looked up in")
    func haveOneSearchPath() async throws {
        let sql = """
            CREATE SCHEMA app; CREATE TABLE app.named AS SELECT 'app'::regnamespace AS schema, n FROM generate_series(1, 3) n;
            CREATE TABLE app.tables AS SELECT 'app.named'::regclass AS relation;
            CREATE FUNCTION app.hashint4extended(integer, integer) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS
                $$ BEGIN RAISE EXCEPTION 'another function of that name'; END $$
            """
        try await withSnapshot(sql) { test, settings, _ in
            var drill = Drill(of: test.repository, with: test.identities)
            drill.scratch = settings
            drill.searchPath = ["app", "public"]
            #expect(try await drill().outcome == .passed)
            let copy = settings.with(database: (settings["dbname"] ?? "") + "_copy")
            let whole = test.restoration(to: copy) { $0.searchPath = ["app"] }
            #expect(try await whole().rows == 4)
            try await withPostgresConnection(to: copy) { _ = try await $0.query("DROP TABLE app.tables, app.named") }
            let added = test.restoration(to: copy) {
                $0.searchPath = ["app"]
                $0.tables = ["app.named", "app.tables"]
            }
            #expect(try await added().rows == 4)
            try await withPostgresConnection(to: settings) {
                _ = try await $0.query("DROP DATABASE \(copy["dbname"] ?? "")")
            }
        }
    }

    private static let newer = TestServer(major: 18)

    @Test("are only counted where the newer version may write their values in another way, and those are named")
    func areCounted() async throws {
        guard try await PostgresInstallation.all().contains(where: { $0.version.major == 18 }) else {
            return print("skipped: PostgreSQL 18 is not installed: script/servers brings it")
        }
        let sql = """
            CREATE TABLE paid AS SELECT n, n::money AS sum FROM generate_series(1, 100) n;
            CREATE TABLE plain AS SELECT n, 't' AS t FROM generate_series(1, 100) n
            """
        try await withSnapshot(sql) { test, source, _ in
            let server = try await Self.newer.superuser()
            let notes = Notes()
            var drill = Drill(of: test.repository, with: test.identities)
            drill.scratch = server
            drill.note = { notes.add($0) }
            #expect(try await drill().outcome == .passed)
            #expect(
                notes.all.contains { $0.hasSuffix("can only be counted: public.paid (type money)") },
                "\(notes.all)"
            )
            let copy = server.with(database: (source["dbname"] ?? "") + "_copy")
            for (table, column, isNoticed) in [("paid", "sum = '0.01'", false), ("plain", "t = 'other'", true)] {
                var restoration = test.restoration(to: copy) {
                    $0.keepsOwners = false
                    $0.readsBack = true
                }
                change(
                    """
                    CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS
                        $$ BEGIN IF NEW.n = 7 THEN NEW.\(column); END IF; RETURN NEW; END $$;
                    CREATE TRIGGER other BEFORE INSERT ON public.\(table) FOR EACH ROW EXECUTE FUNCTION other()
                    """,
                    in: copy,
                    &restoration
                )
                if isNoticed {
                    let error = await #expect(throws: BackupError.self) { try await restoration() }
                    #expect(error?.message.contains("public.plain") == true)
                } else {
                    #expect(try await restoration().rows == 200)
                    try await withPostgresConnection(to: server) {
                        _ = try await $0.query("DROP DATABASE \(copy["dbname"] ?? "")")
                    }
                }
            }
        }
    }
}
