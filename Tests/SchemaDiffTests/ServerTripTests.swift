import Catalog
import Postgres
import TestSupport
import Testing

@testable import SchemaDiff

@Suite("The rules of what a server has beside its databases")
struct ServerTripTests {
    @Test("move tables, indexes and materialized views between tablespaces")
    func tablespaces() async throws {
        try await withPostgresConnection(to: TestServer.standard.superuser()) { connection in
            _ = try await connection.query("SET allow_in_place_tablespaces = on")
            do {
                _ = try await connection.query("CREATE TABLESPACE \"Odd \"\" %space\" LOCATION ''")
            } catch let error as PostgresError where error.sqlState == "42710" {
                // Made by another run of this test.
            }
        }
        let space = "TABLESPACE \"Odd \"\" %space\""
        try await SchemaTrip(
            from: """
                CREATE TABLE t (id integer PRIMARY KEY, n text); CREATE INDEX i ON t (n) \(space);
                CREATE MATERIALIZED VIEW m \(space) AS SELECT 1 AS one; CREATE TABLE stays (a integer) \(space);
                CREATE TABLE parts (id integer) PARTITION BY LIST (id) \(space);
                """,
            to: """
                CREATE TABLE t (id integer PRIMARY KEY USING INDEX \(space), n text) \(space); CREATE INDEX i ON t (n);
                CREATE MATERIALIZED VIEW m AS SELECT 1 AS one; CREATE TABLE stays (a integer) \(space);
                CREATE TABLE parts (id integer) PARTITION BY LIST (id);
                """,
            rows: "INSERT INTO t VALUES (1, 'n'); INSERT INTO stays VALUES (2)",
            survivors: "SELECT t.id || n || a FROM t, stays"
        ).runAll(newer: false)
    }

    @Test("update an extension, and drop it")
    func extensions() async throws {
        let statements = try await SchemaTrip(
            from: "CREATE EXTENSION citext VERSION '1.4'; CREATE TABLE t (id integer, word citext)",
            to: "CREATE EXTENSION citext VERSION '1.6'; CREATE TABLE t (id integer, word citext)",
            rows: "INSERT INTO t VALUES (1, 'Wörd')",
            survivors: "SELECT id || word FROM t"
        ).run()
        #expect(statements.map(\.sql) == ["ALTER EXTENSION citext UPDATE TO '1.6'"])
        try await SchemaTrip(
            from: "CREATE EXTENSION citext; CREATE TABLE t (id integer, word citext)",
            to: "CREATE TABLE t (id integer)",
            rows: "INSERT INTO t VALUES (1, 'w')",
            survivors: "SELECT id FROM t"
        ).run()
    }

    @Test("keep the values of a user mapping's options, and a subscription's password, to the server")
    func secrets() async throws {
        try await withSuperuserDatabase { settings in
            let secret = "tr0ub4dor"
            try await withPostgresConnection(to: settings) { connection in
                _ = try await connection.script(
                    KindCase.roles + """
                        CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw;
                        CREATE USER MAPPING FOR reader SERVER far OPTIONS (user 'remote', password '\(secret)');
                        CREATE SUBSCRIPTION s CONNECTION 'dbname=x password=\(secret)' PUBLICATION p
                            WITH (connect = false, slot_name = NONE);
                        """
                )
            }
            let catalog = try await catalog(of: settings)
            let mapping = try #require(catalog.objects(of: .userMapping).first)
            #expect(mapping.list(.secretOptions) == ["password", "user"])
            let bare = Catalog.bare(serverVersion: catalog.serverVersion)
            let plan = try SchemaDiff.plan(from: bare, to: catalog)
            for text in [CatalogFile.text(of: catalog), PlanScript(plan).sql] {
                #expect(!text.contains(secret))
                #expect(text.contains("password"))
            }
            #expect(plan.hazards.contains(.correctness))
            try await withSuperuserDatabase { copy in
                try await withPostgresConnection(to: copy) { connection in
                    try await PlanScript(plan).run(on: connection)
                }
                let made = try await self.catalog(of: copy)
                #expect(made.objects(of: .userMapping).map(\.attributes) == [mapping.attributes])
            }
        }
    }

    @Test("make, change and take away security labels, on every kind that has some")
    func labels() async throws {
        try await withLabelProviders(major: 15) { server in
            let objects = """
                CREATE SCHEMA s; CREATE TABLE t (a integer, "B" text); CREATE TABLE part (i integer) PARTITION BY LIST (i);
                CREATE VIEW v AS SELECT 1 AS one; CREATE MATERIALIZED VIEW m AS SELECT 1 AS one; CREATE SEQUENCE q;
                CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql RETURN 1;
                CREATE PROCEDURE p() LANGUAGE sql BEGIN ATOMIC SELECT 1; END;
                CREATE AGGREGATE g(integer) (SFUNC = int4pl, STYPE = integer);
                CREATE TYPE e AS ENUM ('x'); CREATE DOMAIN d AS text; CREATE TYPE c AS (i integer);
                CREATE FUNCTION told() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
                CREATE EVENT TRIGGER w ON ddl_command_end EXECUTE FUNCTION told();
                CREATE PUBLICATION b; CREATE FOREIGN DATA WRAPPER far; CREATE SERVER away FOREIGN DATA WRAPPER far;
                CREATE FOREIGN TABLE h (i integer) SERVER away;

                """
            let kinds = [
                "SCHEMA s", "TABLE t", "COLUMN t.\"B\"", "TABLE part", "VIEW v", "COLUMN v.one", "MATERIALIZED VIEW m",
                "SEQUENCE q", "FUNCTION f(integer)", "PROCEDURE p()", "AGGREGATE g(integer)", "TYPE e", "DOMAIN d",
                "TYPE c",
                "EVENT TRIGGER w", "PUBLICATION b", "FOREIGN TABLE h", "COLUMN h.i",
            ]
            func labelled(_ statement: (Int, String) -> String?) -> String {
                objects
                    + kinds.enumerated().compactMap(statement).map { "SECURITY LABEL \($0);" }.joined(separator: "\n")
            }
            try await RoundTrip(
                sql: labelled { "FOR lastro_one ON \($1) IS 'it''s \($0)'" }
                    + "SECURITY LABEL FOR \"lastro \"\"two\"\"\" ON TABLE t IS 'a: b';",
                other: labelled {
                    $0 % 3 == 0 ? nil : "FOR lastro_one ON \($1) IS '\($0 % 3 == 1 ? "other" : "it''s \($0)")'"
                }
                    + "SECURITY LABEL FOR \"lastro \"\"two\"\"\" ON COLUMN t.a IS 'new';",
                server: server,
                major: 15
            ).check()
        }
    }

    @Test("plan security labels as a change of authorisation")
    func plansLabels() throws {
        let table = ObjectIdentity(.table, schema: "public", "t")
        func labelled(_ labels: [String]) -> Catalog {
            let attributes: [AttributeName: AttributeValue] = labels.isEmpty ? [:] : [.securityLabels: .list(labels)]
            return Catalog(
                serverVersion: ServerVersion(number: 150_000),
                objects: [CatalogObject(table, attributes: attributes)]
            )
        }
        let statements = try SchemaDiff.plan(from: labelled(["a: old", "b: gone"]), to: labelled(["a: it's"]))
            .steps.flatMap(\.statements)
        #expect(
            statements.map(\.sql) == [
                "SECURITY LABEL FOR a ON TABLE public.t IS 'it''s'", "SECURITY LABEL FOR b ON TABLE public.t IS NULL",
            ]
        )
        #expect(statements.allSatisfy { $0.hazards.map(\.kind) == [.authorisationChange] })
    }

    private func catalog(of settings: ConnectionSettings) async throws -> Catalog {
        try await SchemaDiffTests.catalog(of: settings)
    }
}

@Suite("The rules of what PostgreSQL 18 brought")
struct NewestServerTripTests {
    private static let newest = NewerServer(18)

    @Test(
        "make and change it",
        arguments: [
            (
                "CREATE TABLE t (id integer, twice integer GENERATED ALWAYS AS (id * 2) VIRTUAL, was integer)",
                "CREATE TABLE t (id integer, twice integer GENERATED ALWAYS AS (id * 3) VIRTUAL, was integer)"
            ),
            (
                "CREATE TABLE t (id integer, was integer, twice integer GENERATED ALWAYS AS (id * 2) VIRTUAL)",
                "CREATE TABLE t (id integer, was integer, twice integer GENERATED ALWAYS AS (id * 2) STORED)"
            ),
            (
                "CREATE TABLE t (id int4range NOT NULL, at daterange NOT NULL, was integer)",
                """
                CREATE TABLE t (id int4range NOT NULL, at daterange NOT NULL, was integer,
                    CONSTRAINT "t key" PRIMARY KEY (id, at WITHOUT OVERLAPS));
                CREATE TABLE u (id int4range, at daterange, FOREIGN KEY (id, PERIOD at) REFERENCES t (id, PERIOD at));
                CREATE TABLE v (id int4range, at daterange, UNIQUE (id, at WITHOUT OVERLAPS));
                """
            ),
            (
                """
                CREATE TABLE p (id integer PRIMARY KEY);
                CREATE TABLE t (id integer, was integer, CONSTRAINT c CHECK (id > 0) NOT ENFORCED,
                    CONSTRAINT f FOREIGN KEY (id) REFERENCES p NOT ENFORCED)
                """,
                """
                CREATE TABLE p (id integer PRIMARY KEY);
                CREATE TABLE t (id integer, was integer, CONSTRAINT c CHECK (id > 0),
                    CONSTRAINT f FOREIGN KEY (id) REFERENCES p)
                """
            ),
            (
                """
                CREATE TABLE t (id integer, was integer); ALTER TABLE t ADD CONSTRAINT "n n" NOT NULL id NOT VALID;
                """,
                "CREATE TABLE t (id integer CONSTRAINT \"n n\" NOT NULL, was integer)"
            ),
            (
                "CREATE TABLE t (id integer CONSTRAINT \"n n\" NOT NULL, was integer CONSTRAINT w NOT NULL NO INHERIT)",
                "CREATE TABLE t (id integer NOT NULL, was integer)"
            ),
        ]
    )
    func newest(from: String, to: String) async throws {
        guard try await Self.newest.isInstalled else {
            return print("PostgreSQL 18 is not installed: its own kinds are not looked at")
        }
        for (from, to) in [(from, to), (to, from), ("", from), ("", to), (from, ""), (to, "")] {
            for isOnline in [true, false] {
                var trip = SchemaTrip(from: from, to: to, isOnline: isOnline)
                trip.server = Self.newest.server
                trip.major = 18
                if !from.isEmpty, !from.contains("REFERENCES") {
                    let value = from.contains("int4range") ? "'[1,2)', '[2020-01-01,2021-01-01)', 7" : "1, 7"
                    let columns = from.contains("int4range") ? "(id, at, was)" : "(id, was)"
                    trip.rows = "INSERT INTO t \(columns) VALUES (\(value))"
                    if !to.isEmpty { trip.survivors = "SELECT was FROM t" }
                }
                try await trip.run()
            }
        }
    }
}
