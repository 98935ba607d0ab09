import Catalog
import Postgres
import TestSupport
import Testing

@testable import SchemaDiff

@Suite("An object under another name")
struct RenameTests {
    /// One object of a kind under two names, with the statement that renames it.
    struct Case: CustomTestStringConvertible, Sendable {
        let kind: String
        let from: String
        let to: String
        let request: String
        let statement: String
        var isSuperuser = false
        /// Whether there is more to it than its name.
        var hasShape = true

        var testDescription: String { kind }
    }

    @Test("is renamed where that is said, whatever its kind, and nothing is left to do", arguments: cases)
    func isRenamed(_ given: Case) async throws {
        let trip = RenameTrip(
            from: given.from,
            to: given.to,
            accepted: [given.request],
            isSuperuser: given.isSuperuser
        )
        let comparison = try await trip.run()
        #expect(RenameTrip.statements(comparison).contains(given.statement))
        let drops = comparison.plan.steps.flatMap(\.statements).map(\.sql).filter { $0.hasPrefix("DROP") }
        #expect(drops == [])
    }

    @Test("is proposed where there is no doubt, with what to say", arguments: cases.filter(\.hasShape))
    func isProposed(_ given: Case) async throws {
        let trip = RenameTrip(from: given.from, to: given.to, isSuperuser: given.isSuperuser)
        let comparison = try await trip.run(carriesOut: false)
        #expect(comparison.renames.isEmpty)
        #expect(comparison.proposedRenames.count == 1)
        let request = try #require(comparison.proposedRenames.first?.request)
        var taken = trip
        taken.accepted = [request]
        #expect(RenameTrip.statements(try await taken.run()).contains(given.statement))
        taken.accepted = []
        taken.isAutomatic = true
        #expect(RenameTrip.statements(try await taken.run()).contains(given.statement))
    }

    @Test("keeps its rows, its constraints, its indexes and what lies on it")
    func keepsRows() async throws {
        func schema(_ table: String, _ column: String, _ extra: String = "") -> String {
            """
            CREATE TABLE teams (id integer PRIMARY KEY);
            CREATE TABLE \(table) (
                id serial PRIMARY KEY, \(column) text NOT NULL CHECK (\(column) <> ''), team integer REFERENCES teams,
                boss integer REFERENCES \(table)\(extra));
            CREATE INDEX ON \(table) (lower(\(column)));
            CREATE UNIQUE INDEX ON \(table) (\(column)) WHERE team IS NOT NULL;
            CREATE TABLE letters (id integer PRIMARY KEY, sender integer REFERENCES \(table));
            CREATE VIEW senders AS SELECT l.id, u.\(column) AS name FROM letters l JOIN \(table) u ON u.id = l.sender;
            CREATE VIEW named AS SELECT * FROM \(table) WHERE \(column) LIKE 'a%';
            CREATE STATISTICS odd ON id, team FROM \(table);
            ALTER TABLE \(table) ENABLE ROW LEVEL SECURITY;
            CREATE POLICY own ON \(table) USING (\(column) = current_user);
            CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
            CREATE TRIGGER touched BEFORE UPDATE OF \(column) ON \(table) FOR EACH ROW EXECUTE FUNCTION touch();
            COMMENT ON COLUMN \(table).\(column) IS 'what they are called'
            """
        }
        for isAlsoChanged in [false, true] {
            let comparison = try await RenameTrip(
                from: schema("users", "mail"),
                to: schema("accounts", "email", isAlsoChanged ? ", phone text" : ""),
                accepted: ["public.users=accounts", "public.users.mail=email"],
                rows: """
                    INSERT INTO teams VALUES (1);
                    INSERT INTO users (mail, team) SELECT 'm' || i, 1 FROM generate_series(1, 50) i;
                    INSERT INTO letters SELECT i, i FROM generate_series(1, 50) i
                    """,
                survivors: ("SELECT id || mail FROM users ORDER BY id", "SELECT id || email FROM accounts ORDER BY id")
            ).run()
            let sql = comparison.plan.steps.flatMap(\.statements).map(\.sql)
            #expect(
                Array(sql.prefix(2)) == [
                    "ALTER TABLE public.users RENAME TO accounts",
                    "ALTER TABLE public.accounts RENAME COLUMN mail TO email",
                ]
            )
            #expect(sql.contains("ALTER TABLE public.accounts RENAME CONSTRAINT users_pkey TO accounts_pkey"))
            #expect(sql.contains("ALTER SEQUENCE public.users_id_seq RENAME TO accounts_id_seq"))
            #expect(!sql.contains { $0.hasPrefix("DROP TABLE") || $0.contains("DROP CONSTRAINT") })
            #expect(!sql.contains { $0.hasPrefix("DROP INDEX") || $0.contains("CREATE INDEX") })
            #expect(comparison.plan.hazards.contains(.correctness))
            #expect(!comparison.plan.hazards.contains(.deletesData))
            let proof = try await SchemaReader().prove(comparison)
            #expect(proof.differences == [] && proof.lostRows == [])
            #expect(proof.tablesWithRows == 3)
        }
    }

    @Test("takes along what newer servers name after it", arguments: [16, 18])
    func keepsNamesOfNewerServers(major: Int) async throws {
        // A server that is not installed is no failure of the plan.
        guard (try? await PostgresInstallation.find(major: major)) != nil else {
            print("PostgreSQL \(major) is not installed: renames are not tried on it")
            return
        }
        func schema(_ table: String, _ column: String) -> String {
            """
            CREATE TABLE \(table) (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \(column) text NOT NULL);
            CREATE VIEW names AS SELECT upper(\(column)) AS name FROM \(table)
            """
        }
        try await RenameTrip(
            from: schema("users", "mail"),
            to: schema("accounts", "email"),
            accepted: ["users=accounts", "users.mail=email"],
            rows: "INSERT INTO users (mail) VALUES ('a'), ('b')",
            survivors: ("SELECT id || mail FROM users", "SELECT id || email FROM accounts"),
            server: TestServer(major: major)
        ).run()
    }

    @Test("takes the columns of child tables and partitions along")
    func takesChildrenAlong() async throws {
        func schema(_ column: String) -> String {
            """
            CREATE TABLE events (id integer, \(column) integer) PARTITION BY RANGE (\(column));
            CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (10);
            CREATE INDEX events_index ON events (\(column));
            CREATE TABLE base (a integer, \(column) text CHECK (\(column) <> ''));
            CREATE TABLE child (b integer) INHERITS (base)
            """
        }
        let trip = RenameTrip(
            from: schema("old"),
            to: schema("new"),
            isAutomatic: true,
            rows: "INSERT INTO events VALUES (1, 2); INSERT INTO child VALUES (1, 'x', 2)",
            survivors: (
                "SELECT id || '/' || old FROM events UNION ALL SELECT old FROM base",
                "SELECT id || '/' || new FROM events UNION ALL SELECT new FROM base"
            )
        )
        let sql = RenameTrip.statements(try await trip.run())
        #expect(sql.contains("ALTER TABLE public.events RENAME COLUMN old TO new"))
        #expect(sql.contains("ALTER TABLE public.base RENAME COLUMN old TO new"))
        #expect(sql.filter { $0.contains("RENAME COLUMN") }.count == 2)
    }

    @Test("is not proposed where two are alike")
    func isNotProposedInDoubt() async throws {
        let twoGone = try await RenameTrip(
            from: "CREATE TABLE a (id integer, name text); CREATE TABLE b (id integer, name text)",
            to: "CREATE TABLE c (id integer, name text)"
        ).run()
        #expect(twoGone.proposedRenames == [])
        let twoNew = try await RenameTrip(
            from: "CREATE TABLE a (id integer, name text)",
            to: "CREATE TABLE c (id integer, name text); CREATE TABLE d (id integer, name text)",
            isAutomatic: true
        ).run()
        #expect(twoNew.renames.isEmpty && twoNew.proposedRenames == [])
        let columns = try await RenameTrip(
            from: "CREATE TABLE t (id integer, one text, two text)",
            to: "CREATE TABLE t (id integer, three text, four text)"
        ).run()
        #expect(columns.proposedRenames == [])
        let unlike = try await RenameTrip(
            from: "CREATE TABLE a (id integer); CREATE TABLE t (id integer, one text)",
            to: "CREATE TABLE b (number bigint); CREATE TABLE t (id integer, two integer)"
        ).run()
        #expect(unlike.proposedRenames == [])
    }

    @Test("is proposed, and never taken unasked, where a table has most of its columns")
    func isProposedByResemblance() async throws {
        var trip = RenameTrip(
            from: "CREATE TABLE a (id integer, name text, team integer)",
            to: "CREATE TABLE b (id integer, name text, team integer, phone text)",
            isAutomatic: true
        )
        let comparison = try await trip.run()
        #expect(comparison.renames.isEmpty)
        #expect(comparison.proposedRenames.map(\.request) == ["public.a=b"])
        trip.accepted = ["public.a=b"]
        let sql = try await trip.run().plan.steps.flatMap(\.statements).map(\.sql)
        #expect(sql == ["ALTER TABLE public.a RENAME TO b", "ALTER TABLE public.b ADD COLUMN phone text"])
        trip.to += "; CREATE TABLE c (id integer, name text, team integer, mail text)"
        trip.accepted = []
        #expect(try await trip.run().proposedRenames == [])
    }

    @Test("says so beside the drop while nobody has taken it")
    func isToldBesideTheDrop() async throws {
        let comparison = try await RenameTrip(
            from: "CREATE TABLE users (id integer, name text)",
            to: "CREATE TABLE accounts (id integer, name text)"
        ).run()
        let drop = comparison.plan.steps.flatMap(\.statements).first { $0.sql == "DROP TABLE public.users" }
        #expect(
            drop?.note
                == "table public.users may be what is wanted as accounts: --accept-rename 'public.users=accounts' renames it"
        )
        #expect(PlanScript(comparison.plan).sql.contains("-- table public.users may be what is wanted as accounts"))
    }

    @Test("goes round with others in a circle")
    func goesRound() async throws {
        let comparison = try await RenameTrip(
            from: "CREATE TABLE a (one integer); CREATE TABLE b (two text)",
            to: "CREATE TABLE a (two text); CREATE TABLE b (one integer)",
            accepted: ["a=b", "b=a"],
            rows: "INSERT INTO a VALUES (1); INSERT INTO b VALUES ('x')",
            survivors: ("SELECT one FROM a", "SELECT one FROM b")
        ).run(comparesAgain: false)
        #expect(comparison.renames.count == 2)
        let sql = comparison.plan.steps.flatMap(\.statements).map(\.sql)
        #expect(sql.count == 3)
        let chain = try await RenameTrip(
            from: "CREATE TABLE a (one integer); CREATE TABLE b (two text)",
            to: "CREATE TABLE b (one integer); CREATE TABLE c (two text)",
            accepted: ["a=b", "b=c"]
        ).run(comparesAgain: false)
        #expect(
            chain.plan.steps.flatMap(\.statements).map(\.sql) == [
                "ALTER TABLE public.b RENAME TO c", "ALTER TABLE public.a RENAME TO b",
            ]
        )
    }

    @Test("tells which texts of functions still have the old name")
    func tellsBodies() async throws {
        let function =
            "CREATE FUNCTION f() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM users); END'"
        let comparison = try await RenameTrip(
            from: "CREATE TABLE users (id integer); \(function)",
            to: "CREATE TABLE accounts (id integer); \(function)",
            accepted: ["users=accounts"]
        ).run()
        #expect(comparison.plan.hazards == [.correctness, .untrackedDependency])
    }

    @Test(
        "is refused for what is not there, with the nearest name",
        arguments: [
            ("public.user=accounts", "public.users is near"), ("public.users=account", "accounts is near"),
            ("nothing", "says no rename"), ("public.kept=accounts", "is in both schemas"),
            ("public.users=kept", "is taken by table public.kept"),
            ("id=number", "may be column:public.kept.id or column:public.users.id"),
        ]
    )
    func refusesUnknown(request: String, words: String) async throws {
        let error = await #expect(throws: SchemaDiffError.self) {
            try await RenameTrip(
                from: "CREATE TABLE users (id integer); CREATE TABLE kept (id integer)",
                to: "CREATE TABLE accounts (id integer); CREATE TABLE kept (id integer)",
                accepted: [request]
            ).run()
        }
        #expect(error?.code == .unusableRename)
        #expect(error?.isUsage == true)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test("is told by comments in the SQL that is wanted, as long as the old name is there")
    func isAnnotated() async throws {
        let files = [
            "a.sql": """
            -- lastro: renamed-from "Users"
            CREATE TABLE accounts (
                id integer PRIMARY KEY,
                -- what they write with
                -- lastro: renamed-from mail
                "E-mail" text,
                -- lastro: renamed-from odd
                CONSTRAINT strange CHECK (id > 0)
            );
            """,
            "b.sql": """
            -- lastro: renamed-from mood
            CREATE TYPE feeling AS ENUM ('fine',
                -- lastro: renamed-from 'sad'
                'blue');
            CREATE INDEX few ON accounts ("E-mail");
            """.replacing("'sad'", with: "sad"),
        ]
        let old = """
            CREATE TABLE "Users" (id integer PRIMARY KEY, mail text, CONSTRAINT odd CHECK (id > 0));
            CREATE TYPE mood AS ENUM ('fine', 'sad'); CREATE INDEX few ON "Users" (mail)
            """
        try await withTemporaryFolder(files) { folder in
            try await withTestDatabase { settings in
                try await withPostgresConnection(to: settings) { _ = try await $0.script(old) }
                let (from, to) = (SchemaSource.database(settings), SchemaSource.sql(folder.path))
                let comparison = try await SchemaReader().comparison(from, to)
                #expect(
                    RenameTrip.statements(comparison) == [
                        "ALTER TYPE public.mood RENAME TO feeling",
                        "ALTER TYPE public.mood RENAME VALUE 'sad' TO 'blue'",
                        "ALTER TABLE public.\"Users\" RENAME TO accounts",
                        "ALTER TABLE public.accounts RENAME COLUMN mail TO \"E-mail\"",
                        "ALTER TABLE public.accounts RENAME CONSTRAINT odd TO strange",
                        "ALTER TABLE public.accounts RENAME CONSTRAINT \"Users_pkey\" TO accounts_pkey",
                    ]
                )
                #expect(comparison.changes == [])
                try await withPostgresConnection(to: settings) { try await PlanScript(comparison.plan).run(on: $0) }
                let again = try await SchemaReader().comparison(from, to)
                #expect(again.isEqual)
            }
        }
    }

    @Test(
        "is not told by a comment that says nothing",
        arguments: [
            "-- lastro: renamed-from\nCREATE TABLE a ();", "CREATE TABLE a ();\n-- lastro: renamed-from b\n",
            "-- lastro: renamed-from b\nSELECT 1;", "CREATE TABLE a (i integer\n-- lastro: renamed-from b\n);",
        ]
    )
    func refusesEmptyAnnotations(sql: String) async throws {
        try await withTemporaryFolder(["a.sql": sql]) { folder in
            let error = await #expect(throws: SchemaDiffError.self) {
                try await SchemaReader().comparison(.empty, .sql(folder.file("a.sql")))
            }
            #expect(error?.code == .unusableRename)
            #expect(error?.message.hasPrefix(folder.file("a.sql") + ":") == true)
        }
    }

    @Test("leads back the way it came")
    func leadsBack() async throws {
        let comparison = try await RenameTrip(
            from: "CREATE TABLE users (id integer PRIMARY KEY, name text)",
            to: "CREATE TABLE accounts (id integer PRIMARY KEY, title text)",
            accepted: ["users=accounts", "users.name=title"]
        ).run()
        let back = try await SchemaReader().reversal(of: comparison, options: PlanOptions())
        #expect(
            RenameTrip.statements(back) == [
                "ALTER TABLE public.accounts RENAME TO users", "ALTER TABLE public.users RENAME COLUMN title TO name",
                "ALTER TABLE public.users RENAME CONSTRAINT accounts_pkey TO users_pkey",
            ]
        )
        #expect(back.changes == [])
    }
}
