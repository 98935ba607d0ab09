extension KindCase {
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
