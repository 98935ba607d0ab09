/// What is said in files about the linter itself.
extension Rule {
    static let fileRules = [unusedAllow, allowWithoutReason]

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
}
