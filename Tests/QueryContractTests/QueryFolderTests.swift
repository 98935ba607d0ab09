import SQLSyntax
import SourceText
import TestSupport
import Testing

@testable import QueryContract

@Suite("A file of queries")
struct QueryFolderTests {
    @Test("holds several, with what is said of each and of all")
    func isRead() throws {
        let text = """
            -- role: app
            -- name: one :one
            -- param: id uuid
            SELECT 1;
            -- name: two
            -- role: worker
            -- setup: CREATE TEMP TABLE t (i int)
            SELECT ':no' || :x::text;
            """
        let queries = try QueryFolder.queries(in: Array(text.utf8), file: "q.sql")
        #expect(queries.map(\.name) == ["one", "two"])
        #expect(queries.map(\.directives.role?.text) == ["app", "worker"])
        #expect(queries[0].directives.types["id"]?.text == "uuid")
        #expect(queries[1].directives.setup.map(\.text) == ["CREATE TEMP TABLE t (i int)"])
        #expect("\(queries[1].location)" == "q.sql:5:1")
    }

    @Test("without names is one query, called as the file is")
    func isNamedByFile() throws {
        let queries = try QueryFolder.queries(in: Array("-- what is due\nSELECT 1".utf8), file: "q/due.sql")
        #expect(queries.map(\.name) == ["due"])
    }

    @Test("is refused where names and statements do not go together")
    func isRefused() {
        for text in ["SELECT 1;\n-- name: a\nSELECT 2", "-- name: a", "-- name:\nSELECT 1", "-- name: a\nSELECT 'x"] {
            let error = #expect(throws: QueryContractError.self) {
                try QueryFolder.queries(in: Array(text.utf8), file: "q.sql")
            }
            #expect(error?.location?.file == "q.sql")
            #expect(error?.isUsage == false)
        }
    }

    @Test("may not repeat a name of another one")
    func isUnique() async throws {
        try await withTemporaryFolder(["a.sql": "-- name: x\nSELECT 1", "b/c.sql": "-- name: x\nSELECT 2"]) { folder in
            let error = #expect(throws: QueryContractError.self) { try QueryFolder(readingFrom: folder.path) }
            #expect(error?.message.hasSuffix("/a.sql:1:1") == true)
            let missing = #expect(throws: QueryContractError.self) { try QueryFolder(readingFrom: folder.file("none")) }
            #expect(missing?.isUsage == true)
        }
    }

    @Test("gives each named parameter a number, and each byte its origin")
    func isNumbered() throws {
        let sql = "SELECT :b::int, ':c', :a, :b -- :d"
        let query = try QueryFolder.queries(in: Array("-- name: q\n-- param: a text\n\(sql)".utf8), file: "q.sql")[0]
        let text = PreparedText(query.statements[0], in: query.script, types: query.directives.types)
        #expect(text.sql == "PREPARE lastro_query (unknown, text) AS SELECT $1::int, ':c', $2, $1")
        #expect(text.explanation == "EXPLAIN EXECUTE lastro_query(NULL, NULL)")
        #expect(!text.isTyped)
        let start = query.statements[0].range.lowerBound
        let comma = text.sql.utf8.count - 4  // the comma before the last $1
        #expect(text.origin(ofSent: comma) == start + sql.utf8.count - " -- :d".utf8.count - 4)
        #expect(text.origin(ofSent: text.sql.utf8.count - 1) == start + sql.utf8.count - " -- :d".utf8.count - 2)
    }
}
