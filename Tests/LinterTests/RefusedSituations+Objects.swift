/// Functions, and what is neither a relation nor a type nor a routine.
extension RefusedSituationTests {
    private static let f = "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; "

    /// Functions.
    static let functions: [Case] = [
        Case("", "ALTER FUNCTION nosuch() OWNER TO CURRENT_USER;", "function-may-not-exist"),
        Case("", "ALTER FUNCTION nosuch(int) STABLE;", "function-may-not-exist"),
        Case(f, "ALTER FUNCTION f(text) STABLE;", "function-may-not-exist"),
        Case("", "ALTER PROCEDURE nosuch() SECURITY DEFINER;", "function-may-not-exist"),
        Case("", "ALTER AGGREGATE nosuch(int) RENAME TO x;", "function-may-not-exist"),
        Case("", "ALTER FUNCTION nosuch() RENAME TO x;", "function-may-not-exist"),
        Case("CREATE SCHEMA s;", "ALTER FUNCTION nosuch() SET SCHEMA s;", "function-may-not-exist"),
        Case(f, "ALTER FUNCTION f(int) STABLE; ALTER FUNCTION f RENAME TO g; SELECT g(1);"),
        Case(f + "DROP FUNCTION f(int);", "SELECT f(1);", "function-may-not-exist"),
        Case(f + "ALTER FUNCTION f(int) RENAME TO g;", "SELECT f(1);", "function-may-not-exist"),
        Case("CREATE SCHEMA s;", "SELECT s.f();", "function-may-not-exist"),
        Case("CREATE SCHEMA s;", "CREATE TABLE v (a int DEFAULT s.f());", "function-may-not-exist"),
        Case("CREATE SCHEMA s; CREATE TABLE v (a int);", "ALTER TABLE v ADD CHECK (s.f(a));", "function-may-not-exist"),
        Case("CREATE SCHEMA s; CREATE TABLE v (a int);", "CREATE INDEX i ON v (s.f(a));", "function-may-not-exist"),
        Case(
            "CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ('a'); CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
            "SELECT s.f(); SELECT s.e('a'); SELECT pg_catalog.now();"
        ),
    ]

    private static let aggregate = "CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int); "
    private static let plus =
        "CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq); "

    /// What is made twice, or taken away twice.
    static let others: [Case] = [
        Case(
            t + "CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;",
            "CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;",
            "object-already-exists"
        ),
        Case(
            t + "CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;",
            "CREATE OR REPLACE RULE r AS ON DELETE TO t DO NOTHING; ALTER RULE r ON t RENAME TO q; DROP RULE q ON t; "
                + "CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING; DROP TABLE t;"
        ),
        Case(t, "DROP RULE nosuch ON t;", "object-may-not-exist"),
        Case(t, "COMMENT ON RULE nosuch ON t IS 'x';", "object-may-not-exist"),
        Case(t, "DROP RULE IF EXISTS nosuch ON t;"),
        Case("CREATE PUBLICATION p;", "CREATE PUBLICATION p;", "object-already-exists"),
        Case("", "DROP PUBLICATION p;", "object-may-not-exist"),
        Case(
            "CREATE PUBLICATION p; DROP PUBLICATION p;",
            "ALTER PUBLICATION p SET (publish = 'insert');",
            "object-may-not-exist"
        ),
        Case(
            "CREATE PUBLICATION p;",
            "ALTER PUBLICATION p RENAME TO q; DROP PUBLICATION q; CREATE PUBLICATION p; DROP PUBLICATION IF EXISTS x;"
        ),
        Case(
            "CREATE PUBLICATION p;",
            "DO $$ BEGIN CREATE PUBLICATION p; EXCEPTION WHEN duplicate_object THEN NULL; END $$; DROP PUBLICATION p;"
        ),
        Case(
            "CREATE PUBLICATION p;",
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'p') THEN CREATE PUBLICATION p; END IF; END $$;"
        ),
        Case(
            t + "CREATE STATISTICS s ON id, a FROM t;",
            "CREATE STATISTICS s ON id, b FROM t;",
            "object-already-exists"
        ),
        Case(
            t + "CREATE STATISTICS s ON id, a FROM t;",
            "CREATE STATISTICS IF NOT EXISTS s ON id, b FROM t; DROP STATISTICS s;"
        ),
        Case(
            t + "CREATE STATISTICS s ON id, a FROM t; ALTER TABLE t RENAME TO v; DROP TABLE v;",
            "DROP STATISTICS s;",
            "object-may-not-exist"
        ),
        Case(
            t + "CREATE STATISTICS s ON id, a FROM t; ALTER TABLE t DROP COLUMN a;",
            "CREATE STATISTICS s ON id, b FROM t;"
        ),
        Case("", "DROP STATISTICS nosuch;", "object-may-not-exist"),
        Case(t, "ALTER STATISTICS nosuch RENAME TO x;", "object-may-not-exist"),
        Case(
            "CREATE COLLATION c (LOCALE = 'C');",
            "CREATE COLLATION c (LOCALE = 'C');",
            "object-already-exists"
        ),
        Case(
            "CREATE COLLATION c (LOCALE = 'C');",
            "CREATE COLLATION IF NOT EXISTS c (LOCALE = 'C'); DROP COLLATION c;"
        ),
        Case("", "DROP COLLATION nosuch;", "object-may-not-exist"),
        Case(aggregate, aggregate, "object-already-exists"),
        Case(aggregate, "DROP AGGREGATE total(int); " + aggregate + "COMMENT ON AGGREGATE total(int) IS 'x';"),
        Case(plus, plus, "object-already-exists"),
        Case(plus, "DROP OPERATOR === (int, int); " + plus),
        Case(plus + "DROP OPERATOR === (int, int);", "DROP OPERATOR === (int, int);", "object-may-not-exist"),
        Case(
            "",
            "CREATE TEXT SEARCH CONFIGURATION c (COPY = simple); CREATE TEXT SEARCH CONFIGURATION c (COPY = simple);",
            "object-already-exists"
        ),
        Case(
            "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple);",
            "DROP TEXT SEARCH DICTIONARY d; CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple);"
        ),
        Case(
            "CREATE TYPE p AS (a int); CREATE CAST (p AS text) WITH INOUT;",
            "DROP CAST (p AS text); CREATE CAST (p AS text) WITH INOUT; CREATE CAST (p AS text) WITH INOUT;",
            "object-already-exists"
        ),
        Case("", "DROP EXTENSION nosuch;", "object-may-not-exist"),
        Case("CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ('a');", "DROP SCHEMA s;", "drop-has-dependents"),
        Case(
            "CREATE SCHEMA s; CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
            "DROP SCHEMA s;",
            "drop-has-dependents"
        ),
    ]
}
