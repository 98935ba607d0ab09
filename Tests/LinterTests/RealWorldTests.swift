import Postgres
import SQLSyntax
import TestSupport
import Testing

@testable import Linter

/// Situations of projects that have nothing to do with this one: each is judged, and run on a server.
@Suite("Migrations as others write them")
struct RealWorldTests {
    typealias Case = ExistenceTests.Case

    private static func trigger(_ body: String) -> String {
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $f$ \(body) $f$;"
    }

    private static let t = "CREATE TABLE t (id int PRIMARY KEY, a int, updated_at timestamptz);"

    /// What the parser of PL/pgSQL cannot know without a catalog is no error.
    static let bodies: [Case] = [
        Case(
            t,
            trigger(
                "DECLARE _new record; BEGIN _new := NEW; _new.\"updated_at\" = NOW(); RETURN _new; END;"
            ) + "CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();"
        ),
        Case(t, trigger("DECLARE r t%ROWTYPE; BEGIN SELECT 1 INTO r.a; r.id := 2; RETURN r; END;")),
        Case(t, trigger("<<b>> DECLARE r t; BEGIN b.r.a := 1; RETURN r; END;")),
        Case(t, "CREATE FUNCTION f(p t) RETURNS int LANGUAGE plpgsql AS $$ BEGIN p.a := 2; RETURN p.a; END $$;"),
        Case(t, "DO $$ DECLARE r record; BEGIN SELECT 1 AS x INTO r; r.x := 2; END $$; SELECT a FROM t;"),
        Case("", trigger("DECLARE c CURSOR FOR SELECT 1; BEGIN OPEN c; CLOSE c; RETURN NEW; END;")),
        Case(
            "",
            trigger("DECLARE c CURSOR (k int) FOR SELECT k; BEGIN FOR r IN c(1) LOOP NULL; END LOOP; RETURN NEW; END;")
        ),
        Case("", trigger("DECLARE c refcursor; r record; BEGIN OPEN c FOR SELECT 1; FETCH c INTO r; RETURN NEW; END;")),
        Case("", "CREATE FUNCTION f() RETURNS TABLE (x int) LANGUAGE plpgsql AS $$ BEGIN x := 1; RETURN NEXT; END $$;"),
        Case(
            "",
            "CREATE FUNCTION f(OUT x int, OUT y int) RETURNS SETOF record LANGUAGE plpgsql AS $$ BEGIN x := 1; RETURN NEXT; END $$;"
        ),
        Case(
            "",
            "CREATE FUNCTION f(anyelement) RETURNS anyelement LANGUAGE plpgsql AS $$ DECLARE v $1%TYPE; w ALIAS FOR $1; "
                + "BEGIN v := $1; RETURN w; END $$;"
        ),
        Case(
            "",
            "CREATE FUNCTION f(refcursor) RETURNS refcursor LANGUAGE plpgsql AS $$ BEGIN OPEN $1 FOR SELECT 1; RETURN $1; END $$;"
        ),
        Case("", trigger("BEGIN IF true THEN RETURN NEW; END;"), "function-body-syntax"),
        Case("", trigger("BEGIN RETURN NEW END;"), "function-body-syntax"),
    ]

    /// Bodies that nobody looks at.
    static let dumps: [Case] = [
        Case(
            "",
            "SET check_function_bodies = false; CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM items'; "
                + "CREATE TABLE items (id int);"
        ),
        Case(
            "",
            "SELECT set_config('check_function_bodies', 'off', false); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELEC 1';"
        ),
        Case(
            "",
            "SET check_function_bodies = off; RESET check_function_bodies; "
                + "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELEC 1';",
            "function-body-syntax"
        ),
        Case(
            "CREATE TABLE items (id int);",
            "SET LOCAL check_function_bodies TO 0; DROP TABLE items; "
                + "CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM items'; CREATE TABLE items (id int);"
        ),
    ]

    /// Names that go along, and signatures.
    static let names: [Case] = [
        Case(
            t,
            "ALTER INDEX t_pkey RENAME TO pk_t; ALTER TABLE t DROP CONSTRAINT pk_t; ALTER TABLE t ADD CONSTRAINT pk_t PRIMARY KEY (id);"
        ),
        Case(
            "CREATE TABLE t (a int NOT NULL); CREATE UNIQUE INDEX i ON t (a); ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i;",
            "ALTER INDEX k RENAME TO k2; ALTER TABLE t DROP CONSTRAINT k2; ALTER TABLE t ADD CONSTRAINT k UNIQUE (a);"
        ),
        Case(
            t,
            "ALTER TABLE t RENAME CONSTRAINT t_pkey TO x; ALTER INDEX x RENAME TO y; ALTER TABLE t RENAME CONSTRAINT y TO t_pkey; "
                + "ALTER TABLE t DROP CONSTRAINT t_pkey;"
        ),
        Case(t, "ALTER INDEX t_pkey RENAME TO pk_t; ALTER TABLE t DROP CONSTRAINT t_pkey;", "constraint-may-not-exist"),
        Case(
            "CREATE FUNCTION f(e numeric(10,2)) RETURNS varchar(3) LANGUAGE sql AS 'SELECT ''a''::varchar';",
            "CREATE OR REPLACE FUNCTION f(e numeric) RETURNS varchar LANGUAGE sql AS 'SELECT ''b''::varchar'; DROP FUNCTION f(numeric);"
        ),
        Case("CREATE FUNCTION f(varchar) RETURNS int LANGUAGE sql AS 'SELECT 1';", "DROP FUNCTION f(varchar(20));"),
        Case(
            "CREATE FUNCTION f(varchar) RETURNS int LANGUAGE sql AS 'SELECT 1';",
            "CREATE FUNCTION f(varchar(5)) RETURNS int LANGUAGE sql AS 'SELECT 1';",
            "object-already-exists"
        ),
    ]

    /// What is taken back, and what may not have run.
    static let returns: [Case] = [
        Case(t, "SAVEPOINT s; DROP TABLE t; ROLLBACK TO s; SELECT a FROM t;"),
        Case(t, "SAVEPOINT s; ALTER TABLE t DROP COLUMN a; SAVEPOINT r; ROLLBACK TO SAVEPOINT s; SELECT a FROM t;"),
        Case(t, "SAVEPOINT s; CREATE TABLE u (a int); ROLLBACK TO s; CREATE TABLE u (b int); SELECT b FROM u;"),
        Case(t, "SAVEPOINT s; DROP TABLE t; RELEASE s; SELECT a FROM t;", "table-may-not-exist"),
        Case(
            t,
            "DO $$ BEGIN BEGIN DROP TABLE t; RAISE EXCEPTION 'no'; EXCEPTION WHEN raise_exception THEN NULL; END; END $$; SELECT a FROM t;"
        ),
        Case(
            t,
            "DO $$ BEGIN BEGIN DROP TABLE t; IF true THEN RAISE EXCEPTION 'no'; END IF; EXCEPTION WHEN raise_exception THEN NULL; END; "
                + "END $$; SELECT a FROM t;",
            "table-may-not-exist"
        ),
        Case(
            t,
            "DO $$ BEGIN IF current_setting('work_mem') = 'x' THEN ALTER TABLE t DROP COLUMN a; END IF; END $$; SELECT a FROM t;",
            "column-may-not-exist"
        ),
        Case(
            t,
            "DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_class WHERE relname = 't') THEN DROP TABLE t; END IF; END $$; "
                + "CREATE TABLE t (b int);"
        ),
    ]

    private static let parts =
        "CREATE TABLE p (a int PRIMARY KEY, b int CHECK (b > 0)) PARTITION BY RANGE (a); "
        + "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);"

    /// Keys, checks and triggers that a table has from another one.
    static let passedOn: [Case] = [
        Case(t, "CREATE TABLE u (LIKE t INCLUDING ALL); INSERT INTO u (id) VALUES (1) ON CONFLICT (id) DO NOTHING;"),
        Case(t, "CREATE TABLE u (LIKE t INCLUDING INDEXES); CREATE TABLE v (x int REFERENCES u);"),
        Case(t, "CREATE TABLE u (LIKE t INCLUDING ALL); ALTER TABLE u DROP CONSTRAINT u_pkey;"),
        Case(
            t,
            "CREATE TABLE t_new (LIKE t INCLUDING ALL); DROP TABLE t; ALTER TABLE t_new RENAME TO t; "
                + "ALTER TABLE t RENAME CONSTRAINT t_new_pkey TO t_pkey;"
        ),
        Case(t, "CREATE TABLE u (LIKE t); ALTER TABLE u DROP CONSTRAINT u_pkey;", "constraint-may-not-exist"),
        Case(
            "CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0));",
            "CREATE TABLE u (LIKE t INCLUDING CONSTRAINTS); ALTER TABLE u DROP CONSTRAINT c;"
        ),
        Case(
            "CREATE TABLE t (a int, b int UNIQUE); CREATE INDEX i ON t (a, b);",
            "CREATE TABLE u (LIKE t INCLUDING ALL); DROP INDEX u_a_b_idx; ALTER TABLE u DROP CONSTRAINT u_b_key;"
        ),
        Case(parts, "INSERT INTO p1 (a) VALUES (1) ON CONFLICT (a) DO NOTHING; CREATE TABLE r (a int REFERENCES p1);"),
        Case(parts, "COMMENT ON CONSTRAINT p1_pkey ON p1 IS 'key';"),
        Case(
            parts,
            "ALTER TABLE p DETACH PARTITION p1; ALTER TABLE p1 DROP CONSTRAINT p1_pkey; ALTER TABLE p1 DROP CONSTRAINT p_b_check;"
        ),
        Case(parts, "ALTER INDEX p1_pkey RENAME TO k;"),
        Case(
            "CREATE TABLE p (a int PRIMARY KEY) PARTITION BY RANGE (a); CREATE TABLE p0 (a int NOT NULL);",
            "ALTER TABLE p ATTACH PARTITION p0 FOR VALUES FROM (0) TO (10); INSERT INTO p0 (a) VALUES (1) ON CONFLICT (a) DO NOTHING; "
                + "ALTER TABLE p DETACH PARTITION p0; ALTER TABLE p0 DROP CONSTRAINT p0_pkey;"
        ),
        Case(
            parts,
            trigger("BEGIN RETURN NEW; END;") + "CREATE TRIGGER g AFTER INSERT ON p FOR EACH ROW EXECUTE FUNCTION f(); "
                + "ALTER TABLE p1 DISABLE TRIGGER g;"
        ),
        Case(
            "CREATE TABLE a (x int CONSTRAINT cx CHECK (x > 0)); CREATE TABLE b () INHERITS (a);",
            "ALTER TABLE b NO INHERIT a; ALTER TABLE b DROP CONSTRAINT cx;"
        ),
        Case(
            "CREATE TABLE a (x int CONSTRAINT cx CHECK (x > 0)); CREATE TABLE b () INHERITS (a);",
            "COMMENT ON CONSTRAINT cx ON b IS 'positive';"
        ),
        Case(
            "CREATE TABLE a (x int PRIMARY KEY); CREATE TABLE b () INHERITS (a);",
            "INSERT INTO b (x) VALUES (1) ON CONFLICT (x) DO NOTHING;",
            "on-conflict-no-arbiter"
        ),
    ]

    private static let person = "CREATE TABLE p (a text, b text); "

    /// Functions of rows, and what goes with the session or stays where it is.
    static let rows: [Case] = [
        Case(
            person + "CREATE FUNCTION full_name(p) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1.a || $1.b';",
            "SELECT p.full_name FROM p; CREATE INDEX i ON p (full_name(p)); CREATE VIEW v AS SELECT p.full_name FROM p;"
        ),
        Case(
            person + "CREATE FUNCTION k(p) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a IS NOT NULL';",
            "ALTER TABLE p ADD CHECK (k(p)); ALTER TABLE p DROP CONSTRAINT p_check;"
        ),
        Case(person, "SELECT p.full_name FROM p;", "column-may-not-exist"),
        Case("CREATE SEQUENCE s2;", "ALTER TABLE s2 SET SCHEMA public;"),
        Case(t, "ALTER TABLE t SET SCHEMA public; SELECT a FROM t;"),
        Case(
            "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY);",
            "ALTER SEQUENCE t_id_seq RESTART; ALTER TABLE t DROP COLUMN id; CREATE SEQUENCE t_id_seq;"
        ),
        Case(
            "CREATE TABLE t (a int);",
            "ALTER TABLE t ADD COLUMN id serial; CREATE SEQUENCE t_id_seq;",
            "object-already-exists"
        ),
    ]

    /// What may have gone in ways that nobody can follow.
    static let shaken: [Case] = [
        Case(
            t,
            "DO $$ DECLARE r record; BEGIN FOR r IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP "
                + "EXECUTE 'DROP TABLE ' || quote_ident(r.tablename); END LOOP; END $$; CREATE TABLE t (b int); SELECT b FROM t;",
            "object-already-exists"
        ),
        Case(
            t,
            "DO $$ BEGIN EXECUTE format('ALTER TABLE %I RENAME TO %I', 't', 't_old'); END $$; CREATE TABLE t (b int);",
            "object-already-exists"
        ),
        Case(
            "CREATE FUNCTION mk(x text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DROP TABLE ' || x; END $$; "
                + t,
            "SELECT mk(x) FROM (VALUES ('t')) v (x); CREATE TABLE t (b int);",
            "object-already-exists"
        ),
        Case(
            t,
            "DO $$ BEGIN EXECUTE format('CREATE TABLE %I (a int)', 'x'); END $$; CREATE TABLE t (a int);",
            "object-already-exists"
        ),
        Case(
            "CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ('a'); CREATE TABLE t (a int, b s.e);",
            "DROP SCHEMA s CASCADE; ALTER TABLE t ADD COLUMN b int;"
        ),
        Case(
            "CREATE TABLE u (a int); CREATE TABLE t (a int, b u);",
            "DROP TABLE u CASCADE; ALTER TABLE t ADD COLUMN b int;"
        ),
        Case(
            t + "CREATE FUNCTION k(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'; "
                + "ALTER TABLE t ADD CONSTRAINT c CHECK (k(a)); CREATE VIEW v AS SELECT k(a) AS k FROM t; CREATE INDEX i ON t (k(a));",
            "DROP FUNCTION k CASCADE; ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0); CREATE VIEW v AS SELECT a FROM t; "
                + "CREATE INDEX i ON t (a);",
            "object-already-exists"
        ),
        Case(
            t + "CREATE VIEW v AS SELECT a FROM t; CREATE FUNCTION f() RETURNS SETOF v LANGUAGE sql AS 'SELECT 1';",
            "DROP VIEW v CASCADE; CREATE VIEW v AS SELECT id FROM t; CREATE FUNCTION f() RETURNS SETOF v LANGUAGE sql AS 'SELECT 1';",
            "object-already-exists"
        ),
        Case(
            "CREATE TABLE u (a int); CREATE FUNCTION g() RETURNS SETOF u LANGUAGE sql AS 'SELECT 1';",
            "DROP TABLE u CASCADE; CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';",
            "object-already-exists"
        ),
        Case("CREATE TABLE t (b int, EXCLUDE USING btree (b WITH =));", "ALTER TABLE t DROP CONSTRAINT t_b_excl;"),
        Case(t, "DROP OWNED BY CURRENT_USER; CREATE SCHEMA IF NOT EXISTS x; CREATE TABLE x.t (a int);"),
    ]

    private static let plain = "CREATE TABLE t (a int, b int); "
    private static let byRange = "CREATE TABLE p (a int NOT NULL, b int) PARTITION BY RANGE (a); "

    /// What the server refuses by the kind of things.
    static let refused: [Case] = [
        Case("", "CREATE TABLE t (a int, a int);", "object-already-exists"),
        Case(plain, "CREATE TABLE u (LIKE t, a int);", "object-already-exists"),
        Case(plain, "CREATE TABLE u (a int) INHERITS (t);"),
        Case(byRange, "CREATE INDEX CONCURRENTLY i ON p (a);", "wrong-kind"),
        Case(byRange + "CREATE INDEX i ON p (a);", "DROP INDEX CONCURRENTLY i;", "wrong-kind"),
        Case(byRange + "CREATE INDEX i ON p (a);", "DROP INDEX i;"),
        Case(byRange, "ALTER TABLE p ADD PRIMARY KEY (b);", "wrong-kind"),
        Case(byRange, "CREATE UNIQUE INDEX i ON p (b);", "wrong-kind"),
        Case("", "CREATE TABLE p (a int PRIMARY KEY, b int) PARTITION BY RANGE (b);", "wrong-kind"),
        Case(byRange, "ALTER TABLE p ADD PRIMARY KEY (a, b); CREATE UNIQUE INDEX i ON p (b, a);"),
        Case(plain, "CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);", "wrong-kind"),
        Case(plain + byRange, "ALTER TABLE p DETACH PARTITION t;", "wrong-kind"),
        Case(
            plain + "CREATE MATERIALIZED VIEW m AS SELECT a FROM t;",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY m;",
            "wrong-kind"
        ),
        Case(
            plain + "CREATE MATERIALIZED VIEW m AS SELECT a FROM t; CREATE UNIQUE INDEX i ON m (a);",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY m;"
        ),
        Case(plain, "CLUSTER t USING nosuch;", "index-may-not-exist"),
    ]

    static let cases = refused + bodies + dumps + names + returns + passedOn + rows + shaken

    @Test("are judged as the server judges them", arguments: cases)
    func judges(_ example: Case) async throws {
        let findings = try await lint(example.sql, after: example.history).filter { $0.category == .existence }
        let found = findings.filter { $0.severity > .note }
        #expect(Set(found.map(\.rule)) == example.rules, "\(found.map { "\($0.rule): \($0.message)" })")
        let refusal = try await example.refusal()
        if found.isEmpty { #expect(refusal == nil, "no finding, and the server refuses it") }
        if found.contains(where: { $0.severity == .error }) { #expect(refusal != nil, "an error, and it runs") }
    }
}

extension ExistenceTests.Case {
    /// What a server says against a migration; nil if it runs.
    func refusal() async throws -> String? {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                _ = try await connection.script("SET client_min_messages = error; BEGIN; \(history); COMMIT")
                do {
                    _ = try await connection.script("BEGIN")
                    for statement in try SQLScript(sql).statements {
                        _ = try await connection.script(statement.text)
                    }
                    _ = try await connection.script("COMMIT")
                    return nil
                } catch let error as PostgresError where error.code == .server {
                    return error.message
                }
            }
        }
    }
}
