/// Creations whose guard hides that something else is there.
extension Rule {
    static let creationRules = [
        ifNotExistsDiffers, ifNotExistsForeignKey, createTableIfNotExistsNoop, serialInSkippedCreate,
        addColumnIfNotExistsDiffers,
        indexIfNotExistsDiffers, indexIfNotExistsInvalid, truncatedNameCollision, ifNotExistsWrongKind,
        ifNotExistsSearchPath,
        ifNotExistsCase, partitionIfNotExistsDiffers, matviewIfNotExistsDiffers, sequenceIfNotExistsIgnored,
        schemaIfNotExistsIgnored, extensionIfNotExistsIgnored, enumIfNotExistsPosition, objectMayExist, noSuchGuard,
    ]

    static let ifNotExistsDiffers = Rule(
        "if-not-exists-differs",
        .existence,
        .error,
        "CREATE TABLE IF NOT EXISTS over a table that is another one",
        page: """
            The guard looks at the name alone. Where a table of that name is there, the whole statement does nothing: columns, types, \
            defaults and constraints that only it declares are not there afterwards, and the server says no more than a notice. The \
            history made the table before, and the finding lists what is not as declared. Change the table with ALTER TABLE.
            """,
        bad: Example(
            "CREATE TABLE IF NOT EXISTS jobs (id bigint PRIMARY KEY, due timestamptz);",
            after: "CREATE TABLE jobs (id bigint PRIMARY KEY);"
        ),
        good: Example(
            "ALTER TABLE jobs ADD COLUMN IF NOT EXISTS due timestamptz;",
            after: "CREATE TABLE jobs (id bigint PRIMARY KEY);"
        )
    )

    static let ifNotExistsForeignKey = Rule(
        "if-not-exists-foreign-key",
        .existence,
        .error,
        "A foreign key, check or unique constraint that goes with a skipped CREATE TABLE IF NOT EXISTS",
        page: """
            A constraint inside CREATE TABLE IF NOT EXISTS is made only if the table is. Where the table was there, rows that break the \
            constraint are accepted from then on; not even an unknown table behind REFERENCES is noticed. It is an error where the \
            history shows that the table, or the one referred to, is another one than declared, and a note where nothing is known. Add \
            the constraint with ALTER TABLE, in a block that looks for it by name and table.
            """,
        bad: Example(
            "CREATE TABLE IF NOT EXISTS posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));",
            after: """
                CREATE TABLE users (id bigint PRIMARY KEY);
                CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint);
                """
        ),
        good: Example(
            "ALTER TABLE posts ADD CONSTRAINT posts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;",
            after: """
                CREATE TABLE users (id bigint PRIMARY KEY);
                CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint);
                """
        )
    )

    static let createTableIfNotExistsNoop = Rule(
        "create-table-if-not-exists-noop",
        .existence,
        .note,
        "CREATE TABLE IF NOT EXISTS of a table that the history has made as declared",
        page: """
            The statement does nothing wherever the history ran. That is harmless, and often means that the table was meant to be \
            changed. Leave it out, unless it repairs databases that were changed by hand.
            """,
        bad: Example("CREATE TABLE IF NOT EXISTS tags (id bigint);", after: "CREATE TABLE tags (id bigint);"),
        good: Example("CREATE TABLE IF NOT EXISTS tags (id bigint);")
    )

    static let serialInSkippedCreate = Rule(
        "serial-in-skipped-create",
        .existence,
        .error,
        "A serial or identity column in a CREATE TABLE IF NOT EXISTS that is skipped",
        page: """
            No sequence is made for a table that was there, and its column has no default: new rows get null, or are refused. Add the \
            identity with ALTER TABLE … ADD GENERATED.
            """,
        bad: Example("CREATE TABLE IF NOT EXISTS tags (id bigserial);", after: "CREATE TABLE tags (id bigint);"),
        good: Example("CREATE TABLE IF NOT EXISTS tags (id bigserial);", after: "CREATE TABLE tags (id bigserial);")
    )

    static let addColumnIfNotExistsDiffers = Rule(
        "add-column-if-not-exists-differs",
        .existence,
        .error,
        "ADD COLUMN IF NOT EXISTS over a column of another type, default or nullability",
        page: """
            Where the column is there, nothing of the sub-command is done: neither its type nor NOT NULL, DEFAULT, REFERENCES, CHECK or \
            UNIQUE. Change the column with ALTER COLUMN, and add constraints with ADD CONSTRAINT.
            """,
        bad: Example(
            "ALTER TABLE jobs ADD COLUMN IF NOT EXISTS status int NOT NULL DEFAULT 0;",
            after: "CREATE TABLE jobs (id bigint, status text);"
        ),
        good: Example(
            "ALTER TABLE jobs ADD COLUMN IF NOT EXISTS status text;",
            after: "CREATE TABLE jobs (id bigint, status text);"
        )
    )

    static let indexIfNotExistsDiffers = Rule(
        "index-if-not-exists-differs",
        .existence,
        .error,
        "CREATE INDEX IF NOT EXISTS over an index with another definition, or of another table",
        page: """
            The guard looks at the name alone: an index on other columns, of another table, that is not unique or holds only a part of \
            the rows counts as well. Give the new index a name of its own.
            """,
        bad: Example(
            "CREATE INDEX IF NOT EXISTS jobs_idx ON jobs (b);",
            after: "CREATE TABLE jobs (a int, b int);\nCREATE INDEX jobs_idx ON jobs (a);"
        ),
        good: Example(
            "CREATE INDEX CONCURRENTLY jobs_b_idx ON jobs (b);",
            after: "CREATE TABLE jobs (a int, b int);\nCREATE INDEX jobs_idx ON jobs (a);"
        )
    )

    static let indexIfNotExistsInvalid = Rule(
        "index-if-not-exists-invalid",
        .existence,
        .warning,
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS, which keeps the invalid index of a failed try",
        page: """
            A build without a transaction that fails leaves an invalid index behind. The guard takes it for the index: queries never use \
            it, and a unique one checks nothing. Lastro drops what its own cut builds left, so this is asked only for other runners.
            """,
        bad: Example(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_a_idx ON jobs (a);",
            after: "CREATE TABLE jobs (a int);"
        ),
        good: Example(
            "DROP INDEX CONCURRENTLY IF EXISTS jobs_a_idx;\nCREATE INDEX CONCURRENTLY jobs_a_idx ON jobs (a);",
            after: "CREATE TABLE jobs (a int);"
        )
    )

    static let truncatedNameCollision = Rule(
        "truncated-name-collision",
        .existence,
        .error,
        "Two long names that are one name when cut, behind IF NOT EXISTS",
        page: """
            Names are cut to 63 bytes. Two that differ only behind that are one, and the guard takes the first for the second, which is \
            never made.
            """,
        bad: Example(
            """
            CREATE INDEX IF NOT EXISTS idx_orders_with_a_very_long_name_that_goes_on_and_on_and_on_and_on_a ON orders (a);
            CREATE INDEX IF NOT EXISTS idx_orders_with_a_very_long_name_that_goes_on_and_on_and_on_and_on_b ON orders (b);
            """,
            after: "CREATE TABLE orders (a int, b int);"
        ),
        good: Example(
            "CREATE INDEX IF NOT EXISTS idx_orders_a ON orders (a);\nCREATE INDEX IF NOT EXISTS idx_orders_b ON orders (b);",
            after: "CREATE TABLE orders (a int, b int);"
        )
    )

    static let ifNotExistsWrongKind = Rule(
        "if-not-exists-wrong-kind",
        .existence,
        .error,
        "IF NOT EXISTS over a view, sequence or index of the same name",
        page: """
            Tables, views, sequences and indexes share their names. Whatever has the name makes the guarded creation do nothing, and the \
            statements behind it work on the wrong thing.
            """,
        bad: Example("CREATE TABLE IF NOT EXISTS report (id int);", after: "CREATE VIEW report AS SELECT 1 AS id;"),
        good: Example("CREATE TABLE IF NOT EXISTS reports (id int);", after: "CREATE VIEW report AS SELECT 1 AS id;")
    )

    static let ifNotExistsSearchPath = Rule(
        "if-not-exists-search-path",
        .existence,
        .warning,
        "IF NOT EXISTS while a table of that name stands in another schema of the search path",
        page: """
            The guard looks only at the schema in which the table would be made, the first of the search path. One of the same name \
            further behind, or a temporary one, is not found: a second table is made, and which one a name without a schema means \
            depends on the path.
            """,
        bad: Example(
            "SET search_path = app, public;\nCREATE TABLE IF NOT EXISTS jobs (id int);",
            after: "CREATE SCHEMA app;\nCREATE TABLE public.jobs (id int);"
        ),
        good: Example(
            "CREATE TABLE IF NOT EXISTS app.jobs (id int);",
            after: "CREATE SCHEMA app;\nCREATE TABLE public.jobs (id int);"
        )
    )

    static let ifNotExistsCase = Rule(
        "if-not-exists-case",
        .existence,
        .warning,
        "IF NOT EXISTS beside a name that differs in capital letters",
        page: """
            Names without quotes are folded to small letters, names in quotes are not: `"Jobs"` and `Jobs` are two tables, and the guard \
            does not find the one for the other.
            """,
        bad: Example("CREATE TABLE IF NOT EXISTS Jobs (id int);", after: "CREATE TABLE \"Jobs\" (id int);"),
        good: Example("CREATE TABLE IF NOT EXISTS \"Jobs\" (id int);", after: "CREATE TABLE \"Jobs\" (id int);")
    )

    static let partitionIfNotExistsDiffers = Rule(
        "partition-if-not-exists-differs",
        .existence,
        .error,
        "A skipped CREATE TABLE IF NOT EXISTS … PARTITION OF or … AS",
        page: """
            A table of the name that stands by itself does not become a partition, other bounds are kept, and of a query behind AS no \
            row is added. Attach the table, or insert the rows, with statements of their own.
            """,
        bad: Example(
            "CREATE TABLE IF NOT EXISTS logs_2026 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
            after: "CREATE TABLE logs (at date) PARTITION BY RANGE (at);\nCREATE TABLE logs_2026 (at date);"
        ),
        good: Example(
            "CREATE TABLE IF NOT EXISTS logs_2026 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
            after: "CREATE TABLE logs (at date) PARTITION BY RANGE (at);"
        )
    )

    static let matviewIfNotExistsDiffers = Rule(
        "matview-if-not-exists-differs",
        .existence,
        .warning,
        "CREATE MATERIALIZED VIEW IF NOT EXISTS over one that is there",
        page:
            "The old query is kept. There is no OR REPLACE for materialized views: drop it first, in the same transaction.",
        bad: Example(
            "CREATE MATERIALIZED VIEW IF NOT EXISTS totals AS SELECT 2 AS total;",
            after: "CREATE MATERIALIZED VIEW totals AS SELECT 1 AS total;"
        ),
        good: Example(
            "DROP MATERIALIZED VIEW totals;\nCREATE MATERIALIZED VIEW totals AS SELECT 2 AS total;",
            after: "CREATE MATERIALIZED VIEW totals AS SELECT 1 AS total;"
        )
    )

    static let sequenceIfNotExistsIgnored = Rule(
        "sequence-if-not-exists-ignored",
        .existence,
        .warning,
        "CREATE SEQUENCE IF NOT EXISTS with options over a sequence that is there",
        page: "The options are not looked at where the sequence is there. Change it with ALTER SEQUENCE.",
        bad: Example("CREATE SEQUENCE IF NOT EXISTS numbers INCREMENT 50;", after: "CREATE SEQUENCE numbers;"),
        good: Example("ALTER SEQUENCE numbers INCREMENT 50;", after: "CREATE SEQUENCE numbers;")
    )

    static let schemaIfNotExistsIgnored = Rule(
        "schema-if-not-exists-ignored",
        .existence,
        .warning,
        "CREATE SCHEMA IF NOT EXISTS … AUTHORIZATION over a schema that is there, or with elements",
        page:
            "The owner of a schema that is there is kept. With elements inside, IF NOT EXISTS is refused in every version.",
        bad: Example("CREATE SCHEMA IF NOT EXISTS app AUTHORIZATION CURRENT_USER;", after: "CREATE SCHEMA app;"),
        good: Example("ALTER SCHEMA app OWNER TO CURRENT_USER;", after: "CREATE SCHEMA app;")
    )

    static let extensionIfNotExistsIgnored = Rule(
        "extension-if-not-exists-ignored",
        .existence,
        .warning,
        "CREATE EXTENSION IF NOT EXISTS with another schema or version than it has",
        page: "Schema and version of an extension that is there are kept. Use ALTER EXTENSION … SET SCHEMA or UPDATE.",
        bad: Example(
            "CREATE EXTENSION IF NOT EXISTS plpgsql VERSION '9.9';",
            after: "CREATE EXTENSION IF NOT EXISTS plpgsql;"
        ),
        good: Example("CREATE EXTENSION IF NOT EXISTS plpgsql;", after: "CREATE EXTENSION IF NOT EXISTS plpgsql;")
    )

    static let enumIfNotExistsPosition = Rule(
        "enum-if-not-exists-position",
        .existence,
        .note,
        "ADD VALUE IF NOT EXISTS … BEFORE or AFTER of a label that is there",
        page: "A label that is there stays in its place, whatever the words behind it say.",
        bad: Example(
            "ALTER TYPE state ADD VALUE IF NOT EXISTS 'b' AFTER 'c';",
            after: "CREATE TYPE state AS ENUM ('a', 'b', 'c');"
        ),
        good: Example(
            "ALTER TYPE state ADD VALUE IF NOT EXISTS 'd';",
            after: "CREATE TYPE state AS ENUM ('a', 'b', 'c');"
        )
    )

    static let objectMayExist = Rule(
        "object-already-exists",
        .existence,
        .error,
        "A creation without a guard of something that is there",
        page: """
            The history has made it, and nothing took it away: the statement fails. It is a warning where it is made only under a \
            condition.
            """,
        bad: Example(
            "CREATE TABLE jobs (id int);",
            after: "CREATE TABLE jobs (id bigint);",
            refusal: "relation \"jobs\" already exists"
        ),
        good: Example("CREATE TABLE job_logs (id int);", after: "CREATE TABLE jobs (id bigint);")
    )

    static let noSuchGuard = Rule(
        "no-such-guard",
        .existence,
        .error,
        "A guard that PostgreSQL does not have",
        page: """
            ADD CONSTRAINT, CREATE TYPE, DOMAIN, TRIGGER, POLICY, VIEW, FUNCTION and ROLE take no IF NOT EXISTS; policies and \
            materialized views no OR REPLACE; RENAME COLUMN no IF EXISTS; and CREATE INDEX IF NOT EXISTS needs a name. All of them are \
            syntax errors in every version.
            """,
        bad: Example(
            "ALTER TABLE jobs ADD CONSTRAINT IF NOT EXISTS positive CHECK (id > 0);",
            after: "CREATE TABLE jobs (id int);",
            refusal: "syntax error at or near \"NOT\""
        ),
        good: Example(
            "ALTER TABLE jobs DROP CONSTRAINT IF EXISTS positive;\nALTER TABLE jobs ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;",
            after: "CREATE TABLE jobs (id int);\nALTER TABLE jobs ADD CONSTRAINT positive CHECK (id > 1);"
        )
    )
}
