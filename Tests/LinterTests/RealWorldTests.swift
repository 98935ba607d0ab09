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

    static let cases = bodies + dumps + names + returns

    @Test("are judged as the server judges them", arguments: cases)
    func judges(_ example: Case) async throws {
        let findings = try await lint(example.sql, after: example.history).filter { $0.category == .existence }
        let found = findings.filter { $0.severity > .note }
        #expect(Set(found.map(\.rule)) == example.rules, "\(found.map { "\($0.rule): \($0.message)" })")
        let refusal = try await refusal(of: example)
        if found.isEmpty { #expect(refusal == nil, "no finding, and the server refuses it") }
        if found.contains(where: { $0.severity == .error }) { #expect(refusal != nil, "an error, and it runs") }
    }

    /// What a server says against a migration; nil if it runs.
    private func refusal(of example: Case) async throws -> String? {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                _ = try await connection.script("SET client_min_messages = error; BEGIN; \(example.history); COMMIT")
                do {
                    _ = try await connection.script("BEGIN")
                    for statement in try SQLScript(example.sql).statements {
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
