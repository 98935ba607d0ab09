import CPgQuery
import SQLSyntax
import TestSupport
import Testing

@Suite("The splitter")
struct SplittingPropertyTests {
    @Test("finds the same statements as PostgreSQL's parser", arguments: Fixture.all)
    func agreesWithParser(fixture: Fixture) throws {
        let expected = try #require(parsedStatements(of: fixture.sql), "the parser refuses \(fixture.name)")
        #expect(try statements(of: fixture.sql) == expected)
        for statement in try statements(of: fixture.sql) {
            #expect(parsedStatements(of: statement) == [statement])
        }
    }

    @Test("finds in two texts together what it finds in each")
    func splitsConcatenations() throws {
        let pieces = try Fixture.all.flatMap { try statements(of: $0.sql) }
        forAll(
            count: fuzzRounds(200, long: 5000),
            generate: { generator in
                (0..<Int.random(in: 0...8, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? ""
                }
            },
            shrink: { list in list.indices.map { index in Array(list[..<index] + list[(index + 1)...]) } },
            holds: { list in
                try statements(of: list.joined(separator: ";\n")) == list
                    && statements(of: list.map { "/* ; */ \($0) -- ;\n;" }.joined()) == list
            }
        )
    }

    /// What `pg_query_split_with_parser` finds, less the blanks and comments around each statement.
    private func parsedStatements(of sql: String) -> [String]? {
        let result = pg_query_split_with_parser(sql)
        defer { pg_query_free_split_result(result) }
        guard result.error == nil else { return nil }
        let utf8 = Array(sql.utf8)
        return UnsafeBufferPointer(start: result.stmts, count: Int(result.n_stmts)).compactMap { statement in
            guard let range = statement?.pointee else { return nil }
            let start = Int(range.stmt_location)
            let end = range.stmt_len == 0 ? utf8.count : start + Int(range.stmt_len)
            return trimmed(utf8[start..<end])
        }
    }

    private func trimmed(_ utf8: ArraySlice<UInt8>) -> String? {
        // The scanner of libpg_query, not ours, says where the first and the last token are.
        let scan = pg_query_scan(String(decoding: utf8, as: UTF8.self))
        defer { pg_query_free_scan_result(scan) }
        let tokens = scan.pbuf.data.withMemoryRebound(to: UInt8.self, capacity: scan.pbuf.len) {
            pg_query__scan_result__unpack(nil, scan.pbuf.len, $0)
        }
        guard let tokens else { return nil }
        defer { pg_query__scan_result__free_unpacked(tokens, nil) }
        let all = UnsafeBufferPointer(start: tokens.pointee.tokens, count: tokens.pointee.n_tokens)
        let real = all.compactMap { $0?.pointee }
            .filter { $0.token != PG_QUERY__TOKEN__SQL_COMMENT && $0.token != PG_QUERY__TOKEN__C_COMMENT }
        guard let first = real.first, let last = real.last else { return nil }
        let start = utf8.startIndex
        return String(decoding: utf8[start + Int(first.start)..<start + Int(last.end)], as: UTF8.self)
    }
}
