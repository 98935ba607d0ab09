extension MoveTests {
    /// A case in which one object of a kind lies in another schema.
    ///
    /// - Parameters:
    ///   - kind: the kind, as tests call it.
    ///   - target: what `ALTER` calls it.
    ///   - sql: makes it, with `@` for its schema.
    ///   - name: what `--accept-rename` calls it.
    ///   - isSuperuser: whether only a superuser may.
    /// - Returns: the case.
    private static func moved(
        _ kind: String,
        _ target: String,
        _ sql: String,
        name: String = "x",
        isSuperuser: Bool = false
    ) -> RenameTests.Case {
        let schemas = "CREATE SCHEMA a; CREATE SCHEMA b; "
        let bare = name.split(separator: "(")[0]
        return RenameTests.Case(
            kind: kind,
            from: schemas + sql.replacing("@", with: "a"),
            to: schemas + sql.replacing("@", with: "b"),
            request: "a.\(name)=b.\(bare)",
            statement: "ALTER \(target) SET SCHEMA b",
            isSuperuser: isSuperuser
        )
    }

    /// One object of each kind that has an `ALTER … SET SCHEMA`.
    static let cases: [RenameTests.Case] = [
        moved(
            "table",
            "TABLE a.x",
            """
            CREATE TABLE teams (id integer PRIMARY KEY);
            CREATE TABLE @.x (
                id serial PRIMARY KEY, n bigint GENERATED ALWAYS AS IDENTITY, name text UNIQUE CHECK (name <> ''),
                team integer REFERENCES teams, boss integer REFERENCES @.x);
            CREATE INDEX ON @.x (lower(name));
            CREATE TABLE letters (id integer PRIMARY KEY, sender integer REFERENCES @.x);
            CREATE VIEW senders AS SELECT l.id, x.name FROM letters l JOIN @.x x ON x.id = l.sender
            """
        ),
        moved(
            "table with a policy and a trigger",
            "TABLE a.x",
            """
            CREATE TABLE @.x (id integer, name text);
            ALTER TABLE @.x ENABLE ROW LEVEL SECURITY;
            CREATE POLICY own ON @.x USING (name = current_user);
            CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
            CREATE TRIGGER touched BEFORE UPDATE OF name ON @.x FOR EACH ROW EXECUTE FUNCTION touch();
            COMMENT ON COLUMN @.x.name IS 'what they are called'
            """
        ),
        moved(
            "partition",
            "TABLE a.x",
            """
            CREATE TABLE p (i integer PRIMARY KEY, t text) PARTITION BY LIST (i);
            CREATE INDEX p_t ON p (t);
            CREATE TABLE @.x PARTITION OF p FOR VALUES IN (1)
            """
        ),
        moved("view", "VIEW a.x", "CREATE VIEW @.x AS SELECT 1 AS i; CREATE VIEW above AS SELECT i FROM @.x"),
        moved(
            "materialized view",
            "MATERIALIZED VIEW a.x",
            "CREATE MATERIALIZED VIEW @.x AS SELECT 1 AS i; CREATE UNIQUE INDEX ON @.x (i)"
        ),
        moved("sequence", "SEQUENCE a.x", "CREATE SEQUENCE @.x START 5; CREATE TABLE t (i int DEFAULT nextval('@.x'))"),
        moved("enum", "TYPE a.x", "CREATE TYPE @.x AS ENUM ('one', 'two'); CREATE TABLE t (i @.x DEFAULT 'one')"),
        moved("domain", "DOMAIN a.x", "CREATE DOMAIN @.x AS text CHECK (value <> ''); CREATE TABLE t (i @.x)"),
        moved("composite type", "TYPE a.x", "CREATE TYPE @.x AS (i integer, t text); CREATE TABLE t (i @.x)"),
        moved("range type", "TYPE a.x", "CREATE TYPE @.x AS RANGE (subtype = float8); CREATE TABLE t (i @.x)"),
        moved(
            "function",
            "FUNCTION a.x(integer)",
            """
            CREATE FUNCTION @.x(i integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN i + 1;
            CREATE TABLE t (i integer CHECK (@.x(i) > 0))
            """,
            name: "x(integer)"
        ),
        moved("procedure", "PROCEDURE a.x()", "CREATE PROCEDURE @.x() LANGUAGE sql AS 'SELECT 1'", name: "x()"),
        moved(
            "aggregate",
            "AGGREGATE a.x(integer)",
            "CREATE AGGREGATE @.x(integer) (sfunc = int4larger, stype = integer)",
            name: "x(integer)"
        ),
        moved("collation", "COLLATION a.x", "CREATE COLLATION @.x (locale = 'C'); CREATE TABLE t (i text COLLATE @.x)"),
        moved(
            "text search configuration",
            "TEXT SEARCH CONFIGURATION a.x",
            "CREATE TEXT SEARCH CONFIGURATION @.x (copy = simple)"
        ),
        moved("statistics", "STATISTICS a.x", "CREATE TABLE t (i int, j int); CREATE STATISTICS @.x ON i, j FROM t"),
    ]
}
