import CPgQuery

/// What PostgreSQL's scanner knows of a word.
enum Keyword {
    /// Whether a word in lower case can stand for a name everywhere: it is no keyword, or one that reserves nothing.
    static func isUsableAsName(_ word: String) -> Bool {
        let scan = pg_query_scan(word)
        defer { pg_query_free_scan_result(scan) }
        guard scan.error == nil, let data = scan.pbuf.data else { return false }
        let unpacked = data.withMemoryRebound(to: UInt8.self, capacity: scan.pbuf.len) { bytes in
            pg_query__scan_result__unpack(nil, scan.pbuf.len, bytes)
        }
        guard let unpacked else { return false }
        defer { pg_query__scan_result__free_unpacked(unpacked, nil) }
        guard unpacked.pointee.n_tokens == 1, let token = unpacked.pointee.tokens[0] else { return false }
        return token.pointee.keyword_kind == PG_QUERY__KEYWORD_KIND__NO_KEYWORD
            || token.pointee.keyword_kind == PG_QUERY__KEYWORD_KIND__UNRESERVED_KEYWORD
    }
}
