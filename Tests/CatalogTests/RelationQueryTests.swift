import Catalog
import Postgres
import TestSupport
import Testing

@Suite("A catalog's relations")
struct RelationQueryTests {
    @Test("say what tables, columns and sequences are")
    func holdTables() async throws {
        let catalog = try await catalog(
            of: """
                CREATE SCHEMA app;
                CREATE TYPE app.pair AS (left_side integer, right_side text);
                CREATE TABLE app.base (gone integer, id bigint, name text COLLATE "C" DEFAULT 'x');
                ALTER TABLE app.base DROP COLUMN gone;
                CREATE UNLOGGED TABLE app.child (
                    extra integer GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME app.odd START WITH 5 INCREMENT BY -1 MAXVALUE 7),
                    twice bigint GENERATED ALWAYS AS (id * 2) STORED
                ) INHERITS (app.base) WITH (fillfactor = 70, toast.autovacuum_enabled = false);
                ALTER TABLE app.child ALTER COLUMN name SET STORAGE EXTERNAL, ALTER COLUMN name SET COMPRESSION pglz,
                    ALTER COLUMN name SET STATISTICS 7, ALTER COLUMN id SET (n_distinct = 5);
                CREATE TABLE app.typed OF app.pair;
                CREATE TABLE app.parts (id integer, at date) PARTITION BY RANGE (at, lower(id::text));
                CREATE TABLE app.part PARTITION OF app.parts DEFAULT;
                ALTER TABLE app.part REPLICA IDENTITY FULL, ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
                CREATE SEQUENCE app.counter AS smallint MAXVALUE 9 CYCLE OWNED BY app.base.id;
                CREATE TEMPORARY TABLE passing (id integer);
                CREATE TABLE schema_migrations (name text PRIMARY KEY, applied_at timestamptz);
                CREATE TABLE lastro_notes (id serial);
                """
        )
        func column(_ table: String, _ name: String) throws -> CatalogObject {
            try #require(catalog[ObjectIdentity(.column, schema: "app", parent: table, name)])
        }
        let child = try #require(catalog[ObjectIdentity(.table, schema: "app", "child")])
        #expect(child.flag(.unlogged))
        #expect(child.list(.inherits) == ["app.base"])
        #expect(child.list(.storageParameters) == ["fillfactor=70", "toast.autovacuum_enabled=false"])
        #expect(child.dependencies.contains(ObjectIdentity(.table, schema: "app", "base")))
        let name = try column("child", "name")
        #expect(name.number(.position) == 2)
        #expect(name.text(.collation) == "\"C\"")
        #expect(name.text(.default) == "'x'::text")
        #expect(name.text(.storage) == "external")
        #expect(name.text(.compression) == "pglz")
        #expect(name.number(.statistics) == 7)
        #expect(name.flag(.inherited))
        #expect(name.dependencies.contains(ObjectIdentity(.column, schema: "app", parent: "base", "name")))
        #expect(try column("child", "id").list(.columnParameters) == ["n_distinct=5"])
        let extra = try column("child", "extra")
        #expect(extra.text(.identity) == "always")
        #expect(extra.text(.identitySequence) == "odd")
        #expect(extra.list(.identityOptions) == ["START WITH 5", "INCREMENT BY -1", "MAXVALUE 7"])
        #expect(try column("child", "twice").text(.generated) == "(id * 2)")
        #expect(catalog[ObjectIdentity(.table, schema: "app", "typed")]?.text(.ofType) == "app.pair")
        let parts = try #require(catalog[ObjectIdentity(.table, schema: "app", "parts")])
        #expect(parts.text(.partitionKey) == "RANGE (at, lower((id)::text))")
        let part = try #require(catalog[ObjectIdentity(.table, schema: "app", "part")])
        #expect(part.text(.partitionOf) == "app.parts")
        #expect(part.text(.partitionBound) == "DEFAULT")
        #expect(part.text(.replicaIdentity) == "full")
        #expect(part.flag(.rowSecurity) && part.flag(.forceRowSecurity))
        let counter = try #require(catalog[ObjectIdentity(.sequence, schema: "app", "counter")])
        #expect(counter.text(.type) == "smallint")
        #expect(counter.list(.sequenceOptions) == ["MAXVALUE 9", "CYCLE"])
        #expect(counter.text(.ownedBy) == "app.base.id")
        #expect(catalog.objects.allSatisfy { $0.identity.schema != "public" })
    }

    @Test("say what constraints, indexes and statistics are")
    func holdConstraints() async throws {
        let catalog = try await catalog(
            of: """
                CREATE TABLE parts (id integer, at date, CONSTRAINT positive CHECK (id > 0)) PARTITION BY LIST (id);
                CREATE TABLE part PARTITION OF parts FOR VALUES IN (1);
                ALTER TABLE parts ADD CONSTRAINT key PRIMARY KEY (id);
                CREATE INDEX by_date ON parts (at);
                CREATE TABLE other (
                    id integer REFERENCES parts DEFERRABLE, name text, CONSTRAINT once UNIQUE NULLS NOT DISTINCT (name));
                ALTER TABLE other ADD CONSTRAINT late CHECK (id < 9) NOT VALID, CLUSTER ON once;
                CREATE UNIQUE INDEX tuned ON other (lower(name)) INCLUDE (id) WITH (fillfactor = 50) WHERE id > 1;
                ALTER INDEX tuned ALTER COLUMN 1 SET STATISTICS 9;
                COMMENT ON INDEX once IS 'of the index';
                CREATE STATISTICS both_ways ON id, name FROM other;
                ALTER STATISTICS both_ways SET STATISTICS 3;
                """
        )
        func object(_ kind: CatalogKind, _ parent: String?, _ name: String) -> CatalogObject? {
            catalog[ObjectIdentity(kind, schema: "public", parent: parent, name)]
        }
        #expect(object(.constraint, "parts", "positive")?.text(.definition) == "CHECK ((id > 0))")
        #expect(object(.constraint, "part", "positive") == nil)
        #expect(object(.constraint, "part", "part_pkey")?.text(.attachedTo) == "public.key")
        #expect(object(.index, "part", "part_at_idx")?.text(.attachedTo) == "public.by_date")
        #expect(object(.constraint, "other", "late")?.text(.definition) == "CHECK ((id < 9)) NOT VALID")
        let foreignKey = try #require(object(.constraint, "other", "other_id_fkey"))
        #expect(foreignKey.text(.definition) == "FOREIGN KEY (id) REFERENCES public.parts(id) DEFERRABLE")
        #expect(foreignKey.dependencies.contains(ObjectIdentity(.constraint, schema: "public", parent: "parts", "key")))
        let once = try #require(object(.constraint, "other", "once"))
        #expect(once.flag(.clustered))
        #expect(once.text(.indexComment) == "of the index")
        let tuned = try #require(object(.index, "other", "tuned"))
        #expect(tuned.list(.storageParameters) == ["fillfactor=50"])
        #expect(tuned.list(.statistics) == ["1 9"])
        #expect(object(.statistics, nil, "both_ways")?.number(.statistics) == 3)
    }

    @Test("say what views, rules, triggers and policies are")
    func holdViews() async throws {
        let catalog = try await catalog(
            of: """
                CREATE TABLE parts (id integer, name text) PARTITION BY LIST (id);
                CREATE TABLE part PARTITION OF parts FOR VALUES IN (1);
                CREATE VIEW shown WITH (security_barrier) AS SELECT id, name FROM part;
                ALTER VIEW shown ALTER COLUMN name SET DEFAULT 'none';
                CREATE MATERIALIZED VIEW kept AS SELECT * FROM shown WITH NO DATA;
                CREATE RULE ignore AS ON DELETE TO part DO INSTEAD NOTHING;
                ALTER TABLE part DISABLE RULE ignore;
                CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                CREATE TRIGGER every AFTER INSERT ON parts FOR EACH ROW EXECUTE FUNCTION stop();
                CREATE TRIGGER quiet AFTER INSERT ON parts FOR EACH ROW EXECUTE FUNCTION stop();
                ALTER TABLE part DISABLE TRIGGER quiet;
                CREATE POLICY own ON part AS RESTRICTIVE FOR UPDATE TO lastro USING (id > 1) WITH CHECK (id > 2);
                """
        )
        func object(_ kind: CatalogKind, _ parent: String?, _ name: String) -> CatalogObject? {
            catalog[ObjectIdentity(kind, schema: "public", parent: parent, name)]
        }
        let shown = try #require(object(.view, nil, "shown"))
        #expect(shown.list(.storageParameters) == ["security_barrier=true"])
        #expect(shown.dependencies.contains(ObjectIdentity(.column, schema: "public", parent: "part", "name")))
        #expect(object(.viewColumn, "shown", "name")?.text(.default) == "'none'::text")
        let kept = try #require(object(.materializedView, nil, "kept"))
        #expect(kept.flag(.unpopulated))
        #expect(
            kept.dependencies.contains { $0.parent == "shown" } || kept.dependencies.contains(shown.identity)
        )
        #expect(object(.rule, "part", "ignore")?.text(.enabled) == "disabled")
        #expect(object(.trigger, "parts", "every") != nil)
        #expect(object(.trigger, "part", "every") == nil)
        #expect(object(.trigger, "part", "quiet")?.text(.enabled) == "disabled")
        #expect(object(.trigger, "part", "quiet")?.flag(.inherited) == true)
        let own = try #require(object(.policy, "part", "own"))
        #expect(own.text(.command) == "UPDATE")
        #expect(own.flag(.restrictive))
        #expect(own.list(.roles) == ["lastro"])
        #expect(own.text(.using) == "(id > 1)")
        #expect(own.text(.withCheck) == "(id > 2)")
    }

    private func catalog(of sql: String) async throws -> Catalog {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                _ = try await connection.script(sql)
                return try await Catalog.read(on: connection)
            }
        }
    }
}
