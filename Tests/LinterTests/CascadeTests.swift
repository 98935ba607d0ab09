import Postgres
import TestSupport
import Testing

@testable import Linter

@Suite("What goes with a type, a function or a schema")
struct CascadeTests {
    private static let enumeration = "CREATE TYPE e AS ENUM ('x'); CREATE TABLE t (a int UNIQUE, b e); "
    private static let drop = "DROP TYPE e CASCADE; "
    private static let function =
        "CREATE FUNCTION k(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1'; CREATE TABLE t (a int, b int); "

    /// What is made a second time behind the CASCADE, with how bad that is.
    static let cases: [(history: String, sql: String, severity: Severity?)] = [
        (enumeration, drop + "ALTER TABLE t ADD COLUMN a int;", .error),
        (enumeration, drop + "ALTER TABLE t ADD COLUMN b int;", nil),
        (enumeration, drop + "CREATE TABLE t (a int);", .error),
        (enumeration, drop + "ALTER TABLE t ADD CONSTRAINT t_a_key UNIQUE (a);", .error),
        (
            enumeration + "ALTER TABLE t ADD CONSTRAINT c CHECK ((a > 0) OR (a IN (-1, -2)));",
            drop + "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1);", .error
        ),
        (
            enumeration + "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0 OR 'x'::e <> 'x');",
            drop + "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1);", .warning
        ),
        (enumeration + "CREATE INDEX i ON t (a);", drop + "CREATE INDEX i ON t (a);", .error),
        (enumeration + "CREATE INDEX i ON t (b);", drop + "CREATE INDEX i ON t (a);", nil),
        (enumeration + "CREATE SEQUENCE s;", drop + "CREATE SEQUENCE s;", .error),
        (enumeration + "CREATE TYPE f AS ENUM ();", drop + "CREATE TYPE f AS ENUM ();", .error),
        ("CREATE TYPE e AS (x int); CREATE TABLE t OF e;", drop + "CREATE TABLE t (x int);", .warning),
        (
            "CREATE TYPE e AS ENUM ('x'); CREATE DOMAIN d AS e; CREATE TABLE t (a int, b d);",
            drop + "ALTER TABLE t ADD COLUMN b int;", .warning
        ),
        (
            enumeration + "CREATE VIEW v AS SELECT a, 'x'::e AS x FROM t;",
            drop + "CREATE VIEW v AS SELECT a FROM t;", .warning
        ),
        (
            enumeration + "CREATE VIEW v AS SELECT a FROM t;",
            drop + "CREATE VIEW v AS SELECT a FROM t;", .error
        ),
        (
            enumeration + "CREATE VIEW w AS SELECT a FROM t; CREATE VIEW v AS SELECT a FROM w;",
            drop + "CREATE TABLE v (a int);", .error
        ),
        (
            enumeration + "CREATE VIEW v AS SELECT a, b FROM t;",
            drop + "CREATE VIEW v AS SELECT a FROM t;", nil
        ),
        (
            enumeration + "CREATE VIEW v AS SELECT q FROM t AS x (p, q);",
            drop + "CREATE VIEW v AS SELECT a FROM t;", .warning
        ),
        (
            enumeration + "CREATE TABLE u (b e, c int); CREATE VIEW v AS SELECT a FROM t NATURAL JOIN u;",
            drop + "CREATE VIEW v AS SELECT a FROM t;", .warning
        ),
        (
            function + "CREATE FUNCTION q(int, int) RETURNS bool LANGUAGE sql AS 'SELECT true'; "
                + "CREATE OPERATOR === (FUNCTION = q, LEFTARG = int, RIGHTARG = int); CREATE VIEW v AS SELECT a === b AS c FROM t;",
            "DROP FUNCTION q(int, int) CASCADE; CREATE VIEW v AS SELECT a FROM t;", .warning
        ),
        (
            "CREATE VIEW v AS SELECT 1 AS a; CREATE OR REPLACE VIEW v AS SELECT a FROM v;",
            "CREATE VIEW v AS SELECT 2 AS a;", .error
        ),
        (
            function + "CREATE VIEW v AS SELECT k(a) AS a FROM t;",
            "DROP FUNCTION k CASCADE; CREATE VIEW v AS SELECT a FROM t;", .warning
        ),
        (
            function + "CREATE MATERIALIZED VIEW v AS SELECT a FROM t;",
            "DROP FUNCTION k CASCADE; CREATE TABLE v (a int);", .error
        ),
        (
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TABLE t (a int); "
                + "CREATE VIEW v AS SELECT a::text FROM t;",
            "DROP FUNCTION f CASCADE; CREATE TABLE v (a int);", .error
        ),
        (
            function + "ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS (k(a)) STORED;",
            "DROP FUNCTION k CASCADE; ALTER TABLE t ADD COLUMN c int;", .warning
        ),
        (
            function + "CREATE INDEX i ON t (k(a)); CREATE INDEX j ON t (b);",
            "DROP FUNCTION k CASCADE; CREATE INDEX i ON t (a);", .warning
        ),
        (
            function + "CREATE INDEX i ON t (k(a)); CREATE INDEX j ON t (b);",
            "DROP FUNCTION k CASCADE; CREATE INDEX j ON t (b);", .error
        ),
        (function, "DROP FUNCTION k CASCADE; ALTER TABLE t ADD COLUMN b int;", .error),
        ("CREATE SCHEMA s; CREATE TABLE t (a int);", "DROP SCHEMA s CASCADE; CREATE TABLE t (b int);", .error),
        (
            "CREATE SCHEMA s; CREATE TABLE s.p (a int); CREATE TABLE t (b int) INHERITS (s.p);",
            "DROP SCHEMA s CASCADE; CREATE TABLE t (b int);", nil
        ),
        (
            "CREATE SCHEMA s; CREATE FUNCTION s.k(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE t (a int); "
                + "CREATE VIEW v AS SELECT s.k(a) AS k FROM t;",
            "DROP SCHEMA s CASCADE; CREATE VIEW v AS SELECT a FROM t;", .warning
        ),
    ]

    @Test("is doubted only where it is not followed, and a server says the same", arguments: cases)
    func isFollowed(history: String, sql: String, severity: Severity?) async throws {
        let found = try await lint(sql, after: history).filter { $0.rule == "object-already-exists" }
        #expect(found.map(\.severity) == (severity.map { [$0] } ?? []))
        let runs = try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                _ = try await connection.script("SET client_min_messages = error; \(history)")
                return (try? await connection.script(sql)) != nil
            }
        }
        #expect(runs == (severity != .error))
    }
}
