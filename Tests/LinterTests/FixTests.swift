import Catalog
import Migrator
import Postgres
import TestSupport
import Testing

@testable import Linter

@Suite("What mends findings")
struct FixTests {
    /// A migration with a finding that is mended, and what it becomes.
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let history: String
        let sql: String
        /// What the text has afterwards.
        let expected: [String]
        var runner = LintOptions.Runner.lastro

        var testDescription: String { "\(rule): \(sql.prefix(60))" }
    }

    private static let parents = """
        CREATE TABLE users (id bigint PRIMARY KEY, "Code" text UNIQUE);
        CREATE TABLE posts (id bigint, user_id bigint, n int);
        CREATE INDEX posts_n_idx ON posts (n);
        CREATE TABLE old ();
        """

    static let cases = [
        Case(
            rule: "index-not-concurrent",
            history: parents,
            sql:
                "-- The way to a user.\nCREATE UNIQUE INDEX posts_user ON posts (user_id);\ncreate index on posts(id);\n",
            expected: [
                "-- The way to a user.\n-- lastro: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY posts_user",
                "create index CONCURRENTLY on posts(id);",
            ]
        ),
        Case(
            rule: "drop-index-not-concurrent",
            history: parents,
            sql: "DROP INDEX posts_n_idx;\n",
            expected: ["-- lastro: no-transaction\nDROP INDEX CONCURRENTLY posts_n_idx;"]
        ),
        Case(
            rule: "reindex-not-concurrent",
            history: parents,
            sql: "/* all of it */ REINDEX (VERBOSE) TABLE posts;",
            expected: ["-- lastro: no-transaction\n/* all of it */ REINDEX (VERBOSE) TABLE CONCURRENTLY posts;"]
        ),
        Case(
            rule: "add-foreign-key-validates",
            history: parents,
            sql: """
                ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL;
                ALTER TABLE ONLY posts ADD CONSTRAINT "Own" FOREIGN KEY (id) REFERENCES users DEFERRABLE; -- late
                """,
            expected: [
                "-- lastro: no-transaction\nALTER TABLE posts ADD CONSTRAINT posts_user_id_fkey FOREIGN KEY",
                "ON DELETE SET NULL NOT VALID;\n\nALTER TABLE posts VALIDATE CONSTRAINT posts_user_id_fkey;",
                "ALTER TABLE ONLY posts VALIDATE CONSTRAINT \"Own\"; -- late",
            ]
        ),
        Case(
            rule: "add-check-validates",
            history: parents,
            sql: "ALTER TABLE posts ADD CONSTRAINT positive CHECK (n > 0)",
            expected: ["CHECK (n > 0) NOT VALID;\n\nALTER TABLE posts VALIDATE CONSTRAINT positive"]
        ),
        Case(
            rule: "if-not-exists-foreign-key",
            history: "CREATE TABLE users (id bigint PRIMARY KEY, \"Code\" text UNIQUE);",
            sql: """
                CREATE TABLE IF NOT EXISTS notes (
                    id bigint PRIMARY KEY, -- the number
                    user_id bigint NOT NULL REFERENCES users (id) ON DELETE SET NULL NOT DEFERRABLE DEFAULT 1,
                    code text CONSTRAINT "By" REFERENCES users ("Code") MATCH FULL UNIQUE,
                    parent bigint,
                    CONSTRAINT notes_parent FOREIGN KEY (parent) REFERENCES notes (id)
                );
                """,
            expected: [
                "user_id bigint NOT NULL DEFAULT 1,", "code text UNIQUE,", "parent bigint\n)", "-- the number",
                "ADD CONSTRAINT notes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL NOT DEFERRABLE;",
                "ADD CONSTRAINT \"By\" FOREIGN KEY (code) REFERENCES users (\"Code\") MATCH FULL;",
                "WHERE conname = 'notes_parent' AND conrelid = 'notes'::regclass",
            ]
        ),
        Case(
            rule: "if-not-exists-foreign-key",
            history: "CREATE TABLE users (id bigint PRIMARY KEY);",
            sql: "CREATE TABLE IF NOT EXISTS a (FOREIGN KEY (b) REFERENCES users, b bigint)",
            expected: ["CREATE TABLE IF NOT EXISTS a ( b bigint);\n\nDO $guard$"]
        ),
        Case(
            rule: "missing-existence-guard",
            history: parents,
            sql: """
                -- lastro: idempotent
                CREATE TABLE a (id int);
                CREATE UNLOGGED TABLE b AS SELECT 1 AS one;
                CREATE UNIQUE INDEX a_id ON a (id);
                CREATE SEQUENCE numbers;
                CREATE SCHEMA app;
                CREATE VIEW v AS SELECT id FROM a;
                CREATE MATERIALIZED VIEW w AS SELECT id FROM a;
                CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
                ALTER TABLE posts ADD x int, ADD COLUMN y int, DROP n, DROP COLUMN id;
                ALTER TABLE a ADD CONSTRAINT positive CHECK (id > 0);
                DROP TABLE old;
                """,
            expected: [
                "CREATE TABLE IF NOT EXISTS a", "CREATE UNLOGGED TABLE IF NOT EXISTS b",
                "CREATE UNIQUE INDEX IF NOT EXISTS a_id",
                "CREATE SEQUENCE IF NOT EXISTS", "CREATE SCHEMA IF NOT EXISTS", "CREATE OR REPLACE VIEW v",
                "CREATE MATERIALIZED VIEW IF NOT EXISTS w", "CREATE OR REPLACE FUNCTION",
                "ADD IF NOT EXISTS x int, ADD COLUMN IF NOT EXISTS y int, DROP IF EXISTS n, DROP COLUMN IF EXISTS id",
                "ALTER TABLE a DROP CONSTRAINT IF EXISTS positive;\nALTER TABLE a ADD CONSTRAINT positive",
                "DROP TABLE IF EXISTS old",
            ]
        ),
        Case(
            rule: "type-without-guard",
            history: "",
            sql: "-- lastro: idempotent\nCREATE TYPE state AS ENUM ('a', 'b');\nCREATE DOMAIN short AS text;\n",
            expected: ["    CREATE TYPE state AS ENUM ('a', 'b');\nEXCEPTION WHEN duplicate_object THEN"]
        ),
        Case(
            rule: "policy-not-guarded",
            history: parents,
            sql: "-- lastro: idempotent\nCREATE POLICY own ON posts USING (id = 1);\n",
            expected: ["DROP POLICY IF EXISTS own ON posts;\nCREATE POLICY own"]
        ),
        Case(
            rule: "trigger-not-or-replace",
            history: parents,
            sql: """
                -- lastro: idempotent
                CREATE TRIGGER stamp BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
                """,
            expected: ["CREATE OR REPLACE TRIGGER stamp"]
        ),
        Case(
            rule: "missing-lock-timeout",
            history: parents,
            sql: "-- More of it.\r\nALTER TABLE posts ADD COLUMN more int;\r\n",
            expected: ["-- More of it.\r\n-- lastro: lock-timeout 2s\r\nALTER TABLE posts"]
        ),
        Case(
            rule: "missing-statement-timeout",
            history: parents,
            sql: "ALTER TABLE posts ADD COLUMN more int;\n",
            expected: ["-- lastro: statement-timeout 1min\nALTER TABLE posts"]
        ),
        Case(
            rule: "missing-idle-timeout",
            history: parents,
            sql: "ALTER TABLE posts ADD COLUMN more int;\n",
            expected: ["SET LOCAL idle_in_transaction_session_timeout = '1min';\nALTER TABLE posts"]
        ),
        Case(
            rule: "missing-lock-timeout",
            history: parents,
            sql: "ALTER TABLE posts ADD COLUMN more int;\n",
            expected: ["SET LOCAL lock_timeout = '2s';\nALTER TABLE posts"],
            runner: .wrapping
        ),
    ]

    private func options(_ example: Case) -> LintOptions {
        var options = LintOptions()
        options.settings[example.rule] = .on
        options.runner = example.runner
        return options
    }

    @Test("takes the finding away, once, and leads to the same catalog", arguments: cases)
    func mends(example: Case) async throws {
        let linter = Linter(options: options(example))
        func inputs(_ sql: String) -> [LintInput] {
            [
                LintInput(LintText(path: "m/0001_before.sql", sql: example.history), isJudged: false),
                LintInput(LintText(path: "m/0002_now.sql", sql: sql)),
            ]
        }
        let found = try await linter.lint(inputs(example.sql)).findings
        #expect(found.contains { $0.rule == example.rule })
        let fixes = try await linter.fix(inputs(example.sql), only: [example.rule])
        let file = try #require(fixes.files.first, "\(fixes.refusals.map(\.reason))")
        let fixed = String(decoding: file.after, as: UTF8.self)
        for text in example.expected { #expect(fixed.contains(text), "\(fixed)") }
        // A unique constraint stays where it is, and its finding too.
        let left = fixes.report.findings.filter {
            $0.rule == example.rule && !$0.message.hasPrefix("the unique constraint")
        }
        #expect(left.isEmpty, "\(left.map(\.message))")
        #expect(file.findings.allSatisfy { $0.rule == example.rule })
        let again = try await linter.fix(inputs(fixed), only: [example.rule])
        #expect(again.files.isEmpty, "\(again.files.map { String(decoding: $0.after, as: UTF8.self) })")
        let before = try await catalog(of: example.history, example.sql)
        #expect(try await catalog(of: example.history, fixed) == before, "\(fixed)")
        // What may run again does so.
        if example.sql.contains("lastro: idempotent") {
            #expect(try await catalog(of: example.history, fixed, fixed) == before, "\(fixed)")
        }
    }

    /// What a server has behind migrations, as Lastro runs them.
    private func catalog(of texts: String...) async throws -> Fingerprint {
        var files: [String: String] = [:]
        for (index, text) in texts.enumerated() { files["m/000\(index + 1)_t.sql"] = text }
        return try await withTestDatabase { settings in
            try await withTemporaryFolder(files) { folder in
                let migrator = Migrator(directory: "\(folder.path)/m", database: settings)
                for try await _ in migrator.migrate() {}
                return try await withPostgresConnection(to: settings) { try await Catalog.read(on: $0).fingerprint }
            }
        }
    }
}
