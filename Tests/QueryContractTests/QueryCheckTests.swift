import Migrator
import Postgres
import SourceText
import StudyPlatform
import TestSupport
import Testing

@testable import QueryContract

@Suite("A query that is checked on a database")
struct QueryCheckTests {
    @Test("of the study platform's worker fails on the legacy database for the reason of the incident")
    func findsTheIncident() async throws {
        let queries = try QueryFolder(readingFrom: StudyPlatform.root + "/queries").queries
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await connection.script(try StudyPlatform.incident("legacy.sql"))
            }
            let migrator = Migrator(directory: StudyPlatform.migrations, database: settings)
            func check() async throws -> [String: QueryResult] {
                let trail = try MigrationTrail(
                    of: try await MigrationDirectory(readingFrom: StudyPlatform.migrations),
                    statuses: try await migrator.plan().statuses
                )
                let results = try await withPostgresConnection(to: settings) {
                    try await QueryCheck(trail)(queries, on: $0)
                }
                return Dictionary(uniqueKeysWithValues: results.map { ($0.query.name, $0) })
            }
            let before = try await check()
            let worker = try #require(before["pick_next_job"])
            #expect(worker.state == .broken)
            let finding = try #require(worker.findings.first)
            #expect(worker.findings.count == 1)
            #expect(finding.kind == .unknownName)
            #expect(finding.message == #"column "scheduled_for" does not exist"#)
            #expect(finding.location.description.hasSuffix("/queries/jobs.sql:8:8"))
            #expect(finding.migration == "0013_fix_jobs_scheduled_for")
            #expect(finding.next.contains("has yet to bring it"))
            #expect(before["enqueue_job"]?.findings.first?.migration == "0013_fix_jobs_scheduled_for")
            #expect(before["log_job"]?.findings.first?.migration == "0013_fix_jobs_scheduled_for")
            #expect(before["start_job"]?.state == .valid)
            try await migrator.migrate()()
            let after = try await check()
            #expect(after.values.allSatisfy { $0.state == .valid }, "\(after.values.flatMap(\.findings))")
        }
    }

    @Test("is told which migration took away what it names")
    func namesMigrations() async throws {
        let migrations = [
            "0001_a.sql":
                "CREATE TABLE a (i int, old int, gone int); CREATE TABLE b (i int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
            "0002_b.sql": "ALTER TABLE a RENAME COLUMN old TO new;\nALTER TABLE a DROP COLUMN gone;",
            "0003_c.sql": "DROP TABLE b; DROP FUNCTION f; ALTER TABLE a ALTER i SET NOT NULL;",
        ]
        let queries = """
            -- name: renamed
            SELECT x.old FROM a AS x
            -- name: dropped
            ; UPDATE a SET gone = 1
            -- name: table
            ; SELECT * FROM b
            -- name: function
            ; SELECT f()
            -- name: value
            ; INSERT INTO a (new) VALUES (1)
            -- name: nobody
            ; SELECT nothing FROM a
            """
        try await withTemporaryFolder(migrations) { folder in
            try await withTestDatabase { settings in
                try await Migrator(directory: folder.path, database: settings).migrate()()
                let trail = try MigrationTrail(of: try await MigrationDirectory(readingFrom: folder.path))
                let results = try await withPostgresConnection(to: settings) { connection in
                    try await QueryCheck(trail)(try Self.queries(queries), on: connection)
                }
                let findings = results.map { $0.findings.first }
                #expect(results.allSatisfy { $0.state == .broken && $0.findings.count == 1 })
                #expect(
                    findings.map { $0?.migration } == ["0002_b", "0002_b", "0003_c", "0003_c", "0003_c", nil]
                )
                #expect(
                    findings.compactMap { $0?.location.position?.description }
                        == ["2:8", "4:16", "6:17", "8:10", "10:15", "12:10"]
                )
                #expect(findings[0]?.next.contains("0002_b.sql:1:1 renamed it to new") == true)
                #expect(
                    findings[4]?.message.hasPrefix("a.i must have a value, has no default, and gets no value") == true
                )
            }
        }
    }

    @Test("is not called broken for what PREPARE cannot judge")
    func leavesJudgementOpen() async throws {
        let text = """
            -- name: untyped
            SELECT :x IS NULL;
            -- name: typed
            -- param: x timestamptz
            SELECT :x IS NULL;
            -- name: literal
            SELECT INTERVAL :span;
            -- name: direction
            SELECT i FROM t ORDER BY i :direction;
            -- name: mistake
            SELECT i FROM FROM t WHERE i = :x;
            -- name: utility
            LISTEN jobs;
            -- name: trigger
            INSERT INTO filled DEFAULT VALUES;
            -- name: positional
            INSERT INTO t VALUES ($1);
            -- name: short
            INSERT INTO pair VALUES (:a);
            -- name: nested
            WITH n AS (INSERT INTO pair (a) SELECT 1 RETURNING a) SELECT * FROM n;
            -- name: temporary
            -- setup: CREATE TEMPORARY TABLE scratch (word text)
            SELECT word FROM scratch;
            -- name: lasting
            -- setup: CREATE TABLE lasting (word text)
            SELECT word FROM lasting;
            -- name: elsewhere
            -- search-path: other, public
            SELECT j FROM u;
            -- name: injected
            -- param: x int) AS SELECT 1; DROP TABLE t; --
            SELECT :x;
            """
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await connection.script(
                    """
                    CREATE TABLE t (i int NOT NULL); CREATE TABLE pair (a int, b int NOT NULL);
                    CREATE TABLE filled (i int NOT NULL); CREATE SCHEMA other; CREATE TABLE other.u (j int);
                    CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.i := 1; RETURN NEW; END';
                    CREATE TRIGGER fill BEFORE INSERT ON filled FOR EACH ROW EXECUTE FUNCTION fill()
                    """
                )
                let results = try await QueryCheck(.none)(try Self.queries(text), on: connection)
                let states = Dictionary(uniqueKeysWithValues: results.map { ($0.query.name, $0.state) })
                #expect(
                    states == [
                        "untyped": .notCheckable, "typed": .valid, "literal": .notCheckable, "direction": .notCheckable,
                        "mistake": .broken, "utility": .notCheckable, "trigger": .notCheckable, "positional": .valid,
                        "short": .broken, "nested": .broken, "temporary": .valid, "lasting": .broken,
                        "elsewhere": .valid, "injected": .broken,
                    ]
                )
                let left = try await connection.query(
                    """
                    SELECT (SELECT count(*) FROM pg_prepared_statements),
                        (SELECT count(*) FROM pg_class WHERE relname IN ('t', 'scratch', 'lasting'))
                    """
                ).decode(as: (Int, Int).self)
                #expect(left.map(\.0) == [0])
                #expect(left.map(\.1) == [1])
                #expect(await connection.transactionStatus == .idle)
            }
        }
    }

    @Test("needs the privileges of the role that runs it, on tables and on columns")
    func asksForPrivileges() async throws {
        let superuser = try await TestServer.standard.superuser()
        let (role, login) = ("query_reader", "query_checker")
        try await withPostgresConnection(to: superuser) { connection in
            // A login of its own: what the tests' own role is a member of, snapshots of other tests would restore.
            try await connection.script(
                "DROP ROLE IF EXISTS \(role), \(login); CREATE ROLE \(role); CREATE ROLE \(login) LOGIN IN ROLE \(role)"
            )
        }
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await connection.script(
                    "CREATE TABLE t (i int, secret text); CREATE TABLE u (i int); GRANT SELECT (i) ON t TO \(role)"
                )
            }
            try await withPostgresConnection(to: settings.with("user", login)) { connection in
                let text = """
                    -- role: \(role)
                    -- name: allowed
                    SELECT i FROM t WHERE i = :i;
                    -- name: column
                    SELECT secret FROM t WHERE i = :i;
                    -- name: writing
                    UPDATE t SET i = :i;
                    -- name: table
                    SELECT * FROM u;
                    -- name: owner
                    -- role: nobody_of_this_name
                    SELECT * FROM u;
                    """
                let queries = try Self.queries(text)
                let results = try await QueryCheck(.none)(queries, on: connection)
                #expect(results.map(\.state) == [.valid, .broken, .broken, .broken, .broken])
                #expect(results.map { $0.findings.first?.kind } == [nil, .privilege, .privilege, .privilege, .setup])
                #expect(results[1].findings[0].message == "\(role): permission denied for table t")
                let scratch = try await QueryCheck(.none, knowsRoles: false)(queries, on: connection)
                #expect(scratch.last?.state == .notCheckable)
            }
        }
        try await withPostgresConnection(to: superuser) { _ = try await $0.script("DROP ROLE \(role), \(login)") }
    }

    private static func queries(_ text: String) throws -> [Query] {
        try QueryFolder.queries(in: Array(text.utf8), file: "q.sql")
    }
}
