import Catalog
import Postgres
import TestSupport
import Testing

@Suite("A catalog's reading")
struct ReadingTests {
    private static let schema = """
        CREATE SCHEMA "Odd ""name"; CREATE TYPE mood AS ENUM ('calm', 'busy');
        CREATE TABLE "Odd ""name".things (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text COLLATE "C" NOT NULL DEFAULT 'it''s',
            size integer CHECK (size > 0), twice integer GENERATED ALWAYS AS (size * 2) STORED, mood mood);
        CREATE TABLE "B" (id serial PRIMARY KEY, thing bigint REFERENCES "Odd ""name".things);
        CREATE INDEX ON "B" (thing) WHERE id > 7; CREATE VIEW a AS SELECT b.id FROM "B" b WHERE b.thing IS NOT NULL;
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER touch BEFORE UPDATE ON "B" FOR EACH ROW WHEN (OLD.id > 1) EXECUTE FUNCTION touch();
        CREATE POLICY own ON "B" USING (id > 3); ALTER TABLE "B" ENABLE ROW LEVEL SECURITY;
        COMMENT ON INDEX "B_pkey" IS 'of the key'; COMMENT ON COLUMN "B".thing IS 'one of them';
        """

    @Test("gives the same over two sessions as over one, in the order of identities")
    func isTheSame() async throws {
        try await withTestDatabase { settings in
            let one = try await withPostgresConnection(to: settings) { connection in
                _ = try await connection.script(Self.schema)
                return try await Catalog.read(on: connection)
            }
            let two = try await Catalog.read(from: settings)
            #expect(two == one)
            #expect(CatalogFile.text(of: two) == CatalogFile.text(of: one))
            let identities = two.objects.map(\.identity)
            #expect(identities == identities.sorted())
            #expect(identities.count > 20)
        }
    }

    @Test("goes on alone where the server has no place for a second session")
    func goesOnAlone() async throws {
        let superuser = try await TestServer.standard.superuser()["user"]
        try await withTestDatabase { settings in
            let role = "lonely_\(settings["dbname"] ?? "")"
            let catalogs = try await withPostgresConnection(to: settings.with("user", superuser)) { connection in
                _ = try await connection.script(Self.schema)
                _ = try await connection.script("CREATE ROLE \(role) LOGIN CONNECTION LIMIT 1")
                let alone = try await Catalog.read(from: settings.with("user", role))
                _ = try await connection.script("DROP ROLE \(role)")
                return (alone, try await Catalog.read(on: connection))
            }
            #expect(catalogs.0 == catalogs.1)
        }
    }

    @Test("counts the columns that are left")
    func countsColumns() async throws {
        try await withTestDatabase { settings in
            let catalog = try await withPostgresConnection(to: settings) { connection in
                _ = try await connection.script(
                    "CREATE TABLE t (a int, b int, c int, d int); ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN e int"
                )
                return try await Catalog.read(on: connection)
            }
            let table = ObjectIdentity(.table, schema: "public", "t")
            let positions = catalog.children(of: table, kind: .column).map { [$0.identity.name: $0.number(.position)] }
            #expect(positions == [["a": 1], ["c": 2], ["d": 3], ["e": 4]])
        }
    }
}

@Suite("A large catalog")
struct LargeCatalogTests {
    private static let catalog = Catalog(
        serverVersion: ServerVersion(number: 150_000),
        objects: (0..<9000).map { number in
            CatalogObject(
                ObjectIdentity(.table, schema: "s\(number % 7)", "t\(number) \"\u{1}ä"),
                attributes: [.owner: .text("o\n\(number)"), .grants: .list(["a=r", "\\"]), .unlogged: .flag(true)],
                dependencies: [ObjectIdentity(.table, schema: "s0", "t0 \"\u{1}ä")]
            )
        },
        notModelled: ["x"]
    )

    @Test("is written by several threads as by one")
    func isWritten() throws {
        let text = CatalogFile.text(of: Self.catalog)
        #expect(try CatalogFile.read(Array(text.utf8), name: "catalog.json") == Self.catalog)
        #expect(Self.catalog.fingerprint == Fingerprint(of: Self.catalog.objects))
        #expect(text.contains("\"fingerprint\": \"\(Self.catalog.fingerprint)\""))
    }

    @Test("finds its objects")
    func findsObjects() {
        for object in Self.catalog.objects { #expect(Self.catalog[object.identity] == object) }
        #expect(Self.catalog[ObjectIdentity(.table, schema: "s0", "t1")] == nil)
    }
}
