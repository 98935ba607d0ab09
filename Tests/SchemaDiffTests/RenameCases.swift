extension RenameTests {
    /// One object of each kind that has an `ALTER … RENAME`.
    static let cases: [Case] = [
        Case(
            kind: "schema",
            from:
                "CREATE SCHEMA app; CREATE TABLE app.t (id serial PRIMARY KEY); CREATE VIEW v AS SELECT id FROM app.t",
            to: "CREATE SCHEMA web; CREATE TABLE web.t (id serial PRIMARY KEY); CREATE VIEW v AS SELECT id FROM web.t",
            request: "app=web",
            statement: "ALTER SCHEMA app RENAME TO web"
        ),
        Case(
            kind: "table",
            from: "CREATE TABLE users (id integer PRIMARY KEY, name text)",
            to: "CREATE TABLE accounts (id integer PRIMARY KEY, name text)",
            request: "users=accounts",
            statement: "ALTER TABLE public.users RENAME TO accounts"
        ),
        Case(
            kind: "table with a hostile name",
            from: "CREATE TABLE \"it's = \"\"odd\"\".\" (id integer PRIMARY KEY, \"%1$s\" text)",
            to: "CREATE TABLE \"SELECT\" (id integer PRIMARY KEY, \"%1$s\" text)",
            request: "public.\"it's = \"\"odd\"\".\"=\"SELECT\"",
            statement: "ALTER TABLE public.\"it's = \"\"odd\"\".\" RENAME TO \"SELECT\""
        ),
        Case(
            kind: "partition",
            from: "CREATE TABLE p (i integer) PARTITION BY LIST (i); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)",
            to: "CREATE TABLE p (i integer) PARTITION BY LIST (i); CREATE TABLE p_one PARTITION OF p FOR VALUES IN (1)",
            request: "p1=p_one",
            statement: "ALTER TABLE public.p1 RENAME TO p_one"
        ),
        Case(
            kind: "partitioned table",
            from: "CREATE TABLE p (i integer) PARTITION BY LIST (i); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)",
            to: "CREATE TABLE q (i integer) PARTITION BY LIST (i); CREATE TABLE p1 PARTITION OF q FOR VALUES IN (1)",
            request: "p=q",
            statement: "ALTER TABLE public.p RENAME TO q"
        ),
        Case(
            kind: "column",
            from: "CREATE TABLE t (id integer, old text); CREATE VIEW v AS SELECT id, upper(old) AS up FROM t",
            to: "CREATE TABLE t (id integer, new text); CREATE VIEW v AS SELECT id, upper(new) AS up FROM t",
            request: "t.old=new",
            statement: "ALTER TABLE public.t RENAME COLUMN old TO new"
        ),
        Case(
            kind: "identity column",
            from: "CREATE TABLE t (old integer GENERATED ALWAYS AS IDENTITY)",
            to: "CREATE TABLE t (new integer GENERATED ALWAYS AS IDENTITY)",
            request: "t.old=new",
            statement: "ALTER TABLE public.t RENAME COLUMN old TO new"
        ),
        Case(
            kind: "generated column's source",
            from: "CREATE TABLE t (old integer, double integer GENERATED ALWAYS AS (old * 2) STORED)",
            to: "CREATE TABLE t (new integer, double integer GENERATED ALWAYS AS (new * 2) STORED)",
            request: "t.old=new",
            statement: "ALTER TABLE public.t RENAME COLUMN old TO new"
        ),
        Case(
            kind: "view column",
            from: "CREATE TABLE t (i integer); CREATE VIEW v AS SELECT i AS old FROM t",
            to: "CREATE TABLE t (i integer); CREATE VIEW v AS SELECT i AS new FROM t",
            request: "v.old=new",
            statement: "ALTER VIEW public.v RENAME COLUMN old TO new"
        ),
        Case(
            kind: "constraint",
            from: "CREATE TABLE t (i integer CONSTRAINT old CHECK (i > 0))",
            to: "CREATE TABLE t (i integer CONSTRAINT new CHECK (i > 0))",
            request: "t.old=new",
            statement: "ALTER TABLE public.t RENAME CONSTRAINT old TO new"
        ),
        Case(
            kind: "primary key",
            from: "CREATE TABLE t (i integer CONSTRAINT old PRIMARY KEY); CREATE TABLE u (i integer REFERENCES t)",
            to: "CREATE TABLE t (i integer CONSTRAINT new PRIMARY KEY); CREATE TABLE u (i integer REFERENCES t)",
            request: "t.old=new",
            statement: "ALTER TABLE public.t RENAME CONSTRAINT old TO new"
        ),
        Case(
            kind: "index",
            from: "CREATE TABLE t (i integer); CREATE INDEX old ON t (i)",
            to: "CREATE TABLE t (i integer); CREATE INDEX new ON t (i)",
            request: "public.old=new",
            statement: "ALTER INDEX public.old RENAME TO new"
        ),
        Case(
            kind: "sequence",
            from: "CREATE SEQUENCE old START 5; CREATE TABLE t (i integer DEFAULT nextval('old'))",
            to: "CREATE SEQUENCE new START 5; CREATE TABLE t (i integer DEFAULT nextval('new'))",
            request: "old=new",
            statement: "ALTER SEQUENCE public.old RENAME TO new"
        ),
        Case(
            kind: "view",
            from: "CREATE VIEW old AS SELECT 1 AS i; CREATE VIEW above AS SELECT i FROM old",
            to: "CREATE VIEW new AS SELECT 1 AS i; CREATE VIEW above AS SELECT i FROM new",
            request: "old=new",
            statement: "ALTER VIEW public.old RENAME TO new"
        ),
        Case(
            kind: "materialized view",
            from: "CREATE MATERIALIZED VIEW old AS SELECT 1 AS i; CREATE INDEX mi ON old (i)",
            to: "CREATE MATERIALIZED VIEW new AS SELECT 1 AS i; CREATE INDEX mi ON new (i)",
            request: "old=new",
            statement: "ALTER MATERIALIZED VIEW public.old RENAME TO new"
        ),
        Case(
            kind: "enum",
            from: "CREATE TYPE old AS ENUM ('a', 'b'); CREATE TABLE t (m old DEFAULT 'a'); CREATE FUNCTION f(old) "
                + "RETURNS old LANGUAGE sql RETURN $1",
            to: "CREATE TYPE new AS ENUM ('a', 'b'); CREATE TABLE t (m new DEFAULT 'a'); CREATE FUNCTION f(new) "
                + "RETURNS new LANGUAGE sql RETURN $1",
            request: "old=new",
            statement: "ALTER TYPE public.old RENAME TO new"
        ),
        Case(
            kind: "value of an enum",
            from: "CREATE TYPE mood AS ENUM ('sad', 'fine'); CREATE TABLE t (m mood DEFAULT 'sad')",
            to: "CREATE TYPE mood AS ENUM ('blue', 'fine'); CREATE TABLE t (m mood DEFAULT 'blue')",
            request: "mood.sad=blue",
            statement: "ALTER TYPE public.mood RENAME VALUE 'sad' TO 'blue'"
        ),
        Case(
            kind: "composite type",
            from: "CREATE TYPE old AS (a integer, b text); CREATE TABLE t (c old)",
            to: "CREATE TYPE new AS (a integer, b text); CREATE TABLE t (c new)",
            request: "old=new",
            statement: "ALTER TYPE public.old RENAME TO new"
        ),
        Case(
            kind: "attribute of a composite type",
            from: "CREATE TYPE pair AS (a integer, b text); CREATE TABLE t (c pair)",
            to: "CREATE TYPE pair AS (a integer, \"B\" text); CREATE TABLE t (c pair)",
            request: "pair.b=\"B\"",
            statement: "ALTER TYPE public.pair RENAME ATTRIBUTE b TO \"B\""
        ),
        Case(
            kind: "domain",
            from: "CREATE DOMAIN old AS integer CONSTRAINT c CHECK (VALUE > 0); CREATE TABLE t (i old)",
            to: "CREATE DOMAIN new AS integer CONSTRAINT c CHECK (VALUE > 0); CREATE TABLE t (i new)",
            request: "old=new",
            statement: "ALTER DOMAIN public.old RENAME TO new"
        ),
        Case(
            kind: "domain constraint",
            from: "CREATE DOMAIN d AS integer CONSTRAINT old CHECK (VALUE > 0)",
            to: "CREATE DOMAIN d AS integer CONSTRAINT new CHECK (VALUE > 0)",
            request: "d.old=new",
            statement: "ALTER DOMAIN public.d RENAME CONSTRAINT old TO new"
        ),
        Case(
            kind: "range type",
            from: "CREATE TYPE old AS RANGE (SUBTYPE = integer); CREATE TABLE t (r old)",
            to: "CREATE TYPE new AS RANGE (SUBTYPE = integer); CREATE TABLE t (r new)",
            request: "old=new",
            statement: "ALTER TYPE public.old RENAME TO new"
        ),
        Case(
            kind: "function",
            from: "CREATE FUNCTION old(integer) RETURNS integer IMMUTABLE LANGUAGE sql RETURN $1; "
                + "CREATE TABLE t (i integer CHECK (old(i) > 0))",
            to: "CREATE FUNCTION new(integer) RETURNS integer IMMUTABLE LANGUAGE sql RETURN $1; "
                + "CREATE TABLE t (i integer CHECK (new(i) > 0))",
            request: "old(integer)=new",
            statement: "ALTER FUNCTION public.old(integer) RENAME TO new"
        ),
        Case(
            kind: "procedure",
            from: "CREATE PROCEDURE old() LANGUAGE sql AS 'SELECT 1'",
            to: "CREATE PROCEDURE new() LANGUAGE sql AS 'SELECT 1'",
            request: "procedure:public.old()=new",
            statement: "ALTER PROCEDURE public.old() RENAME TO new"
        ),
        Case(
            kind: "aggregate",
            from: "CREATE AGGREGATE old(integer) (SFUNC = int4pl, STYPE = integer)",
            to: "CREATE AGGREGATE new(integer) (SFUNC = int4pl, STYPE = integer)",
            request: "old=new",
            statement: "ALTER AGGREGATE public.old(integer) RENAME TO new"
        ),
        Case(
            kind: "trigger",
            from: trigger("old"),
            to: trigger("new"),
            request: "t.old=new",
            statement: "ALTER TRIGGER old ON public.t RENAME TO new"
        ),
        Case(
            kind: "policy",
            from: "CREATE TABLE t (i integer); CREATE POLICY old ON t USING (i > 0)",
            to: "CREATE TABLE t (i integer); CREATE POLICY new ON t USING (i > 0)",
            request: "t.old=new",
            statement: "ALTER POLICY old ON public.t RENAME TO new"
        ),
        Case(
            kind: "rule",
            from: "CREATE TABLE t (i integer); CREATE RULE old AS ON DELETE TO t DO INSTEAD NOTHING",
            to: "CREATE TABLE t (i integer); CREATE RULE new AS ON DELETE TO t DO INSTEAD NOTHING",
            request: "t.old=new",
            statement: "ALTER RULE old ON public.t RENAME TO new"
        ),
        Case(
            kind: "statistics",
            from: "CREATE TABLE t (i integer, j integer); CREATE STATISTICS old ON i, j FROM t",
            to: "CREATE TABLE t (i integer, j integer); CREATE STATISTICS new ON i, j FROM t",
            request: "old=new",
            statement: "ALTER STATISTICS public.old RENAME TO new"
        ),
        Case(
            kind: "collation",
            from: "CREATE COLLATION old (LOCALE = 'C'); CREATE TABLE t (a text COLLATE old)",
            to: "CREATE COLLATION new (LOCALE = 'C'); CREATE TABLE t (a text COLLATE new)",
            request: "old=new",
            statement: "ALTER COLLATION public.old RENAME TO new"
        ),
        Case(
            kind: "text search configuration",
            from: "CREATE TEXT SEARCH CONFIGURATION old (COPY = pg_catalog.simple)",
            to: "CREATE TEXT SEARCH CONFIGURATION new (COPY = pg_catalog.simple)",
            request: "old=new",
            statement: "ALTER TEXT SEARCH CONFIGURATION public.old RENAME TO new"
        ),
        Case(
            kind: "text search dictionary",
            from: "CREATE TEXT SEARCH DICTIONARY old (TEMPLATE = simple, accept = 'false')",
            to: "CREATE TEXT SEARCH DICTIONARY new (TEMPLATE = simple, accept = 'false')",
            request: "old=new",
            statement: "ALTER TEXT SEARCH DICTIONARY public.old RENAME TO new"
        ),
        Case(
            kind: "publication",
            from: "CREATE TABLE t (i integer); CREATE PUBLICATION old FOR TABLE t",
            to: "CREATE TABLE t (i integer); CREATE PUBLICATION new FOR TABLE t",
            request: "old=new",
            statement: "ALTER PUBLICATION old RENAME TO new",
            isSuperuser: true
        ),
        Case(
            kind: "server",
            from: "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER old FOREIGN DATA WRAPPER w; "
                + "CREATE FOREIGN TABLE t (i integer) SERVER old",
            to: "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER new FOREIGN DATA WRAPPER w; "
                + "CREATE FOREIGN TABLE t (i integer) SERVER new",
            request: "old=new",
            statement: "ALTER SERVER old RENAME TO new",
            isSuperuser: true
        ),
        Case(
            kind: "foreign-data wrapper",
            from: "CREATE FOREIGN DATA WRAPPER old; CREATE SERVER s FOREIGN DATA WRAPPER old",
            to: "CREATE FOREIGN DATA WRAPPER new; CREATE SERVER s FOREIGN DATA WRAPPER new",
            request: "foreign-data-wrapper:old=new",
            statement: "ALTER FOREIGN DATA WRAPPER old RENAME TO new",
            isSuperuser: true,
            hasShape: false
        ),
        Case(
            kind: "foreign table",
            from: "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; "
                + "CREATE FOREIGN TABLE old (i integer) SERVER s",
            to: "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; "
                + "CREATE FOREIGN TABLE new (i integer) SERVER s",
            request: "old=new",
            statement: "ALTER FOREIGN TABLE public.old RENAME TO new",
            isSuperuser: true
        ),
        Case(
            kind: "event trigger",
            from: eventTrigger("old"),
            to: eventTrigger("new"),
            request: "event-trigger:old=new",
            statement: "ALTER EVENT TRIGGER old RENAME TO new",
            isSuperuser: true
        ),
    ]

    private static func trigger(_ name: String) -> String {
        """
        CREATE TABLE t (i integer); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
        CREATE TRIGGER \(name) BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()
        """
    }

    private static func eventTrigger(_ name: String) -> String {
        """
        CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        CREATE EVENT TRIGGER \(name) ON sql_drop EXECUTE FUNCTION f()
        """
    }
}
