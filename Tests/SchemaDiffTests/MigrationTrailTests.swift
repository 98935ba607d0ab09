import SQLSyntax
import Testing

@testable import SchemaDiff

@Suite("The names in a statement")
struct StatementNamesTests {
    private func names(_ sql: String) throws -> Set<String> {
        let tree = try SyntaxTree(sql)
        return Set(
            tree.statements.flatMap { StatementNames($0).names }.map { name in
                let parts = [name.schema, name.object.parent, name.object.name].compactMap(\.self)
                return "\(name.object.space) \(parts.joined(separator: "."))"
            }
        )
    }

    @Test(
        "are those of what it defines",
        arguments: [
            (
                "CREATE TABLE a.t (x int CONSTRAINT c CHECK (x > 0), CONSTRAINT k PRIMARY KEY (x))",
                ["relation a.t", "column a.t.x", "constraint a.t.c", "constraint a.t.k"]
            ),
            ("ALTER TABLE t ADD COLUMN y int", ["relation t", "column t.y", "constraint t.y", "trigger t.y"]),
            ("CREATE UNIQUE INDEX i ON a.t (x)", ["relation a.i"]),
            ("CREATE OR REPLACE FUNCTION a.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'", ["routine a.f"]),
            ("CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION f()", ["trigger t.g"]),
            ("DROP TABLE a, b.c", ["relation a", "relation b.c"]),
            ("COMMENT ON COLUMN a.t.x IS 'x'", ["column a.t.x"]),
            ("ALTER TYPE mood ADD VALUE 'sad'", ["type mood"]),
            ("CREATE POLICY p ON t USING (true)", ["policy t.p"]),
            ("CREATE PUBLICATION p FOR TABLE t", ["other p", "relation t"]),
            ("GRANT SELECT ON a.t TO PUBLIC", ["relation a.t"]),
            ("CREATE STATISTICS a.s ON x, y FROM t", ["other a.s"]),
            ("SELECT 1", []),
        ]
    )
    func areRead(sql: String, expected: [String]) throws {
        let found = try names(sql)
        #expect(found == Set(expected))
    }
}
