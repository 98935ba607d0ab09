import CPgQuery

/// Owns the tree that the parser made of a statement; freed with the last reference, and only then.
final class ParsedStatement: @unchecked Sendable {  // nothing writes to the tree once it is made
    private let root: UnsafeMutablePointer<PgQuery__ParseResult>

    /// Parses a statement.
    init(_ statement: SQLStatement) throws(ParserRefusal) {
        guard statement.isShallow else { throw ParserRefusal(message: "nested too deeply to be analysed") }
        // The parser takes a C string: it would stop at a NUL and call the rest fine.
        guard !statement.bytes.contains(0) else { throw ParserRefusal(message: "the statement holds a NUL character") }
        let result = (Array(statement.bytes) + [0]).withUnsafeBufferPointer { text in
            text.withMemoryRebound(to: CChar.self) { pg_query_parse_protobuf($0.baseAddress) }
        }
        defer { pg_query_free_protobuf_parse_result(result) }
        if let error = result.error {
            let message = String(cString: error.pointee.message)
            throw ParserRefusal(message: message, character: Int(error.pointee.cursorpos))
        }
        let length = result.parse_tree.len
        let tree = result.parse_tree.data.withMemoryRebound(to: UInt8.self, capacity: length) { data in
            pg_query__parse_result__unpack(nil, length, data)
        }
        guard let tree else { throw ParserRefusal(message: "the parser's tree cannot be read") }
        guard tree.pointee.n_stmts == 1 else {
            let count = tree.pointee.n_stmts
            pg_query__parse_result__free_unpacked(tree, nil)
            throw ParserRefusal(message: "the parser finds \(count) statements where one begins")
        }
        root = tree
    }

    deinit { pg_query__parse_result__free_unpacked(root, nil) }

    /// The statement's node, for as long as this object lives.
    var node: UnsafeMutablePointer<PgQuery__Node>? { root.pointee.stmts[0]?.pointee.stmt }
}

/// Why the parser took a statement for no SQL.
struct ParserRefusal: Error {
    let message: String
    /// Where, in characters counted from 1; 0 if it does not say.
    var character = 0
}
