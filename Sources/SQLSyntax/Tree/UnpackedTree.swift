import CPgQuery

/// Owns one tree as libpg_query unpacks it; it is freed with its last reference.
///
/// Sendable without the compiler's help: nothing writes to the tree after it was unpacked.
final class UnpackedTree: @unchecked Sendable {
    private let root: UnsafeMutablePointer<PgQuery__ParseResult>
    private let nesting: Nesting
    /// The offset in the script of the text that was parsed.
    let base: Int

    /// What came of parsing a text.
    enum Answer {
        case tree(UnpackedTree)
        case refused(Refusal)
    }

    private init(root: UnsafeMutablePointer<PgQuery__ParseResult>, nesting: Nesting, base: Int) {
        self.root = root
        self.nesting = nesting
        self.base = base
    }

    deinit {
        // Without a thread the tree is leaked: better than to overrun the stack.
        _ = nesting.onSufficientStack { [root] in pg_query__parse_result__free_unpacked(root, nil) }
    }

    /// Each statement: its node, and where the blanks and comments before it begin.
    var statements: [(node: NodeReader.Node?, start: Int)] {
        UnsafeBufferPointer(start: root.pointee.stmts, count: root.pointee.n_stmts)
            .map { ($0?.pointee.stmt, base + Int($0?.pointee.stmt_location ?? 0)) }
    }

    /// Parses a text, which may not contain a zero byte.
    ///
    /// - Parameters:
    ///   - utf8: the text.
    ///   - base: where it begins in its script; added to every offset that is given out.
    /// - Returns: the tree, or what the grammar says against the text.
    /// - Throws: ``SQLSyntaxError`` when the parser failed for a reason that is not in the text.
    static func parse(_ utf8: ArraySlice<UInt8>, base: Int) throws(SQLSyntaxError) -> Answer {
        let nesting = utf8.withUnsafeBufferPointer { Nesting(of: $0) }
        guard nesting.depth <= Nesting.limit else {
            return .refused(Refusal(message: "nested too deeply to be analysed", offset: base))
        }
        guard utf8.count < Int32.max else { throw .textTooLong(utf8.count) }
        var text = utf8.map { CChar(bitPattern: $0) }
        text.append(0)
        let outcome = nesting.onSufficientStack { () -> Result<Answer, SQLSyntaxError> in
            let result = pg_query_parse_protobuf(text)
            defer { pg_query_free_protobuf_parse_result(result) }
            if let error = result.error?.pointee {
                return refusal(for: error, text: utf8, base: base).map { .refused($0) }
            }
            let length = result.parse_tree.len
            // An empty text has an empty tree, and then there may be no data at all.
            let data = result.parse_tree.data.map { UnsafeRawPointer($0).assumingMemoryBound(to: UInt8.self) }
            guard let root = pg_query__parse_result__unpack(nil, length, data) else {
                return .failure(.parserFailed("its result could not be read"))
            }
            return .success(.tree(UnpackedTree(root: root, nesting: nesting, base: base)))
        }
        guard let outcome else {
            throw .parserFailed("no thread with a stack for \(nesting.depth) levels could be made")
        }
        return try outcome.get()
    }

    /// Tells what the grammar refuses from what went wrong in the parser itself, by the file that reports it.
    private static func refusal(
        for error: PgQueryError,
        text: ArraySlice<UInt8>,
        base: Int
    ) -> Result<Refusal, SQLSyntaxError> {
        let message = String(cString: error.message)
        let file = error.filename.map { String(cString: $0) } ?? ""
        let refusers = ["gram.y", "scan.l", "src_backend_parser", "src_backend_utils_mb"]
        guard refusers.contains(where: { file.utf8.starts(with: $0.utf8) }) else {
            return .failure(.parserFailed(message))
        }
        guard error.cursorpos > 0 else { return .success(Refusal(message: message, offset: nil)) }
        // The position counts characters from 1.
        var remaining = Int(error.cursorpos)
        let offset = text.firstIndex { byte in
            if byte & 0b1100_0000 != 0b1000_0000 { remaining -= 1 }
            return remaining == 0
        }
        return .success(Refusal(message: message, offset: base + (offset ?? text.endIndex) - text.startIndex))
    }
}

/// Why PostgreSQL 15's grammar did not accept a statement.
///
/// A later server may accept it: this is no finding against the user.
public struct Refusal: Hashable, Sendable {
    /// The parser's own words.
    public let message: String
    /// The byte of the script that the parser points at; nil where it names no place.
    public let offset: Int?
}
