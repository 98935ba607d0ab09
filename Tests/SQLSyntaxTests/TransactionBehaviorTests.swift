import SQLSyntax
import Testing

@Suite("The transaction behaviour of a statement")
struct TransactionBehaviorTests {
    @Test(
        "of a script decides whether it needs steps",
        arguments: [
            ("ALTER TYPE e ADD VALUE 'b'; SELECT 'c'", false), ("ALTER TYPE e ADD VALUE 'b'; SELECT 'b'", true),
            ("ALTER TYPE e ADD VALUE 'b'; SELECT 'a', 'b' || 'c'", true),
            ("SELECT 'b'; ALTER TYPE e ADD VALUE 'b'", false), ("ALTER TYPE e ADD VALUE 'b'; SELECT b", false),
            ("ALTER TYPE e ADD VALUE 'b'; ALTER TYPE e ADD VALUE 'c' AFTER 'b'", false),
            ("ALTER TYPE e ADD VALUE 'it''s'; SELECT 'it''s'", true),
            ("ALTER TYPE e ADD VALUE 'it''s'; SELECT 's'", false),
            ("ALTER TYPE e ADD VALUE E'a\\\\b'; SELECT E'a\\\\b'", true), ("SELECT 1; VACUUM", true),
            ("BEGIN; COMMIT", false),
        ]
    )
    func needsSteps(sql: String, needsSteps: Bool) throws {
        let script = try SQLScript(utf8: Array(sql.utf8), file: "t.sql")
        #expect(script.needsSteps(script.statements.map(\.transactionBehavior)) == needsSteps)
    }

    @Test("is judged as PostgreSQL 15 judges it", arguments: judgements)
    func judges(judgement: Judgement) throws {
        #expect(try behavior(of: judgement.sql) == judgement.behavior)
        // A look at the words first must not change what the parser would say.
        let parsed = try SyntaxTree(judgement.sql).statements.first?.node?.transactionBehavior
        #expect(parsed == judgement.behavior)
    }

    @Test("is what the server says when the statement is run inside a transaction")
    func agreesWithServer() throws {
        let preparation = [
            "CREATE TABLE t (a int PRIMARY KEY, b int)", "CREATE INDEX i ON t (b)",
            "CREATE TABLE p (a int) PARTITION BY LIST (a)", "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)",
            "CREATE MATERIALIZED VIEW m AS SELECT 1 AS a", "CREATE UNIQUE INDEX m_a ON m (a)",
            "CREATE TYPE mood AS ENUM ('a')",
            "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (connect = false)", "ALTER SUBSCRIPTION s ENABLE",
            """
            CREATE FUNCTION state_after(sql text) RETURNS text LANGUAGE plpgsql AS $f$
            BEGIN
                EXECUTE sql;
                RAISE EXCEPTION USING ERRCODE = 'LA000';
            EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
            END $f$
            """,
        ]
        let queries = judgements.map { "state_after(\(StringLiteral.quote($0.sql)))" }
        let states = try SingleUserServer.with { server in
            try server.lines(of: "SELECT unnest(ARRAY[\(queries.joined(separator: ", "))])", after: preparation)
        }
        try #require(states.count == judgements.count)
        for (judgement, state) in zip(judgements, states) {
            switch judgement.behavior {
            case .cannotRunInTransaction:
                #expect(state == "25001", "\(judgement.sql)")
            case .controlsTransaction(.setCharacteristics):
                break  // allowed in a function, as the first statement of a transaction
            case .controlsTransaction:
                #expect(["0A000", "42601"].contains(state), "\(judgement.sql)")
            case .transactional, .addsEnumValue:
                #expect(state != "25001", "\(judgement.sql)")
            }
        }
    }

    @Test("of ending a prepared transaction is that of a statement outside of any")
    func judgesPreparedTransactions() throws {
        #expect(try behavior(of: "COMMIT PREPARED 'x'") == .cannotRunInTransaction(command: "COMMIT PREPARED"))
        #expect(try behavior(of: "ROLLBACK PREPARED 'x'") == .cannotRunInTransaction(command: "ROLLBACK PREPARED"))
    }

    @Test(
        "is judged by the words where the parser refuses the statement",
        arguments: [
            ("CREATE NEWTHING x", TransactionBehavior.transactional),
            ("CREATE INDEX CONCURRENTLY i ON t (a) NEW OPTION", .cannotRunInTransaction(command: "CREATE INDEX")),
            ("VACUUM (NEW", .cannotRunInTransaction(command: "VACUUM")),
            ("REPACK t CONCURRENTLY", .cannotRunInTransaction(command: "REPACK CONCURRENTLY")),
            ("CREATE DATABASE IF NOT EXISTS x", .cannotRunInTransaction(command: "CREATE DATABASE")),
            ("ALTER TABLE t MERGE PARTITIONS (a, b) INTO c", .transactional),
            ("ALTER TABLE t SPLIT CONCURRENTLY", .cannotRunInTransaction(command: "ALTER TABLE")),
            ("BEGIN NEWLY", .controlsTransaction(.begin)), ("COMMIT IF OK", .controlsTransaction(.commit)),
            ("ROLLBACK TO", .controlsTransaction(.rollbackToSavepoint)), ("SELECT FROM WHERE", .transactional),
            ("CREATE TABLE t (a int GENERATED ALWAYS AS (1) VIRTUAL)", .transactional), ("nonsense", .transactional),
        ]
    )
    func judgesByWords(sql: String, expected: TransactionBehavior) throws {
        let sql = sql.contains("(NEW") ? sql + ")" : sql
        #expect(try behavior(of: sql) == expected)
    }

    private func behavior(of sql: String) throws -> TransactionBehavior? {
        try SQLScript(sql).statements.first?.transactionBehavior
    }
}

struct Judgement: CustomTestStringConvertible, Sendable {
    let sql: String
    let behavior: TransactionBehavior

    var testDescription: String { sql }
}

private let judgements: [Judgement] = {
    func refused(_ command: String, _ statements: String...) -> [Judgement] {
        statements.map { Judgement(sql: $0, behavior: .cannotRunInTransaction(command: command)) }
    }
    func controls(_ control: TransactionControl, _ statements: String...) -> [Judgement] {
        statements.map { Judgement(sql: $0, behavior: .controlsTransaction(control)) }
    }
    func transactional(_ statements: String...) -> [Judgement] {
        statements.map { Judgement(sql: $0, behavior: .transactional) }
    }
    func adds(_ statement: String, _ schema: String?, _ value: String) -> Judgement {
        Judgement(
            sql: statement,
            behavior: .addsEnumValue(type: QualifiedName(schema: schema, name: "mood"), value: value)
        )
    }
    return [
        refused(
            "CREATE INDEX CONCURRENTLY",
            "CREATE INDEX CONCURRENTLY x ON t (b)",
            "create unique index concurrently on t (b)"
        ),
        refused("DROP INDEX CONCURRENTLY", "DROP INDEX CONCURRENTLY i", "DROP INDEX CONCURRENTLY IF EXISTS i"),
        refused(
            "REINDEX CONCURRENTLY",
            "REINDEX TABLE CONCURRENTLY t",
            "REINDEX (CONCURRENTLY) INDEX i",
            "REINDEX (VERBOSE, CONCURRENTLY true) TABLE t"
        ),
        refused("REINDEX SCHEMA", "REINDEX SCHEMA public"), refused("REINDEX DATABASE", "REINDEX DATABASE postgres"),
        refused("REINDEX SYSTEM", "REINDEX SYSTEM postgres"),
        refused("VACUUM", "VACUUM", "VACUUM (ANALYZE) t", "VACUUM FULL t"),
        refused("ALTER SYSTEM", "ALTER SYSTEM SET work_mem = '1MB'", "ALTER SYSTEM RESET ALL"),
        refused("CREATE DATABASE", "CREATE DATABASE x"),
        refused("DROP DATABASE", "DROP DATABASE IF EXISTS x WITH (FORCE)"),
        refused("ALTER DATABASE SET TABLESPACE", "ALTER DATABASE postgres SET TABLESPACE pg_default"),
        refused("CREATE TABLESPACE", "CREATE TABLESPACE x LOCATION '/tmp/none'"),
        refused("DROP TABLESPACE", "DROP TABLESPACE IF EXISTS x"), refused("CLUSTER", "CLUSTER", "CLUSTER VERBOSE"),
        refused("ALTER TABLE ... DETACH CONCURRENTLY", "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY"),
        refused("DISCARD ALL", "DISCARD ALL"),
        refused(
            "CREATE SUBSCRIPTION ... WITH (create_slot = true)",
            "CREATE SUBSCRIPTION x CONNECTION '' PUBLICATION p"
        ),
        refused("DROP SUBSCRIPTION", "DROP SUBSCRIPTION s"),
        refused("ALTER SUBSCRIPTION ... REFRESH", "ALTER SUBSCRIPTION s REFRESH PUBLICATION"),
        refused("ALTER SUBSCRIPTION with refresh", "ALTER SUBSCRIPTION s SET PUBLICATION q"),
        controls(.begin, "BEGIN", "START TRANSACTION ISOLATION LEVEL SERIALIZABLE", "begin work"),
        controls(.commit, "COMMIT", "END", "COMMIT AND CHAIN"), controls(.rollback, "ROLLBACK", "ABORT"),
        controls(.savepoint, "SAVEPOINT s"), controls(.release, "RELEASE s"),
        controls(.rollbackToSavepoint, "ROLLBACK TO s", "ROLLBACK WORK TO SAVEPOINT s"),
        controls(.prepare, "PREPARE TRANSACTION 'x'"),
        controls(.setCharacteristics, "SET TRANSACTION READ ONLY", "SET LOCAL TRANSACTION READ WRITE"),
        [
            adds("ALTER TYPE mood ADD VALUE 'b'", nil, "b"),
            adds("ALTER TYPE public.\"mood\" ADD VALUE IF NOT EXISTS 'c' BEFORE 'a'", "public", "c"),
        ],
        transactional(
            "CREATE INDEX x ON t (b)",
            "CREATE UNIQUE INDEX ON t (b)",
            "DROP INDEX i",
            "REINDEX TABLE t",
            "REINDEX INDEX i",
            "REINDEX (CONCURRENTLY false) TABLE t",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY m",
            "ANALYZE t",
            "CLUSTER t USING i",
            "ALTER TABLE p DETACH PARTITION p1",
            "ALTER TABLE t ADD COLUMN concurrently_built int",
            "DISCARD TEMP",
            "ALTER TABLE t ADD \"concurrently\" int",
            "ALTER TYPE mood RENAME VALUE 'a' TO 'z'",
            "ALTER TYPE mood RENAME TO x",
            "ALTER DATABASE postgres CONNECTION LIMIT 5",
            "ALTER DATABASE postgres SET work_mem = '1MB'",
            "CREATE SUBSCRIPTION x CONNECTION '' PUBLICATION p WITH (connect = false)",
            "ALTER SUBSCRIPTION s SET PUBLICATION q WITH (refresh = false)",
            "ALTER SUBSCRIPTION s DISABLE",
            "SET search_path = public",
            "SET LOCAL lock_timeout = '1s'",
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
            "RESET ALL",
            "PREPARE x AS SELECT 1",
            "DO $$ BEGIN END $$",
            "CALL p()",
            "COPY t FROM '/dev/null'",
            "LOCK TABLE t",
            "TRUNCATE t",
            "CREATE SCHEMA x CREATE TABLE y (a int)",
            "CREATE EXTENSION IF NOT EXISTS plpgsql",
            "CHECKPOINT",
            "CREATE TABLE x AS SELECT 1",
            "(SELECT 1)",
            "EXPLAIN ANALYZE SELECT 1",
            "LISTEN x",
            "NOTIFY x",
            "GRANT ALL ON t TO public",
            "CREATE ROLE x",
            "DROP ROLE IF EXISTS x",
            "DROP OWNED BY current_user",
            "ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE pg_default",
            "ALTER TABLESPACE pg_default SET (seq_page_cost = 1)",
            "COMMENT ON TABLE t IS 'VACUUM'",
            "SECURITY LABEL ON TABLE t IS 'x'"
        ),
    ].flatMap { $0 }
}()
