import Catalog
import Postgres
import SQLSyntax
import StudyPlatform
import TestSupport
import Testing

@testable import SchemaDiff

@Suite("A folder with one file an object")
struct SchemaFolderTests {
    @Test("builds the schema of the study platform again, in whatever order, and file by file in the one that it says")
    func roundsTripOfTheStudyPlatform() async throws {
        let catalog = try await SchemaReader().read(.migrations(StudyPlatform.migrations))
        let folder = try SchemaFolder(of: catalog)
        #expect(folder.files.filter { $0.path.contains("/tables/") && !$0.path.contains(".foreign-keys") }.count >= 85)
        #expect(folder.files.contains { $0.path == "schema/public/tables/jobs.sql" })
        try await expectRoundTrip(of: folder, to: catalog)
    }

    @Test("has names that no file system stumbles over or takes for others")
    func encodesNames() async throws {
        let sql = """
            CREATE SCHEMA "Odd/Schema"; CREATE TABLE "Odd/Schema"."../../etc/passwd" (id integer PRIMARY KEY);
            CREATE TABLE "Jobs" (id integer); CREATE TABLE jobs (id integer); CREATE TABLE "JOBS" (id integer);
            CREATE TABLE "a.b" ("\n" integer); CREATE TABLE "." (i integer); CREATE TABLE con (i integer);
            CREATE TABLE "%6aobs" (id integer); CREATE TABLE "ação/列\n:x" (id integer CHECK (id > 0));
            CREATE TABLE "\(String(repeating: "É", count: 31))" (id integer);
            CREATE VIEW " -rf *" AS SELECT * FROM "Jobs";
            CREATE FUNCTION "F;"(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
            CREATE FUNCTION "F;"(text) RETURNS integer LANGUAGE sql AS 'SELECT 2';
            COMMENT ON TABLE jobs IS E'\\\\! touch x\\n\\\\q'
            """
        try await withTestDatabase { settings in
            let catalog = try await withPostgresConnection(to: settings) { connection in
                for statement in try SQLScript(sql).statements { _ = try await connection.script(statement.text) }
                return try await Catalog.read(on: connection)
            }
            let folder = try SchemaFolder(of: catalog)
            let paths = folder.files.map(\.path)
            #expect(Set(paths.map { $0.lowercased() }).count == paths.count)
            let plain = Set("abcdefghijklmnopqrstuvwxyz0123456789_-%./")
            #expect(paths.allSatisfy { $0.allSatisfy(plain.contains) && !$0.contains("..") && !$0.contains("//") })
            #expect(paths.allSatisfy { $0.split(separator: "/").allSatisfy { $0.utf8.count < 256 } })
            #expect(
                paths.contains("schema/public/tables/%4aobs.sql") && paths.contains("schema/public/tables/jobs.sql")
            )
            #expect(paths.contains("schema/public/tables/%63on.sql"))
            try await expectRoundTrip(of: folder, to: catalog)
        }
    }

    @Test("has an order for tables, functions and views that need each other")
    func opensCircles() async throws {
        let sql = """
            CREATE TABLE a (id integer PRIMARY KEY); CREATE TABLE b (id integer PRIMARY KEY REFERENCES a);
            ALTER TABLE a ADD FOREIGN KEY (id) REFERENCES b;
            CREATE FUNCTION is_good(a) RETURNS boolean IMMUTABLE LANGUAGE sql BEGIN ATOMIC SELECT ($1).id > 0; END;
            ALTER TABLE a ADD CONSTRAINT good CHECK (is_good(a));
            CREATE FUNCTION next() RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT max(id) + 1 FROM b; END;
            ALTER TABLE b ALTER COLUMN id SET DEFAULT next();
            CREATE TABLE s (id serial, n integer GENERATED ALWAYS AS IDENTITY);
            CREATE VIEW v AS SELECT 1 AS i; CREATE VIEW w AS SELECT i FROM v; CREATE OR REPLACE VIEW v AS SELECT i FROM w;
            ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC; REVOKE ALL ON s FROM PUBLIC;
            CREATE TYPE zz AS ENUM ('x'); CREATE TABLE aa (z zz); CREATE MATERIALIZED VIEW aaa AS SELECT * FROM aa;
            CREATE INDEX ON aaa (z)
            """
        try await withTestDatabase { settings in
            let catalog = try await withPostgresConnection(to: settings) { connection in
                for statement in try SQLScript(sql).statements { _ = try await connection.script(statement.text) }
                return try await Catalog.read(on: connection)
            }
            try await expectRoundTrip(of: SchemaFolder(of: catalog), to: catalog)
        }
    }

    /// Loads the files in their order, each statement once, and in the order of their paths, and compares.
    private func expectRoundTrip(
        of folder: SchemaFolder,
        to catalog: Catalog,
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws {
        let wanted = catalog.withoutOwners()
        let again = try SchemaFolder(of: catalog)
        #expect(again == folder, sourceLocation: sourceLocation)
        let files = Dictionary(uniqueKeysWithValues: folder.files.map { ($0.path, $0.text) })
        try await withTestDatabase { settings in
            let made = try await withPostgresConnection(to: settings) { connection in
                _ = try await connection.script("SET check_function_bodies = off")
                for file in folder.files {
                    for statement in try SQLScript(file.text, file: file.path).statements {
                        do {
                            _ = try await connection.script(statement.text)
                        } catch {
                            Issue.record("\(file.path): \(error)", sourceLocation: sourceLocation)
                        }
                    }
                }
                return try await Catalog.read(on: connection)
            }
            expectEqual(made, wanted, sourceLocation)
        }
        for hasOrder in [true, false] {
            let order = hasOrder ? [SchemaFolder.loadScriptName: folder.loadScript] : [:]
            try await withTemporaryFolder(files.merging(order) { $1 }) { place in
                let made = try await SchemaReader().read(.sql(place.path))
                if hasOrder { expectEqual(made, wanted, sourceLocation) }
                let rest = CatalogChanges(from: made, to: wanted).changes.filter { $0.differing != [] }
                #expect(rest == [], sourceLocation: sourceLocation)
                let source = try await SchemaSource(place.path)
                #expect(source == .sql(place.path), sourceLocation: sourceLocation)
            }
        }
    }

    private func expectEqual(_ made: Catalog, _ wanted: Catalog, _ sourceLocation: Testing.SourceLocation) {
        let changes = CatalogChanges(from: made.withoutOwners(), to: wanted).changes
        let rest = changes.map { "\($0.identity): \($0.attributes)" }
        #expect(rest == [], sourceLocation: sourceLocation)
    }
}
