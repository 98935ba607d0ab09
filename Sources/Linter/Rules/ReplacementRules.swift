/// CREATE OR REPLACE that cannot replace, or loses something.
extension Rule {
    static let replacementRules = [
        replaceViewShape, replaceViewLosesOptions, replaceFunctionSignature, replaceFunctionLosesAttributes,
    ]

    static let replaceViewShape = Rule(
        "replace-view-shape",
        .existence,
        .error,
        "CREATE OR REPLACE VIEW that drops, renames or moves a column",
        page:
            "A view that is replaced keeps its columns: new ones can only come last. Drop the view first, in the same transaction.",
        bad: Example(
            "CREATE OR REPLACE VIEW people AS SELECT name FROM users;",
            after: "CREATE TABLE users (id int, name text);\nCREATE VIEW people AS SELECT id, name FROM users;",
            refusal: "cannot drop columns from view"
        ),
        good: Example(
            "CREATE OR REPLACE VIEW people AS SELECT id, name, 1 AS one FROM users;",
            after: "CREATE TABLE users (id int, name text);\nCREATE VIEW people AS SELECT id, name FROM users;"
        )
    )

    static let replaceViewLosesOptions = Rule(
        "replace-view-loses-options",
        .existence,
        .error,
        "CREATE OR REPLACE VIEW without the security_invoker or security_barrier that the view has",
        versions: "all; security_invoker from 15 on",
        page: "OR REPLACE takes the new words as the whole: options that they do not repeat are gone, without a word.",
        bad: Example(
            "CREATE OR REPLACE VIEW people AS SELECT id FROM users;",
            after: "CREATE TABLE users (id int);\nCREATE VIEW people WITH (security_barrier) AS SELECT id FROM users;"
        ),
        good: Example(
            "CREATE OR REPLACE VIEW people WITH (security_barrier) AS SELECT id FROM users;",
            after: "CREATE TABLE users (id int);\nCREATE VIEW people WITH (security_barrier) AS SELECT id FROM users;"
        )
    )

    static let replaceFunctionSignature = Rule(
        "replace-function-signature",
        .existence,
        .error,
        "CREATE OR REPLACE FUNCTION with another return type, parameter name or set of arguments",
        page: """
            The return type, the names of parameters and the kind of routine cannot be changed, and defaults cannot be taken away. With \
            other arguments a second function is made beside the first, and a call that fits both fails: that is a warning.
            """,
        bad: Example(
            "CREATE OR REPLACE FUNCTION total() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';",
            after: "CREATE FUNCTION total() RETURNS int LANGUAGE sql AS 'SELECT 1';",
            refusal: "cannot change return type of existing function"
        ),
        good: Example(
            "CREATE OR REPLACE FUNCTION total() RETURNS int LANGUAGE sql AS 'SELECT 2';",
            after: "CREATE FUNCTION total() RETURNS int LANGUAGE sql AS 'SELECT 1';"
        )
    )

    static let replaceFunctionLosesAttributes = Rule(
        "replace-function-loses-attributes",
        .existence,
        .error,
        "CREATE OR REPLACE FUNCTION without the SECURITY DEFINER or SET search_path that the function has",
        page: "OR REPLACE takes the new words as the whole: what they do not repeat is gone, without a word.",
        bad: Example(
            "CREATE OR REPLACE FUNCTION total() RETURNS int LANGUAGE sql AS 'SELECT 2';",
            after: """
                CREATE FUNCTION total() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1';
                """
        ),
        good: Example(
            """
            CREATE OR REPLACE FUNCTION total() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 2';
            """,
            after: """
                CREATE FUNCTION total() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1';
                """
        )
    )
}
