import TestSupport
import Testing

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
}
