import SQLSyntax
import Testing

@testable import Migrator

@Suite("The locks that a script takes")
struct LockScanTests {
    @Test(
        "are known for each form of a statement",
        arguments: [
            ("ALTER TABLE app.t ADD COLUMN c int", "ACCESS EXCLUSIVE app.t"),
            ("ALTER TABLE IF EXISTS ONLY \"T\" DROP COLUMN c", "ACCESS EXCLUSIVE \"T\""),
            ("ALTER TABLE t ADD COLUMN c int REFERENCES p", "ACCESS EXCLUSIVE t, SHARE ROW EXCLUSIVE p"),
            ("ALTER TABLE t ADD FOREIGN KEY (c) REFERENCES p", "SHARE ROW EXCLUSIVE t, SHARE ROW EXCLUSIVE p"),
            ("ALTER TABLE t ADD CHECK (c > 0) NOT VALID", "ACCESS EXCLUSIVE t"),
            ("ALTER TABLE t VALIDATE CONSTRAINT k", ""),
            ("ALTER TABLE t ALTER COLUMN c SET STATISTICS 500", ""),
            ("ALTER TABLE t SET (fillfactor = 90)", ""),
            ("ALTER TABLE t SET (fillfactor = 90), ALTER COLUMN c SET NOT NULL", "ACCESS EXCLUSIVE t"),
            ("ALTER TABLE t DISABLE TRIGGER ALL", "SHARE ROW EXCLUSIVE t"),
            ("ALTER TABLE p ATTACH PARTITION q FOR VALUES IN (1)", "ACCESS EXCLUSIVE q"),
            ("ALTER TABLE p DETACH PARTITION q", "ACCESS EXCLUSIVE p, ACCESS EXCLUSIVE q"),
            ("ALTER TABLE t RENAME COLUMN a TO b", "ACCESS EXCLUSIVE t"),
            ("ALTER TABLE t RENAME TO u", "ACCESS EXCLUSIVE t"),
            ("ALTER TABLE t SET SCHEMA app", "ACCESS EXCLUSIVE t"),
            ("ALTER INDEX i RENAME TO j", ""),
            ("ALTER SEQUENCE s RESTART", ""),
            ("CREATE TABLE t (a int REFERENCES p, b int REFERENCES t)", "SHARE ROW EXCLUSIVE p"),
            ("CREATE TABLE q PARTITION OF p FOR VALUES IN (1)", "ACCESS EXCLUSIVE p"),
            ("CREATE TABLE t (a int)", ""),
            ("CREATE INDEX i ON t (a)", ""),
            ("CREATE OR REPLACE VIEW v AS SELECT 1", ""),
            ("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()", "SHARE ROW EXCLUSIVE t"),
            ("CREATE POLICY p ON t USING (true)", "ACCESS EXCLUSIVE t"),
            ("DROP TABLE IF EXISTS t, u CASCADE", "ACCESS EXCLUSIVE t, ACCESS EXCLUSIVE u"),
            ("DROP INDEX i", "ACCESS EXCLUSIVE i"),
            ("DROP INDEX CONCURRENTLY i", ""),
            ("DROP TRIGGER g ON app.t", "ACCESS EXCLUSIVE app.t"),
            ("TRUNCATE t, u", "ACCESS EXCLUSIVE t, ACCESS EXCLUSIVE u"),
            ("LOCK TABLE t", "ACCESS EXCLUSIVE t"),
            ("LOCK TABLE t IN EXCLUSIVE MODE", "EXCLUSIVE t"),
            ("LOCK TABLE t IN SHARE MODE", ""),
            ("REFRESH MATERIALIZED VIEW CONCURRENTLY v", "EXCLUSIVE v"),
            ("REINDEX TABLE t", "ACCESS EXCLUSIVE t"),
            ("REINDEX TABLE CONCURRENTLY t", ""),
            ("CLUSTER t USING i", "ACCESS EXCLUSIVE t"),
            ("VACUUM FULL t", "ACCESS EXCLUSIVE t"),
            ("VACUUM t", ""),
            ("UPDATE t SET a = 1", ""),
            ("ALTER TABLE t ADD COLUMN c int SOME NEW WORDS", ""),
        ]
    )
    func knowsForms(sql: String, locks: String) throws {
        #expect(try words(sql) == locks)
    }

    @Test("are not those on tables that the script or its run has made")
    func leavesOutItsOwn() throws {
        let script = """
            CREATE TABLE t (a int, b int REFERENCES known);
            ALTER TABLE public.t ADD COLUMN c int REFERENCES "public".known;
            ALTER TABLE known ADD COLUMN d int REFERENCES other;
            CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
            DROP TABLE t;
            """
        let scan = try scan(script, known: [QualifiedName(name: "known")])
        #expect(scan.demands == [LockDemand(QualifiedName(name: "other"), .shareRowExclusive)])
        #expect(scan.made == [QualifiedName(name: "t")])
        #expect(scan.firstOfStrongest == 2)
    }

    @Test("are those on a table that may have been there before")
    func keepsWhatMayBeThere() throws {
        let scan = try scan("CREATE TABLE IF NOT EXISTS t (a int); ALTER TABLE t ADD COLUMN b int")
        #expect(scan.madeIfAbsent == [QualifiedName(name: "t")] && scan.made.isEmpty)
        #expect(scan.demands == [LockDemand(QualifiedName(name: "t"), .accessExclusive)])
        #expect(scan.without([QualifiedName(name: "t")]).demands.isEmpty)
    }

    @Test("begin with the first statement that takes the strongest, and name each table once")
    func findsTheStrongest() throws {
        let scan = try scan(
            """
            SELECT 1;
            CREATE TRIGGER g BEFORE INSERT ON app.t FOR EACH ROW EXECUTE FUNCTION f();
            ALTER TABLE app.t ADD COLUMN b int;
            ALTER TABLE app.t ADD COLUMN c int;
            """
        )
        #expect(scan.firstOfStrongest == 2)
        #expect(scan.demands == [LockDemand(QualifiedName(schema: "app", name: "t"), .accessExclusive)])
    }

    @Test("are looked into a few times at once, then once a second")
    func boundsLooks() {
        var allowance = LookAllowance()
        let start = ContinuousClock.now
        let atOnce = (0..<100).count { _ in allowance.take(at: start + .milliseconds(20)) }
        #expect(atOnce == 5)
        let later = (1...30).count { allowance.take(at: start + .milliseconds(20 + 100 * $0)) }
        #expect(later == 3)
    }

    private func words(_ sql: String) throws -> String {
        try scan(sql).demands.map { "\($0.lock.rawValue) \($0.relation)" }.joined(separator: ", ")
    }

    private func scan(_ sql: String, known: Set<QualifiedName> = []) throws -> LockScan {
        let script = try SQLScript(sql)
        return LockScan(script, statements: script.statements.indices, known: known)
    }
}
