import SQLSyntax
import TestSupport
import Testing

@Suite("A statement as values")
struct StatementNodeTests {
    @Test("of CREATE TABLE has columns, constraints and places")
    func readsCreateTable() throws {
        let sql = """
            CREATE UNLOGGED TABLE IF NOT EXISTS app."Users" (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                mail varchar(254) COLLATE "C" NOT NULL DEFAULT lower('X') UNIQUE,
                tags text[][],
                team int REFERENCES teams (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED CHECK (team > 0),
                CONSTRAINT pair FOREIGN KEY (a, b) REFERENCES other ON UPDATE SET NULL NOT VALID,
                LIKE template
            ) INHERITS (base) WITH (fillfactor = 70)
            """
        guard case .createTable(let create) = try node(sql) else { return #expect(Bool(false)) }
        #expect(create.table.name == QualifiedName(schema: "app", name: "Users"))
        #expect(create.table.location == 36 && create.ifNotExists && create.persistence == .unlogged)
        #expect(create.columns.map(\.name) == ["id", "mail", "tags", "team"])
        #expect(create.columns.map { $0.type?.description } == ["int8", "varchar(254)", "text[][]", "int4"])
        #expect(create.columns.map(\.isNotNull) == [true, true, false, false])
        #expect(text(sql, at: create.columns[1].location).hasPrefix("mail varchar"))
        #expect(create.columns[0].constraint(.identity)?.isAlways == true)
        #expect(create.columns[1].collation == QualifiedName(name: "C"))
        let mail = try #require(create.columns[1].defaultExpression)
        #expect(mail.sql == "lower('X')" && mail.functionCalls.map(\.name.name) == ["lower"] && !mail.isConstant)
        let team = try #require(create.columns[3].constraint(.foreignKey))
        #expect(team.reference?.table.name.name == "teams" && team.reference?.columns == ["id"])
        #expect(team.reference?.onDelete == .cascade && team.isDeferrable && team.isInitiallyDeferred)
        #expect(create.columns[3].constraint(.check)?.expression?.sql == "team > 0")
        #expect(create.columns[3].constraint(.check)?.isDeferrable == false)
        let pair = try #require(create.constraints.first)
        #expect(pair.name == "pair" && pair.columns == ["a", "b"] && pair.isNotValid)
        #expect(pair.reference?.onUpdate == .setNull && text(sql, at: pair.location).hasPrefix("CONSTRAINT pair"))
        #expect(create.like.map(\.name.name) == ["template"] && create.inherits.map(\.name.name) == ["base"])
        #expect(create.options.map { "\($0.name)=\($0.value ?? "")" } == ["fillfactor=70"])
    }

    @Test("has its expressions in one spelling, however large they are")
    func writesExpressions() throws {
        let sum = Array(repeating: "1", count: 500)
        let sql = """
            CREATE TABLE t (a int DEFAULT \(sum.joined(separator: "+")),
            b int DEFAULT ( - 1 ), c text CHECK (c||'x' in('y')))
            """
        guard case .createTable(let create) = try node(sql) else { return #expect(Bool(false)) }
        let written = create.columns[0].defaultExpression?.sql ?? ""
        let ones = written.count { $0 == "1" }
        #expect(ones == 500 && written.suffix(6) == "1) + 1")
        let negative = try #require(create.columns[1].defaultExpression)
        #expect(negative.sql == "-1" && negative.isConstant)
        #expect(create.columns[2].constraint(.check)?.expression?.sql == "c || 'x' IN ('y')")
    }

    @Test("of a partition names its parent")
    func readsPartitions() throws {
        guard case .createTable(let part) = try node("CREATE TABLE p1 PARTITION OF s.p FOR VALUES IN (1)"),
            case .createTable(let parent) = try node("CREATE TABLE p (a int) PARTITION BY RANGE (a)")
        else { return #expect(Bool(false)) }
        #expect(part.partitionOf?.name.description == "s.p" && part.inherits.isEmpty)
        #expect(parent.partitionStrategy == "range" && parent.partitionOf == nil)
    }

    @Test("of ALTER TABLE has each sub-command")
    func readsAlterTable() throws {
        let sql = """
            ALTER TABLE IF EXISTS ONLY t ADD COLUMN IF NOT EXISTS a int NOT NULL, DROP COLUMN IF EXISTS b CASCADE,
            ALTER c TYPE text USING c::text, ALTER d SET DEFAULT 1 + 1, ALTER d DROP DEFAULT, ALTER e SET NOT NULL,
            ADD CONSTRAINT f CHECK (g > 0) NOT VALID, VALIDATE CONSTRAINT h, DROP CONSTRAINT i, OWNER TO j,
            SET (fillfactor = 10), SET TABLESPACE k, ENABLE ROW LEVEL SECURITY, DISABLE TRIGGER ALL, INHERIT l,
            ADD CONSTRAINT m UNIQUE USING INDEX n, ALTER o SET STATISTICS 100, REPLICA IDENTITY USING INDEX p,
            ALTER q ADD GENERATED ALWAYS AS IDENTITY, SET LOGGED
            """
        guard case .alterTable(let alter) = try node(sql) else { return #expect(Bool(false)) }
        #expect(alter.ifExists && alter.relation.isOnly && alter.kind == .table)
        #expect(
            alter.actions.map(\.kind) == [
                .addColumn, .dropColumn, .alterColumnType, .setColumnDefault, .setColumnDefault, .setNotNull,
                .addConstraint, .validateConstraint, .dropConstraint, .changeOwner, .setOptions, .setTablespace,
                .enableRowSecurity, .disableTriggerAll, .addInherit, .addConstraint, .setStatistics, .replicaIdentity,
                .addIdentity, .setLogged,
            ]
        )
        let names = [
            "a", "b", "c", "d", "d", "e", "f", "h", "i", nil, nil, "k", nil, nil, nil, "m", "o", "p", "q", nil,
        ]
        #expect(alter.actions.map(\.name) == names)
        #expect(alter.actions[0].isTolerant && alter.actions[0].column?.isNotNull == true)
        #expect(alter.actions[1].isTolerant && alter.actions[1].cascades)
        #expect(alter.actions[2].expression?.sql == "c::text" && alter.actions[2].column?.type?.name.name == "text")
        #expect(alter.actions[3].expression?.sql == "1 + 1" && alter.actions[4].expression == nil)
        #expect(alter.actions[6].constraint?.isNotValid == true && alter.actions[9].value == "j")
        #expect(alter.actions[10].options.map(\.value) == ["10"])
        #expect(alter.actions[14].relation?.name.name == "l" && alter.actions[15].constraint?.index == "n")
        #expect(alter.actions[16].value == "100" && alter.actions[18].constraint?.kind == .identity)
    }

    @Test("of ALTER TABLE for partitions and other relations")
    func readsOtherAlterTables() throws {
        guard case .alterTable(let detach) = try node("ALTER TABLE p DETACH PARTITION s.p1 CONCURRENTLY"),
            case .alterTable(let index) = try node("ALTER INDEX i ATTACH PARTITION j")
        else { return #expect(Bool(false)) }
        #expect(detach.actions.map(\.kind) == [.detachPartition] && detach.actions[0].isConcurrent)
        #expect(detach.actions[0].relation?.name.description == "s.p1")
        #expect(index.kind == .index && index.actions.map(\.kind) == [.attachPartition])
    }

    @Test("of CREATE INDEX has elements and a condition")
    func readsCreateIndex() throws {
        let sql =
            "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t USING gin (a DESC, lower(b) text_ops) INCLUDE (c) WHERE d"
        guard case .createIndex(let index) = try node(sql) else { return #expect(Bool(false)) }
        #expect(index.name == "i" && index.table.name.name == "t" && index.method == "gin")
        #expect(index.isUnique && index.isConcurrent && index.ifNotExists)
        #expect(index.elements.map(\.column) == ["a", nil] && index.elements[0].isDescending)
        #expect(index.elements[1].expression?.sql == "lower(b)" && index.elements[1].operatorClass?.name == "text_ops")
        #expect(index.includedColumns == ["c"] && index.condition?.columns.map(\.parts) == [["d"]])
    }

    @Test(
        "of DROP names the objects",
        arguments: [
            ("DROP TABLE IF EXISTS a, s.b CASCADE", ObjectKind.table, ["a", "s.b"]),
            ("DROP INDEX CONCURRENTLY i", .index, ["i"]), ("DROP FUNCTION f(int, text), s.g", .function, ["f", "s.g"]),
            ("DROP TYPE s.t", .type, ["s.t"]), ("DROP SCHEMA a, \"B\"", .schema, ["a", "\"B\""]),
            ("DROP TRIGGER x ON s.t", .trigger, ["x on s.t"]), ("DROP POLICY x ON t", .policy, ["x on t"]),
            ("DROP MATERIALIZED VIEW m", .materializedView, ["m"]), ("DROP EXTENSION e", .extension, ["e"]),
            ("DROP SEQUENCE s", .sequence, ["s"]), ("DROP VIEW v", .view, ["v"]),
            ("DROP RULE r ON t", .rule, ["r on t"]),
            ("DROP AGGREGATE a(int)", .aggregate, ["a"]), ("DROP OPERATOR s.+ (int, int)", .operator, ["s.\"+\""]),
        ]
    )
    func readsDrop(sql: String, kind: ObjectKind, names: [String]) throws {
        guard case .drop(let drop) = try node(sql) else { return #expect(Bool(false)) }
        #expect(drop.kind == kind)
        #expect(drop.objects.map { object in "\(object.name)" + (object.relation.map { " on \($0)" } ?? "") } == names)
        #expect(drop.ifExists == sql.contains("IF EXISTS") && drop.cascades == sql.contains("CASCADE"))
        #expect(drop.isConcurrent == sql.contains("CONCURRENTLY"))
    }

    @Test(
        "of RENAME names old and new",
        arguments: [
            ("ALTER TABLE s.a RENAME TO b", ObjectKind.table, "s.a", "", "b"),
            ("ALTER TABLE a RENAME COLUMN c TO d", .column, "c", "a", "d"),
            ("ALTER INDEX i RENAME TO j", .index, "i", "", "j"),
            ("ALTER TABLE a RENAME CONSTRAINT c TO d", .tableConstraint, "c", "a", "d"),
            ("ALTER TYPE t RENAME TO u", .type, "t", "", "u"), ("ALTER SCHEMA s RENAME TO r", .schema, "s", "", "r"),
            ("ALTER FUNCTION f(int) RENAME TO g", .function, "f", "", "g"),
            ("ALTER TRIGGER x ON t RENAME TO y", .trigger, "x", "t", "y"),
            ("ALTER ROLE a RENAME TO b", .role, "a", "", "b"),
        ]
    )
    func readsRename(sql: String, kind: ObjectKind, name: String, relation: String, newName: String) throws {
        guard case .rename(let rename) = try node(sql) else { return #expect(Bool(false)) }
        #expect(rename.object.kind == kind && "\(rename.object.name)" == name && rename.newName == newName)
        #expect((rename.object.relation.map { "\($0)" } ?? "") == relation)
    }

    @Test("of the others is printed as documented")
    func readsTheOthers() throws {
        let statements = [
            "CREATE TYPE s.mood AS ENUM ('a', 'b''c')", "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'x' BEFORE 'a'",
            "ALTER TYPE mood ADD VALUE 'x' AFTER 'a'", "ALTER TYPE mood RENAME VALUE 'a' TO 'b'",
            "CREATE TYPE p AS (a int)",
            "CREATE TYPE r AS RANGE (subtype = int4)", "CREATE TYPE shell",
            "CREATE DOMAIN d AS int NOT NULL CHECK (VALUE > 0)",
            "ALTER DOMAIN d DROP CONSTRAINT c", "CREATE OR REPLACE VIEW v (a) AS SELECT * FROM s.t",
            "CREATE MATERIALIZED VIEW m AS SELECT 1 FROM t WITH NO DATA", "CREATE TEMP TABLE x AS SELECT 1",
            "CREATE OR REPLACE FUNCTION f(a int, OUT b text DEFAULT 'x') LANGUAGE plpgsql STABLE AS $$ body $$",
            "CREATE PROCEDURE p() BEGIN ATOMIC SELECT 1; END",
            "CREATE FUNCTION c() RETURNS int LANGUAGE c AS 'lib', 'symbol'",
            "CREATE TRIGGER x AFTER INSERT OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION s.f()",
            "CREATE RULE r AS ON INSERT TO t DO ALSO NOTHING",
            "CREATE POLICY p ON t FOR UPDATE TO a USING (b) WITH CHECK (c)",
            "CREATE SEQUENCE IF NOT EXISTS s START 5", "ALTER SEQUENCE s OWNED BY t.a", "CREATE SCHEMA IF NOT EXISTS s",
            "CREATE SCHEMA AUTHORIZATION a", "CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" SCHEMA x",
            "ALTER EXTENSION e UPDATE",
            "COMMENT ON COLUMN s.t.c IS 'x'", "COMMENT ON TABLE t IS NULL", "SECURITY LABEL ON TABLE t IS 'l'",
            "GRANT SELECT, INSERT (a) ON s.t, u TO r, PUBLIC WITH GRANT OPTION",
            "REVOKE ALL ON ALL TABLES IN SCHEMA s FROM r",
            "GRANT a TO b", "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO r", "SET LOCAL lock_timeout = '5s'",
            "SET search_path TO a, \"B\"", "RESET ALL", "SET x TO DEFAULT", "START TRANSACTION", "ROLLBACK TO s",
            "COMMIT AND CHAIN",
            "INSERT INTO s.t (a, b) SELECT 1, 2", "UPDATE t AS x SET a = 1, b = 2 WHERE c = 3", "DELETE FROM ONLY t",
            "MERGE INTO t USING u ON a = b WHEN MATCHED THEN DELETE", "SELECT * INTO x FROM y", "VALUES (1)",
            "TRUNCATE a, b CASCADE",
            "COPY t (a) FROM STDIN WITH (FORMAT csv)", "COPY t TO PROGRAM 'cat'", "LOCK TABLE t IN SHARE MODE NOWAIT",
            "DO LANGUAGE plperl 'x'", "CALL s.p(1, 2)", "PREPARE a AS SELECT 1", "EXECUTE a", "DEALLOCATE ALL",
            "DISCARD PLANS",
            "LISTEN c", "UNLISTEN *", "NOTIFY c, 'p'", "VACUUM (FULL) t", "ANALYZE t",
            "REINDEX (CONCURRENTLY) SCHEMA s",
            "CLUSTER t USING i", "REFRESH MATERIALIZED VIEW CONCURRENTLY m", "ALTER SYSTEM SET a = 1",
            "CREATE DATABASE d OWNER o",
            "DROP DATABASE IF EXISTS d", "ALTER DATABASE d SET TABLESPACE t", "CREATE TABLESPACE t LOCATION '/x'",
            "DROP TABLESPACE t",
            "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = off)", "DROP SUBSCRIPTION s",
            "ALTER FUNCTION f(int) OWNER TO o", "ALTER TABLE t SET SCHEMA s", "ALTER TYPE t OWNER TO o",
            "EXPLAIN ANALYZE SELECT 1",
            "CREATE ROLE r", "CREATE FOREIGN TABLE f (a int) SERVER s",
        ]
        let texts = try statements.map { "\($0)\n  \(try summary(of: node($0)))\n" }
        try expectGolden(texts.joined(), "statement-values.txt")
    }

    private func text(_ sql: String, at location: Int?) -> Substring {
        location.map { sql[sql.utf8.index(sql.startIndex, offsetBy: $0)...] } ?? ""
    }
}

private func node(_ sql: String) throws -> StatementNode {
    try #require(try SyntaxTree(sql).statements.first?.node)
}

/// A value without the module's name in every line, for a golden file that people can read.
private func summary(of node: StatementNode) -> String {
    "\(node)".replacing("SQLSyntax.", with: "").replacing("Optional", with: "")
}
