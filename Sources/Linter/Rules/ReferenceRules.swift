/// Statements that rely on what may not be there.
extension Rule {
    static let referenceRules = [
        columnMayNotExist, tableMayNotExist, schemaMayNotExist, typeMayNotExist, indexMayNotExist,
        constraintMayNotExist,
        triggerMayNotExist, functionMayNotExist, enumLabelMayNotExist, referencedKeyMayNotExist, onConflictNoArbiter,
        objectMayNotExist, wrongKind, insertWidth,
        functionBodyMissingColumn, functionBodySyntax, dropNeedsCascade,
    ]

    static let columnMayNotExist = Rule(
        "column-may-not-exist",
        .existence,
        .error,
        "An index, comment, view, check, grant or change on a column that may not be there",
        page: """
            Whatever names a column fails where it is missing, and a guard of the statement itself does not help. It is an error where \
            the history shows that the column is not there: it was dropped or renamed, never added, or declared only by a CREATE TABLE IF \
            NOT EXISTS that did nothing. It is a warning where only a guarded creation declares it and nothing is known of the table: \
            the guard itself says that the table may be there, and then perhaps without the column.
            """,
        bad: Example(
            "CREATE TABLE IF NOT EXISTS jobs (id bigint, due timestamptz);\nCREATE INDEX jobs_due_idx ON jobs (due);",
            after: "CREATE TABLE jobs (id bigint);",
            refusal: "column \"due\" does not exist"
        ),
        good: Example(
            "ALTER TABLE jobs ADD COLUMN IF NOT EXISTS due timestamptz;\nCREATE INDEX CONCURRENTLY jobs_due_idx ON jobs (due);",
            after: "CREATE TABLE jobs (id bigint);"
        )
    )

    static let tableMayNotExist = Rule(
        "table-may-not-exist",
        .existence,
        .error,
        "A statement on a table that no migration makes, or that one has dropped or renamed",
        page: """
            On an empty database, such as that of a new colleague or of a test, the statement fails. It is an error where the history \
            itself dropped or renamed the table, or where the database that was given does not have it. A guard of a sub-command guards \
            the sub-command, and not the table.
            """,
        bad: Example(
            "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;",
            refusal: "relation \"orders\" does not exist"
        ),
        good: Example(
            "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;",
            after: "CREATE TABLE orders (id bigint);"
        )
    )

    static let schemaMayNotExist = Rule(
        "schema-may-not-exist",
        .existence,
        .error,
        "A name in a schema that no migration makes",
        page: "On an empty database the statement fails. It is a warning where only the history is known.",
        bad: Example("CREATE TABLE app.jobs (id int);", refusal: "schema \"app\" does not exist"),
        good: Example("CREATE SCHEMA IF NOT EXISTS app;\nCREATE TABLE app.jobs (id int);")
    )

    static let typeMayNotExist = Rule(
        "type-may-not-exist",
        .existence,
        .error,
        "A type that neither PostgreSQL nor the history has",
        page: """
            The statement fails. It is a warning where only the history is known. Behind a CREATE EXTENSION types that nobody knows may be \
            the extension's, and are left alone.
            """,
        bad: Example("CREATE TABLE jobs (state job_state);", refusal: "type \"job_state\" does not exist"),
        good: Example("CREATE TYPE job_state AS ENUM ('new', 'done');\nCREATE TABLE jobs (state job_state);")
    )

    static let indexMayNotExist = Rule(
        "index-may-not-exist",
        .existence,
        .error,
        "A statement on an index that is not there",
        page: "The history does not make the index, or took it away: the statement fails.",
        bad: Example(
            "ALTER INDEX jobs_idx RENAME TO jobs_id_idx;",
            after: "CREATE TABLE jobs (id int);",
            refusal: "relation \"jobs_idx\" does not exist"
        ),
        good: Example(
            "ALTER INDEX jobs_idx RENAME TO jobs_id_idx;",
            after: "CREATE TABLE jobs (id int);\nCREATE INDEX jobs_idx ON jobs (id);"
        )
    )

    static let constraintMayNotExist = Rule(
        "constraint-may-not-exist",
        .existence,
        .error,
        "A statement on a constraint that is not there, or that only a guarded creation declares",
        page: "VALIDATE, RENAME and DROP CONSTRAINT and COMMENT fail where the constraint is missing.",
        bad: Example(
            "ALTER TABLE jobs VALIDATE CONSTRAINT positive;",
            after: "CREATE TABLE jobs (id int);",
            refusal: "constraint \"positive\" of relation \"jobs\" does not exist"
        ),
        good: Example(
            "ALTER TABLE jobs VALIDATE CONSTRAINT positive;",
            after: "CREATE TABLE jobs (id int);\nALTER TABLE jobs ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;"
        )
    )

    static let triggerMayNotExist = Rule(
        "trigger-may-not-exist",
        .existence,
        .error,
        "A statement on a trigger or policy that is not there",
        page: "The history does not make it, or took it away: the statement fails.",
        bad: Example(
            "ALTER TABLE jobs DISABLE TRIGGER stamp;",
            after: "CREATE TABLE jobs (id int);",
            refusal: "trigger \"stamp\" for table \"jobs\" does not exist"
        ),
        good: Example("ALTER TABLE jobs DISABLE TRIGGER USER;", after: "CREATE TABLE jobs (id int);")
    )

    static let functionMayNotExist = Rule(
        "function-may-not-exist",
        .existence,
        .error,
        "A trigger, comment, grant or drop of a function that is not there",
        page: """
            The history does not make the function, or not with these arguments. It is a warning where it may come from outside of the \
            history. Behind a CREATE EXTENSION functions that nobody knows may be the extension's, and are left alone.
            """,
        bad: Example(
            "CREATE TRIGGER stamp BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION set_updated_at();",
            after: "CREATE TABLE jobs (id int);",
            refusal: "function set_updated_at() does not exist"
        ),
        good: Example(
            """
            CREATE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
            CREATE TRIGGER stamp BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION set_updated_at();
            """,
            after: "CREATE TABLE jobs (id int);"
        )
    )

    static let objectMayNotExist = Rule(
        "object-may-not-exist",
        .existence,
        .error,
        "A statement on a publication, rule, statistics object, collation, operator or extension that is not there",
        page: """
            The history does not make it, or took it away: the statement fails. It is a warning where it may come from outside of the \
            history. Behind a CREATE EXTENSION what extensions bring is left alone.
            """,
        bad: Example(
            "DROP RULE no_delete ON jobs;",
            after: "CREATE TABLE jobs (id int);",
            refusal: "rule \"no_delete\" for relation \"jobs\" does not exist"
        ),
        good: Example(
            "DROP RULE no_delete ON jobs;",
            after: "CREATE TABLE jobs (id int);\nCREATE RULE no_delete AS ON DELETE TO jobs DO INSTEAD NOTHING;"
        )
    )

    static let insertWidth = Rule(
        "insert-column-count",
        .existence,
        .error,
        "INSERT of more or fewer values than there are columns for them",
        page: """
            The statement fails. Without a list of columns the values are for all columns of the table in their order, so that a column which \
            was dropped, or not added, breaks it.
            """,
        bad: Example(
            "INSERT INTO roles VALUES (1, 'admin', true);",
            after: "CREATE TABLE roles (id bigint PRIMARY KEY, name text);",
            refusal: "INSERT has more expressions than target columns"
        ),
        good: Example(
            "INSERT INTO roles (id, name) VALUES (1, 'admin');",
            after: "CREATE TABLE roles (id bigint PRIMARY KEY, name text);"
        )
    )

    static let enumLabelMayNotExist = Rule(
        "enum-label-may-not-exist",
        .existence,
        .error,
        "ALTER TYPE … ADD VALUE BEFORE, AFTER or RENAME VALUE of a label that is not there",
        page: "The statement fails: `is not an existing enum label`.",
        bad: Example(
            "ALTER TYPE state RENAME VALUE 'old' TO 'done';",
            after: "CREATE TYPE state AS ENUM ('new');",
            refusal: "\"old\" is not an existing enum label"
        ),
        good: Example("ALTER TYPE state RENAME VALUE 'new' TO 'done';", after: "CREATE TYPE state AS ENUM ('new');")
    )

    static let referencedKeyMayNotExist = Rule(
        "if-not-exists-parent-lacks-key",
        .existence,
        .error,
        "A foreign key to columns without a primary key or unique constraint that is sure",
        page: """
            A foreign key needs a unique key on exactly the columns that it refers to. Where a guarded CREATE TABLE was skipped over an \
            older table, the key that it declares is missing, and the foreign key fails with `there is no unique constraint matching given \
            keys`. It is a warning where nothing is known of the table but the guarded creation.
            """,
        bad: Example(
            """
            CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);
            CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));
            """,
            after: "CREATE TABLE users (id bigint);",
            refusal: "there is no unique constraint matching given keys for referenced table \"users\""
        ),
        good: Example(
            "CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));",
            after: "CREATE TABLE users (id bigint PRIMARY KEY);"
        )
    )

    static let onConflictNoArbiter = Rule(
        "on-conflict-no-arbiter",
        .existence,
        .error,
        "ON CONFLICT (…) without a unique key on exactly these columns",
        page: "The INSERT fails, also when no row conflicts.",
        bad: Example(
            "INSERT INTO roles (name) VALUES ('admin') ON CONFLICT (name) DO NOTHING;",
            after: "CREATE TABLE roles (id bigint PRIMARY KEY, name text);",
            refusal: "there is no unique or exclusion constraint matching the ON CONFLICT specification"
        ),
        good: Example(
            "INSERT INTO roles (id, name) VALUES (1, 'admin') ON CONFLICT (id) DO NOTHING;",
            after: "CREATE TABLE roles (id bigint PRIMARY KEY, name text);"
        )
    )

    static let wrongKind = Rule(
        "wrong-kind",
        .existence,
        .error,
        "A statement on a relation or constraint of a kind that it does not work on",
        page: """
            The statement fails, whatever the rows: a column or constraint added to a view or sequence; a column added to a partition or \
            retyped in a child, in place of its parent; an identity column added to a table with children; the type of a column changed \
            that a table is partitioned by; a partition of what is not partitioned, or DETACH of what is no partition; an index of a \
            partitioned table with CONCURRENTLY; a key of one without the columns that it is partitioned by; REFRESH CONCURRENTLY of a \
            materialized view without a unique index; NOT VALID on a foreign key of a partitioned table (before \
            version 18); VALIDATE of a key; ALTER VIEW, MATERIALIZED VIEW, SEQUENCE or FOREIGN TABLE on something else.
            """,
        bad: Example(
            "ALTER TABLE report ADD COLUMN total int;",
            after: "CREATE VIEW report AS SELECT 1 AS id;",
            refusal: "ALTER action ADD COLUMN cannot be performed on relation \"report\""
        ),
        good: Example("ALTER TABLE reports ADD COLUMN total int;", after: "CREATE TABLE reports (id int);")
    )

    static let functionBodyMissingColumn = Rule(
        "function-body-missing-column",
        .existence,
        .warning,
        "A PL/pgSQL body that names a column or table which is not there",
        page: """
            The server looks at a body in PL/pgSQL only when it runs: CREATE FUNCTION succeeds, and the first call fails. A body in SQL is \
            checked at once, and reported as a missing column.
            """,
        bad: Example(
            """
            CREATE FUNCTION clean() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DELETE FROM jobs WHERE done_at < now(); END $$;
            """,
            after: "CREATE TABLE jobs (id int);"
        ),
        good: Example(
            """
            CREATE FUNCTION clean() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DELETE FROM jobs WHERE done_at < now(); END $$;
            """,
            after: "CREATE TABLE jobs (id int, done_at timestamptz);"
        )
    )

    static let functionBodySyntax = Rule(
        "function-body-syntax",
        .existence,
        .error,
        "A syntax error in the body of a function or block",
        page:
            "Bodies in SQL and PL/pgSQL are read by PostgreSQL's own parsers, and what these refuse, CREATE FUNCTION refuses.",
        bad: Example(
            "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELEC 1';",
            refusal: "syntax error at or near \"SELEC\""
        ),
        good: Example("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';")
    )

    static let dropNeedsCascade = Rule(
        "drop-has-dependents",
        .existence,
        .error,
        "A drop of what views, foreign keys or columns depend on, without CASCADE",
        page: "The statement fails: `cannot drop … because other objects depend on it`. Drop what depends on it first.",
        bad: Example(
            "DROP TABLE jobs;",
            after: "CREATE TABLE jobs (id int);\nCREATE VIEW all_jobs AS SELECT id FROM jobs;",
            refusal: "cannot drop table jobs because other objects depend on it"
        ),
        good: Example(
            "DROP VIEW all_jobs;\nDROP TABLE jobs;",
            after: "CREATE TABLE jobs (id int);\nCREATE VIEW all_jobs AS SELECT id FROM jobs;"
        )
    )
}
