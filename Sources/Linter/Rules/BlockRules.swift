/// Guards in DO blocks, and what keeps blocks and files from being read.
extension Rule {
    static let blockRules = [
        guardUnscopedLookup, guardWrongCondition, guardCatchesOthers, guardRollsBackBlock, guardHidesDifferentType,
        concurrentInBlock, unreadableBlock, notAnalysed, unreadableFile,
    ]

    static let guardUnscopedLookup = Rule(
        "guard-unscoped-lookup",
        .existence,
        .warning,
        "A guard that looks a type, constraint or trigger up by its name alone",
        page: """
            Types of one name may stand in several schemas, constraints and triggers of one name on several tables. A condition that does \
            not compare the schema or the table finds the other one, and what should be made is not made, without a word.
            """,
        bad: Example(
            """
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_type WHERE typname = 'state') THEN CREATE TYPE state AS ENUM ('a'); END IF;
            END $$;
            """
        ),
        good: Example(
            """
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_type WHERE typname = 'state' AND typnamespace = 'public'::regnamespace) THEN
                    CREATE TYPE state AS ENUM ('a');
                END IF;
            END $$;
            """
        )
    )

    static let guardWrongCondition = Rule(
        "guard-wrong-condition",
        .existence,
        .error,
        "A handler that catches another error than the one that a second run gives",
        page: """
            A unique constraint or an index that is there gives duplicate_table, a column duplicate_column, a second primary key \
            invalid_table_definition; only types, checks, foreign keys, triggers and policies give duplicate_object.
            """,
        bad: Example(
            """
            DO $$ BEGIN
                ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);
            EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            """,
            after: "CREATE TABLE users (email text);"
        ),
        good: Example(
            """
            DO $$ BEGIN
                ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);
            EXCEPTION WHEN duplicate_table THEN NULL; END $$;
            """,
            after: "CREATE TABLE users (email text);"
        )
    )

    static let guardCatchesOthers = Rule(
        "guard-catches-others",
        .existence,
        .warning,
        "WHEN OTHERS around a definition",
        page: """
            A foreign key over orphans, a missing privilege, a full disk: everything is taken for *it is there already*, and the \
            migration counts as applied.
            """,
        bad: Example(
            """
            DO $$ BEGIN
                ALTER TABLE posts ADD CONSTRAINT posts_user_fk FOREIGN KEY (user_id) REFERENCES users (id);
            EXCEPTION WHEN OTHERS THEN NULL; END $$;
            """,
            after: "CREATE TABLE users (id int PRIMARY KEY);\nCREATE TABLE posts (user_id int);"
        ),
        good: Example(
            """
            DO $$ BEGIN
                ALTER TABLE posts ADD CONSTRAINT posts_user_fk FOREIGN KEY (user_id) REFERENCES users (id);
            EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            """,
            after: "CREATE TABLE users (id int PRIMARY KEY);\nCREATE TABLE posts (user_id int);"
        )
    )

    static let guardRollsBackBlock = Rule(
        "guard-rolls-back-block",
        .existence,
        .warning,
        "One handler around several definitions",
        page: """
            An error takes everything of its block back. When the second definition is there already, the first one is undone, too, and the \
            handler hides it.
            """,
        bad: Example(
            """
            DO $$ BEGIN
                ALTER TABLE jobs ADD COLUMN due date;
                CREATE TYPE state AS ENUM ('a');
            EXCEPTION WHEN duplicate_object OR duplicate_column THEN NULL; END $$;
            """,
            after: "CREATE TABLE jobs (id int);"
        ),
        good: Example(
            """
            ALTER TABLE jobs ADD COLUMN IF NOT EXISTS due date;
            DO $$ BEGIN CREATE TYPE state AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            """,
            after: "CREATE TABLE jobs (id int);"
        )
    )

    static let guardHidesDifferentType = Rule(
        "guard-hides-different-type",
        .existence,
        .error,
        "A guarded creation in a block over something with another definition",
        page:
            "The guard finds the name and does nothing: labels, columns or conditions that only this statement has are not there.",
        bad: Example(
            "DO $$ BEGIN CREATE TYPE state AS ENUM ('a', 'b'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;",
            after: "CREATE TYPE state AS ENUM ('a');"
        ),
        good: Example(
            "ALTER TYPE state ADD VALUE IF NOT EXISTS 'b';",
            after: "CREATE TYPE state AS ENUM ('a');"
        )
    )

    static let concurrentInBlock = Rule(
        "concurrent-in-do",
        .transaction,
        .error,
        "CONCURRENTLY inside a DO block",
        page: "A block is a function, and what cannot run in a transaction cannot run in one.",
        bad: Example(
            "DO $$ BEGIN CREATE INDEX CONCURRENTLY jobs_idx ON jobs (id); END $$;",
            after: "CREATE TABLE jobs (id int);",
            refusal: "CREATE INDEX CONCURRENTLY cannot be executed from a function"
        ),
        good: Example("CREATE INDEX CONCURRENTLY jobs_idx ON jobs (id);", after: "CREATE TABLE jobs (id int);")
    )

    static let unreadableBlock = Rule(
        "unreadable-block",
        .existence,
        .note,
        "A block whose SQL is put together when it runs",
        page: """
            What EXECUTE runs is known only then. It may make or take away anything, so what the statements behind it rely on is not judged: \
            the facts are unknown. A text that is a constant is read like a statement.
            """,
        bad: Example("DO $$ DECLARE t text := 'jobs'; BEGIN EXECUTE format('CREATE TABLE %I (id int)', t); END $$;"),
        good: Example("DO $$ BEGIN EXECUTE 'CREATE TABLE jobs (id int)'; END $$;")
    )

    static let notAnalysed = Rule(
        "unparsed-statement",
        .existence,
        .note,
        "A statement that PostgreSQL 15's grammar refuses",
        page: "It is newer than that, or wrong: the server decides. What it does to the schema is unknown.",
        bad: Example(
            "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL);",
            refusal: "syntax error at or near \"VIRTUAL\""
        ),
        good: Example("CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED);")
    )

    static let unreadableFile = Rule(
        "unreadable-file",
        .existence,
        .error,
        "A file that cannot be split into statements",
        page: "A quote, a comment or a dollar quote is not closed, or there is a command of psql: the file cannot run.",
        bad: Example(
            "INSERT INTO jobs VALUES ('open);",
            after: "CREATE TABLE jobs (name text);",
            refusal: "unterminated quoted string at or near \"'open);\""
        ),
        good: Example("INSERT INTO jobs VALUES ('closed');", after: "CREATE TABLE jobs (name text);")
    )
}
