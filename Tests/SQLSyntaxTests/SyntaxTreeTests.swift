import SQLSyntax
import TestSupport
import Testing

@Suite("A syntax tree")
struct SyntaxTreeTests {
    @Test("is found for every statement of the fixtures", arguments: Fixture.all)
    func analysesFixtures(fixture: Fixture) throws {
        let script = try SQLScript(fixture.sql)
        let tree = try SyntaxTree(script)
        #expect(tree.statements.count == script.statements.count)
        for (parsed, statement) in zip(tree.statements, script.statements) {
            #expect(parsed.statement.range == statement.range)
            // Together or alone, and whatever lies before it, a statement reads the same.
            let alone = try ParsedStatement(statement)
            #expect(parsed.node == alone.node && parsed.node != nil, "\(statement.text)")
        }
    }

    @Test("marks a statement that the grammar refuses, and analyses the others")
    func marksRefusedStatements() throws {
        let sql = """
            CREATE TABLE "é" (a int);
            /* é */ CREATE TABLE t (é int, b int GENERATED ALWAYS AS (1) VIRTUAL);
            INSERT INTO t VALUES (1);
            SELECT FROM WHERE;
            CREATE FUNCTION f() RETURNS int RETURN 1
            """
        let tree = try SyntaxTree(sql)
        #expect(tree.statements.map { $0.node == nil } == [false, true, false, true, false])
        let refusal = try #require(tree.statements[1].refusal)
        #expect(refusal.message == "syntax error at or near \"VIRTUAL\"")
        let offset = try #require(refusal.offset)
        #expect(tree.script.utf8[offset...].starts(with: Array("VIRTUAL".utf8)))
        #expect("\(tree.script.position(ofByte: offset))" == "2:62")
    }

    @Test("leaves out the data of COPY, and keeps every place behind it")
    func leavesOutCopyData() throws {
        let tree = try SyntaxTree("COPY t FROM stdin;\nit's; (\n\\.\nDROP TABLE a;\nCOPY u (b) FROM stdin;\n1\n")
        #expect(tree.statements.map { $0.node != nil } == [true, true, true])
        guard case .copy(let copy) = tree.statements[2].node else { return #expect(Bool(false)) }
        #expect(copy.relation?.location == tree.script.statements[2].range.lowerBound + 5)
        #expect(copy.columns == ["b"] && copy.isFrom && copy.isThroughClient && !copy.isProgram)
    }

    @Test("walks over every relation, call and column with its place")
    func walksNodes() throws {
        let sql =
            "SELECT 1; WITH w AS (SELECT f(x.a) FROM s.x) UPDATE t SET b = now() FROM w JOIN \"Y\" ON g(c.d, 2) WHERE e"
        let script = try SQLScript(sql)
        let statement = try #require(try SyntaxTree(script).statements.last)
        var found: [String] = []
        statement.forEachNode { node in
            if let relation = node.relation { found.append("relation \(relation.name)") }
            if let call = node.functionCall { found.append("call \(call.name)/\(call.argumentCount)") }
            if let column = node.columnReference { found.append("column \(column.parts.joined(separator: "."))") }
            if let location = node.location { #expect(statement.statement.range.contains(location), "\(node.kind)") }
        }
        let expected = [
            "relation t", "call now/0", "column e", "relation w", "relation \"Y\"", "call g/2", "column c.d",
            "call f/1",
            "column x.a", "relation s.x",
        ]
        #expect(found.sorted() == expected.sorted())
        let update = try #require(statement.syntax)
        #expect(update.kind == "UpdateStmt")
        #expect(update.child("relation")?.text("relname") == "t")
        #expect(update.children("from_clause").first?.option("jointype") == "JOIN_INNER")
        #expect(update.child("nothing") == nil && update.text("relation") == nil && update.number("location") == nil)
    }

    @Test("is the same from eight tasks at once")
    func parsesConcurrently() async throws {
        let texts = Fixture.all.map(\.sql)
        let expected = try texts.map { try nodes(of: $0) }
        try await withThrowingTaskGroup(of: [[StatementNode?]].self) { group in
            for _ in 0..<8 {
                group.addTask { try (0..<5).flatMap { _ in try texts.map { try nodes(of: $0) } } }
            }
            for try await found in group {
                #expect(found == (0..<5).flatMap { _ in expected })
            }
        }
    }

    @Test(
        "survives nesting that an ordinary stack does not",
        arguments: [
            "SELECT " + String(repeating: "1+", count: 12_000) + "1",
            "SELECT " + String(repeating: "(SELECT ", count: 3_000) + "1" + String(repeating: ")", count: 3_000),
            "SELECT 1, 2" + String(repeating: " UNION SELECT 1, 2", count: 4_000),
            "SELECT " + String(repeating: "NOT ", count: 4_000) + "true",
            "SELECT " + String(repeating: "- ", count: 4_000) + "x",
            "SELECT " + String(repeating: "CASE WHEN ", count: 3_000) + "true"
                + String(repeating: " THEN true END", count: 3_000),
            "SELECT " + String(repeating: "ARRAY[1,", count: 1_000) + "1" + String(repeating: "]", count: 1_000),
            "SELECT x" + String(repeating: "[1]", count: 4_000) + String(repeating: "::int", count: 4_000),
        ]
    )
    func survivesNesting(sql: String) throws {
        let tree = try SyntaxTree("\(sql); SELECT 1")
        var count = 0
        try #require(tree.statements.first).forEachNode { _ in count += 1 }
        #expect(count > 2000)
        #expect(tree.statements.allSatisfy { $0.node != nil })
    }

    @Test("does not try what no stack would hold")
    func refusesTooDeepNesting() throws {
        let tree = try SyntaxTree("SELECT " + String(repeating: "1+", count: 200_000) + "1; SELECT 1")
        #expect(tree.statements.first?.refusal?.message == "nested too deeply to be analysed")
        #expect(tree.statements.last?.node != nil)
    }
}

private func nodes(of sql: String) throws -> [StatementNode?] {
    try SyntaxTree(sql).statements.map(\.node)
}
