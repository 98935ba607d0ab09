import TestSupport
import Testing

@testable import SchemaDiff

/// Ways that random schemas were led astray on, each made as small as it goes.
@Suite("Ways that random schemas found")
struct FoundWaysTests {
    struct Way: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let from: String
        let to: String

        init(_ description: String, _ from: String, _ to: String) {
            testDescription = description
            self.from = from
            self.to = to
        }
    }

    static let ways = [
        Way(
            "a partition comes to a table with a check that its rows are not held against",
            """
            CREATE TABLE p (id integer, at date) PARTITION BY RANGE (at);
            ALTER TABLE p ADD CONSTRAINT c CHECK (id <> 7) NOT VALID;
            """,
            """
            CREATE TABLE p (id integer, at date) PARTITION BY RANGE (at);
            CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2020-12-01');
            ALTER TABLE p ADD CONSTRAINT c CHECK (id <> 7) NOT VALID;
            """
        ),
        Way(
            "a table with rows becomes a partition below such a check",
            """
            CREATE TABLE p (id integer) PARTITION BY LIST (id); CREATE TABLE p1 (id integer);
            ALTER TABLE p ADD CONSTRAINT c CHECK (id <> 7) NOT VALID;
            """,
            """
            CREATE TABLE p (id integer) PARTITION BY LIST (id);
            CREATE TABLE p1 PARTITION OF p FOR VALUES IN (7);
            ALTER TABLE p ADD CONSTRAINT c CHECK (id <> 7) NOT VALID;
            """
        ),
        Way(
            "a partition comes where a check goes",
            """
            CREATE TABLE p (id integer, at date) PARTITION BY RANGE (at);
            CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2020-10-01');
            """,
            """
            CREATE TABLE p (id integer, at date) PARTITION BY RANGE (at); ALTER TABLE p ADD CONSTRAINT c CHECK (id > 4);
            """
        ),
        Way(
            "settings of a TOAST table that comes with a column",
            """
            CREATE TABLE t (id bigint); ALTER TABLE t SET (toast.autovacuum_enabled = false, fillfactor = 80);
            """,
            """
            CREATE TABLE t (id bigint, words text);
            ALTER TABLE t SET (toast.autovacuum_enabled = false, fillfactor = 80);
            """
        ),
        Way(
            "settings of a TOAST table that goes and comes back with a column",
            """
            CREATE TABLE t (id integer); ALTER TABLE t ADD c text GENERATED ALWAYS AS ('n' || id::text) STORED;
            ALTER TABLE t SET (toast.autovacuum_enabled = false, fillfactor = 80);
            """,
            """
            CREATE TABLE t (id bigint); ALTER TABLE t ADD c text GENERATED ALWAYS AS ('n' || id::text) STORED;
            ALTER TABLE t SET (toast.autovacuum_enabled = false, fillfactor = 90);
            """
        ),
        Way(
            "settings of a TOAST table that comes with a child's column",
            """
            CREATE TABLE p (id integer, CONSTRAINT c CHECK (id > 5) NO INHERIT);
            CREATE TABLE t (own integer) INHERITS (p); ALTER TABLE t ADD words text;
            ALTER TABLE t SET (toast.autovacuum_enabled = false, fillfactor = 80);
            """,
            """
            CREATE TABLE p (id integer, CONSTRAINT c CHECK (id <> 7)); CREATE TABLE t (own integer) INHERITS (p);
            ALTER TABLE t SET (toast.autovacuum_enabled = false, fillfactor = 80);
            """
        ),
        Way(
            "a materialized view is filled whose owner may not read what it shows",
            """
            CREATE TABLE t (id integer); CREATE VIEW v AS SELECT id FROM t;
            CREATE MATERIALIZED VIEW m AS SELECT id FROM v WITH NO DATA; ALTER MATERIALIZED VIEW m OWNER TO pg_monitor;
            """,
            """
            CREATE TABLE t (id integer); CREATE VIEW v AS SELECT id FROM t;
            CREATE MATERIALIZED VIEW m AS SELECT id FROM v; ALTER MATERIALIZED VIEW m OWNER TO pg_monitor;
            """
        ),
        Way(
            "statistics of another owner, on a column that gets another type",
            """
            CREATE TABLE t (a integer, b text, c boolean); CREATE STATISTICS s (mcv) ON a, b, c FROM t;
            COMMENT ON STATISTICS s IS 'kept'; ALTER STATISTICS s OWNER TO pg_monitor;
            """,
            """
            CREATE TABLE t (a bigint, b text, c int4range); CREATE STATISTICS s (mcv) ON a, b, c FROM t;
            COMMENT ON STATISTICS s IS 'kept'; ALTER STATISTICS s OWNER TO pg_monitor;
            """
        ),
        Way(
            "an index calls a function that gets another argument with a default",
            """
            CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a';
            CREATE TABLE t (id integer); CREATE UNIQUE INDEX i ON t (f(id)) INCLUDE (id);
            """,
            """
            CREATE FUNCTION f(a integer, b integer DEFAULT 2) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT a::bigint';
            CREATE TABLE t (id integer); CREATE INDEX i ON t (f(id));
            """
        ),
        Way(
            "indexes of a partitioned table whose parts trade names",
            """
            CREATE TABLE p (id integer, c integer) PARTITION BY LIST (id);
            CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
            CREATE INDEX i1 ON p (c, id); CREATE INDEX i2 ON p (c, id);
            """,
            """
            CREATE TABLE p (id integer, c integer) PARTITION BY LIST (id);
            CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
            CREATE INDEX i1 ON p (c); CREATE INDEX i2 ON p (c, id);
            """
        ),
        Way(
            "settings of an index, and of a key, of a partitioned table",
            """
            CREATE TABLE p (id integer, c integer, PRIMARY KEY (id) WITH (fillfactor = 70)) PARTITION BY LIST (id);
            CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE INDEX i ON p (c) WITH (fillfactor = 60);
            """,
            """
            CREATE TABLE p (id integer, c integer, PRIMARY KEY (id)) PARTITION BY LIST (id);
            CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE INDEX i ON p (c);
            """
        ),
        Way(
            "how values are kept, and compressed, of a column that gets another type",
            """
            CREATE TABLE t (a bytea, b text, c text, d integer[], e text);
            ALTER TABLE t ALTER a SET STORAGE PLAIN, ALTER b SET STORAGE EXTERNAL, ALTER c SET COMPRESSION pglz,
                ALTER d SET STORAGE MAIN, ALTER e SET STORAGE MAIN;
            """,
            """
            CREATE TABLE t (a text[], b bigint, c bytea, d jsonb, e varchar(5));
            ALTER TABLE t ALTER a SET STORAGE PLAIN, ALTER c SET COMPRESSION pglz, ALTER e SET STORAGE MAIN;
            """
        ),
        Way(
            "how values of a domain are kept, as those of its type are by themselves",
            """
            CREATE DOMAIN n AS numeric(5, 2); CREATE DOMAIN m AS n; CREATE DOMAIN w AS text; CREATE DOMAIN i AS inet;
            CREATE TABLE t (a n, b m, c w, d i);
            ALTER TABLE t ALTER a SET STORAGE EXTERNAL, ALTER b SET STORAGE PLAIN, ALTER c SET STORAGE MAIN,
                ALTER d SET STORAGE EXTENDED;
            """,
            """
            CREATE DOMAIN n AS numeric(5, 2); CREATE DOMAIN m AS n; CREATE DOMAIN w AS text; CREATE DOMAIN i AS inet;
            CREATE TABLE t (a n, b m, c w, d i);
            """
        ),
        Way(
            "a column comes to a table and its child, compressed in the one or in both",
            "CREATE TABLE p (id integer); CREATE TABLE c () INHERITS (p);",
            """
            CREATE TABLE p (id integer, a text, b text, d text); CREATE TABLE c () INHERITS (p);
            ALTER TABLE p ALTER a SET COMPRESSION pglz, ALTER b SET COMPRESSION pglz, ALTER d SET STATISTICS 7;
            ALTER TABLE ONLY p ALTER d SET (n_distinct = 5); ALTER TABLE c ALTER b SET COMPRESSION pglz;
            """
        ),
        Way(
            "a column that tells rows from each other may be null",
            """
            CREATE TABLE t (a inet NOT NULL); CREATE UNIQUE INDEX i ON t (a);
            ALTER TABLE t REPLICA IDENTITY USING INDEX i;
            """,
            "CREATE TABLE t (a inet); CREATE UNIQUE INDEX i ON t (a);"
        ),
        Way(
            "a table is no longer logged, and of its sequences some are",
            """
            CREATE TABLE t (a serial, b serial, c integer); CREATE SEQUENCE q OWNED BY t.c;
            ALTER SEQUENCE t_b_seq SET UNLOGGED;
            """,
            """
            CREATE UNLOGGED TABLE t (a serial, b serial, c integer); CREATE SEQUENCE q OWNED BY t.c;
            ALTER SEQUENCE t_a_seq SET LOGGED; ALTER SEQUENCE q INCREMENT BY 2;
            """
        ),
        Way(
            "a sequence comes to a table that is no longer logged",
            "CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY);",
            """
            CREATE SEQUENCE q; CREATE UNLOGGED TABLE t (id integer GENERATED ALWAYS AS IDENTITY);
            ALTER SEQUENCE q OWNED BY t.id;
            """
        ),
        Way(
            "a column that a child has too is no longer generated",
            """
            CREATE TABLE t (id integer); ALTER TABLE t ADD a text GENERATED ALWAYS AS ('n' || id) STORED;
            CREATE TABLE c (extra text) INHERITS (t);
            """,
            """
            CREATE TABLE t (id integer); ALTER TABLE t ADD a text DEFAULT 'x' NOT NULL;
            CREATE TABLE c (extra text) INHERITS (t);
            """
        ),
        Way(
            "a column may be null, and in some of the children not",
            """
            CREATE TABLE t (a text NOT NULL); CREATE TABLE c (PRIMARY KEY (a)) INHERITS (t); CREATE TABLE d () INHERITS (t);
            CREATE TABLE p (a integer NOT NULL) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
            """,
            """
            CREATE TABLE t (a text); CREATE TABLE c (PRIMARY KEY (a)) INHERITS (t); CREATE TABLE d () INHERITS (t);
            CREATE TABLE p (a integer) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
            ALTER TABLE p1 ALTER a SET NOT NULL;
            """
        ),
        Way(
            "privileges on the sequence of an identity column",
            """
            ALTER DEFAULT PRIVILEGES GRANT SELECT ON SEQUENCES TO pg_monitor;
            CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY);
            CREATE TABLE gone (id integer GENERATED ALWAYS AS IDENTITY);
            CREATE TABLE u (id integer GENERATED ALWAYS AS IDENTITY); GRANT USAGE ON SEQUENCE u_id_seq TO PUBLIC;
            """,
            """
            CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY); GRANT SELECT, USAGE ON SEQUENCE t_id_seq TO pg_monitor;
            CREATE TABLE new (id integer GENERATED ALWAYS AS IDENTITY); GRANT UPDATE ON SEQUENCE new_id_seq TO pg_monitor;
            CREATE TABLE u (id integer GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "Odd ""seq"));
            """
        ),
    ]

    @Test("are gone there and back", arguments: ways)
    func isGone(_ way: Way) async throws {
        for (from, to) in [(way.from, way.to), (way.to, way.from)] {
            for isOnline in isLongTest ? [true, false] : [true] {
                try await SchemaTrip(from: from, to: to, isOnline: isOnline).run()
            }
        }
    }

    @Test("rows that a check refuses, which no row is held against, come below it with their table")
    func keepsRows() async throws {
        let way = try #require(Self.ways.first { $0.testDescription.hasPrefix("a table with rows") })
        try await SchemaTrip(
            from: way.from,
            to: way.to,
            rows: "INSERT INTO p1 VALUES (7)",
            survivors: "SELECT id FROM p1"
        ).run()
    }

    @Test("what is said of columns is no other schema where they stand in another order")
    func dumpsColumns() {
        let one = SchemaDump(
            """
            -- Name: t; Type: TABLE; Schema: public; Owner: -
            CREATE TABLE public.t (
                a text,
                b text
            )
            WITH (fillfactor='50');
            ALTER TABLE ONLY public.t ALTER COLUMN a SET COMPRESSION pglz;
            ALTER TABLE ONLY public.t ALTER COLUMN b SET COMPRESSION lz4;
            """
        )
        let other = SchemaDump(
            """
            -- Name: t; Type: TABLE; Schema: public; Owner: -
            CREATE TABLE public.t (
                b text,
                a text
            )
            WITH (fillfactor='50');
            ALTER TABLE ONLY public.t ALTER COLUMN b SET COMPRESSION lz4;
            ALTER TABLE ONLY public.t ALTER COLUMN a SET COMPRESSION pglz;
            """
        )
        #expect(one.differences(from: other).isEmpty)
        #expect(one.reordered(from: other) == ["TABLE public.t"])
    }
}
