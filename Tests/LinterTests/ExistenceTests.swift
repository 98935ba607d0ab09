import SourceText
import TestSupport
import Testing

@testable import Linter

@Suite("A history that is run in the head")
struct ExistenceTests {
    /// A history and a migration, with the existence rules that find something graver than a note.
    struct Case: Sendable, CustomTestStringConvertible {
        let history: String
        let sql: String
        let rules: Set<String>

        init(_ history: String, _ sql: String, _ rules: String...) {
            self.history = history
            self.sql = sql
            self.rules = Set(rules)
        }

        var testDescription: String { "\(sql.prefix(70)) after \(history.prefix(50))" }
    }

    private static let jobs = "CREATE TABLE jobs (id bigint PRIMARY KEY, kind text);"
    private static let skipped =
        "CREATE TABLE IF NOT EXISTS jobs (id bigint PRIMARY KEY, kind text, due timestamptz);"

    private static let key = "CREATE TABLE a (id int UNIQUE, n int REFERENCES a (id)); "
    private static let stamp = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';"

    static let cases: [Case] = [
        // What a guarded statement declares may be something else, which CASCADE leaves where it is.
        Case(
            "CREATE TABLE a (n int); CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT n FROM a; DROP TABLE a CASCADE;",
            "CREATE TABLE m (n int);",
            "object-already-exists"
        ),
        Case(
            "CREATE TABLE a (n int); CREATE MATERIALIZED VIEW m AS SELECT n FROM a; DROP TABLE a CASCADE;",
            "CREATE TABLE m (n int);"
        ),
        Case(
            "CREATE TABLE a (n int) PARTITION BY RANGE (n); "
                + "CREATE TABLE IF NOT EXISTS p PARTITION OF a FOR VALUES FROM (1) TO (2); DROP TABLE a;",
            "CREATE TABLE p (n int);",
            "object-already-exists"
        ),
        Case(
            "CREATE SCHEMA s; CREATE TABLE IF NOT EXISTS s.a (n int); "
                + "CREATE TABLE IF NOT EXISTS s.b () INHERITS (s.a); DROP SCHEMA s CASCADE; CREATE SCHEMA s;",
            "CREATE TABLE s.b (n int);"
        ),
        // What a statement calls its object has to be right.
        Case("CREATE TABLE a (n int); CREATE SCHEMA s;", "ALTER MATERIALIZED VIEW a SET SCHEMA s;", "wrong-kind"),
        Case("CREATE TABLE a (n int); CREATE SCHEMA s;", "ALTER VIEW a ALTER COLUMN n SET DEFAULT 1;", "wrong-kind"),
        Case("CREATE VIEW a AS SELECT 1 AS n; CREATE SCHEMA s;", "ALTER TABLE a SET SCHEMA s;"),
        Case("CREATE SCHEMA s;", "ALTER VIEW IF EXISTS a SET SCHEMA s;"),
        Case("CREATE SCHEMA s;", "ALTER TYPE t SET SCHEMA s;", "type-may-not-exist"),
        Case(
            "CREATE TABLE a (n int); CREATE TABLE IF NOT EXISTS c () INHERITS (a); CREATE TABLE g () INHERITS (c); "
                + "DROP TABLE a CASCADE;",
            "CREATE TABLE g (n int);",
            "object-already-exists"
        ),
        Case(
            "CREATE TABLE a (n int); CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT n FROM a; "
                + "CREATE VIEW w AS SELECT n FROM m; DROP TABLE a CASCADE;",
            "CREATE VIEW w AS SELECT 1 AS x;",
            "object-already-exists"
        ),
        Case(
            "CREATE SCHEMA s; CREATE TYPE e AS ENUM (); CREATE TYPE s.e AS ENUM (); CREATE TABLE t (a e); "
                + "CREATE VIEW v AS SELECT a FROM t; DROP TYPE s.e CASCADE;",
            "CREATE VIEW v AS SELECT 1 AS a;",
            "object-already-exists"
        ),
        Case(
            key + "CREATE TABLE IF NOT EXISTS b (n int, CONSTRAINT k FOREIGN KEY (n) REFERENCES a (id) NOT VALID);",
            "CREATE TABLE IF NOT EXISTS b (n int, CONSTRAINT k FOREIGN KEY (n) REFERENCES a (id) NOT VALID);"
        ),
        // A key that is made now looks at every row; one that is NOT VALID has not.
        Case(
            key + "CREATE TABLE b (n int); ALTER TABLE b ADD CONSTRAINT k FOREIGN KEY (n) REFERENCES a (id) NOT VALID;",
            "CREATE TABLE IF NOT EXISTS b (n int REFERENCES a (id));",
            "if-not-exists-differs"
        ),
        Case(
            key + "CREATE TABLE b (n int); ALTER TABLE b ADD CONSTRAINT k FOREIGN KEY (n) REFERENCES a (id) NOT VALID; "
                + "ALTER TABLE b VALIDATE CONSTRAINT k;",
            "CREATE TABLE IF NOT EXISTS b (n int REFERENCES a (id));"
        ),
        Case(
            "CREATE TABLE b (n int); ALTER TABLE b ADD CONSTRAINT k CHECK (n > 0) NOT VALID;",
            "CREATE TABLE IF NOT EXISTS b (n int CONSTRAINT k CHECK (n > 0));",
            "if-not-exists-differs"
        ),
        // What is there refers to its table in another way.
        Case(
            key,
            "DO $$ BEGIN ALTER TABLE a ADD CONSTRAINT a_n_fkey FOREIGN KEY (n) REFERENCES a (id) ON DELETE CASCADE; "
                + "EXCEPTION WHEN duplicate_object THEN NULL; END $$;",
            "guard-hides-different-type"
        ),
        // A check is in the way of a key by its name alone, which is another error.
        Case(
            "CREATE TABLE a (id int, CONSTRAINT a_u CHECK (id > 0));",
            "DO $$ BEGIN ALTER TABLE a ADD CONSTRAINT a_u UNIQUE (id); EXCEPTION WHEN duplicate_object THEN NULL; END $$;",
            "guard-hides-different-type"
        ),
        Case(
            "CREATE TABLE a (id int, CONSTRAINT a_u CHECK (id > 0));",
            "DO $$ BEGIN ALTER TABLE a ADD CONSTRAINT a_u UNIQUE (id); EXCEPTION WHEN duplicate_table THEN NULL; END $$;",
            "guard-wrong-condition",
            "object-already-exists"
        ),
        // Without columns it is the primary key that is referred to, whatever else is unique.
        Case(
            "CREATE TABLE IF NOT EXISTS a (k int PRIMARY KEY); ALTER TABLE a ADD COLUMN IF NOT EXISTS k int; "
                + "CREATE UNIQUE INDEX i ON a (k);",
            "CREATE TABLE b (n int REFERENCES a);",
            "if-not-exists-parent-lacks-key"
        ),
        Case(
            "CREATE TABLE a (k int UNIQUE);",
            "CREATE TABLE b (n int REFERENCES a);",
            "if-not-exists-parent-lacks-key"
        ),
        // The search path says which table a name means, not the table that the key is added to.
        Case(
            "CREATE SCHEMA s; CREATE TABLE s.a (n int); CREATE TABLE a (k int PRIMARY KEY);",
            "ALTER TABLE s.a ADD FOREIGN KEY (n) REFERENCES a (k);"
        ),
        // A column's name is taken in all tables below, or is theirs, too.
        Case(
            "CREATE TABLE a (n int); CREATE TABLE b () INHERITS (a); CREATE TABLE c (k int) INHERITS (b);",
            "ALTER TABLE a RENAME COLUMN n TO k;",
            "object-already-exists"
        ),
        Case(
            "CREATE TABLE a (n int); CREATE TABLE b () INHERITS (a); CREATE TABLE c () INHERITS (b); "
                + "ALTER TABLE a ADD COLUMN k int; ALTER TABLE a RENAME COLUMN n TO m;",
            "CREATE INDEX i ON c (k, m);"
        ),
        // The guard finds a key where it would make a check.
        Case(
            "CREATE TABLE IF NOT EXISTS a (n text, CONSTRAINT k UNIQUE (n));",
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'k' AND conrelid = 'a'::regclass) THEN "
                + "ALTER TABLE a ADD CONSTRAINT k CHECK (n <> '') NOT VALID; END IF; END $$; ALTER TABLE a VALIDATE CONSTRAINT k;",
            "column-may-not-exist",
            "guard-hides-different-type",
            "wrong-kind"
        ),
        // Another table's index has the name, also where the one that the history makes may be gone.
        Case(
            "CREATE TABLE a (n int, m int); CREATE TABLE b (k int); CREATE INDEX IF NOT EXISTS i ON a (m); "
                + "ALTER TABLE a DROP COLUMN n;",
            "CREATE INDEX IF NOT EXISTS i ON b (k);",
            "index-if-not-exists-differs"
        ),
        // What a guarded statement takes from who knows where.
        Case(
            "CREATE TABLE IF NOT EXISTS a (LIKE unknown);",
            "CREATE VIEW v AS SELECT k FROM a;",
            "column-may-not-exist"
        ),
        Case(
            "CREATE TABLE IF NOT EXISTS a (LIKE unknown); CREATE TABLE b (k int);",
            "CREATE VIEW v AS SELECT k FROM b WHERE EXISTS (SELECT FROM a WHERE k > 1);"
        ),
        // What is there refers to another table, or has no numbers of its own.
        Case(
            "CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE a (id int PRIMARY KEY, n int REFERENCES a (id));",
            "ALTER TABLE a ADD COLUMN IF NOT EXISTS n int REFERENCES b (id);",
            "add-column-if-not-exists-differs"
        ),
        Case(
            "CREATE TABLE IF NOT EXISTS a (d date); ALTER TABLE a ADD COLUMN IF NOT EXISTS n int PRIMARY KEY;",
            "CREATE TABLE IF NOT EXISTS a (d date, n int PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY);",
            "if-not-exists-differs",
            "serial-in-skipped-create"
        ),
        // What another table of that name has, when the one of the history has gone with CASCADE.
        Case(
            "CREATE TABLE IF NOT EXISTS t (a int); CREATE MATERIALIZED VIEW IF NOT EXISTS v AS SELECT a FROM t; "
                + "DROP TABLE t CASCADE; ALTER MATERIALIZED VIEW v RENAME TO w;",
            "SELECT count(*) FROM w GROUP BY a;",
            "column-may-not-exist"
        ),
        Case(
            "CREATE TABLE a (n int); CREATE TABLE b (id int PRIMARY KEY); "
                + "ALTER TABLE a ADD CONSTRAINT c FOREIGN KEY (n) REFERENCES b (id) NOT VALID;",
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'c' AND conrelid = 'a'::regclass) "
                + "THEN ALTER TABLE a ADD CONSTRAINT c FOREIGN KEY (n) REFERENCES b (id); END IF; END $$;",
            "guard-hides-different-type"
        ),
        // CASCADE takes the children, and what reads them.
        Case(
            "CREATE TABLE p (a int); CREATE TABLE c () INHERITS (p); CREATE VIEW v AS SELECT a FROM c; DROP TABLE p CASCADE;",
            "CREATE VIEW w AS SELECT a FROM v;",
            "table-may-not-exist"
        ),
        Case(
            "CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p DEFAULT; CREATE VIEW v AS SELECT a FROM c;",
            "DROP TABLE p;",
            "drop-has-dependents"
        ),
        // The key stands on the index where the table was there without its own.
        Case(
            "CREATE TABLE IF NOT EXISTS a (c int UNIQUE); CREATE UNIQUE INDEX IF NOT EXISTS i ON a (c); "
                + "ALTER TABLE a ADD CONSTRAINT k FOREIGN KEY (c) REFERENCES a (c);",
            "DROP INDEX IF EXISTS i;",
            "drop-has-dependents"
        ),
        Case(
            "CREATE TABLE a (n int) PARTITION BY RANGE (n);",
            "CREATE TABLE IF NOT EXISTS a (n int);",
            "if-not-exists-differs"
        ),
        Case("CREATE TABLE a (n int);", "ALTER VIEW a RENAME TO b;", "wrong-kind"),
        Case("CREATE VIEW a AS SELECT 1 AS n;", "ALTER TABLE a RENAME TO b; SELECT n FROM b;"),
        Case(
            "CREATE TABLE IF NOT EXISTS a (n int NOT NULL, CONSTRAINT k UNIQUE (n)); ALTER TABLE a ADD COLUMN m int;",
            "ALTER TABLE a ADD CONSTRAINT k UNIQUE (m);",
            "object-already-exists"
        ),
        // One name is declared in two ways: a third declaration cannot rely on either.
        Case(
            "CREATE TABLE IF NOT EXISTS a (n int, CONSTRAINT c CHECK (n IS NOT NULL)); "
                + "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'c' AND conrelid = 'a'::regclass) "
                + "THEN ALTER TABLE a ADD CONSTRAINT c UNIQUE (n); END IF; END $$;",
            "CREATE TABLE IF NOT EXISTS a (n int UNIQUE);",
            "if-not-exists-differs"
        ),
        // A trigger that names the column stands in the way, and goes along with CASCADE.
        Case(
            stamp + "CREATE TABLE t (a int, b int);"
                + "CREATE TRIGGER tr BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f();",
            "ALTER TABLE t DROP COLUMN b; ALTER TABLE t DROP COLUMN a;",
            "drop-has-dependents"
        ),
        Case(
            stamp + "CREATE TABLE t (a int, b int);"
                + "CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW WHEN (old.a > 1) EXECUTE FUNCTION f();",
            "ALTER TABLE t RENAME COLUMN a TO c; ALTER TABLE t DROP COLUMN c CASCADE; DROP FUNCTION f();"
        ),
        // So does what reads the column of a child, unless the child declares it, too.
        Case(
            "CREATE TABLE p (a int, b int); CREATE TABLE c () INHERITS (p); CREATE POLICY own ON c USING (a > 1);",
            "ALTER TABLE p DROP COLUMN a;",
            "drop-has-dependents"
        ),
        Case(
            "CREATE TABLE p (a int, b int); CREATE TABLE c (a int) INHERITS (p); CREATE POLICY own ON c USING (a > 1);",
            "ALTER TABLE p DROP COLUMN a; COMMENT ON COLUMN c.a IS 'x';"
        ),
        // The table of the history lacks the column.
        Case(jobs, skipped + "CREATE INDEX i ON jobs (due);", "if-not-exists-differs", "column-may-not-exist"),
        Case(jobs, skipped + "COMMENT ON COLUMN jobs.due IS 'x';", "if-not-exists-differs", "column-may-not-exist"),
        Case(jobs, skipped + "CREATE VIEW v AS SELECT due FROM jobs;", "if-not-exists-differs", "column-may-not-exist"),
        Case(
            jobs,
            skipped + "UPDATE jobs SET due = now() WHERE id = 1;",
            "if-not-exists-differs",
            "column-may-not-exist"
        ),
        Case(
            jobs,
            skipped + "GRANT SELECT (due) ON jobs TO CURRENT_USER;",
            "if-not-exists-differs",
            "column-may-not-exist"
        ),
        Case(
            jobs,
            skipped + "CREATE STATISTICS s ON id, due FROM jobs;",
            "if-not-exists-differs",
            "column-may-not-exist"
        ),
        Case(
            jobs,
            skipped + "ALTER TABLE jobs ADD CONSTRAINT c CHECK (due > now()) NOT VALID;",
            "if-not-exists-differs",
            "column-may-not-exist"
        ),
        Case(
            jobs,
            skipped + "ALTER TABLE jobs ALTER COLUMN due SET DEFAULT now();",
            "if-not-exists-differs",
            "column-may-not-exist"
        ),
        Case(
            jobs,
            skipped + "CREATE POLICY p ON jobs USING (due < now());",
            "if-not-exists-differs",
            "column-may-not-exist"
        ),
        Case(jobs, "ALTER TABLE jobs ADD COLUMN IF NOT EXISTS due date;\nCREATE INDEX i ON jobs (due);"),
        // Nothing is known but the guard.
        Case("", skipped),
        Case("", skipped + "COMMENT ON TABLE jobs IS 'x';"),
        Case("", skipped + "CREATE INDEX i ON jobs (due);", "column-may-not-exist"),
        Case("", "DROP TABLE IF EXISTS jobs;" + skipped + "CREATE INDEX i ON jobs (due);"),
        Case("", jobs + "CREATE INDEX i ON jobs (kind); CREATE VIEW v AS SELECT j.kind FROM jobs j;"),
        // Nobody knows what the guarded creation copies.
        Case(
            "",
            "CREATE TABLE IF NOT EXISTS u (LIKE jobs); COMMENT ON COLUMN u.due IS 'x'; CREATE INDEX i ON u (due);",
            "table-may-not-exist",
            "column-may-not-exist"
        ),
        Case("", "CREATE TABLE u (LIKE jobs); COMMENT ON COLUMN u.due IS 'x';", "table-may-not-exist"),
        // A guarded creation may have made what a later statement makes again.
        Case(
            "CREATE TABLE IF NOT EXISTS t (c int PRIMARY KEY);",
            "ALTER TABLE t ADD COLUMN IF NOT EXISTS k bigint PRIMARY KEY;",
            "object-already-exists"
        ),
        Case(
            "CREATE TABLE IF NOT EXISTS t (k int, m int); CREATE INDEX IF NOT EXISTS i ON t (k) WHERE k > 0;",
            "ALTER TABLE t DROP COLUMN IF EXISTS m; CREATE UNIQUE INDEX IF NOT EXISTS i ON t (k);",
            "index-if-not-exists-differs"
        ),
        // A foreign key stands on the oldest unique index that fits.
        Case(
            "CREATE TABLE a (b int); CREATE UNIQUE INDEX i ON a (b); CREATE TABLE c (b int REFERENCES a (b));",
            "DROP INDEX IF EXISTS i;",
            "drop-has-dependents"
        ),
        Case(
            "CREATE TABLE a (b int UNIQUE); CREATE UNIQUE INDEX i ON a (b); CREATE TABLE c (b int REFERENCES a (b));",
            "DROP INDEX i;"
        ),
        Case("CREATE TABLE a (b int); CREATE UNIQUE INDEX i ON a (b);", "DROP INDEX i;"),
        // Names.
        Case("CREATE TABLE Jobs (ID int, Due date);", "COMMENT ON COLUMN jobs.due IS 'x';"),
        Case("CREATE TABLE \"Jobs\" (id int);", "COMMENT ON COLUMN jobs.id IS 'x';", "table-may-not-exist"),
        Case(
            "CREATE SCHEMA s; CREATE TABLE s.jobs (id int);",
            "CREATE TABLE IF NOT EXISTS jobs (id int, due date); CREATE INDEX i ON s.jobs (due);",
            "column-may-not-exist"
        ),
        Case(
            "CREATE TABLE jobs (id int); ALTER TABLE jobs RENAME TO tasks;",
            "CREATE INDEX i ON jobs (id);",
            "table-may-not-exist"
        ),
        Case(
            "CREATE TABLE old (id int, due date); ALTER TABLE old RENAME TO jobs; ALTER TABLE jobs RENAME due TO due_on;",
            "CREATE INDEX i ON jobs (due);",
            "column-may-not-exist"
        ),
        Case(
            "CREATE TABLE old (id int, due date); ALTER TABLE old RENAME TO jobs; ALTER TABLE jobs RENAME due TO due_on;",
            "CREATE INDEX i ON jobs (due_on);"
        ),
        // Columns that come and go otherwise.
        Case("CREATE TABLE a (id int); CREATE TABLE b (x int) INHERITS (a);", "CREATE INDEX i ON b (id);"),
        Case("CREATE TABLE a (id int, t text); CREATE TABLE b (LIKE a);", "CREATE INDEX i ON b (t);"),
        Case("CREATE TABLE a AS SELECT 1 AS one, 'x'::text AS two;", "CREATE INDEX i ON a (two);"),
        Case("CREATE TABLE a AS SELECT 1 AS one;", "CREATE INDEX i ON a (two);", "column-may-not-exist"),
        Case(
            "CREATE TABLE p (d date, x int) PARTITION BY RANGE (d);",
            "CREATE TABLE q PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01'); CREATE INDEX i ON q (x);"
        ),
        Case(
            "CREATE TABLE p (id int, x int) PARTITION BY LIST (id); CREATE TABLE q PARTITION OF p DEFAULT;",
            "ALTER TABLE p ADD COLUMN y int; CREATE INDEX i ON q (y);"
        ),
        Case(
            "CREATE TABLE t (a int, b int); ALTER TABLE t DROP COLUMN b;",
            "CREATE INDEX i ON t (b);",
            "column-may-not-exist"
        ),
        // Queries.
        Case(
            "CREATE TABLE a (id int, x int); CREATE TABLE b (a_id int, y int);",
            """
            CREATE VIEW v AS WITH w AS (SELECT a_id, max(y) AS top FROM b GROUP BY a_id)
            SELECT a.id, w.top, (SELECT count(*) FROM b WHERE b.a_id = a.id) AS n FROM a JOIN w ON w.a_id = a.id
            LEFT JOIN LATERAL (SELECT b.y FROM b WHERE b.a_id = a.id ORDER BY y LIMIT 1) l ON true
            WHERE a.x > 1 ORDER BY n, top;
            """
        ),
        Case(
            "CREATE TABLE a (id int, x int);",
            "CREATE VIEW v AS SELECT s.id FROM (SELECT id, x FROM a WHERE z = 1) s;",
            "column-may-not-exist"
        ),
        Case(
            "CREATE TABLE a (id int PRIMARY KEY, x int);",
            "INSERT INTO a (id, x) SELECT 1, 2 ON CONFLICT (id) DO UPDATE SET x = excluded.x + a.x;"
        ),
        Case(
            "CREATE TABLE a (id int, x int); CREATE VIEW v AS SELECT id, x AS y FROM a;",
            "CREATE VIEW w AS SELECT y FROM v; CREATE VIEW u AS SELECT x FROM v;",
            "column-may-not-exist"
        ),
        Case(
            "CREATE TABLE a (id int);",
            "CREATE FUNCTION f(x int) RETURNS int LANGUAGE sql AS 'SELECT id + x FROM a';"
        ),
        Case(
            "CREATE TABLE a (id int);",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT y FROM a';",
            "column-may-not-exist"
        ),
        Case(
            "CREATE TABLE a (id int);",
            """
            CREATE FUNCTION f(n int) RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE total int; r record;
            BEGIN
                SELECT count(*) INTO total FROM a WHERE id = n;
                FOR r IN SELECT id FROM a LOOP UPDATE a SET id = total WHERE id = r.id; END LOOP;
                NEW.y := total;
                RETURN NEW;
            END $$;
            """
        ),
        // Blocks.
        Case(
            "CREATE TABLE t (a int);",
            """
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'c' AND conrelid = 't'::regclass) THEN
                    ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);
                END IF;
            END $$;
            ALTER TABLE t VALIDATE CONSTRAINT c;
            """
        ),
        Case(
            "",
            """
            DO $$ BEGIN CREATE TYPE st AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            CREATE TABLE t (s st);
            """
        ),
        Case(
            "",
            "DO $$ BEGIN IF random() > 0.5 THEN CREATE TABLE t (a int); END IF; END $$; CREATE INDEX i ON t (a);",
            "table-may-not-exist"
        ),
        Case("", "DO $$ BEGIN EXECUTE format('CREATE TABLE %I (a int)', 'x'); END $$; CREATE INDEX i ON x (a);"),
        // Keys.
        Case(
            "CREATE TABLE p (id bigint);",
            """
            CREATE TABLE IF NOT EXISTS p (id bigint PRIMARY KEY);
            CREATE TABLE IF NOT EXISTS c (id bigint PRIMARY KEY, p_id bigint REFERENCES p (id));
            """,
            "if-not-exists-differs",
            "if-not-exists-parent-lacks-key",
            "if-not-exists-foreign-key"
        ),
        Case(
            "CREATE TABLE p (id bigint, code text); CREATE UNIQUE INDEX u ON p (code);",
            "CREATE TABLE c (code text REFERENCES p (code));"
        ),
        Case("CREATE TABLE t (id int PRIMARY KEY, up int REFERENCES t (id));", "SELECT id FROM t;"),
        // Doing it twice.
        Case("CREATE TABLE t (a int);", "ALTER TABLE t ADD COLUMN a int;", "object-already-exists"),
        Case("CREATE TABLE t (a int); DROP TABLE t;", "CREATE TABLE t (a int);"),
        Case(
            "CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0));",
            "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1);",
            "object-already-exists"
        ),
        Case(
            "CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0));",
            "ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (a > 1);"
        ),
        Case(
            "CREATE TABLE t (a int, b int); CREATE INDEX i ON t (a);",
            "CREATE INDEX IF NOT EXISTS i ON t (b);",
            "index-if-not-exists-differs"
        ),
        Case("CREATE TABLE t (a int, b int); CREATE INDEX i ON t (a);", "CREATE INDEX IF NOT EXISTS i ON t (a);"),
        Case(
            "CREATE TABLE t (a int CHECK (a > 1));",
            "ALTER TABLE t ADD COLUMN IF NOT EXISTS a int CHECK (a > 0);",
            "add-column-if-not-exists-differs"
        ),
        Case("CREATE TABLE t (a int CHECK (a > 0));", "ALTER TABLE t ADD COLUMN IF NOT EXISTS a int CHECK (a > 0);"),
        Case(
            "CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a);",
            "ALTER TABLE t ADD COLUMN IF NOT EXISTS a int UNIQUE;"
        ),
        // What users of other linters reported.
        Case("", "ALTER TABLE policy_file ADD COLUMN IF NOT EXISTS v int;", "table-may-not-exist"),
        Case(
            "",
            "CREATE FUNCTION f(a bigint) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELEC a FROM t; END $$;",
            "function-body-syntax"
        ),
    ]

    @Test("is judged by what may be there", arguments: cases)
    func judges(_ example: Case) async throws {
        let findings = try await lint(example.sql, after: example.history)
        let found = findings.filter { $0.category == .existence && $0.severity > .note }
        #expect(Set(found.map(\.rule)) == example.rules, "\(found.map { "\($0.rule): \($0.message)" })")
    }

    @Test("tells the place of the word and of what made it so")
    func tellsPlaces() async throws {
        let findings = try await lint(
            "\n\(Self.skipped)\n\nCREATE INDEX i\n  ON jobs (due);\n",
            after: "-- first\n\(Self.jobs)"
        )
        let finding = try #require(findings.first { $0.rule == "column-may-not-exist" })
        #expect(finding.position.line == 5)
        #expect(finding.severity == .error)
        #expect(finding.endLine == 5)
        #expect(finding.excerpt == "  ON jobs (due);")
        #expect(finding.message.contains("jobs exists since 0001_before.sql:2 without it"))
        #expect(finding.message.contains("line 2 does nothing"))
    }

    @Test("starts from what a database holds")
    func startsFromDatabase() async throws {
        let start = LintText(path: "the database", sql: "CREATE TABLE jobs (id int);")
        let input = LintInput(LintText(path: "m/1_x.sql", sql: Self.skipped + "CREATE INDEX i ON jobs (due);"))
        let findings = try await Linter().lint([input], start: start).findings
        #expect(findings.contains { $0.rule == "column-may-not-exist" && $0.severity == .error })
        let absent = try await Linter().lint(
            [input],
            start: LintText(path: "the database", sql: "CREATE TABLE t (a int);")
        )
        #expect(!absent.findings.contains { $0.rule == "column-may-not-exist" })
    }

    @Test("takes no index of a database for younger than another, since nothing says so")
    func comparesNoAges() async throws {
        let start = LintText(
            path: "the database",
            sql: "CREATE TABLE t (k int); ALTER TABLE t ADD UNIQUE (k); CREATE UNIQUE INDEX i ON t (k);"
        )
        let sql = "ALTER TABLE t ADD FOREIGN KEY (k) REFERENCES t (k); DROP INDEX i;"
        let findings = try await Linter().lint(
            [LintInput(LintText(path: "m/1_x.sql", sql: sql))],
            start: start
        ).findings
        #expect(findings.contains { $0.rule == "drop-has-dependents" && $0.severity == .error })
    }
}
