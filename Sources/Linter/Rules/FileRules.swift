/// What is said in files about the linter itself.
extension Rule {
    static let fileRules = [unusedAllow, allowWithoutReason, foreignIgnore, downIncomplete]

    static let downIncomplete = Rule(
        "down-incomplete",
        .existence,
        .warning,
        "A down file that does not take back what its migration does",
        page: """
            After the migration and its down file the schema is not what it was: tables, columns, types or functions are left behind, so \
            that the migration fails when it runs again, or are not given back. The down file is run in the head, and not judged otherwise.
            """,
        bad: Example("CREATE TABLE jobs (id bigint PRIMARY KEY);", down: "SELECT 1;"),
        good: Example("CREATE TABLE jobs (id bigint PRIMARY KEY);", down: "DROP TABLE jobs;")
    )

    static let unusedAllow = Rule(
        "unused-allow",
        .name,
        .warning,
        "`-- lastro: allow` of a rule that nothing breaks, or that there is not",
        page:
            "A directive that matches nothing hides the next mistake. Take it out, or look whether the rule is written right.",
        bad: Example("-- lastro: allow drop-table nobody uses it\nCREATE TABLE jobs (id bigint PRIMARY KEY);"),
        good: Example(
            "-- lastro: allow drop-table nobody uses it\nDROP TABLE jobs;",
            after: "CREATE TABLE jobs (id bigint PRIMARY KEY);"
        )
    )

    static let allowWithoutReason = Rule(
        "allow-without-reason",
        .name,
        .warning,
        "`-- lastro: allow` without a reason",
        page: "Who reads the file next year wants to know why. Without a reason the finding stays.",
        bad: Example(
            "-- lastro: allow drop-table\nDROP TABLE jobs;",
            after: "CREATE TABLE jobs (id bigint PRIMARY KEY);"
        ),
        good: Example(
            "-- lastro: allow drop-table nobody uses it\nDROP TABLE jobs;",
            after: "CREATE TABLE jobs (id bigint PRIMARY KEY);"
        )
    )

    static let foreignIgnore = Rule(
        "foreign-ignore",
        .name,
        .warning,
        "A comment that tells another linter to be quiet",
        page: """
            `squawk-ignore`, `pgfence-ignore`, `pgsafe:ignore`, `eugene: ignore`, `pgls-ignore` and `pgt-ignore` are read, so that a project \
            which comes from one of these linters starts from what it has agreed on: the rules that they name, or all that these linters have, \
            are quiet at the statement below. Errors are not, and neither is what these linters do not look for, such as a column that may not \
            be there. One warning for each comment is left until `-- lastro: allow` says why.
            """,
        bad: Example(
            "-- squawk-ignore ban-drop-table\nDROP TABLE jobs;",
            after: "CREATE TABLE jobs (id bigint PRIMARY KEY);"
        ),
        good: Example(
            "-- lastro: allow drop-table nobody uses it\nDROP TABLE jobs;",
            after: "CREATE TABLE jobs (id bigint PRIMARY KEY);"
        )
    )
}
