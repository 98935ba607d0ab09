import CPgQuery

/// Names, as PostgreSQL quotes and folds them (manual, 4.1.1 Identifiers and Key Words).
public enum Identifier {
    /// A name for SQL, in quotes where it needs them, as `quote_ident` on the server gives it.
    public static func quote(_ name: String) -> String {
        isPlain(name) ? name : "\"\(name.replacing("\"", with: "\"\""))\""
    }

    /// What the server makes of a name without quotes: ASCII letters small, cut to 63 bytes between characters.
    public static func fold(_ name: String) -> String {
        let small = name.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 32 : $0 }
        return truncate(String(decoding: small, as: UTF8.self))
    }

    /// A name cut to the 63 bytes that the server keeps, between characters.
    public static func truncate(_ name: String) -> String {
        guard name.utf8.count > 63 else { return name }
        var count = 0
        let kept = name.unicodeScalars.prefix { scalar in
            count += UTF8.width(scalar)
            return count <= 63
        }
        return String(String.UnicodeScalarView(kept))
    }

    private static func isPlain(_ name: String) -> Bool {
        guard let first = name.utf8.first, isSmallLetter(first) || first == UInt8(ascii: "_") else { return false }
        let isWord = name.utf8.allSatisfy { byte in
            isSmallLetter(byte) || byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return isWord && !isKeyword(name)
    }

    private static func isSmallLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }

    /// Whether a word is a keyword of any kind but the unreserved; the scanner of the server's grammar knows them.
    private static func isKeyword(_ word: String) -> Bool {
        let result = pg_query_scan(word)
        defer { pg_query_free_scan_result(result) }
        guard result.error == nil, let data = result.pbuf.data else { return true }
        return data.withMemoryRebound(to: UInt8.self, capacity: result.pbuf.len) { data in
            guard let scan = pg_query__scan_result__unpack(nil, result.pbuf.len, data) else { return true }
            defer { pg_query__scan_result__free_unpacked(scan, nil) }
            guard scan.pointee.n_tokens == 1, let token = scan.pointee.tokens[0] else { return true }
            let kind = token.pointee.keyword_kind
            return kind != PG_QUERY__KEYWORD_KIND__NO_KEYWORD && kind != PG_QUERY__KEYWORD_KIND__UNRESERVED_KEYWORD
        }
    }
}
