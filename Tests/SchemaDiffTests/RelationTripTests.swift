import SchemaDiff
import TestSupport
import Testing

@Suite("The rules of tables and views")
struct RelationTripTests {
    @Test("make and change tables of every sort")
    func tables() async throws {
        try await SchemaTrip(
            from: """
                CREATE TABLE plain (id bigint PRIMARY KEY, note text);
                CREATE TABLE "Odd ""name" ("Größe" integer, "select" text DEFAULT 'a%b''c');
                CREATE TABLE base (id integer, kind text);
                CREATE TABLE other_base (more integer);
                CREATE TABLE child (extra text) INHERITS (base);
                CREATE TYPE pair AS (left_side integer, right_side text);
                CREATE TABLE typed OF pair (left_side WITH OPTIONS DEFAULT 3 NOT NULL);
                CREATE TABLE loose (left_side integer, right_side text);
                """,
            to: """
                CREATE UNLOGGED TABLE plain (id bigint PRIMARY KEY, note text)
                    WITH (fillfactor = 70, autovacuum_enabled = off, toast.autovacuum_enabled = false);
                ALTER TABLE plain REPLICA IDENTITY FULL, ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
                CREATE TABLE "Odd ""name" ("Größe" bigint, "select" varchar(10) DEFAULT 'x') WITH (fillfactor = 50);
                ALTER TABLE "Odd ""name" REPLICA IDENTITY NOTHING;
                CREATE TABLE base (id integer DEFAULT 5, kind text NOT NULL);
                CREATE TABLE other_base (more integer);
                CREATE TABLE child (extra text) INHERITS (base);
                CREATE TABLE second_child () INHERITS (base, other_base);
                ALTER TABLE ONLY second_child ALTER COLUMN id SET DEFAULT 6;
                CREATE TYPE pair AS (left_side integer, right_side text);
                CREATE TABLE typed (left_side integer DEFAULT 3 NOT NULL, right_side text);
                CREATE TABLE loose OF pair;
                """,
            rows: "INSERT INTO plain VALUES (1, 'one'); INSERT INTO child VALUES (1, 'k', 'e')",
            survivors: "SELECT plain.id || note || child.id || extra FROM plain, child"
        ).runAll()
    }

    @Test("make and change partitions")
    func partitions() async throws {
        try await SchemaTrip(
            from: """
                CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, kind text, CONSTRAINT positive CHECK (id > 0))
                    PARTITION BY RANGE (at);
                CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
                ALTER TABLE events ADD CONSTRAINT events_key PRIMARY KEY (id, at);
                CREATE INDEX events_by_kind ON events (kind);
                CREATE TABLE apart (id bigint NOT NULL, at date NOT NULL, kind text, CONSTRAINT positive CHECK (id > 0));
                """,
            to: """
                CREATE TABLE events (
                    id bigint NOT NULL, at date NOT NULL, kind text, added integer, CONSTRAINT positive CHECK (id > 0))
                    PARTITION BY RANGE (at);
                CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
                CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
                    PARTITION BY LIST (id);
                CREATE TABLE events_2025_a PARTITION OF events_2025 (CONSTRAINT only_here CHECK (id < 9)) DEFAULT;
                ALTER TABLE events ADD CONSTRAINT events_key PRIMARY KEY (id, at);
                CREATE INDEX events_by_kind ON events (kind);
                CREATE INDEX events_2025_own ON events_2025_a (id);
                CREATE INDEX events_by_added ON events (added);
                CREATE TABLE apart (id bigint NOT NULL, at date NOT NULL, kind text, CONSTRAINT positive CHECK (id > 0));
                """,
            rows: "INSERT INTO events VALUES (1, '2024-05-05', 'k')",
            survivors: "SELECT id || kind || at FROM events"
        ).runAll()
    }

    @Test("attach and detach partitions that hold rows")
    func attachment() async throws {
        let tables = """
            CREATE TABLE events (id bigint NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
            CREATE TABLE events_old (id bigint NOT NULL, at date NOT NULL);
            """
        let attach = "ALTER TABLE events ATTACH PARTITION events_old FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');"
        try await SchemaTrip(
            from: tables,
            to: tables + attach,
            rows: "INSERT INTO events_old VALUES (1, '2024-05-05')",
            survivors: "SELECT id || ':' || at FROM events_old"
        ).runAll()
        try await SchemaTrip(
            from: tables + attach,
            to: tables + attach.replacing("2025-01-01", with: "2026-01-01"),
            rows: "INSERT INTO events_old VALUES (1, '2024-05-05')",
            survivors: "SELECT id || ':' || at FROM events"
        ).runAll()
    }

    @Test("make and change columns with all that is said of them")
    func columns() async throws {
        try await SchemaTrip(
            from: """
                CREATE TABLE t (
                    id serial PRIMARY KEY, kept text, grown integer, shown varchar(5), made integer, priced numeric(5, 2),
                    double_id integer GENERATED ALWAYS AS (1 + 1) STORED, needed text NOT NULL, tag text,
                    flagged text, gone text);
                CREATE VIEW seen AS SELECT id, grown, shown FROM t;
                """,
            to: """
                CREATE TABLE t (
                    id integer GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY 2) PRIMARY KEY, kept text DEFAULT now()::text,
                    grown bigint DEFAULT 7, shown varchar(9) COLLATE "C", made integer, priced numeric(7, 2),
                    double_id integer, needed text, tag text NOT NULL, flagged boolean DEFAULT false,
                    added uuid DEFAULT gen_random_uuid(), counted bigint GENERATED ALWAYS AS IDENTITY,
                    twice bigint GENERATED ALWAYS AS (id * 2) STORED);
                ALTER TABLE t ALTER COLUMN kept SET STORAGE EXTERNAL, ALTER COLUMN kept SET COMPRESSION pglz,
                    ALTER COLUMN kept SET STATISTICS 42, ALTER COLUMN made SET (n_distinct = 5, n_distinct_inherited = 6),
                    ALTER COLUMN priced SET STORAGE EXTENDED;
                CREATE VIEW seen AS SELECT id, grown, shown FROM t;
                """,
            rows: """
                INSERT INTO t (kept, grown, shown, made, priced, needed, tag, flagged)
                VALUES ('k', 1, 's', 2, 3.5, 'n', 't', 'true');
                """,
            survivors: "SELECT kept || grown || shown || made || priced || needed || tag || flagged FROM t"
        ).runAll()
    }

    @Test("let a number go on behind the rows when it becomes an identity")
    func identityGoesOn() async throws {
        let statements = try await SchemaTrip(
            from: "CREATE TABLE t (id integer NOT NULL)",
            to: "CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY)",
            rows: "INSERT INTO t SELECT generate_series(1, 9)",
            survivors: "SELECT max(id) FROM t"
        ).run()
        #expect(statements.contains { $0.sql.contains("setval") })
    }

    @Test("make and change constraints")
    func constraints() async throws {
        try await SchemaTrip(
            from: """
                CREATE TABLE parent (id integer PRIMARY KEY, code text);
                CREATE TABLE child (
                    id integer CONSTRAINT child_key PRIMARY KEY, parent integer REFERENCES parent, code text, amount integer,
                    area box,
                    CONSTRAINT small CHECK (amount < 10), CONSTRAINT once UNIQUE (code),
                    CONSTRAINT apart EXCLUDE USING gist (area WITH &&) WHERE (id > 0));
                ALTER TABLE child ADD CONSTRAINT late CHECK (amount > 0) NOT VALID;
                COMMENT ON CONSTRAINT small ON child IS 'stays';
                """,
            to: """
                CREATE TABLE parent (id integer PRIMARY KEY, code text UNIQUE);
                CREATE TABLE child (
                    id integer CONSTRAINT child_key PRIMARY KEY, parent integer, code text, amount integer, area box,
                    CONSTRAINT small CHECK (amount < 100) NO INHERIT,
                    CONSTRAINT once UNIQUE NULLS NOT DISTINCT (code) INCLUDE (amount) WITH (fillfactor = 60)
                        DEFERRABLE INITIALLY DEFERRED,
                    CONSTRAINT late CHECK (amount > 0),
                    CONSTRAINT child_parent_fkey FOREIGN KEY (parent) REFERENCES parent ON DELETE CASCADE DEFERRABLE,
                    CONSTRAINT to_code FOREIGN KEY (code) REFERENCES parent (code));
                ALTER TABLE child CLUSTER ON child_key;
                ALTER TABLE child REPLICA IDENTITY USING INDEX child_key;
                COMMENT ON CONSTRAINT small ON child IS 'stays';
                COMMENT ON INDEX child_key IS 'of the index';
                """,
            rows: "INSERT INTO parent VALUES (1, 'c'); INSERT INTO child VALUES (1, 1, 'c', 5)",
            survivors: "SELECT child.id || parent.code || amount FROM child JOIN parent ON child.parent = parent.id"
        ).runAll()
    }

    @Test("make and change indexes and statistics")
    func indexes() async throws {
        try await SchemaTrip(
            from: """
                CREATE TABLE t (id integer, code text NOT NULL, body tsvector);
                CREATE INDEX stays ON t (id);
                CREATE INDEX changes ON t (code);
                CREATE UNIQUE INDEX marked ON t (code);
                ALTER TABLE t CLUSTER ON stays, REPLICA IDENTITY USING INDEX marked;
                CREATE INDEX settings ON t (id) WITH (fillfactor = 90, deduplicate_items = off) WHERE id > 5;
                CREATE STATISTICS both_ways ON id, code FROM t;
                COMMENT ON INDEX changes IS 'stays';
                """,
            to: """
                CREATE TABLE t (id integer, code text NOT NULL, body tsvector);
                CREATE INDEX stays ON t (id);
                CREATE INDEX changes ON t (lower(code) text_pattern_ops DESC NULLS LAST, id) INCLUDE (code)
                    WITH (fillfactor = 50) WHERE code <> ' WHERE ';
                ALTER INDEX changes ALTER COLUMN 1 SET STATISTICS 100;
                CREATE UNIQUE INDEX marked ON t (code);
                ALTER TABLE t CLUSTER ON marked;
                CREATE INDEX settings ON t (id) WITH (deduplicate_items = on) WHERE id > 5;
                CREATE INDEX by_body ON t USING gist (body tsvector_ops (siglen = 100));
                CREATE STATISTICS both_ways (ndistinct) ON id, code, (id + 1) FROM t;
                ALTER STATISTICS both_ways SET STATISTICS 11;
                COMMENT ON INDEX changes IS 'stays';
                """,
            rows: "INSERT INTO t VALUES (1, 'c', 'w')",
            survivors: "SELECT id || code FROM t"
        ).runAll()
    }

    @Test("make and change sequences")
    func sequences() async throws {
        try await SchemaTrip(
            from: """
                CREATE TABLE t (id integer, other integer);
                CREATE SEQUENCE plain;
                CREATE SEQUENCE owned OWNED BY t.id;
                CREATE SEQUENCE full_up AS smallint INCREMENT BY -2 MINVALUE -100 MAXVALUE 50 START WITH 40 CACHE 5 CYCLE;
                """,
            to: """
                CREATE TABLE t (id integer, other integer);
                CREATE UNLOGGED SEQUENCE plain AS integer MINVALUE 5 START WITH 7;
                CREATE SEQUENCE owned OWNED BY t.other;
                CREATE SEQUENCE full_up;
                """,
            rows: "SELECT setval('plain', 9)",
            survivors: "SELECT last_value FROM plain"
        ).runAll()
    }

    @Test("make and change views")
    func views() async throws {
        try await SchemaTrip(
            from: """
                CREATE TABLE t (id integer PRIMARY KEY, code text, amount numeric);
                CREATE VIEW grows AS SELECT id FROM t;
                CREATE VIEW shrinks WITH (security_barrier) AS SELECT id, code FROM t;
                CREATE VIEW above AS SELECT * FROM shrinks;
                CREATE VIEW grouped AS SELECT id, code, count(*) FROM t GROUP BY id;
                ALTER VIEW grows ALTER COLUMN id SET DEFAULT 4;
                CREATE MATERIALIZED VIEW kept WITH (fillfactor = 50) AS SELECT id, code FROM t;
                CREATE UNIQUE INDEX kept_key ON kept (id);
                CREATE MATERIALIZED VIEW unkept AS SELECT id FROM kept WITH NO DATA;
                COMMENT ON COLUMN above.code IS 'seen';
                """,
            to: """
                CREATE TABLE t (id integer PRIMARY KEY, code text, amount bigint);
                CREATE VIEW grows WITH (check_option = local) AS SELECT id, code FROM t WHERE amount > 1;
                CREATE VIEW shrinks WITH (security_invoker) AS SELECT id FROM t;
                CREATE VIEW above AS SELECT * FROM shrinks;
                CREATE VIEW grouped AS SELECT id, code, count(*) FROM t GROUP BY id;
                ALTER VIEW grows ALTER COLUMN code SET DEFAULT 'x';
                CREATE MATERIALIZED VIEW kept AS SELECT id, amount FROM t;
                CREATE UNIQUE INDEX kept_key ON kept (id);
                ALTER MATERIALIZED VIEW kept ALTER COLUMN id SET STATISTICS 9;
                ALTER MATERIALIZED VIEW kept CLUSTER ON kept_key;
                CREATE MATERIALIZED VIEW unkept AS SELECT id FROM kept;
                """,
            rows: "INSERT INTO t VALUES (1, 'c', 5)",
            survivors: "SELECT id || code || amount FROM t"
        ).runAll()
    }

    @Test("make and change rules, triggers and policies")
    func behaviour() async throws {
        let tables = """
            CREATE TABLE t (id integer, code text);
            CREATE TABLE log (id integer);
            CREATE TABLE parts (id integer) PARTITION BY LIST (id);
            CREATE TABLE part PARTITION OF parts FOR VALUES IN (1);
            CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            """
        try await SchemaTrip(
            from: tables + """
                CREATE RULE changes AS ON INSERT TO t DO ALSO INSERT INTO log VALUES (1);
                CREATE RULE quiet AS ON DELETE TO t DO INSTEAD NOTHING;
                CREATE TRIGGER changes BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION stop();
                CREATE TRIGGER quiet AFTER UPDATE OF code ON t FOR EACH ROW WHEN (new.id > 1) EXECUTE FUNCTION stop();
                CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE FOR EACH ROW EXECUTE FUNCTION stop();
                CREATE TRIGGER on_parts AFTER INSERT ON parts FOR EACH ROW EXECUTE FUNCTION stop();
                ALTER TABLE part DISABLE TRIGGER on_parts;
                CREATE POLICY changes ON t USING (id > 1);
                CREATE POLICY narrows ON t FOR SELECT USING (true);
                """,
            to: tables + """
                CREATE RULE changes AS ON INSERT TO t DO ALSO INSERT INTO log VALUES (2);
                CREATE RULE quiet AS ON DELETE TO t DO INSTEAD NOTHING;
                ALTER TABLE t DISABLE RULE quiet;
                CREATE TRIGGER changes BEFORE INSERT OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION stop();
                ALTER TABLE t ENABLE ALWAYS TRIGGER changes;
                CREATE TRIGGER quiet AFTER UPDATE OF code ON t FOR EACH ROW WHEN (new.id > 1) EXECUTE FUNCTION stop();
                ALTER TABLE t ENABLE REPLICA TRIGGER quiet;
                CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION stop();
                CREATE TRIGGER on_parts AFTER INSERT ON parts FOR EACH ROW EXECUTE FUNCTION stop();
                CREATE POLICY changes ON t TO lastro USING (id > 2) WITH CHECK (id > 3);
                CREATE POLICY narrows ON t AS RESTRICTIVE FOR UPDATE USING (true);
                """,
            rows: "INSERT INTO log VALUES (7)",
            survivors: "SELECT id FROM log"
        ).runAll()
    }

    @Test("leave a child table its column when its parent's goes")
    func inheritedColumns() async throws {
        try await SchemaTrip(
            from: """
                CREATE TABLE base (id integer, gone integer, kept integer);
                CREATE TABLE child (own integer) INHERITS (base);
                """,
            to: """
                CREATE TABLE base (id integer, added text DEFAULT 'a');
                CREATE TABLE child (own integer) INHERITS (base);
                ALTER TABLE child ADD COLUMN kept integer;
                ALTER TABLE ONLY child ALTER COLUMN added SET DEFAULT 'c';
                """,
            rows: "INSERT INTO child VALUES (1, 2, 3, 4)",
            survivors: "SELECT id || ':' || own || ':' || kept FROM child"
        ).run()
    }

    @Test("take names of every sort")
    func names() async throws {
        let odd = #""Odd ""%s'\ Ünï 例 select""#
        let quoted = odd.replacing("'", with: "''")
        let long = String(repeating: "l", count: 63)
        try await SchemaTrip(
            from: "CREATE SCHEMA \(odd); CREATE TABLE \(odd).\(odd) (\(odd) integer, \(long) text)",
            to: """
                CREATE SCHEMA \(odd);
                CREATE TABLE \(odd).\(odd) (\(odd) bigint NOT NULL DEFAULT 5, \(long) text NOT NULL,
                    CONSTRAINT "K""%'y" PRIMARY KEY (\(odd)), CONSTRAINT "c \(long.prefix(50))" CHECK (\(long) <> 'a''b'));
                CREATE INDEX \(long) ON \(odd).\(odd) (lower(\(long)), \(odd)) WHERE \(long) <> ' WHERE ''';
                CREATE SEQUENCE \(odd)."seq'x" OWNED BY \(odd).\(odd).\(odd);
                ALTER TABLE \(odd).\(odd) ALTER COLUMN \(odd) SET DEFAULT nextval('\(quoted)."seq''x"');
                CREATE VIEW \(odd)."view" AS SELECT * FROM \(odd).\(odd);
                CREATE STATISTICS \(odd)."stats" ON \(odd), \(long) FROM \(odd).\(odd);
                CREATE RULE \(odd) AS ON DELETE TO \(odd).\(odd) DO INSTEAD NOTHING;
                CREATE POLICY \(odd) ON \(odd).\(odd) USING (\(long) = 'x');
                """,
            rows: "INSERT INTO \(odd).\(odd) VALUES (1, 'b')",
            survivors: "SELECT \(odd) || \(long) FROM \(odd).\(odd)"
        ).runAll()
    }

    @Test("keep a partition whose parent another one replaces, with other columns", arguments: [true, false])
    func replacedParent(isOnline: Bool) async throws {
        try await SchemaTrip(
            from: """
                CREATE TABLE old (i integer, gone text, kept text) PARTITION BY LIST (i);
                CREATE TABLE part PARTITION OF old FOR VALUES IN (1);
                CREATE TABLE other PARTITION OF old FOR VALUES IN (2);
                """,
            to: """
                CREATE TABLE new (i integer, kept text) PARTITION BY LIST (i);
                CREATE TABLE part PARTITION OF new FOR VALUES IN (1);
                CREATE TABLE other (i integer, kept text);
                """,
            rows: "INSERT INTO old VALUES (1, 'g', 'k'), (2, 'g', 'k2')",
            survivors: "SELECT part.kept || other.kept FROM part, other",
            isOnline: isOnline
        ).run()
    }

    @Test(
        "keep the keys and indexes of a partition whose parent another one replaces",
        arguments: [
            // The same key and index under other names.
            (
                "PRIMARY KEY (i)", "CREATE INDEX old_kept ON old (kept);",
                "PRIMARY KEY (i)", "CREATE INDEX new_kept ON new (kept);"
            ),
            // An index of the partition's own on either side.
            (
                "PRIMARY KEY (i)", "CREATE INDEX part_own ON part (kept);", "UNIQUE (i)",
                "CREATE INDEX part_own ON part (kept);"
            ),
            ("UNIQUE (i, kept)", "", "PRIMARY KEY (i)", "CREATE UNIQUE INDEX new_i ON new (i, kept);"),
            (
                "CHECK (i > 0)", "", "PRIMARY KEY (i), FOREIGN KEY (i) REFERENCES far",
                "CREATE INDEX ON new (lower(kept));"
            ),
            (
                "FOREIGN KEY (i) REFERENCES far", "", "FOREIGN KEY (i) REFERENCES far",
                "ALTER TABLE part CLUSTER ON part_pkey;"
            ),
        ],
        [true, false]
    )
    func replacedParentWithKeys(case text: (String, String, String, String), isOnline: Bool) async throws {
        let (oldKey, oldIndex, newKey, newIndex) = text
        let far = "CREATE TABLE far (id integer PRIMARY KEY); CREATE TABLE near (id integer PRIMARY KEY);\n"
        let own = newIndex.contains("CLUSTER") ? "ALTER TABLE part ADD PRIMARY KEY (i);" : ""
        for hasOther in isLongTest ? [true, false] : [isOnline] {
            var trip = SchemaTrip(
                from: """
                    \(far)CREATE TABLE old (i integer NOT NULL, gone text, kept text, \(oldKey)) PARTITION BY LIST (i);
                    CREATE TABLE part PARTITION OF old FOR VALUES IN (1);
                    CREATE TABLE other PARTITION OF old FOR VALUES IN (2);
                    \(own) \(oldIndex)
                    """,
                to: """
                    \(far)CREATE TABLE new (i integer NOT NULL, kept text, \(newKey)) PARTITION BY LIST (i);
                    CREATE TABLE part PARTITION OF new FOR VALUES IN (1);
                    \(hasOther ? "CREATE TABLE other (i integer NOT NULL, kept text);" : "")
                    \(own) \(newIndex)
                    """,
                rows: "INSERT INTO far VALUES (1), (2); INSERT INTO old VALUES (1, 'g', 'k'), (2, 'g', 'k2')",
                survivors: "SELECT part.kept FROM part",
                isOnline: isOnline
            )
            try await trip.run()
            (trip.from, trip.to) = (trip.to, trip.from)
            trip.rows = "INSERT INTO far VALUES (1), (2); INSERT INTO new VALUES (1, 'k')"
            try await trip.run()
        }
    }

    @Test("keep a partition whose parent comes to be divided by something else under its own name")
    func replacedKind() async throws {
        try await SchemaTrip(
            from: """
                CREATE TABLE p (i integer, gone text) PARTITION BY LIST (i);
                CREATE TABLE part PARTITION OF p FOR VALUES IN (1);
                """,
            to: """
                CREATE TABLE part (i integer);
                CREATE VIEW p AS SELECT i FROM part;
                """,
            rows: "INSERT INTO p VALUES (1, 'g')",
            survivors: "SELECT i FROM part"
        ).run()
    }
}
