import Catalog
import Migrator
import Postgres
import TestSupport
import Testing

@testable import SchemaDiff

@Suite("A squash")
struct SquashTests {
    /// Proves a squash of a folder up to its last migration.
    private func prove(_ files: [String: String]) async throws -> Squash.Proved {
        try await withTemporaryFolder(files) { folder in
            let directory = try await MigrationDirectory(readingFrom: folder.path)
            let last = directory.migrations.last?.name ?? ""
            let draft = try SquashDraft(of: directory, to: last, titled: "baseline", placeholders: nil)
            return try await Squash(draft, reader: SchemaReader())()
        }
    }

    private static let files = [
        "0001_tables.sql": """
        CREATE SCHEMA app;
        CREATE TYPE app.mood AS ENUM ('good', 'bad "so"', 'it''s');
        CREATE TABLE app.parent (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            mother bigint REFERENCES app.parent,
            name text NOT NULL,
            mood app.mood,
            size numeric(8, 3),
            double_size numeric GENERATED ALWAYS AS (size * 2) STORED,
            raw bytea, at timestamptz, span interval, tags text[], data jsonb, day date, ratio double precision
        );
        CREATE TABLE app.child (id serial PRIMARY KEY, parent bigint REFERENCES app.parent, note varchar(20));
        CREATE TABLE app.log (line text);
        CREATE TABLE "Odd ""Name" ("a b" int, "select" text);
        CREATE FUNCTION app.on_child() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO app.log VALUES (TG_OP || ' ' || NEW.note); NEW.note := upper(NEW.note); RETURN NEW; END $$;
        CREATE TRIGGER on_child BEFORE INSERT OR UPDATE ON app.child FOR EACH ROW EXECUTE FUNCTION app.on_child();
        CREATE RULE keep AS ON DELETE TO app.log DO INSTEAD NOTHING;
        """,
        "0002_rows.sql": """
        INSERT INTO app.parent (name, mood, size, raw, at, span, tags, data, day, ratio) VALUES
            ('it''s \\ a', 'bad "so"', 1.5, '\\x00ff', '2024-02-29 12:00:00.123456+03', '-1 year 2 days -00:00:01', '{a,"b c",NULL}',
             '{"k": [1, null]}', '0044-03-15 BC', 0.1),
            (E'line\\nand\\rreturn', 'it''s', NULL, NULL, 'infinity', NULL, NULL, NULL, NULL, 'NaN');
        UPDATE app.parent SET mother = 2 WHERE id = 1;
        INSERT INTO app.child (parent, note) SELECT 1 + i % 2, 'n' || i FROM generate_series(1, 250) AS i;
        DELETE FROM app.child WHERE id > 240;
        INSERT INTO "Odd ""Name" VALUES (1, '${x}'), (NULL, '');
        """,
        "0003_more.sql": """
        CREATE TABLE parted (i int, t text) PARTITION BY LIST (i);
        CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
        CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN (2);
        INSERT INTO parted VALUES (2, 'two'), (1, 'one');
        CREATE TABLE base (i int); CREATE TABLE derived (j int) INHERITS (base);
        INSERT INTO base VALUES (1); INSERT INTO derived VALUES (2, 3);
        CREATE MATERIALIZED VIEW counts AS SELECT count(*) AS n FROM app.child;
        CREATE MATERIALIZED VIEW later AS SELECT 1 AS one WITH NO DATA;
        CREATE SEQUENCE numbers START 5;
        SELECT nextval('numbers'), nextval('numbers');
        ALTER TABLE app.parent RENAME TO person;
        """,
        "0004_index.sql": "CREATE INDEX CONCURRENTLY child_note ON app.child (note);",
    ]

    @Test("keeps the rows, the sequences and the schema, past triggers, rules and foreign keys")
    func keepsRows() async throws {
        let proved = try await prove(Self.files)
        #expect(proved.rowCount == 2 + 240 + 250 + 2 + 2 + 2)
        #expect(proved.tableCount == 7)
        #expect(proved.varyingTables.isEmpty)
        #expect(proved.text.contains("CREATE INDEX child_note ON app.child"))
        #expect(proved.text.contains("SELECT pg_catalog.setval('app.child_id_seq', 250, true);"))
        #expect(proved.text.contains("SELECT pg_catalog.setval('public.numbers', 6, true);"))
        #expect(proved.text.contains("-- lastro: assert current_schema() = 'public'\n"))
        // Written twice it is the same, byte for byte.
        let again = try await prove(Self.files)
        #expect(again.text == proved.text)
    }

    @Test("takes in migrations that run outside of a transaction, step by step or in batches")
    func takesSteps() async throws {
        let proved = try await prove([
            "1_a.sql": """
            CREATE TYPE mood AS ENUM ('good');
            CREATE TABLE a (id int PRIMARY KEY, mood mood, twice int);
            INSERT INTO a (id) SELECT generate_series(1, 30);
            """,
            "2_b.sql": """
            -- lastro: no-transaction
            ALTER TYPE mood ADD VALUE 'bad';
            UPDATE a SET mood = 'bad' WHERE id < 4;
            CREATE INDEX CONCURRENTLY a_mood ON a (mood) WHERE mood = 'bad';
            VACUUM a;
            """,
            "3_c.sql": """
            -- lastro: batch key=id size=10 table=a
            UPDATE a SET twice = 2 * id WHERE id >= :from AND id < :to;
            """,
        ])
        #expect(proved.rowCount == 30 && proved.varyingTables.isEmpty)
        #expect(proved.text.contains("CREATE TYPE public.mood AS ENUM ('good', 'bad')"))
        #expect(proved.text.contains("(3, 'bad', 6)"))
        #expect(proved.text.contains("CREATE INDEX a_mood ON public.a"))
        // One file in one transaction: nothing of it needs steps any more.
        #expect(!proved.text.contains("CONCURRENTLY") && !proved.text.contains("VACUUM"))
        #expect(!proved.text.contains("lastro: no-transaction") && !proved.text.contains("lastro: batch"))
    }

    @Test("names the tables whose rows are others each time")
    func namesVaryingTables() async throws {
        let proved = try await prove([
            "1_a.sql":
                "CREATE TABLE a (id uuid DEFAULT gen_random_uuid(), at timestamptz DEFAULT now()); CREATE TABLE b (i int);",
            "2_b.sql": "INSERT INTO a DEFAULT VALUES; INSERT INTO b VALUES (1)",
        ])
        #expect(proved.varyingTables == ["public.a"])
        #expect(proved.rowCount == 2)
    }

    @Test("leaves roles and extension versions to the database on which it runs")
    func leavesOwners() async throws {
        let proved = try await prove([
            "1_a.sql": "CREATE EXTENSION citext; CREATE TABLE a (t citext); GRANT SELECT ON a TO PUBLIC;",
            "2_b.sql": "CREATE TABLE b (i int); ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;",
            "3_c.sql":
                "CREATE SCHEMA s; CREATE TABLE s.c (i int); GRANT ALL ON SCHEMA s TO squash_owner; ALTER TABLE s.c OWNER TO squash_owner;",
        ])
        #expect(proved.text.contains("CREATE EXTENSION IF NOT EXISTS citext"))
        #expect(!proved.text.contains("VERSION"))
        #expect(!proved.text.contains("COMMENT ON EXTENSION"))
        #expect(proved.text.contains("OWNER TO squash_owner"))
        #expect(!proved.text.contains("OWNER TO lastro"))
        #expect(!proved.text.contains("FOR ROLE"))
        #expect(!proved.text.contains("TO lastro"), "\(proved.text)")
    }

    @Test("runs hooks around the one file as around the many")
    func runsHooks() async throws {
        let proved = try await prove([
            "1_a.sql": "CREATE TABLE a (i int);", "2_b.sql": "CREATE TABLE b (i int);",
            "before-each.sql": "SET LOCAL work_mem = '8MB';",
        ])
        #expect(proved.objectCount > 2)
    }

    @Test("is refused where one file would not lead to the same")
    func refuses() async throws {
        // A row-level policy that the owner obeys: nobody could put the rows in as they are.
        let error = try #require(
            await #expect(throws: SchemaDiffError.self) {
                _ = try await prove([
                    "1_a.sql": "CREATE TABLE a (i int); INSERT INTO a VALUES (1);",
                    "2_b.sql": """
                    CREATE FUNCTION no() RETURNS boolean LANGUAGE sql AS 'SELECT false';
                    ALTER TABLE a ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
                    CREATE POLICY nobody ON a USING (no());
                    ALTER TABLE a ADD CONSTRAINT c CHECK (i > 5) NOT VALID;
                    """,
                ])
            }
        )
        #expect(error.code == .notSquashed)
        #expect(error.isRefusal)
        #expect(error.state == "no file was changed")
    }
}
