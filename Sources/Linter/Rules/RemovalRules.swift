/// Guarded drops and changes that do nothing, or fail all the same.
extension Rule {
    static let removalRules = [
        dropIfExistsUnknown, dropIfExistsWrongKind, dropIndexVersusConstraint, alterIfExistsSkips,
    ]

    static let dropIfExistsUnknown = Rule(
        "drop-if-exists-unknown",
        .existence,
        .warning,
        "DROP … IF EXISTS of a name that the history does not know",
        page: """
            The guard hides a slip of the keyboard: nothing is dropped, and nothing is said. It is a warning where the history has a name \
            that is almost the same, and a note elsewhere.
            """,
        bad: Example("DROP TABLE IF EXISTS job;", after: "CREATE TABLE jobs (id int);"),
        good: Example("DROP TABLE IF EXISTS jobs;", after: "CREATE TABLE jobs (id int);")
    )

    static let dropIfExistsWrongKind = Rule(
        "drop-if-exists-wrong-kind",
        .existence,
        .error,
        "DROP TABLE of a view, DROP INDEX of a table and the like",
        page:
            "The statement fails, IF EXISTS or not: the guard is about the name, and something of another kind has it.",
        bad: Example(
            "DROP TABLE IF EXISTS report;",
            after: "CREATE VIEW report AS SELECT 1 AS id;",
            refusal: "\"report\" is not a table"
        ),
        good: Example("DROP VIEW IF EXISTS report;", after: "CREATE VIEW report AS SELECT 1 AS id;")
    )

    static let dropIndexVersusConstraint = Rule(
        "drop-index-vs-constraint",
        .existence,
        .error,
        "DROP INDEX of a constraint's index, or DROP CONSTRAINT of a plain index",
        page: """
            The index behind a constraint cannot be dropped by itself: this fails. DROP CONSTRAINT IF EXISTS with the name of a plain index \
            does nothing, without a word.
            """,
        bad: Example(
            "DROP INDEX IF EXISTS users_email_key;",
            after: "CREATE TABLE users (email text UNIQUE);",
            refusal: "cannot drop index users_email_key because constraint users_email_key on table users requires it"
        ),
        good: Example(
            "ALTER TABLE users DROP CONSTRAINT users_email_key;",
            after: "CREATE TABLE users (email text UNIQUE);"
        )
    )

    static let alterIfExistsSkips = Rule(
        "alter-if-exists-skips",
        .existence,
        .warning,
        "ALTER TABLE IF EXISTS of a table that is not there",
        page: """
            The history dropped or renamed the table, or knows one whose name is almost the same: the statement does nothing, without a \
            word. It is a note where the history knows no such name at all.
            """,
        bad: Example(
            "ALTER TABLE IF EXISTS jobs ADD COLUMN due date;",
            after: "CREATE TABLE jobs (id int);\nALTER TABLE jobs RENAME TO tasks;"
        ),
        good: Example(
            "ALTER TABLE IF EXISTS tasks ADD COLUMN due date;",
            after: "CREATE TABLE jobs (id int);\nALTER TABLE jobs RENAME TO tasks;"
        )
    )
}
