import SQLSyntax
import TestSupport
import Testing

@testable import Linter

/// What users of linters and runners have reported as judged wrong, each with the right answer.
@Suite("A reported situation")
struct ReportedSituationTests {
    /// The rules that a file breaks, all asked, for a runner that nobody knows.
    private func rules(
        _ sql: String,
        after history: String = "",
        version: Int? = nil,
        runner: LintOptions.Runner = .unknown
    ) async throws -> Set<String> {
        var options = LintOptions()
        options.asksEveryRule = true
        options.runner = runner
        if let version { options.serverMajor = version }
        return Set(try await lint(sql, after: history, options).map(\.rule))
    }

    @Test("ADD COLUMN IF NOT EXISTS guards the column, and not the table")
    func guardsColumnOnly() async throws {
        let found = try await rules("ALTER TABLE policy_file ADD COLUMN IF NOT EXISTS v int;")
        #expect(found.contains("table-may-not-exist"))
    }

    @Test("A longer varchar costs nothing")
    func widensVarchar() async throws {
        let change = "ALTER TABLE t ALTER COLUMN s TYPE varchar(500);"
        let found = try await rules(change, after: "CREATE TABLE t (s varchar(255));")
        #expect(!found.contains("change-column-type"))
        #expect(!(try await rules("CREATE TABLE t (s varchar(255));\n" + change).contains("change-column-type")))
    }

    @Test("What stands in a transaction is taken back as a whole, also behind another statement")
    func takesBackTransaction() async throws {
        let found = try await rules(
            """
            SELECT 1;
            START TRANSACTION;
            ALTER TABLE a DROP CONSTRAINT u1;
            ALTER TABLE b DROP CONSTRAINT u2;
            COMMIT;
            """
        )
        #expect(!found.contains("missing-existence-guard"))
    }

    @Test("A foreign key in CREATE TABLE locks the table that it refers to")
    func locksParent() async throws {
        let found = try await rules(
            "CREATE TABLE test (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));",
            after: "CREATE TABLE users (id bigint PRIMARY KEY);"
        )
        #expect(found.contains("create-table-fk-locks-parent"))
    }

    @Test("PARTITION OF needs no list of columns")
    func readsPartition() async throws {
        let found = try await rules(
            "CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2006-02-01') TO ('2006-03-01');",
            after: "CREATE TABLE m (at date) PARTITION BY RANGE (at);"
        )
        #expect(found.isDisjoint(with: ["unparsed-statement", "table-may-not-exist", "table-without-primary-key"]))
    }

    @Test("What a transaction has committed is there when a later one of the file fails")
    func countsLaterTransaction() async throws {
        let found = try await rules(
            """
            BEGIN;
            ALTER TABLE t ADD COLUMN c text;
            COMMIT;
            SELECT 1;
            BEGIN;
            UPDATE alembic_version SET version_num = 'b' WHERE version_num = 'a';
            COMMIT;
            """
        )
        #expect(found.contains("missing-existence-guard"))
    }

    @Test("A statement alone in its file needs no guard: it is done, or it is not")
    func leavesLoneStatement() async throws {
        #expect(!(try await rules("CREATE TABLE s (id uuid PRIMARY KEY);").contains("missing-existence-guard")))
        let two = try await rules("CREATE TABLE s (id uuid PRIMARY KEY);\nCREATE TABLE t (id uuid PRIMARY KEY);")
        #expect(two.contains("missing-existence-guard"))
    }

    @Test("An empty array, CURRENT_TIMESTAMP and now() - interval are stored once")
    func knowsStableDefaults() async throws {
        let found = try await rules(
            """
            ALTER TABLE a ADD COLUMN tags text[] NOT NULL DEFAULT ARRAY[]::text[];
            ALTER TABLE a ADD COLUMN seen timestamptz DEFAULT CURRENT_TIMESTAMP;
            ALTER TABLE a ADD COLUMN old timestamptz DEFAULT now() - interval '1 year';
            """
        )
        #expect(!found.contains("add-column-volatile-default"))
    }

    @Test("varchar without a length has no limit")
    func knowsPlainVarchar() async throws {
        let found = try await rules("CREATE TABLE s (id bigint PRIMARY KEY, x varchar);")
        #expect(!found.contains("type-varchar-limit"))
    }

    @Test("A mistake in the body of a function is found")
    func readsBody() async throws {
        let found = try await rules(
            """
            CREATE OR REPLACE FUNCTION f(a bigint) RETURNS bigint LANGUAGE plpgsql AS
            $$ BEGIN RETURN QUERY SELEC a FROM t; END $$;
            """
        )
        #expect(found.contains("function-body-syntax"))
    }

    @Test("Before version 11 any default rewrites the table")
    func knowsOldServer() async throws {
        let sql = "ALTER TABLE c ADD COLUMN foo boolean NOT NULL DEFAULT FALSE;"
        #expect(try await rules(sql, version: 10).contains("add-column-volatile-default"))
        #expect(!(try await rules(sql, version: 11).contains("add-column-volatile-default")))
    }

    @Test("A constant is a constant through a cast")
    func knowsCastConstant() async throws {
        let found = try await rules("ALTER TABLE c ADD COLUMN cancelled bool NOT NULL DEFAULT FALSE;", version: 13)
        #expect(found.isDisjoint(with: ["add-column-volatile-default", "add-column-not-null-no-default"]))
    }

    @Test("Without a version a supported one is assumed")
    func assumesSupportedVersion() async throws {
        let found = try await rules("ALTER TABLE payer ADD COLUMN multi boolean DEFAULT true NOT NULL;")
        #expect(found.isDisjoint(with: ["add-column-volatile-default", "add-column-not-null-no-default"]))
    }

    @Test("WITH before UPDATE is read")
    func readsWith() async throws {
        let found = try await rules(
            """
            WITH r AS (SELECT id, row_number() OVER (PARTITION BY u ORDER BY c DESC) AS rn FROM n)
            UPDATE n SET d = current_timestamp WHERE id IN (SELECT id FROM r WHERE rn > 1);
            """,
            after: "CREATE TABLE n (id bigint PRIMARY KEY, u int, c int, d timestamptz);"
        )
        #expect(found.isDisjoint(with: ["unparsed-statement", "column-may-not-exist", "update-without-where"]))
    }

    @Test("A new table keeps nobody waiting; with a foreign key it keeps its parent's writers")
    func knowsNewTable() async throws {
        let plain = try await rules("CREATE TABLE foo (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY);")
        #expect(!plain.contains("missing-lock-timeout"))
        let child = try await rules(
            "CREATE TABLE foo (id bigint PRIMARY KEY, bar_id bigint REFERENCES bar (id));",
            after: "CREATE TABLE bar (id bigint PRIMARY KEY);"
        )
        #expect(child.contains("missing-lock-timeout"))
    }

    @Test("The work of a BEGIN without COMMIT is lost")
    func missesCommit() async throws {
        #expect(try await rules("BEGIN;\nCREATE TABLE t ();").contains("uncommitted-transaction"))
    }

    private let states = "CREATE TYPE e AS ENUM ('a');\nCREATE TABLE t (c e);"

    @Test("A label that its own transaction uses fails, also as a default")
    func knowsFreshLabel() async throws {
        for use in ["UPDATE t SET c = 'x' WHERE c = 'a';", "ALTER TABLE t ALTER c SET DEFAULT 'x';"] {
            let sql = "ALTER TYPE e ADD VALUE 'x';\n" + use
            #expect(try await rules(sql, after: states, runner: .wrapping).contains("enum-value-used-in-transaction"))
            // Lastro commits between the two.
            #expect(!(try await rules(sql, after: states, runner: .lastro).contains("enum-value-used-in-transaction")))
            let wrapped = "BEGIN;\n\(sql)\nCOMMIT;"
            #expect(try await rules(wrapped, after: states).contains("enum-value-used-in-transaction"))
        }
    }

    @Test("RESET ROLE leaves the role that migrations run as")
    func reportsResetRole() async throws {
        #expect(try await rules("SET ROLE x;\nRESET ROLE;\nCREATE TABLE owned (i int);").contains("reset-role"))
        #expect(try await rules("SET ROLE NONE;").contains("reset-role"))
        #expect(!(try await rules("BEGIN;\nSET LOCAL ROLE x;\nCOMMIT;").contains("reset-role")))
    }
}
