import Catalog
import Postgres
import TestSupport
import Testing

@testable import SchemaDiff

/// A kind of object in two shapes; what both need stands in front of each.
struct KindCase: CustomTestStringConvertible, Sendable {
    let name: String
    var shared = ""
    let sql: String
    let other: String
    /// What only the server of the operating system has: an extension, or ICU.
    var lacksElsewhere: String?

    var testDescription: String { name }

    static let roles = """
        DO $$ DECLARE role text; BEGIN
            FOREACH role IN ARRAY ARRAY['reader', 'lender', 'Odd "role=/'] LOOP
                BEGIN EXECUTE format('CREATE ROLE %I', role);
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
            END LOOP; END $$;
        """

    static let all: [KindCase] =
        types + functions + operators + services + textSearch + foreignData + replication + access + tables + contrib
        + hostile

    static let types: [KindCase] = [
        KindCase(
            name: "enum",
            sql: """
                CREATE SCHEMA "Odd "" schema"; CREATE TYPE "Odd "" schema"."Müd" AS ENUM ('it''s', 'b\\s', '');
                COMMENT ON TYPE "Odd "" schema"."Müd" IS E'two\\nlines'; CREATE TYPE none AS ENUM ();
                """,
            other: """
                CREATE SCHEMA "Odd "" schema";
                CREATE TYPE "Odd "" schema"."Müd" AS ENUM ('first', 'second', 'it''s', 'mid', 'b\\s', '', 'last', 'lost');
                CREATE TYPE none AS ENUM ('one', 'two');
                """
        ),
        KindCase(
            name: "enum values dropped and reordered",
            sql: "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
            other: "CREATE TYPE mood AS ENUM ('happy', 'sad')"
        ),
        KindCase(
            name: "composite type",
            sql: """
                CREATE TYPE pair AS (a integer, "b "" b" text COLLATE "C", c numeric(10,2)[]);
                COMMENT ON COLUMN pair."b "" b" IS 'the second'; COMMENT ON TYPE pair IS 'two';
                CREATE TYPE nothing AS ();
                """,
            other: """
                CREATE TYPE pair AS (a bigint, c numeric(10,2)[], d timestamp(3) with time zone);
                COMMENT ON COLUMN pair.d IS 'new'; CREATE TYPE nothing AS (x integer);
                """
        ),
        KindCase(
            name: "composite type in another order",
            sql: "CREATE TYPE pair AS (a integer, b text)",
            other: "CREATE TYPE pair AS (b text, a integer)"
        ),
        KindCase(
            name: "domain",
            sql: """
                CREATE DOMAIN age AS integer DEFAULT 1 + 1 NOT NULL CONSTRAINT "is "" sane" CHECK (VALUE > 0);
                COMMENT ON DOMAIN age IS 'years'; COMMENT ON CONSTRAINT "is "" sane" ON DOMAIN age IS 'positive';
                CREATE DOMAIN word AS varchar(10) COLLATE "C";
                ALTER DOMAIN word ADD CONSTRAINT short CHECK (length(VALUE) < 5) NOT VALID;
                """,
            other: """
                CREATE DOMAIN age AS integer CONSTRAINT "is "" sane" CHECK (VALUE > 1) CONSTRAINT other CHECK (VALUE < 200);
                CREATE DOMAIN word AS varchar(10) COLLATE "C" DEFAULT 'x';
                ALTER DOMAIN word ADD CONSTRAINT short CHECK (length(VALUE) < 5);
                """
        ),
        KindCase(
            name: "domain over another type",
            sql: "CREATE DOMAIN amount AS integer CHECK (VALUE > 0); CREATE DOMAIN half AS amount",
            other: "CREATE DOMAIN amount AS numeric(10,2) CHECK (VALUE > 0); CREATE DOMAIN half AS amount"
        ),
        KindCase(
            name: "range type",
            sql: """
                CREATE FUNCTION gap(float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
                CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = gap, multirange_type_name = "Spans");
                CREATE TYPE words AS RANGE (subtype = text, collation = "C", subtype_opclass = text_pattern_ops);
                CREATE FUNCTION uses(span) RETURNS span LANGUAGE sql BEGIN ATOMIC SELECT span(1, 2); END;
                COMMENT ON TYPE span IS 'from to';
                """,
            other: """
                CREATE TYPE span AS RANGE (subtype = float8);
                CREATE TYPE words AS RANGE (subtype = text);
                """
        ),
        KindCase(
            name: "base type",
            sql: """
                CREATE TYPE mine;
                CREATE FUNCTION mine_in(cstring) RETURNS mine LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
                CREATE FUNCTION mine_out(mine) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
                CREATE TYPE mine (input = mine_in, output = mine_out, like = int4, category = 'N', default = '7');
                CREATE TYPE shell;
                """,
            other: """
                CREATE TYPE mine;
                CREATE FUNCTION mine_in(cstring) RETURNS mine LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
                CREATE FUNCTION mine_out(mine) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
                CREATE TYPE mine (input = mine_in, output = mine_out, like = int4, delimiter = ';');
                """
        ),
    ]

    static let functions: [KindCase] = [
        KindCase(
            name: "function",
            sql: """
                CREATE FUNCTION add(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
                COMMENT ON FUNCTION add(integer, integer) IS 'adds';
                CREATE FUNCTION "Odd "" f"(VARIADIC "char"[]) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER
                    SET search_path = app, public COST 5 ROWS 7 PARALLEL SAFE AS $f$ BEGIN RETURN; END $f$;
                CREATE FUNCTION outs(a integer, OUT x integer, OUT y text) LANGUAGE sql AS 'SELECT a, ''$$''';
                CREATE PROCEDURE run(INOUT a integer) LANGUAGE plpgsql AS 'BEGIN a := a + 1; END';
                COMMENT ON PROCEDURE run(integer) IS 'runs';
                CREATE FUNCTION tracked() RETURNS integer BEGIN ATOMIC SELECT add(1); END;
                """,
            other: """
                CREATE FUNCTION add(a integer, b integer DEFAULT 2) RETURNS integer LANGUAGE sql STABLE AS 'SELECT a - b';
                CREATE FUNCTION "Odd "" f"(VARIADIC "char"[]) RETURNS SETOF text LANGUAGE plpgsql
                    AS $f$ BEGIN RETURN NEXT 'x'; END $f$;
                CREATE FUNCTION outs(a integer, OUT x integer, OUT y text) LANGUAGE sql AS 'SELECT a, ''new''';
                CREATE PROCEDURE run(INOUT a integer) LANGUAGE plpgsql AS 'BEGIN a := a + 2; END';
                CREATE FUNCTION tracked() RETURNS integer BEGIN ATOMIC SELECT add(2); END;
                """
        ),
        KindCase(
            name: "function that cannot be replaced",
            sql: """
                CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT a';
                CREATE FUNCTION g(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql AS 'SELECT a';
                CREATE FUNCTION h(integer, OUT x integer) LANGUAGE sql AS 'SELECT 1';
                CREATE FUNCTION uses() RETURNS integer BEGIN ATOMIC SELECT f(1); END;
                """,
            other: """
                CREATE FUNCTION f(a integer) RETURNS bigint LANGUAGE sql AS 'SELECT a::bigint';
                CREATE FUNCTION g(c integer, b integer) RETURNS integer LANGUAGE sql AS 'SELECT c';
                CREATE FUNCTION h(integer, OUT x integer, OUT y integer) LANGUAGE sql AS 'SELECT 1, 2';
                CREATE FUNCTION uses() RETURNS integer BEGIN ATOMIC SELECT f(1)::integer; END;
                """
        ),
        KindCase(
            name: "aggregate",
            shared: """
                CREATE FUNCTION fin(integer) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT $1::bigint';
                """,
            sql: """
                CREATE AGGREGATE total(integer) (sfunc = int4pl, stype = integer, initcond = '0', finalfunc = fin,
                    combinefunc = int4pl, parallel = safe, msfunc = int4pl, minvfunc = int4mi, mstype = integer, mfinalfunc = fin);
                CREATE AGGREGATE "Odd "" all"(*) (sfunc = int8inc, stype = bigint, initcond = '0');
                CREATE AGGREGATE top(integer) (sfunc = int4larger, stype = integer, sortop = >);
                CREATE AGGREGATE share(float8 ORDER BY anyelement) (sfunc = ordered_set_transition, stype = internal,
                    finalfunc = percentile_disc_final, finalfunc_extra);
                COMMENT ON AGGREGATE "Odd "" all"(*) IS 'counts';
                COMMENT ON AGGREGATE share(float8 ORDER BY anyelement) IS 'ordered';
                """,
            other: """
                CREATE AGGREGATE total(integer) (sfunc = int4mi, stype = integer, finalfunc = fin, sspace = 8);
                CREATE AGGREGATE "Odd "" all"(*) (sfunc = int8inc, stype = bigint, initcond = '1');
                CREATE AGGREGATE top(integer) (sfunc = int4larger, stype = integer);
                CREATE AGGREGATE share(float8 ORDER BY anyelement) (sfunc = ordered_set_transition, stype = internal,
                    finalfunc = percentile_disc_final, finalfunc_extra);
                """
        ),
    ]

    static let operators: [KindCase] = [
        KindCase(
            name: "operator, family and class",
            shared: """
                CREATE SCHEMA "Odd "" ops";
                CREATE FUNCTION "Odd "" ops".lt(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < $2';
                CREATE FUNCTION "Odd "" ops".eq(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2';
                CREATE FUNCTION "Odd "" ops".neg(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT -$1';
                """,
            sql: """
                CREATE OPERATOR "Odd "" ops".=== (FUNCTION = "Odd "" ops".eq, LEFTARG = integer, RIGHTARG = integer,
                    COMMUTATOR = OPERATOR("Odd "" ops".===), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
                CREATE OPERATOR public.<<| (FUNCTION = "Odd "" ops".lt, LEFTARG = integer, RIGHTARG = integer);
                CREATE OPERATOR public.!~! (FUNCTION = "Odd "" ops".neg, RIGHTARG = integer);
                COMMENT ON OPERATOR public.!~! (NONE, integer) IS 'minus';
                CREATE OPERATOR FAMILY "Odd "" ops"."my fam" USING btree;
                CREATE OPERATOR CLASS "Odd "" ops"."my class" FOR TYPE integer USING btree FAMILY "Odd "" ops"."my fam" AS
                    OPERATOR 3 =(integer, integer), FUNCTION 1 btint4cmp(integer, integer);
                ALTER OPERATOR FAMILY "Odd "" ops"."my fam" USING btree ADD OPERATOR 3 =(integer, bigint),
                    FUNCTION 1 (integer, bigint) btint48cmp(integer, bigint);
                COMMENT ON OPERATOR CLASS "Odd "" ops"."my class" USING btree IS 'class';
                COMMENT ON OPERATOR FAMILY "Odd "" ops"."my fam" USING btree IS 'family';
                CREATE OPERATOR CLASS store FOR TYPE box USING gist AS STORAGE box;
                """,
            other: """
                CREATE OPERATOR "Odd "" ops".=== (FUNCTION = "Odd "" ops".eq, LEFTARG = integer, RIGHTARG = integer,
                    COMMUTATOR = OPERATOR("Odd "" ops".===), HASHES, MERGES);
                CREATE OPERATOR public.<<| (FUNCTION = "Odd "" ops".eq, LEFTARG = integer, RIGHTARG = integer);
                CREATE OPERATOR FAMILY "Odd "" ops"."my fam" USING btree;
                CREATE OPERATOR CLASS "Odd "" ops"."my class" FOR TYPE integer USING btree FAMILY "Odd "" ops"."my fam" AS
                    OPERATOR 1 <(integer, integer), OPERATOR 3 =(integer, integer),
                    FUNCTION 1 btint4cmp(integer, integer);
                ALTER OPERATOR FAMILY "Odd "" ops"."my fam" USING btree ADD OPERATOR 1 <(integer, bigint);
                """
        ),
        KindCase(
            name: "cast",
            shared: """
                CREATE TYPE "my type" AS (a integer); CREATE DOMAIN d AS text;
                CREATE FUNCTION conv("my type") RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
                """,
            sql: """
                CREATE CAST ("my type" AS integer) WITH FUNCTION conv("my type") AS ASSIGNMENT;
                CREATE CAST ("my type" AS xml) WITH INOUT AS IMPLICIT;
                COMMENT ON CAST ("my type" AS integer) IS 'to number';
                """,
            other: """
                CREATE CAST ("my type" AS integer) WITH FUNCTION conv("my type");
                CREATE CAST ("my type" AS xml) WITH INOUT;
                """
        ),
        KindCase(
            name: "transform",
            shared: """
                CREATE TYPE shape AS (a integer);
                CREATE FUNCTION to_lang(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'int4in';
                CREATE FUNCTION from_lang(internal) RETURNS shape LANGUAGE internal IMMUTABLE AS 'int4in';
                """,
            sql: """
                CREATE TRANSFORM FOR shape LANGUAGE plpgsql (FROM SQL WITH FUNCTION to_lang(internal),
                    TO SQL WITH FUNCTION from_lang(internal));
                COMMENT ON TRANSFORM FOR shape LANGUAGE plpgsql IS 'there and back';
                """,
            other: "CREATE TRANSFORM FOR shape LANGUAGE plpgsql (FROM SQL WITH FUNCTION to_lang(internal))"
        ),
    ]

    static let services: [KindCase] = [
        KindCase(
            name: "schema",
            sql: "CREATE SCHEMA a; COMMENT ON SCHEMA a IS 'first'; COMMENT ON SCHEMA public IS 'ours'",
            other: "CREATE SCHEMA a AUTHORIZATION reader; CREATE SCHEMA b"
        ),
        KindCase(
            name: "language and access method",
            sql: """
                CREATE TRUSTED LANGUAGE "my lang" HANDLER plpgsql_call_handler VALIDATOR plpgsql_validator;
                COMMENT ON LANGUAGE "my lang" IS 'ours'; GRANT USAGE ON LANGUAGE "my lang" TO reader;
                CREATE ACCESS METHOD "my heap" TYPE TABLE HANDLER heap_tableam_handler;
                CREATE ACCESS METHOD idx TYPE INDEX HANDLER bthandler; COMMENT ON ACCESS METHOD idx IS 'tree';
                """,
            other: """
                CREATE LANGUAGE "my lang" HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler;
                CREATE ACCESS METHOD idx TYPE INDEX HANDLER hashhandler;
                """
        ),
        KindCase(
            name: "collation and conversion",
            sql: """
                CREATE COLLATION "my c" (provider = libc, lc_collate = 'C', lc_ctype = 'C.UTF-8');
                CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
                COMMENT ON COLLATION loose IS 'case';
                CREATE CONVERSION conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
                COMMENT ON CONVERSION conv IS 'latin';
                """,
            other: """
                CREATE COLLATION "my c" (provider = libc, locale = 'C');
                CREATE COLLATION loose (provider = icu, locale = 'de');
                CREATE DEFAULT CONVERSION conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
                """,
            lacksElsewhere: "ICU"
        ),
        KindCase(
            name: "event trigger",
            shared: "CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';",
            sql: """
                CREATE EVENT TRIGGER "my t" ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE')
                    EXECUTE FUNCTION watch();
                CREATE EVENT TRIGGER off ON sql_drop EXECUTE FUNCTION watch(); ALTER EVENT TRIGGER off DISABLE;
                COMMENT ON EVENT TRIGGER off IS 'sleeps';
                """,
            other: """
                CREATE EVENT TRIGGER "my t" ON ddl_command_end EXECUTE FUNCTION watch();
                CREATE EVENT TRIGGER off ON sql_drop EXECUTE FUNCTION watch();
                """
        ),
    ]

    static let textSearch: [KindCase] = [
        KindCase(
            name: "text search",
            sql: """
                CREATE TEXT SEARCH PARSER "my p" (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end,
                    HEADLINE = prsd_headline, LEXTYPES = prsd_lextype);
                CREATE TEXT SEARCH TEMPLATE "my t" (INIT = dsimple_init, LEXIZE = dsimple_lexize);
                CREATE TEXT SEARCH DICTIONARY "my d" (TEMPLATE = "my t", stopwords = 'english', accept = 'false');
                CREATE TEXT SEARCH CONFIGURATION "my c" (PARSER = "my p");
                ALTER TEXT SEARCH CONFIGURATION "my c" ADD MAPPING FOR asciiword, word WITH "my d", simple;
                ALTER TEXT SEARCH CONFIGURATION "my c" ADD MAPPING FOR int WITH simple;
                COMMENT ON TEXT SEARCH PARSER "my p" IS 'p'; COMMENT ON TEXT SEARCH TEMPLATE "my t" IS 't';
                COMMENT ON TEXT SEARCH DICTIONARY "my d" IS 'd'; COMMENT ON TEXT SEARCH CONFIGURATION "my c" IS 'c';
                """,
            other: """
                CREATE TEXT SEARCH PARSER "my p" (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end,
                    HEADLINE = prsd_headline, LEXTYPES = prsd_lextype);
                CREATE TEXT SEARCH TEMPLATE "my t" (INIT = dsimple_init, LEXIZE = dsimple_lexize);
                CREATE TEXT SEARCH DICTIONARY "my d" (TEMPLATE = "my t", accept = 'true');
                CREATE TEXT SEARCH CONFIGURATION "my c" (PARSER = "my p");
                ALTER TEXT SEARCH CONFIGURATION "my c" ADD MAPPING FOR asciiword WITH simple;
                ALTER TEXT SEARCH CONFIGURATION "my c" ADD MAPPING FOR int WITH simple;
                ALTER TEXT SEARCH CONFIGURATION "my c" ADD MAPPING FOR email WITH "my d";
                """
        )
    ]

    static let foreignData: [KindCase] = [
        KindCase(
            name: "foreign-data wrapper and server",
            sql: """
                CREATE FOREIGN DATA WRAPPER "my w" OPTIONS (debug 'it''s', "Odd" 'x');
                CREATE SERVER "my s" TYPE 'kind' VERSION '1' FOREIGN DATA WRAPPER "my w" OPTIONS (host 'a', port '1');
                COMMENT ON FOREIGN DATA WRAPPER "my w" IS 'w'; COMMENT ON SERVER "my s" IS 's';
                GRANT USAGE ON FOREIGN DATA WRAPPER "my w" TO reader; GRANT USAGE ON FOREIGN SERVER "my s" TO PUBLIC;
                CREATE USER MAPPING FOR PUBLIC SERVER "my s";
                """,
            other: """
                CREATE FOREIGN DATA WRAPPER "my w" VALIDATOR postgresql_fdw_validator;
                CREATE SERVER "my s" TYPE 'kind' VERSION '2' FOREIGN DATA WRAPPER "my w" OPTIONS (host 'b', dbname 'd');
                CREATE USER MAPPING FOR reader SERVER "my s";
                """
        )
    ]

    static let replication: [KindCase] = [
        KindCase(
            name: "publication",
            sql: """
                CREATE SCHEMA s; CREATE PUBLICATION "my p" FOR TABLES IN SCHEMA s WITH (publish = 'insert, delete');
                CREATE PUBLICATION everything FOR ALL TABLES; CREATE PUBLICATION nothing;
                COMMENT ON PUBLICATION nothing IS 'empty';
                """,
            other: """
                CREATE SCHEMA s; CREATE PUBLICATION "my p" FOR TABLES IN SCHEMA s, public
                    WITH (publish_via_partition_root = true);
                CREATE PUBLICATION everything; CREATE PUBLICATION nothing FOR TABLES IN SCHEMA s;
                """
        )
    ]

    static let access: [KindCase] = [
        KindCase(
            name: "grants on everything",
            shared: "CREATE SCHEMA s; CREATE TYPE t AS ENUM ('a'); CREATE DOMAIN d AS text;"
                + "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1';"
                + "CREATE PROCEDURE p() LANGUAGE sql AS ''; CREATE AGGREGATE a(*) (sfunc = int8inc, stype = bigint, initcond = '0');",
            sql: """
                GRANT USAGE ON SCHEMA s TO reader, "Odd ""role=/"; GRANT CREATE ON SCHEMA s TO reader WITH GRANT OPTION;
                REVOKE USAGE ON TYPE t FROM PUBLIC; GRANT USAGE ON TYPE d TO reader; REVOKE ALL ON TYPE d FROM PUBLIC;
                REVOKE ALL ON FUNCTION f() FROM PUBLIC; GRANT EXECUTE ON FUNCTION f() TO lender WITH GRANT OPTION;
                SET ROLE lender; GRANT EXECUTE ON FUNCTION f() TO reader; RESET ROLE;
                REVOKE ALL ON PROCEDURE p() FROM postgres; GRANT EXECUTE ON FUNCTION a() TO reader;
                REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO lender;
                """,
            other: """
                GRANT USAGE ON SCHEMA s TO reader WITH GRANT OPTION; ALTER FUNCTION f() OWNER TO lender;
                ALTER TYPE t OWNER TO reader; GRANT USAGE ON SCHEMA public TO lender; ALTER DOMAIN d OWNER TO lender; ALTER AGGREGATE a(*) OWNER TO lender;
                GRANT CREATE ON SCHEMA public TO reader; REVOKE ALL ON TYPE d FROM lender;
                """
        ),
        KindCase(
            name: "default privileges",
            sql: """
                CREATE SCHEMA s;
                ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader;
                ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
                ALTER DEFAULT PRIVILEGES FOR ROLE lender IN SCHEMA s GRANT EXECUTE ON FUNCTIONS TO "Odd ""role=/";
                ALTER DEFAULT PRIVILEGES FOR ROLE lender GRANT USAGE ON SEQUENCES TO reader WITH GRANT OPTION;
                ALTER DEFAULT PRIVILEGES FOR ROLE lender GRANT CREATE ON SCHEMAS TO reader;
                ALTER DEFAULT PRIVILEGES FOR ROLE reader REVOKE ALL ON TABLES FROM reader;
                """,
            other: """
                CREATE SCHEMA s;
                ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT ON TABLES TO reader WITH GRANT OPTION;
                ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
                ALTER DEFAULT PRIVILEGES FOR ROLE lender IN SCHEMA s GRANT EXECUTE ON FUNCTIONS TO reader;
                """
        ),
        KindCase(
            name: "objects under default privileges",
            shared: """
                ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO reader;
                ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
                ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
                ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO reader;
                """,
            sql: """
                CREATE SCHEMA s; CREATE TYPE s.t AS ENUM ('a'); GRANT USAGE ON TYPE s.t TO PUBLIC;
                CREATE FUNCTION s.f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
                REVOKE ALL ON FUNCTION s.f() FROM reader; GRANT EXECUTE ON FUNCTION s.f() TO PUBLIC;
                """,
            other: """
                CREATE SCHEMA s; REVOKE ALL ON SCHEMA s FROM reader;
                CREATE FUNCTION s.f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
                """
        ),
    ]

    static let tables: [KindCase] = [
        KindCase(
            name: "enum values dropped and reordered under columns, views, indexes and functions",
            shared: "CREATE SCHEMA app;",
            sql: """
                CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'happy');
                CREATE TABLE app.t (a app.mood DEFAULT 'ok', b app.mood[] DEFAULT '{sad}' NOT NULL, c text DEFAULT 'ok'::app.mood::text,
                    CHECK (a <> 'sad'::app.mood));
                INSERT INTO app.t VALUES ('happy', '{happy,ok}');
                CREATE INDEX i ON app.t (a) WHERE a = 'ok'::app.mood; CREATE INDEX plain ON app.t (b);
                CREATE VIEW app.v AS SELECT a, b FROM app.t WHERE a > 'sad'::app.mood;
                CREATE FUNCTION app.f(app.mood) RETURNS app.mood LANGUAGE sql BEGIN ATOMIC SELECT $1; END;
                CREATE TYPE app.free AS ENUM ('x');
                """,
            other: """
                CREATE TYPE app.mood AS ENUM ('happy', 'ok', 'wild');
                CREATE TABLE app.t (a app.mood DEFAULT 'happy', b app.mood[] DEFAULT '{ok}' NOT NULL, c text DEFAULT 'ok'::app.mood::text);
                CREATE INDEX i ON app.t (a) WHERE a = 'ok'::app.mood; CREATE INDEX plain ON app.t (b);
                CREATE VIEW app.v AS SELECT a, b FROM app.t WHERE a > 'happy'::app.mood;
                CREATE FUNCTION app.f(app.mood) RETURNS app.mood LANGUAGE sql BEGIN ATOMIC SELECT $1; END;
                CREATE TYPE app.free AS ENUM ('x');
                """
        ),
        KindCase(
            name: "enum values added and used at once",
            sql: "CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE t (a mood DEFAULT 'ok')",
            other:
                "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy'); CREATE TABLE t (a mood DEFAULT 'happy' CHECK (a > 'sad'))"
        ),
        KindCase(
            name: "composite type and domain under columns",
            sql: """
                CREATE TYPE pair AS (a integer, b text); CREATE DOMAIN age AS integer CHECK (VALUE > 0);
                CREATE TABLE t (p pair, q pair[], n age DEFAULT 1); CREATE VIEW v AS SELECT (p).a, n FROM t;
                CREATE FUNCTION f(pair) RETURNS age LANGUAGE sql AS 'SELECT 1';
                """,
            other: """
                CREATE TYPE pair AS (a integer, b text, c date); CREATE DOMAIN age AS integer NOT NULL CHECK (VALUE > 1);
                CREATE TABLE t (p pair, q pair[], n age DEFAULT 2); CREATE VIEW v AS SELECT (p).a, n FROM t;
                CREATE FUNCTION f(pair) RETURNS age LANGUAGE sql AS 'SELECT 2';
                """
        ),
        KindCase(
            name: "grants on tables, columns and sequences",
            shared: """
                CREATE TABLE t (id serial, "b "" b" text, c integer); CREATE VIEW v AS SELECT c, "b "" b" FROM t;
                CREATE MATERIALIZED VIEW m AS SELECT 1 AS one; CREATE SEQUENCE s; CREATE TABLE "T" (a integer);
                """,
            sql: """
                GRANT SELECT, UPDATE ON t TO reader; GRANT INSERT (id), SELECT (id, "b "" b") ON t TO reader;
                GRANT SELECT (c) ON t TO lender WITH GRANT OPTION;
                SET ROLE lender; GRANT SELECT (c) ON t TO reader; RESET ROLE;
                GRANT SELECT ON v TO PUBLIC; GRANT SELECT (c) ON v TO reader; GRANT SELECT (a) ON "T" TO reader; GRANT SELECT ON m TO reader;
                GRANT USAGE ON SEQUENCE s TO reader WITH GRANT OPTION; REVOKE TRUNCATE ON "T" FROM postgres;
                COMMENT ON COLUMN t."b "" b" IS 'it''s'; COMMENT ON COLUMN v.c IS 'seen'; COMMENT ON SEQUENCE s IS 'n';
                """,
            other: """
                GRANT INSERT (id), SELECT (id) ON t TO reader; GRANT UPDATE (c) ON t TO PUBLIC;
                GRANT SELECT (c) ON v TO reader WITH GRANT OPTION; ALTER TABLE "T" OWNER TO reader; GRANT SELECT (a) ON "T" TO reader;
                ALTER TABLE t OWNER TO lender; GRANT USAGE ON SEQUENCE s TO reader; ALTER VIEW v OWNER TO reader;
                """
        ),
        KindCase(
            name: "tables under default privileges",
            shared: """
                ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT ON TABLES TO reader;
                ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO reader;
                ALTER DEFAULT PRIVILEGES REVOKE TRUNCATE ON TABLES FROM postgres;
                CREATE SCHEMA s; ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT UPDATE ON TABLES TO lender;
                """,
            sql: """
                CREATE TABLE s.t (id serial); REVOKE ALL ON s.t FROM lender; GRANT TRUNCATE ON s.t TO postgres;
                CREATE TABLE s.kept (a integer); GRANT SELECT (a) ON s.kept TO lender;
                """,
            other:
                "CREATE TABLE s.t (id serial, b text); REVOKE ALL ON s.t FROM reader; GRANT SELECT (b) ON s.t TO reader"
        ),
        KindCase(
            name: "publication of tables",
            shared: "CREATE TABLE t (a integer PRIMARY KEY, b text); CREATE TABLE u (a integer PRIMARY KEY);",
            sql: """
                CREATE PUBLICATION p FOR TABLE t (a, b) WHERE (a > 1), u; CREATE PUBLICATION q FOR TABLE u;
                COMMENT ON PUBLICATION p IS 'some';
                """,
            other: """
                CREATE PUBLICATION p FOR TABLE t (a) WHERE (a > 2) WITH (publish = 'insert'); CREATE PUBLICATION q;
                """
        ),
        KindCase(
            name: "functions in defaults, checks and indexes",
            sql: """
                CREATE FUNCTION one() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
                CREATE TABLE t (a integer DEFAULT one() CHECK (a > one())); CREATE INDEX i ON t ((a + one()));
                CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
                """,
            other: """
                CREATE FUNCTION one() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 1::bigint';
                CREATE TABLE t (a integer DEFAULT one() CHECK (a > one())); CREATE INDEX i ON t ((a + one()));
                """
        ),
    ]
}

@Suite("The rules of the kinds")
struct ObjectRuleTests {
    @Test("create, drop and alter what a server reads back the same", arguments: KindCase.all)
    func areRight(_ kind: KindCase) async throws {
        let shared = KindCase.roles + kind.shared
        try await RoundTrip(sql: "\(shared)\n\(kind.sql)", other: "\(shared)\n\(kind.other)").check()
    }

    private static let newer: [NewerServer] = (isLongTest ? [16, 18] : [18]).map(NewerServer.init)

    @Test("create, drop and alter the same on newer servers", arguments: KindCase.all, newer)
    func areRightOnNewerServers(_ kind: KindCase, on newer: NewerServer) async throws {
        if let missing = kind.lacksElsewhere {
            return print("\(kind.name): not looked at on PostgreSQL \(newer.major), which lacks \(missing) here")
        }
        guard try await newer.isInstalled else {
            return print("PostgreSQL \(newer.major) is not installed: \(kind.name) is not looked at on it")
        }
        let shared = KindCase.roles + kind.shared
        var trip = RoundTrip(sql: "\(shared)\n\(kind.sql)", other: "\(shared)\n\(kind.other)")
        trip.server = newer.server
        trip.major = newer.major
        try await trip.check()
    }
}

/// A server of a later version than the standard one, shared by tests.
struct NewerServer: CustomTestStringConvertible, Sendable {
    let major: Int
    let server: TestServer

    init(_ major: Int) {
        self.major = major
        server = TestServer(major: major)
    }

    var testDescription: String { "PostgreSQL \(major)" }

    /// Whether there is one on this machine.
    var isInstalled: Bool {
        get async throws { try await PostgresInstallation.all().contains { $0.version.major == major } }
    }
}

@Suite("What the rules will not do, or warn of")
struct ObjectHazardTests {
    private func plan(_ from: String, _ to: String) async throws -> SchemaPlan {
        var result: SchemaPlan?
        try await withSuperuserDatabase { before in
            try await withSuperuserDatabase { after in
                for (sql, settings) in [(from, before), (to, after)] {
                    try await withPostgresConnection(to: settings) { _ = try await $0.script(KindCase.roles + sql) }
                }
                result = try SchemaDiff.plan(from: try await catalog(of: before), to: try await catalog(of: after))
            }
        }
        return try #require(result)
    }

    @Test(
        "is refused with the reason",
        arguments: [
            (
                "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TYPE c AS (x e); CREATE TABLE t (c c)",
                "CREATE TYPE e AS ENUM ('b'); CREATE TYPE c AS (x e); CREATE TABLE t (c c)",
                "enum public.e cannot be changed by a plan: values go or change places, and composite type public.c"
            ),
            (
                "CREATE TYPE c AS (x integer); CREATE TABLE t (c c)",
                "CREATE TYPE c AS (x text); CREATE TABLE t (c c)",
                "composite type public.c cannot be changed by a plan: x gets another type, and column public.t.c holds"
            ),
            (
                "CREATE DOMAIN d AS integer; CREATE TABLE t (d d)", "CREATE DOMAIN d AS text; CREATE TABLE t (d d)",
                "domain public.d cannot be changed by a plan: it is to narrow another type, and column public.t.d"
            ),
            (
                "CREATE TYPE r AS RANGE (subtype = integer); CREATE TABLE t (r r)",
                "CREATE TYPE r AS RANGE (subtype = bigint); CREATE TABLE t (r r)",
                "range type public.r cannot be changed by a plan: subtype can only be changed by making it again"
            ),
        ]
    )
    func isRefused(from: String, to: String, words: String) async throws {
        let error = await #expect(throws: SchemaDiffError.self) { _ = try await plan(from, to) }
        #expect(error?.message.hasPrefix(words) == true, "\(String(describing: error))")
    }

    @Test(
        "carries a hazard",
        arguments: [
            ("CREATE TYPE e AS ENUM ('a')", "CREATE TYPE e AS ENUM ('a', 'b')", Hazard.Kind.irreversible),
            (
                "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (e e)",
                "CREATE TYPE e AS ENUM ('b'); CREATE TABLE t (e e)", .rewritesTable
            ),
            (
                "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
                "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 2'", .untrackedDependency
            ),
            ("CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'", "", .untrackedDependency),
            (
                """
                CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
                CREATE TABLE t (a integer); CREATE INDEX i ON t (f(a))
                """,
                """
                CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 2';
                CREATE TABLE t (a integer); CREATE INDEX i ON t (f(a))
                """,
                .correctness
            ),
            ("CREATE SCHEMA s", "CREATE SCHEMA s AUTHORIZATION reader", .authorisationChange),
            ("CREATE SCHEMA s", "CREATE SCHEMA s; GRANT USAGE ON SCHEMA s TO reader", .authorisationChange),
            ("CREATE EXTENSION citext", "", .deletesData),
            (
                "CREATE EXTENSION citext VERSION '1.4'", "CREATE EXTENSION citext VERSION '1.6'",
                .extensionVersionChange
            ),
            (
                "CREATE DOMAIN d AS integer; CREATE TABLE t (d d)",
                "CREATE DOMAIN d AS integer CHECK (VALUE > 0); CREATE TABLE t (d d)", .validatesConstraint
            ),
            (
                "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w",
                """
                CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
                CREATE USER MAPPING FOR reader SERVER s OPTIONS (password 'geheim')
                """,
                .correctness
            ),
        ]
    )
    func carriesHazard(from: String, to: String, hazard: Hazard.Kind) async throws {
        let plan = try await plan(from, to)
        #expect(plan.hazards.contains(hazard), "\(plan.steps)")
        #expect(try await self.plan(to, to).steps.isEmpty)
    }

    @Test("names no hazard for what is new")
    func isHarmlessWhereNew() async throws {
        let plan = try await plan(
            "",
            "CREATE EXTENSION citext; CREATE TYPE e AS ENUM ('a'); GRANT USAGE ON TYPE e TO reader;"
                + "CREATE TABLE t (a citext, b e)"
        )
        #expect(plan.hazards.isEmpty)
    }
}
