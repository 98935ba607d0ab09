/// Objects that take an extension of the server's own, and hostile names in every kind.
extension KindCase {
    static let contrib: [KindCase] = [
        KindCase(
            name: "foreign tables",
            shared: """
                CREATE EXTENSION postgres_fdw; CREATE SERVER "my s" FOREIGN DATA WRAPPER postgres_fdw;
                CREATE TABLE base (id integer NOT NULL, note text);
                CREATE TABLE parts (id integer NOT NULL, note text) PARTITION BY LIST (id);
                CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                """,
            sql: """
                CREATE FOREIGN TABLE "Odd "" f" (
                    id integer OPTIONS (column_name 'it''s') NOT NULL, "b "" b" text COLLATE "C" DEFAULT '%x',
                    gone date, CONSTRAINT "po s" CHECK (id > 0)) SERVER "my s" OPTIONS (table_name 'a', schema_name 's');
                ALTER FOREIGN TABLE "Odd "" f" ALTER COLUMN id SET STATISTICS 7, ALTER COLUMN "b "" b" SET STORAGE MAIN;
                CREATE TRIGGER g BEFORE INSERT ON "Odd "" f" FOR EACH ROW EXECUTE FUNCTION watch();
                COMMENT ON FOREIGN TABLE "Odd "" f" IS 'far'; COMMENT ON COLUMN "Odd "" f"."b "" b" IS 'it''s';
                GRANT SELECT ON "Odd "" f" TO reader; GRANT UPDATE (id) ON "Odd "" f" TO lender;
                CREATE FOREIGN TABLE child () INHERITS (base) SERVER "my s";
                CREATE FOREIGN TABLE part PARTITION OF parts FOR VALUES IN (1) SERVER "my s" OPTIONS (table_name 'p');
                CREATE VIEW seen AS SELECT id FROM "Odd "" f";
                """,
            other: """
                CREATE FOREIGN TABLE "Odd "" f" (
                    id bigint OPTIONS (column_name 'b'), "b "" b" text COLLATE "C",
                    new date DEFAULT CURRENT_DATE, CONSTRAINT "po s" CHECK (id > 1) NO INHERIT) SERVER "my s"
                    OPTIONS (schema_name 'other', updatable 'false');
                ALTER FOREIGN TABLE "Odd "" f" OWNER TO lender;
                CREATE FOREIGN TABLE child (extra integer) INHERITS (base) SERVER "my s" OPTIONS (table_name 'c');
                CREATE FOREIGN TABLE part PARTITION OF parts FOR VALUES IN (2) SERVER "my s";
                CREATE VIEW seen AS SELECT id FROM "Odd "" f";
                """,
            lacksElsewhere: "postgres_fdw"
        ),
        KindCase(
            name: "foreign tables over files",
            shared: "CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;",
            sql: """
                CREATE FOREIGN TABLE lines (line text OPTIONS (force_not_null 'true'), number integer) SERVER files
                    OPTIONS (filename '/dev/null', format 'csv', header 'true');
                """,
            other: """
                CREATE FOREIGN TABLE lines (line text, number integer) SERVER files
                    OPTIONS (filename '/dev/null', format 'text', delimiter '|');
                """,
            lacksElsewhere: "file_fdw"
        ),
        KindCase(
            name: "extension in a schema",
            shared: "CREATE SCHEMA a; CREATE SCHEMA \"b \"\" b\";",
            sql: "CREATE EXTENSION hstore SCHEMA a VERSION '1.8'; COMMENT ON EXTENSION hstore IS 'ours'",
            other: "CREATE EXTENSION hstore SCHEMA \"b \"\" b\" VERSION '1.7'; COMMENT ON EXTENSION hstore IS NULL",
            lacksElsewhere: "hstore"
        ),
        KindCase(
            name: "tables of another access method",
            shared: "CREATE ACCESS METHOD \"my heap\" TYPE TABLE HANDLER heap_tableam_handler;",
            sql: """
                CREATE TABLE t (a integer) USING "my heap"; CREATE MATERIALIZED VIEW m USING "my heap" AS SELECT a FROM t;
                CREATE TABLE stays (a integer) USING "my heap";
                """,
            other: """
                CREATE TABLE t (a integer); CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
                CREATE TABLE stays (a integer) USING "my heap";
                """
        ),
        KindCase(
            name: "subscription",
            sql: """
                CREATE SUBSCRIPTION "my s" CONNECTION '' PUBLICATION "p "" 1", q
                    WITH (connect = false, slot_name = NONE, binary = true);
                COMMENT ON SUBSCRIPTION "my s" IS 'it''s';
                """,
            other: """
                CREATE SUBSCRIPTION "my s" CONNECTION '' PUBLICATION q
                    WITH (connect = false, slot_name = NONE, synchronous_commit = 'local');
                """
        ),
    ]

    /// What is hard to quote: quotes, `%`, a line's end, a keyword, another script, 63 bytes.
    private static let hostileNames = [
        "Q\"\"q", "100%s %", "two\nlines", "select", "Größe 表 ☃", "it''s \\ $1", String(repeating: "X", count: 63),
    ]

    static let hostile: [KindCase] = hostileNames.map { name in
        let comment = "'it''s % \\ " + name.replacing("''", with: "'").replacing("'", with: "''") + "'"
        // In quotes of its own the apostrophe needs no other.
        let name = "\"" + name.replacing("''", with: "'") + "\""
        return KindCase(
            name: "hostile name \(name)",
            sql: """
                CREATE SCHEMA \(name); COMMENT ON SCHEMA \(name) IS \(comment);
                CREATE TYPE \(name).\(name) AS ENUM ('a'); CREATE DOMAIN \(name).d AS text CONSTRAINT \(name) CHECK (VALUE <> '');
                COMMENT ON TYPE \(name).\(name) IS \(comment); COMMENT ON CONSTRAINT \(name) ON DOMAIN \(name).d IS \(comment);
                CREATE TYPE \(name).c AS (\(name) integer); COMMENT ON COLUMN \(name).c.\(name) IS \(comment);
                CREATE TYPE \(name).r AS RANGE (subtype = integer, multirange_type_name = \(name).multi);
                CREATE COLLATION \(name).\(name) (provider = libc, locale = 'C'); COMMENT ON COLLATION \(name).\(name) IS \(comment);
                CREATE FUNCTION \(name).\(name)(\(name) integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
                COMMENT ON FUNCTION \(name).\(name)(integer) IS \(comment);
                CREATE PROCEDURE \(name).p(\(name) integer) LANGUAGE sql AS '';
                CREATE AGGREGATE \(name).\(name)(bigint) (sfunc = int8pl, stype = bigint);
                CREATE FUNCTION \(name).eq(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
                CREATE OPERATOR \(name).=== (FUNCTION = \(name).eq, LEFTARG = integer, RIGHTARG = integer);
                COMMENT ON OPERATOR \(name).=== (integer, integer) IS \(comment);
                CREATE OPERATOR FAMILY \(name).\(name) USING btree;
                CREATE OPERATOR CLASS \(name).\(name) FOR TYPE integer USING btree FAMILY \(name).\(name) AS FUNCTION 1 btint4cmp(integer, integer);
                CREATE FUNCTION \(name).conv(\(name).c) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
                CREATE CAST (\(name).c AS integer) WITH FUNCTION \(name).conv(\(name).c);
                COMMENT ON CAST (\(name).c AS integer) IS \(comment);
                CREATE TEXT SEARCH DICTIONARY \(name).\(name) (TEMPLATE = simple);
                CREATE TEXT SEARCH CONFIGURATION \(name).\(name) (PARSER = default);
                ALTER TEXT SEARCH CONFIGURATION \(name).\(name) ADD MAPPING FOR word WITH \(name).\(name);
                CREATE FOREIGN DATA WRAPPER \(name) OPTIONS (\(name) \(comment));
                CREATE SERVER \(name) TYPE \(comment) FOREIGN DATA WRAPPER \(name); CREATE USER MAPPING FOR PUBLIC SERVER \(name);
                CREATE FOREIGN TABLE \(name).f (\(name) integer OPTIONS (\(name) \(comment))) SERVER \(name) OPTIONS (\(name) \(comment));
                CREATE SEQUENCE \(name).s;
                CREATE TABLE \(name).t (\(name) integer DEFAULT nextval('\(name.replacing("'", with: "''")).s'), n text,
                    CONSTRAINT \(name) CHECK (\(name) > 0));
                ALTER SEQUENCE \(name).s OWNED BY \(name).t.\(name);
                COMMENT ON TABLE \(name).t IS \(comment); COMMENT ON COLUMN \(name).t.\(name) IS \(comment);
                COMMENT ON CONSTRAINT \(name) ON \(name).t IS \(comment);
                CREATE INDEX i ON \(name).t (\(name), (\(name).\(name)(\(name)))) WHERE \(name) > 1;
                CREATE STATISTICS \(name).x ON \(name), n FROM \(name).t;
                CREATE FUNCTION \(name).g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                CREATE TRIGGER \(name) BEFORE UPDATE OF \(name) ON \(name).t FOR EACH ROW EXECUTE FUNCTION \(name).g(\(comment));
                CREATE RULE \(name) AS ON DELETE TO \(name).t DO ALSO NOTHING;
                CREATE POLICY \(name) ON \(name).t TO "Odd ""role=/" USING (\(name) = 1);
                CREATE VIEW \(name).v AS SELECT \(name), n AS "n "" n" FROM \(name).t;
                CREATE MATERIALIZED VIEW \(name).m AS SELECT \(name) FROM \(name).v WITH NO DATA;
                GRANT SELECT (\(name)) ON \(name).t TO "Odd ""role=/"; GRANT SELECT ON \(name).v TO "Odd ""role=/";
                CREATE TABLE \(name).parts (\(name) integer) PARTITION BY RANGE (\(name));
                CREATE TABLE \(name).part PARTITION OF \(name).parts FOR VALUES FROM (1) TO (2);
                CREATE TABLE \(name).typed OF \(name).c; CREATE TABLE \(name).child (m integer) INHERITS (\(name).t);
                CREATE FUNCTION \(name).e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
                CREATE EVENT TRIGGER \(name) ON sql_drop EXECUTE FUNCTION \(name).e(); ALTER EVENT TRIGGER \(name) DISABLE;
                CREATE PUBLICATION \(name) FOR TABLE \(name).t (\(name)); COMMENT ON PUBLICATION \(name) IS \(comment);
                ALTER DEFAULT PRIVILEGES IN SCHEMA \(name) GRANT SELECT ON TABLES TO "Odd ""role=/";
                CREATE TRUSTED LANGUAGE \(name) HANDLER plpgsql_call_handler; COMMENT ON LANGUAGE \(name) IS \(comment);
                CREATE ACCESS METHOD \(name) TYPE TABLE HANDLER heap_tableam_handler;
                CREATE CONVERSION \(name).\(name) FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
                """,
            other: """
                CREATE SCHEMA \(name); CREATE TYPE \(name).\(name) AS ENUM ('a', E'it''s %\\n');
                CREATE DOMAIN \(name).d AS text CONSTRAINT \(name) CHECK (VALUE <> 'x');
                CREATE TYPE \(name).c AS (\(name) bigint);
                CREATE FUNCTION \(name).\(name)(\(name) integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 2';
                CREATE FOREIGN DATA WRAPPER \(name); CREATE SERVER \(name) VERSION \(comment) FOREIGN DATA WRAPPER \(name);
                CREATE FOREIGN TABLE \(name).f (\(name) bigint) SERVER \(name);
                CREATE TABLE \(name).t (\(name) bigint GENERATED ALWAYS AS IDENTITY, n text, CONSTRAINT \(name) CHECK (\(name) > 2));
                CREATE INDEX i ON \(name).t (\(name), (\(name).\(name)(\(name)::integer)));
                CREATE FUNCTION \(name).g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
                CREATE TRIGGER \(name) AFTER UPDATE OF \(name) ON \(name).t FOR EACH ROW EXECUTE FUNCTION \(name).g();
                CREATE POLICY \(name) ON \(name).t FOR DELETE USING (\(name) = 2);
                CREATE VIEW \(name).v AS SELECT \(name) FROM \(name).t; COMMENT ON COLUMN \(name).v.\(name) IS \(comment);
                CREATE TABLE \(name).parts (\(name) integer) PARTITION BY RANGE (\(name));
                CREATE TABLE \(name).part PARTITION OF \(name).parts FOR VALUES FROM (1) TO (3);
                CREATE TABLE \(name).child (m integer) INHERITS (\(name).t); CREATE PUBLICATION \(name);
                """
        )
    }
}
