import Catalog
import Postgres
import TestSupport
import Testing

@testable import SchemaDiff

/// What users of other tools that compare schemas have reported, each as the way that went wrong.
@Suite("Reported ways from one schema to another")
struct ReportedDiffTests {
    struct Way: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var from = ""
        var to = ""
    }

    static let ways = [
        Way(
            testDescription: "another return type of a function that a view calls",
            from: """
                CREATE FUNCTION f(x integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT x';
                CREATE VIEW v AS SELECT f(1) AS one; COMMENT ON VIEW v IS 'kept'; GRANT SELECT ON v TO PUBLIC;
                """,
            to: """
                CREATE FUNCTION f(x integer) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT x::bigint';
                CREATE VIEW v AS SELECT f(1) AS one; COMMENT ON VIEW v IS 'kept'; GRANT SELECT ON v TO PUBLIC;
                """
        ),
        Way(
            testDescription: "a column goes that a view shows",
            from:
                "CREATE TABLE t (id integer, keep text, drop_me text); CREATE VIEW v AS SELECT id, keep, drop_me FROM t;",
            to: "CREATE TABLE t (id integer, keep text); CREATE VIEW v AS SELECT id, keep FROM t;"
        ),
        Way(
            testDescription: "a column comes into a view whose rows a function returns",
            from: """
                CREATE TABLE tb (id integer, name text); CREATE VIEW vw AS SELECT id, name FROM tb;
                CREATE FUNCTION first() RETURNS vw LANGUAGE sql AS 'SELECT * FROM vw LIMIT 1';
                """,
            to: """
                CREATE TABLE tb (id integer, name text, middle text); CREATE VIEW vw AS SELECT id, middle, name FROM tb;
                CREATE FUNCTION first() RETURNS vw LANGUAGE sql AS 'SELECT * FROM vw LIMIT 1';
                """
        ),
        Way(
            testDescription: "a function in the default of a column goes with its table",
            from: """
                CREATE FUNCTION demo() RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN ''x''; END';
                CREATE TABLE t (c text DEFAULT demo());
                """
        ),
        Way(
            testDescription: "a view calls a function that returns a table",
            to: """
                CREATE FUNCTION fn(n integer) RETURNS TABLE (a integer) LANGUAGE sql AS 'SELECT n';
                CREATE VIEW v AS SELECT a FROM fn(1);
                """
        ),
        Way(
            testDescription: "a unique constraint becomes deferrable",
            from: "CREATE TABLE t (id integer, rank integer, CONSTRAINT u UNIQUE (id, rank));",
            to: """
                CREATE TABLE t (
                    id integer, rank integer, CONSTRAINT u UNIQUE (id, rank) DEFERRABLE INITIALLY DEFERRED);
                """
        ),
        Way(
            testDescription: "a foreign key to another schema",
            from:
                "CREATE SCHEMA s1; CREATE SCHEMA s2; CREATE TABLE s2.b (id integer PRIMARY KEY); CREATE TABLE s1.a (b integer);",
            to: """
                CREATE SCHEMA s1; CREATE SCHEMA s2; CREATE TABLE s2.b (id integer PRIMARY KEY);
                CREATE TABLE s1.a (b integer CONSTRAINT a_b_fkey REFERENCES s2.b (id));
                """
        ),
        Way(
            testDescription: "a view that leaves columns out of GROUP BY since there is a key",
            from: "CREATE TABLE t (id integer CONSTRAINT t_pkey PRIMARY KEY, a integer, b integer);",
            to: """
                CREATE TABLE t (id integer CONSTRAINT t_key PRIMARY KEY, a integer, b integer);
                CREATE VIEW v AS SELECT id, a, max(b) AS most FROM t GROUP BY id;
                """
        ),
        Way(
            testDescription: "a function in a default calls another one",
            to: """
                CREATE FUNCTION inner_one() RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
                CREATE FUNCTION outer_one() RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN inner_one(); END';
                CREATE TABLE a (id integer DEFAULT outer_one());
                """
        ),
        Way(
            testDescription: "a partition in another schema than its parent",
            to: """
                CREATE SCHEMA s2; CREATE TABLE m (id integer, at date) PARTITION BY RANGE (at);
                CREATE TABLE s2.m_default PARTITION OF m DEFAULT;
                """
        ),
        Way(
            testDescription: "a generated column with a cast in it",
            from: "CREATE TYPE state AS ENUM ('x', 'y'); CREATE TABLE t (s state);",
            to: """
                CREATE TYPE state AS ENUM ('x', 'y');
                CREATE TABLE t (s text, live boolean GENERATED ALWAYS AS ((s)::text = 'x') STORED);
                """
        ),
        Way(
            testDescription: "grants on columns beside a grant on the table that goes",
            from: """
                CREATE TABLE t (a integer, b integer); GRANT INSERT ON t TO pg_monitor;
                """,
            to: """
                CREATE TABLE t (a integer, b integer); GRANT INSERT (a) ON t TO pg_monitor;
                """
        ),
        Way(
            testDescription: "default privileges, and a function that not everybody may execute",
            from: "CREATE FUNCTION old() RETURNS integer LANGUAGE sql AS 'SELECT 1';",
            to: """
                ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
                ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pg_monitor;
                CREATE FUNCTION old() RETURNS integer LANGUAGE sql AS 'SELECT 1';
                REVOKE EXECUTE ON FUNCTION old() FROM PUBLIC;
                CREATE FUNCTION new() RETURNS integer LANGUAGE sql AS 'SELECT 2';
                CREATE TABLE t (a integer);
                REVOKE ALL ON t FROM pg_monitor;
                """
        ),
        Way(
            testDescription: "a row trigger on a table of partitions",
            from: """
                CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                CREATE TABLE p (id integer) PARTITION BY RANGE (id);
                CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
                CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
                """,
            to: """
                CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                CREATE TABLE p (id integer) PARTITION BY RANGE (id);
                CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
                CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
                CREATE TABLE p3 PARTITION OF p FOR VALUES FROM (20) TO (30);
                CREATE TRIGGER r BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION f();
                """
        ),
    ]

    @Test("are gone there and back, from nothing and to nothing", arguments: ways)
    func isGone(_ way: Way) async throws {
        for (from, to) in [(way.from, way.to), (way.to, way.from), ("", way.to), (way.to, "")] where from != to {
            try await SchemaTrip(from: from, to: to).run()
        }
    }

    @Test("identity on a table of partitions with indexes alike, on PostgreSQL 18")
    func identityOfPartitions() async throws {
        guard (try? await PostgresInstallation.find(major: 18)) != nil else {
            print("PostgreSQL 18 is not installed")
            return
        }
        let parent = """
            CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY, at date) PARTITION BY RANGE (at);
            CREATE INDEX one ON events (at); CREATE INDEX two ON events (at);
            """
        let partition = "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');"
        for (from, to) in [("", parent + partition), (parent, parent + partition), (parent + partition, parent)] {
            try await SchemaTrip(from: from, to: to, server: TestServer(major: 18), major: 18).run()
        }
    }

    @Test("an owner is an attribute of its own")
    func owner() async throws {
        let view = "CREATE TABLE t (a integer); CREATE VIEW v AS SELECT a FROM t;"
        let statements = try await SchemaTrip(from: view, to: view + "ALTER VIEW v OWNER TO pg_monitor;").run()
        #expect(statements.map(\.sql).contains { $0.contains("OWNER TO") })
        #expect(!statements.map(\.sql).contains { $0.contains("GRANT") })
    }

    @Test("a unique index and a unique constraint are two things, and a renamed index is told from a new one")
    func uniqueness() async throws {
        let index = "CREATE TABLE t (a integer); CREATE UNIQUE INDEX t_a_key ON t (a);"
        let constraint = "CREATE TABLE t (a integer, CONSTRAINT t_a_key UNIQUE (a));"
        for (from, to) in [(index, constraint), (constraint, index)] {
            let statements = try await SchemaTrip(
                from: from,
                to: to,
                rows: "INSERT INTO t VALUES (1), (2)",
                survivors: "SELECT a FROM t ORDER BY a"
            ).run()
            #expect(!statements.isEmpty)
            #expect(!statements.map(\.sql).contains { $0.contains("DROP TABLE") })
        }
    }

    @Test("a plan that ends early says how far it came, and one made anew goes on from there")
    func failsAtTheEnd() async throws {
        let from = "CREATE TABLE t (id integer PRIMARY KEY, state text);"
        let to = """
            CREATE TABLE t (id integer PRIMARY KEY, state text NOT NULL, size integer DEFAULT 0);
            CREATE INDEX t_state ON t (state); CREATE VIEW v AS SELECT id, state, size FROM t;
            ALTER TABLE t ADD CONSTRAINT known CHECK (state <> 'odd');
            """
        try await withTestDatabase { wanted in
            try await withPostgresConnection(to: wanted) { _ = try await $0.script(to) }
            let goal = try await catalog(of: wanted)
            // Cut off behind each of its blocks, and at last refused by the server for a row.
            var cut: Int? = 0
            var lengths: Set<Int> = []
            while true {
                let count = try await resume(from: from, to: goal, cutBehind: cut)
                lengths.insert(count)
                guard let last = cut else { break }
                cut = last + 1 < count ? last + 1 : nil
            }
            #expect(lengths.count == 1 && lengths.allSatisfy { $0 > 2 }, "\(lengths)")
        }
    }

    /// Ends a plan early, and goes on with a new one.
    ///
    /// - Parameters:
    ///   - from: what the database is made of.
    ///   - goal: what it should become.
    ///   - cut: behind how many blocks the plan ends; nil to let the server refuse a row.
    /// - Returns: how many blocks the whole plan has.
    /// - Throws: what is no refusal that is waited for.
    private func resume(from: String, to goal: Catalog, cutBehind cut: Int?) async throws -> Int {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                let rows =
                    cut == nil ? "INSERT INTO t VALUES (1, 'new'), (2, 'odd')" : "INSERT INTO t VALUES (1, 'new')"
                _ = try await connection.script(from + rows)
                let script = PlanScript(try SchemaDiff.plan(from: try await Catalog.read(on: connection), to: goal))
                if let cut {
                    for statement in script.blocks.prefix(cut).flatMap(\.statements) {
                        _ = try await connection.script(statement.sql)
                    }
                } else {
                    let error = try #require(
                        await #expect(throws: SchemaDiffError.self) { try await script.run(on: connection) }
                    )
                    #expect(error.code == .statementFailed && error.message.contains("known"), "\(error)")
                    #expect(error.state.contains("of \(script.blocks.count)"), "\(error)")
                    _ = try await connection.script("UPDATE t SET state = 'even' WHERE state = 'odd'")
                }
                let rest = try SchemaDiff.plan(from: try await Catalog.read(on: connection), to: goal)
                try await PlanScript(rest).run(on: connection)
                let reached = try await Catalog.read(on: connection)
                #expect(try SchemaDiff.plan(from: reached, to: goal).steps.isEmpty, "cut at \(cut ?? -1)")
                let count = try await connection.query("SELECT count(*) FROM v").single.decode(Int.self)
                #expect(count == (cut == nil ? 2 : 1))
                return script.blocks.count
            }
        }
    }

    @Test("a column and the trigger that writes it go in one moment: nobody who writes is refused")
    func contracts() async throws {
        let from = """
            CREATE TABLE t (id serial, new text, old text);
            CREATE FUNCTION follow() RETURNS trigger LANGUAGE plpgsql
                AS 'BEGIN NEW.old := NEW.new; RETURN NEW; END';
            CREATE TRIGGER follow BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION follow();
            """
        try await withTestDatabase { wanted in
            try await withPostgresConnection(to: wanted) {
                _ = try await $0.script("CREATE TABLE t (id serial, new text)")
            }
            let goal = try await catalog(of: wanted)
            try await withTestDatabase { settings in
                try await withPostgresConnection(to: settings) { connection in
                    _ = try await connection.script(from)
                    let script = PlanScript(try SchemaDiff.plan(from: try await Catalog.read(on: connection), to: goal))
                    #expect(script.blocks.map(\.isTransaction) == [true])
                    let writers = (0..<3).map { _ in
                        Task {
                            try await withPostgresConnection(to: settings) { writer in
                                while !Task.isCancelled {
                                    _ = try await writer.script("INSERT INTO t (new) VALUES ('x')")
                                }
                            }
                        }
                    }
                    try await connection.wait(until: "SELECT count(*) > 20 FROM t")
                    try await script.run(on: connection)
                    let before = try await connection.query("SELECT count(*) FROM t").single.decode(Int.self)
                    try await connection.wait(until: "SELECT count(*) > \(before + 20) FROM t")
                    for writer in writers {
                        writer.cancel()
                        // The one that was under way when it was told to end is no failure.
                        if case .failure(let error) = await writer.result {
                            #expect(error is CancellationError, "\(error)")
                        }
                    }
                }
            }
        }
    }
}
