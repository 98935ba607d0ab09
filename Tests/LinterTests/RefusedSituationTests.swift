import TestSupport
import Testing

@testable import Linter

/// What the server refuses for want of something: each case is judged, and run on a server.
@Suite("Statements that a server refuses")
struct RefusedSituationTests {
    typealias Case = ExistenceTests.Case

    static let t = "CREATE TABLE t (id int PRIMARY KEY, a int, b text); "
    static let u = "CREATE TABLE u (id int, t_id int, c int); "

    /// Sequences, by the names that functions are given.
    static let sequences: [Case] = [
        Case(t, "INSERT INTO t (id) VALUES (nextval('nosuch'));", "table-may-not-exist"),
        Case(t, "UPDATE t SET a = nextval('nosuch'::regclass);", "table-may-not-exist"),
        Case(t, "SELECT setval('public.nosuch', 1);", "table-may-not-exist"),
        Case(t, "ALTER TABLE t ALTER COLUMN a SET DEFAULT nextval('nosuch');", "table-may-not-exist"),
        Case(t, "ALTER TABLE t ADD COLUMN n int DEFAULT nextval('nosuch');", "table-may-not-exist"),
        Case("", "CREATE TABLE v (n int DEFAULT nextval('nosuch'));", "table-may-not-exist"),
        Case("CREATE SEQUENCE s; DROP SEQUENCE s;", "SELECT nextval('s');", "table-may-not-exist"),
        Case(t, "SELECT nextval('t');", "wrong-kind"),
        Case("CREATE SEQUENCE s;", "SELECT nextval('s'), nextval('public.s'), setval('\"s\"'::text::regclass, 4);"),
        Case("CREATE SEQUENCE \"S\";", "SELECT nextval('\"S\"');"),
        Case(
            "CREATE TABLE v (id serial, k int GENERATED ALWAYS AS IDENTITY);",
            "SELECT setval('v_id_seq', 5), nextval('v_k_seq');"
        ),
        Case(
            "CREATE TABLE v (k int GENERATED ALWAYS AS IDENTITY); CREATE TABLE w (LIKE v INCLUDING ALL);",
            "SELECT setval('w_k_seq', 5); SELECT setval(pg_get_serial_sequence('v', 'k'), 7);"
        ),
        Case("CREATE TABLE v (k serial);", "SELECT pg_get_serial_sequence('v', 'n');", "column-may-not-exist"),
        Case("", "SELECT pg_get_serial_sequence('v', 'n');", "table-may-not-exist"),
        Case("CREATE TABLE v (id serial); ALTER TABLE v RENAME TO w;", "SELECT setval('v_id_seq', 5);"),
        Case(
            "CREATE SEQUENCE s;",
            "ALTER SEQUENCE s OWNED BY nosuch.v.a;",
            "table-may-not-exist",
            "schema-may-not-exist"
        ),
        Case("CREATE SEQUENCE s;", "ALTER SEQUENCE s OWNED BY v.a;", "table-may-not-exist"),
        Case(t, "CREATE SEQUENCE s OWNED BY t.nosuch;", "column-may-not-exist"),
        Case(t, "CREATE SEQUENCE s OWNED BY t.a; ALTER SEQUENCE s OWNED BY NONE; DROP TABLE t;"),
        Case(t, "SELECT 'nosuch'::regclass;", "table-may-not-exist"),
        Case(t, "SELECT 't'::regclass, 't_pkey'::regclass, 'pg_class'::regclass, to_regclass('nosuch');"),
    ]

    /// Values and columns.
    static let widths: [Case] = [
        Case(t, "INSERT INTO t VALUES (1, 2, 'x', 4);", "insert-column-count"),
        Case(t, "INSERT INTO t (id, a) VALUES (1, 2, 'x');", "insert-column-count"),
        Case(t, "INSERT INTO t (id, a) VALUES (1);", "insert-column-count"),
        Case(t, "INSERT INTO t (id, a) VALUES (1, 2), (3);", "insert-column-count"),
        Case(t, "INSERT INTO t (id, a) SELECT 1, 2, 3;", "insert-column-count"),
        Case(t + u, "INSERT INTO t (id, a) SELECT * FROM u;", "insert-column-count"),
        Case(t + u, "INSERT INTO u SELECT * FROM t JOIN u USING (id);", "insert-column-count"),
        Case(t + "ALTER TABLE t DROP COLUMN b;", "INSERT INTO t VALUES (1, 2, 'x');", "insert-column-count"),
        Case(t + u, "INSERT INTO t VALUES (1), (2); INSERT INTO u DEFAULT VALUES;"),
        Case(t, "INSERT INTO t VALUES (1, DEFAULT, DEFAULT); INSERT INTO t (b, id) SELECT 'x', 5;"),
        Case(
            t + u,
            "CREATE TABLE w (id int, a int, b text, t_id int, c int); INSERT INTO w SELECT * FROM t JOIN u USING (id); "
                + "INSERT INTO w SELECT * FROM t NATURAL JOIN u; INSERT INTO w SELECT t.*, 1, 2 FROM t;"
        ),
        Case(
            "CREATE TYPE p AS (x int, y int); CREATE TABLE g (a int, b int);",
            "INSERT INTO g SELECT (ROW(1, 2)::p).*;"
        ),
    ]

    /// Types and tables of one name.
    static let types: [Case] = [
        Case("", "CREATE TABLE v OF nosuch;", "type-may-not-exist"),
        Case("CREATE TYPE e AS ENUM ('a');", "CREATE TABLE v OF e;", "wrong-kind"),
        Case("CREATE TYPE p AS (x int);", "CREATE TABLE v OF p; SELECT x FROM v;"),
        Case("CREATE TYPE e AS ENUM ('a');", "CREATE TABLE e (a int);", "object-already-exists"),
        Case("CREATE TYPE e AS ENUM ('a');", "CREATE TABLE IF NOT EXISTS e (a int);", "object-already-exists"),
        Case("CREATE DOMAIN d AS int;", "CREATE VIEW d AS SELECT 1 AS one;", "object-already-exists"),
        Case(
            "CREATE TYPE e AS ENUM ('a'); CREATE TABLE v (a int);",
            "ALTER TABLE v RENAME TO e;",
            "object-already-exists"
        ),
        Case("CREATE TYPE e AS ENUM ('a'); CREATE TABLE v (a int);", "CREATE INDEX e ON v (a);"),
        Case(t, "CREATE TYPE t AS ENUM ('a');", "object-already-exists"),
        Case(t, "CREATE DOMAIN t AS int;", "object-already-exists"),
        Case(t, "CREATE TYPE t AS (a int);", "object-already-exists"),
        Case("CREATE TABLE v (a int); CREATE SCHEMA s;", "CREATE TYPE s.v AS ENUM ('a');"),
    ]

    /// Columns that ANALYZE names, that joins need, and names before a dot.
    static let queries: [Case] = [
        Case(t, "ANALYZE t (nosuch);", "column-may-not-exist"),
        Case(t, "ANALYZE t (a), t (b);"),
        Case(t + u, "SELECT 1 FROM t JOIN u USING (c);", "column-may-not-exist"),
        Case(t + u, "SELECT 1 FROM t JOIN u USING (nosuch);", "column-may-not-exist"),
        Case(
            t + u,
            "SELECT a, c FROM t JOIN u USING (id) LEFT JOIN (SELECT 1 AS id, 2 AS z) x USING (id) WHERE z > 1;"
        ),
        Case(t + u, "SELECT 1 FROM t JOIN (SELECT c FROM u) x USING (id);", "column-may-not-exist"),
        Case(t, "SELECT t.a FROM t AS x;", "table-may-not-exist"),
        Case(t, "UPDATE t AS x SET a = t.a + 1;", "table-may-not-exist"),
        Case(t, "DELETE FROM t x WHERE t.id = 1;", "table-may-not-exist"),
        Case(t, "SELECT nosuch.a FROM t;", "table-may-not-exist"),
        Case(t + u, "SELECT 1 FROM t x WHERE EXISTS (SELECT 1 FROM u WHERE u.id = t.id);", "table-may-not-exist"),
        Case(
            t + u,
            "SELECT x.a, public.u.c, (SELECT max(y.c) FROM u y WHERE y.id = x.id) FROM t x, u WHERE EXISTS (SELECT 1 FROM u z "
                + "WHERE z.id = x.id); SELECT g.g, j.a FROM generate_series(1, 2) g, LATERAL (SELECT t.a FROM t WHERE t.id = g.g) j;"
        ),
        Case(t, "SELECT generate_series.generate_series FROM generate_series(1, 2);"),
        Case(t, "CREATE FUNCTION f(p int) RETURNS int LANGUAGE sql AS 'SELECT a FROM t WHERE id = f.p';"),
        Case(
            t,
            "WITH RECURSIVE w AS (SELECT id FROM t UNION ALL SELECT id + 1 FROM w WHERE id < 3) CYCLE id SET is_cycle USING path "
                + "SELECT w.id, w.is_cycle, path FROM w; SELECT x.ctid, x.k FROM t x (k);"
        ),
        Case(t, "SELECT x.nosuch FROM (SELECT a, b FROM t) x;", "column-may-not-exist"),
        Case(t, "SELECT nosuch FROM (SELECT a, b FROM t) x;", "column-may-not-exist"),
        Case(
            t,
            "WITH w AS (SELECT a::text, count(*) FROM t GROUP BY a) SELECT w.a, w.count, nosuch FROM w;",
            "column-may-not-exist"
        ),
        Case(
            t,
            """
            SELECT x.int4, x.text, x."case", x."coalesce", x.max, x."exists", x."nullif", x.a, x."array", x."row", x."greatest"
            FROM (SELECT 1::int, (a || 'x')::text, CASE WHEN true THEN 1 END, coalesce(a, 'y'), (SELECT max(a) FROM t),
            EXISTS (SELECT 1), nullif(a, 'z'), a COLLATE "C", ARRAY[1], ROW(1, 2), greatest(1, 2)
            FROM (SELECT b AS a FROM t) t) x;
            """
        ),
    ]

    /// What keeps columns as they are, what extensions bring, and the rest.
    static let furtherCases: [Case] = [
        Case(
            t + "CREATE VIEW v AS SELECT a FROM t;",
            "ALTER TABLE t ALTER COLUMN a TYPE bigint;",
            "drop-has-dependents"
        ),
        Case(t + "CREATE VIEW v AS SELECT id FROM t;", "ALTER TABLE t ALTER COLUMN a TYPE bigint;"),
        Case(
            t + "CREATE VIEW v AS SELECT a FROM t;",
            "DROP VIEW v; ALTER TABLE t ALTER COLUMN a TYPE bigint; CREATE VIEW v AS SELECT a FROM t;"
        ),
        Case(
            t + trigger("BEGIN RETURN NEW; END;")
                + "CREATE TRIGGER r BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION g();",
            "ALTER TABLE t ALTER COLUMN a TYPE bigint;",
            "drop-has-dependents"
        ),
        Case(
            t + "CREATE POLICY p ON t USING (a > 1);",
            "ALTER TABLE t ALTER COLUMN a TYPE bigint;",
            "drop-has-dependents"
        ),
        Case(
            "CREATE TABLE p (a int, b int) PARTITION BY LIST (a); CREATE TABLE q (a int);",
            "ALTER TABLE p ATTACH PARTITION q DEFAULT;",
            "column-may-not-exist"
        ),
        Case(
            "CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE q (a int, b int);",
            "ALTER TABLE p ATTACH PARTITION q DEFAULT;",
            "wrong-kind"
        ),
        Case("CREATE TABLE p (a int, b int); CREATE TABLE q (b int, a int, c int);", "ALTER TABLE q INHERIT p;"),
        Case(
            "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b));",
            "CREATE TABLE q (a int, FOREIGN KEY (a) REFERENCES p);",
            "if-not-exists-parent-lacks-key"
        ),
        Case(
            t,
            "CREATE TABLE q (a int, b int, FOREIGN KEY (a, b) REFERENCES t (id));",
            "if-not-exists-parent-lacks-key"
        ),
        Case(
            t + u,
            "MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN UPDATE SET nosuch = u.c;",
            "column-may-not-exist"
        ),
        Case(t + u, "MERGE INTO t USING u ON t.id = u.nosuch WHEN MATCHED THEN DELETE;", "column-may-not-exist"),
        Case(
            t + u,
            "MERGE INTO t AS x USING (SELECT id, c FROM u) y ON x.id = y.id WHEN MATCHED AND y.c > 1 THEN UPDATE SET a = y.c + x.a "
                + "WHEN NOT MATCHED THEN INSERT (id, a) VALUES (y.id, y.c);"
        ),
        Case("", "CREATE TABLE v (id uuid DEFAULT uuid_generate_v4());", "function-may-not-exist"),
        Case(
            "CREATE EXTENSION pgcrypto;",
            "CREATE TABLE v (id uuid DEFAULT uuid_generate_v4());",
            "function-may-not-exist"
        ),
        Case(
            "CREATE FUNCTION uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';",
            "CREATE TABLE v (id uuid DEFAULT uuid_generate_v4());"
        ),
        Case("CREATE EXTENSION \"uuid-ossp\";", "CREATE TABLE v (id uuid DEFAULT uuid_generate_v4());"),
        Case(t, "CREATE INDEX i ON t USING gin (b gin_trgm_ops);", "object-may-not-exist"),
        Case("", "CREATE FUNCTION f() RETURNS int LANGUAGE plnosuch AS 'x';", "object-may-not-exist"),
        Case(
            "",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA nosuch GRANT SELECT ON TABLES TO CURRENT_USER;",
            "schema-may-not-exist"
        ),
        Case("", "CREATE FOREIGN TABLE v (a int) SERVER nosuch;", "object-may-not-exist"),
        Case(
            "CREATE TABLE v (id int GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME mine START 10)); ",
            "SELECT nextval('mine'); DROP TABLE v; CREATE SEQUENCE mine; CREATE SEQUENCE v_id_seq;"
        ),
    ]

    /// Views that came to read themselves.
    static let circles: [Case] = [
        Case(
            t + "CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM v;",
            "CREATE OR REPLACE VIEW v AS SELECT a FROM w; SELECT a FROM w;",
            "wrong-kind"
        ),
        Case(
            t + "CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM v;",
            "CREATE OR REPLACE VIEW v AS SELECT a FROM w; CREATE OR REPLACE VIEW w AS SELECT a FROM t; SELECT a FROM w;"
        ),
    ]

    /// What expressions of blocks read.
    static let blocks: [Case] = [
        Case(t, "DO $$ DECLARE n int; BEGIN n := (SELECT count(nosuch) FROM t); END $$;", "column-may-not-exist"),
        Case(
            t,
            "DO $$ BEGIN IF EXISTS (SELECT 1 FROM t WHERE nosuch = 1) THEN NULL; END IF; END $$;",
            "column-may-not-exist"
        ),
        Case(t, "DO $$ BEGIN IF EXISTS (SELECT 1 FROM nosuch) THEN NULL; END IF; END $$;", "table-may-not-exist"),
        Case(
            t,
            "DO $$ DECLARE n int; BEGIN n := (SELECT count(a) FROM t WHERE id > n); IF n > 3 THEN n := n + 1; END IF; END $$;"
        ),
        Case(
            t,
            "DO $$ BEGIN IF to_regclass('nosuch') IS NULL AND EXISTS (SELECT FROM information_schema.tables WHERE table_name = 'x') THEN "
                + "NULL; END IF; END $$;"
        ),
    ]

    private static func trigger(_ body: String) -> String {
        "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS $f$ \(body) $f$;"
    }

    /// Bodies with words that the parser of PL/pgSQL knows only with a catalog.
    static let bodies: [Case] = [
        Case(
            t,
            "DO $$ DECLARE r record; BEGIN SELECT id, a INTO r FROM t; r.a := 1; UPDATE t SET nosuch = r.a; END $$;",
            "column-may-not-exist"
        ),
        Case(t, "DO $$ DECLARE r t; BEGIN SELECT id, nosuch INTO r.id, r.a FROM t; END $$;", "column-may-not-exist"),
        Case(
            t,
            "DO $$ <<b>> DECLARE r t; n int[]; BEGIN b.r.a := 1; n[1] := 2; n := '{1}'; INSERT INTO t (id, nosuch) VALUES (1, 2); END $$;",
            "column-may-not-exist"
        ),
        Case(
            t,
            "DO $$ DECLARE c CURSOR FOR SELECT id FROM t; r record; BEGIN OPEN c; FETCH c INTO r; CLOSE c; DROP TABLE nosuch; END $$;",
            "table-may-not-exist"
        ),
        Case(
            t,
            "DO $$ DECLARE c refcursor; n int; BEGIN OPEN c FOR SELECT nosuch FROM t; FETCH c INTO n; CLOSE c; END $$;",
            "column-may-not-exist"
        ),
        Case(
            t,
            "DO $$ DECLARE c CURSOR (k int) FOR SELECT id FROM t WHERE id > k; BEGIN FOR r IN c(1) LOOP UPDATE t SET a = r.id; "
                + "END LOOP; ALTER TABLE t ADD COLUMN z int; END $$; SELECT z FROM t;"
        ),
    ]

    /// The same in functions, which are looked at only when they run.
    static let lateBodies: [Case] = [
        Case(
            t,
            trigger(
                "DECLARE _new record; BEGIN _new := NEW; _new.\"b\" = NOW(); DELETE FROM t WHERE nosuch = 1; RETURN _new; END;"
            ),
            "function-body-missing-column"
        ),
        Case(
            t,
            "CREATE FUNCTION f() RETURNS TABLE (x int) LANGUAGE plpgsql AS $$ BEGIN x := (SELECT max(nosuch) FROM t); RETURN NEXT; END $$;",
            "function-body-missing-column"
        ),
        Case(
            t,
            "CREATE FUNCTION f(p t) RETURNS int LANGUAGE plpgsql AS $$ DECLARE w ALIAS FOR $1; BEGIN p.a := 2; "
                + "RETURN (SELECT nosuch FROM t WHERE id = w.id); END $$;",
            "function-body-missing-column"
        ),
    ]

    @Test("are found in functions", arguments: lateBodies)
    func judgesLate(_ example: Case) async throws {
        let findings = try await lint(example.sql, after: example.history)
        #expect(Set(findings.filter { $0.category == .existence }.map(\.rule)) == example.rules)
        #expect(!findings.contains { $0.rule == Rule.unreadableBlock.name })
        let refusal = try await example.refusal()
        #expect(refusal == nil)
    }

    static let cases =
        furtherCases + circles + bodies + sequences + widths + types + queries + functions + others + blocks

    @Test("are found before", arguments: cases)
    func judges(_ example: Case) async throws {
        let findings = try await lint(example.sql, after: example.history).filter { $0.category == .existence }
        let found = findings.filter { $0.severity > .note }
        #expect(Set(found.map(\.rule)) == example.rules, "\(found.map { "\($0.rule): \($0.message)" })")
        let refusal = try await example.refusal()
        #expect((refusal != nil) == !example.rules.isEmpty, "\(refusal ?? "it runs")")
    }

    /// What the server refuses of transactions.
    static let transactions: [Case] = [
        Case(t, "DO $$ BEGIN DELETE FROM t; COMMIT; END $$;", "commit-in-block"),
        Case(t, "DO $$ BEGIN FOR i IN 1..2 LOOP DELETE FROM t; COMMIT; END LOOP; END $$;", "commit-in-block"),
        Case(t, "DO $$ BEGIN ROLLBACK; END $$;", "commit-in-block"),
        Case("CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;", "CALL p();", "commit-in-block"),
        Case("CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;", "CALL p();"),
        Case(t, "SAVEPOINT s; RELEASE s; ROLLBACK TO s;", "savepoint-may-not-exist"),
        Case(t, "SAVEPOINT a; SAVEPOINT b; ROLLBACK TO a; RELEASE b;", "savepoint-may-not-exist"),
        Case(t, "SAVEPOINT a; SAVEPOINT b; ROLLBACK TO b; RELEASE a;"),
    ]

    @Test("are found before, where they are about transactions", arguments: transactions)
    func judgesTransactions(_ example: Case) async throws {
        let rules: Set = [Rule.commitInBlock.name, Rule.savepointMayNotExist.name]
        let found = try await lint(example.sql, after: example.history).map(\.rule).filter { rules.contains($0) }
        #expect(Set(found) == example.rules)
        let refusal = try await example.refusal()
        #expect((refusal != nil) == !example.rules.isEmpty, "\(refusal ?? "it runs")")
    }
}
