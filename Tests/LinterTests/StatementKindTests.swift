import SourceText
import Testing

@testable import Linter
@testable import SQLSyntax

@Suite("Every kind of statement")
struct StatementKindTests {
    /// Statements, each with the kinds that it shows.
    private static let statements: [String: [String]] = [
        "AlterCollationStmt": ["ALTER COLLATION german REFRESH VERSION"],
        "AlterDatabaseRefreshCollStmt": ["ALTER DATABASE shop REFRESH COLLATION VERSION"],
        "AlterDatabaseSetStmt": ["ALTER DATABASE shop SET work_mem = '1MB'", "ALTER DATABASE shop RESET ALL"],
        "AlterDatabaseStmt": ["ALTER DATABASE shop CONNECTION LIMIT 3"],
        "AlterDefaultPrivilegesStmt": ["ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC"],
        "AlterDomainStmt": [
            "ALTER DOMAIN price SET NOT NULL", "ALTER DOMAIN price DROP CONSTRAINT IF EXISTS c CASCADE",
        ],
        "AlterEnumStmt": ["ALTER TYPE state ADD VALUE 'x' AFTER 'y'", "ALTER TYPE state RENAME VALUE 'a' TO 'b'"],
        "AlterEventTrigStmt": ["ALTER EVENT TRIGGER watch ENABLE REPLICA"],
        "AlterExtensionContentsStmt": ["ALTER EXTENSION hstore ADD FUNCTION f(int)"],
        "AlterExtensionStmt": ["ALTER EXTENSION hstore UPDATE TO '2'"],
        "AlterFdwStmt": ["ALTER FOREIGN DATA WRAPPER w OPTIONS (ADD a '1')"],
        "AlterForeignServerStmt": ["ALTER SERVER s VERSION '2'"],
        "AlterFunctionStmt": ["ALTER FUNCTION f(int) STABLE", "ALTER PROCEDURE p() SET search_path = ''"],
        "AlterObjectDependsStmt": ["ALTER FUNCTION f() DEPENDS ON EXTENSION hstore"],
        "AlterObjectSchemaStmt": ["ALTER TABLE t SET SCHEMA other", "ALTER TYPE state SET SCHEMA other"],
        "AlterOpFamilyStmt": ["ALTER OPERATOR FAMILY f USING btree DROP OPERATOR 1 (int, int)"],
        "AlterOperatorStmt": ["ALTER OPERATOR + (int, int) SET (RESTRICT = NONE)"],
        "AlterOwnerStmt": ["ALTER FUNCTION f() OWNER TO CURRENT_USER", "ALTER SCHEMA app OWNER TO somebody"],
        "AlterPolicyStmt": ["ALTER POLICY own ON t USING (true)"],
        "AlterPublicationStmt": ["ALTER PUBLICATION p ADD TABLE t"],
        "AlterRoleSetStmt": ["ALTER ROLE r SET work_mem = '1MB'"],
        "AlterRoleStmt": ["ALTER ROLE r CREATEDB", "ALTER GROUP g ADD USER r"],
        "AlterSeqStmt": ["ALTER SEQUENCE s RESTART WITH 5 OWNED BY t.id"],
        "AlterStatsStmt": ["ALTER STATISTICS s SET STATISTICS 100"],
        "AlterSubscriptionStmt": ["ALTER SUBSCRIPTION s DISABLE"],
        "AlterSystemStmt": ["ALTER SYSTEM SET work_mem = '1MB'"],
        "AlterTSConfigurationStmt": ["ALTER TEXT SEARCH CONFIGURATION c ADD MAPPING FOR word WITH simple"],
        "AlterTSDictionaryStmt": ["ALTER TEXT SEARCH DICTIONARY d (stopwords = 'x')"],
        "AlterTableMoveAllStmt": ["ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b"],
        "AlterTableSpaceOptionsStmt": ["ALTER TABLESPACE a SET (seq_page_cost = 1)"],
        "AlterTableStmt": [
            "ALTER TABLE t ADD a int, ALTER b TYPE text, DROP c", "ALTER INDEX i SET (fillfactor = 70)",
            "ALTER VIEW v ALTER COLUMN a SET DEFAULT 1", "ALTER TABLE t ATTACH PARTITION p DEFAULT",
        ],
        "AlterTypeStmt": ["ALTER TYPE t SET (STORAGE = plain)"],
        "AlterUserMappingStmt": ["ALTER USER MAPPING FOR PUBLIC SERVER s OPTIONS (SET a '1')"],
        "CallStmt": ["CALL p(1, x => 2)"],
        "CheckPointStmt": ["CHECKPOINT"],
        "ClosePortalStmt": ["CLOSE ALL"],
        "ClusterStmt": ["CLUSTER t USING i", "CLUSTER"],
        "CommentStmt": [
            "COMMENT ON COLUMN t.a IS 'x'", "COMMENT ON FUNCTION f(int) IS NULL", "COMMENT ON CAST (a AS b) IS ''",
        ],
        "CompositeTypeStmt": ["CREATE TYPE pair AS (a int, b text COLLATE \"C\")", "CREATE TYPE nothing AS ()"],
        "ConstraintsSetStmt": ["SET CONSTRAINTS ALL DEFERRED"],
        "CopyStmt": ["COPY t TO STDOUT", "COPY (SELECT 1) TO '/dev/null'"],
        "CreateAmStmt": ["CREATE ACCESS METHOD m TYPE INDEX HANDLER h"],
        "CreateCastStmt": ["CREATE CAST (a AS b) WITHOUT FUNCTION"],
        "CreateConversionStmt": ["CREATE CONVERSION c FOR 'UTF8' TO 'LATIN1' FROM f"],
        "CreateDomainStmt": ["CREATE DOMAIN price AS numeric DEFAULT 0 CHECK (VALUE > 0)"],
        "CreateEnumStmt": ["CREATE TYPE state AS ENUM ()", "CREATE TYPE state AS ENUM ('a')"],
        "CreateEventTrigStmt": ["CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION f()"],
        "CreateExtensionStmt": ["CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA app CASCADE"],
        "CreateFdwStmt": ["CREATE FOREIGN DATA WRAPPER w"],
        "CreateForeignServerStmt": ["CREATE SERVER s FOREIGN DATA WRAPPER w"],
        "CreateForeignTableStmt": ["CREATE FOREIGN TABLE t (a int) SERVER s"],
        "CreateFunctionStmt": [
            "CREATE FUNCTION f(a int, VARIADIC b int[]) RETURNS TABLE (c int) LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE c AS 'x', 'y'",
        ],
        "CreateOpClassStmt": ["CREATE OPERATOR CLASS c FOR TYPE int USING btree AS OPERATOR 1 <"],
        "CreateOpFamilyStmt": ["CREATE OPERATOR FAMILY f USING btree"],
        "CreatePLangStmt": ["CREATE LANGUAGE l HANDLER h"],
        "CreatePolicyStmt": ["CREATE POLICY own ON t AS RESTRICTIVE FOR SELECT TO PUBLIC USING (true)"],
        "CreatePublicationStmt": ["CREATE PUBLICATION p FOR TABLE t (a) WHERE (a > 1), TABLES IN SCHEMA app"],
        "CreateRangeStmt": ["CREATE TYPE span AS RANGE (SUBTYPE = int)"],
        "CreateRoleStmt": ["CREATE ROLE r LOGIN PASSWORD 'x'"],
        "CreateSchemaStmt": [
            "CREATE SCHEMA app AUTHORIZATION r CREATE TABLE t (a int)", "CREATE SCHEMA AUTHORIZATION r",
        ],
        "CreateSeqStmt": ["CREATE TEMP SEQUENCE s AS int CYCLE"],
        "CreateStatsStmt": ["CREATE STATISTICS s (ndistinct) ON a, (b + 1) FROM t"],
        "CreateStmt": [
            "CREATE TABLE t ()", "CREATE TABLE t (LIKE u INCLUDING ALL, EXCLUDE USING gist (a WITH =)) INHERITS (v)",
            "CREATE TABLE t OF pair (PRIMARY KEY (a))",
            "CREATE TABLE t PARTITION OF u FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
            "CREATE TABLE t (a int) PARTITION BY LIST ((a + 1))",
        ],
        "CreateSubscriptionStmt": ["CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p"],
        "CreateTableAsStmt": ["CREATE TABLE t AS EXECUTE q", "CREATE MATERIALIZED VIEW v AS VALUES (1) WITH NO DATA"],
        "CreateTableSpaceStmt": ["CREATE TABLESPACE a LOCATION '/x'"],
        "CreateTransformStmt": ["CREATE TRANSFORM FOR t LANGUAGE l (TO SQL WITH FUNCTION f(internal))"],
        "CreateTrigStmt": [
            "CREATE TRIGGER g AFTER UPDATE OF a OR TRUNCATE ON t FOR EACH STATEMENT EXECUTE FUNCTION f()",
            "CREATE CONSTRAINT TRIGGER g AFTER INSERT ON t FROM u DEFERRABLE FOR EACH ROW WHEN (true) EXECUTE FUNCTION f()",
        ],
        "CreateUserMappingStmt": ["CREATE USER MAPPING FOR r SERVER s"],
        "CreatedbStmt": ["CREATE DATABASE shop TEMPLATE template0"],
        "DeallocateStmt": ["DEALLOCATE ALL"],
        "DeclareCursorStmt": ["DECLARE c SCROLL CURSOR FOR SELECT 1"],
        "DefineStmt": [
            "CREATE AGGREGATE total (int) (SFUNC = f, STYPE = int)",
            "CREATE OPERATOR === (LEFTARG = int, FUNCTION = f)",
            "CREATE TYPE shell", "CREATE TEXT SEARCH PARSER p (START = f)", "CREATE COLLATION german (LOCALE = 'de')",
        ],
        "DeleteStmt": ["DELETE FROM t USING u WHERE t.a = u.a RETURNING *"],
        "DiscardStmt": ["DISCARD ALL"],
        "DoStmt": ["DO $$ BEGIN NULL; END $$", "DO LANGUAGE unknown 'x'"],
        "DropOwnedStmt": ["DROP OWNED BY r CASCADE"],
        "DropRoleStmt": ["DROP ROLE IF EXISTS r"],
        "DropStmt": [
            "DROP TABLE a, b CASCADE", "DROP CAST IF EXISTS (a AS b)", "DROP OPERATOR + (int, NONE)",
            "DROP OPERATOR CLASS c USING btree", "DROP TRANSFORM FOR t LANGUAGE l", "DROP RULE r ON t",
            "DROP FUNCTION f(int), g", "DROP AGGREGATE total(*)", "DROP TEXT SEARCH TEMPLATE x",
        ],
        "DropSubscriptionStmt": ["DROP SUBSCRIPTION s"],
        "DropTableSpaceStmt": ["DROP TABLESPACE a"],
        "DropUserMappingStmt": ["DROP USER MAPPING FOR r SERVER s"],
        "DropdbStmt": ["DROP DATABASE shop WITH (FORCE)"],
        "ExecuteStmt": ["EXECUTE q (1)"],
        "ExplainStmt": ["EXPLAIN (ANALYZE) DELETE FROM t", "EXPLAIN CREATE TABLE t AS SELECT 1"],
        "FetchStmt": ["FETCH ALL c", "MOVE BACKWARD 3 FROM c"],
        "GrantRoleStmt": ["GRANT a TO b WITH ADMIN OPTION"],
        "GrantStmt": ["GRANT ALL ON ALL TABLES IN SCHEMA app TO r", "REVOKE SELECT (a) ON t FROM PUBLIC"],
        "ImportForeignSchemaStmt": ["IMPORT FOREIGN SCHEMA a LIMIT TO (b) FROM SERVER s INTO c"],
        "IndexStmt": ["CREATE INDEX ON t USING gin ((lower(a)) ops (x = 1) DESC NULLS LAST) INCLUDE (b) WHERE c"],
        "InsertStmt": [
            "INSERT INTO t DEFAULT VALUES", "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = excluded.a",
        ],
        "ListenStmt": ["LISTEN c"],
        "LoadStmt": ["LOAD 'x'"],
        "LockStmt": ["LOCK TABLE ONLY t IN SHARE MODE NOWAIT"],
        "MergeStmt": [
            "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1)"
        ],
        "NotifyStmt": ["NOTIFY c, 'x'"],
        "PrepareStmt": ["PREPARE q (int) AS SELECT $1"],
        "ReassignOwnedStmt": ["REASSIGN OWNED BY a TO b"],
        "RefreshMatViewStmt": ["REFRESH MATERIALIZED VIEW v WITH NO DATA"],
        "ReindexStmt": ["REINDEX SYSTEM shop", "REINDEX (CONCURRENTLY) INDEX i"],
        "RenameStmt": [
            "ALTER TABLE t RENAME TO u", "ALTER TABLE t RENAME COLUMN a TO b", "ALTER ROLE a RENAME TO b",
            "ALTER DOMAIN d RENAME CONSTRAINT a TO b", "ALTER TYPE pair RENAME ATTRIBUTE a TO b CASCADE",
        ],
        "ReplicaIdentityStmt": ["ALTER TABLE t REPLICA IDENTITY USING INDEX i"],
        "ReturnStmt": ["CREATE FUNCTION f() RETURNS int RETURN 1"],
        "RuleStmt": ["CREATE RULE r AS ON INSERT TO t DO INSTEAD (DELETE FROM t; NOTIFY c)"],
        "SecLabelStmt": ["SECURITY LABEL FOR p ON TABLE t IS 'x'"],
        "SelectStmt": [
            "TABLE t", "VALUES (1), (2)", "SELECT 1 INTO t",
            "SELECT FROM t TABLESAMPLE system (1), LATERAL f(a) AS g(b int)",
            "WITH RECURSIVE q AS (SELECT 1 UNION SELECT * FROM q) SEARCH DEPTH FIRST BY a SET b SELECT * FROM q FOR UPDATE",
            "SELECT a, sum(b) FILTER (WHERE c) OVER (w ROWS 1 PRECEDING) FROM t GROUP BY CUBE (a), () WINDOW w AS ()",
        ],
        "TransactionStmt": ["BEGIN", "SAVEPOINT a", "ROLLBACK TO a", "PREPARE TRANSACTION 'x'", "COMMIT AND CHAIN"],
        "TruncateStmt": ["TRUNCATE ONLY t, u RESTART IDENTITY CASCADE"],
        "UnlistenStmt": ["UNLISTEN *"],
        "UpdateStmt": ["UPDATE t SET (a, b) = (SELECT 1, 2), c[1].d = DEFAULT WHERE CURRENT OF c"],
        "VacuumStmt": ["VACUUM (FULL, ANALYZE) t (a)", "ANALYZE"],
        "VariableSetStmt": [
            "SET LOCAL TIME ZONE 'UTC'", "RESET ALL", "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        ],
        "VariableShowStmt": ["SHOW ALL"],
        "ViewStmt": [
            "CREATE OR REPLACE RECURSIVE VIEW v (a) AS SELECT 1", "CREATE VIEW v AS SELECT 1 WITH CHECK OPTION",
        ],
    ]

    /// Those that no text of SQL becomes: a wrapper, what the analysis makes, and what PL/pgSQL alone has.
    private static let unwritable: Set<String> = ["RawStmt", "SetOperationStmt", "PLAssignStmt"]

    @Test("of the parser's own has a statement here")
    func isComplete() throws {
        #expect(SyntaxNode.statementKinds.count > 100)
        let listed = Set(Self.statements.keys)
        #expect(SyntaxNode.statementKinds.subtracting(Self.unwritable).subtracting(listed).sorted() == [])
        #expect(listed.subtracting(SyntaxNode.statementKinds).sorted() == [])
        for (kind, texts) in Self.statements {
            for sql in texts {
                let statement = try #require(try SyntaxTree(sql).statements.first, "\(sql)")
                var kinds: Set<String> = []
                statement.forEachNode { kinds.insert($0.kind) }
                #expect(kinds.contains(kind), "\(sql): \(kinds.sorted())")
            }
        }
    }

    @Test(
        "is judged without a crash, alone and among all others",
        arguments: [LintOptions.Runner.lastro, .unknown, .wrapping]
    )
    func isJudged(runner: LintOptions.Runner) async throws {
        var options = LintOptions()
        options.runner = runner
        options.asksEveryRule = true
        let texts = Self.statements.sorted { $0.key < $1.key }.flatMap(\.value)
        let tables = "CREATE TABLE t (a int, b int, c bool); CREATE TABLE u (a int); CREATE TYPE state AS ENUM ('a');"
        for sql in texts {
            let findings = try await lint(sql + ";", after: tables, options)
            #expect(!findings.contains { $0.rule == "unparsed-statement" }, "\(sql)")
        }
        let all = texts.map { $0 + ";\n" }
        let forwards = try await lint(all.joined(), options)
        let backwards = try await lint(all.reversed().joined(), after: tables, options, down: all.joined())
        #expect(!forwards.isEmpty && !backwards.isEmpty)
        // Guards and bodies read them, too.
        for sql in texts where !sql.contains("$$") {
            _ = try await lint(
                "DO $$ BEGIN IF NOT EXISTS (SELECT 1) THEN \(sql); END IF; END $$;",
                after: tables,
                options
            )
        }
    }

    @Test("that the parser does not know is told of once")
    func isToldOfOnce() async throws {
        let findings = try await lint("CREATE TABLE a (id int);\nCREATE PROPERTY GRAPH g;\nDROP TABLE a;\nFLY AWAY;\n")
        let unread = findings.filter { $0.rule == "unparsed-statement" }
        #expect(unread.map(\.position.line) == [2, 4], "\(findings.map(\.message))")
    }
}
