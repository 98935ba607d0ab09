/// Quoting, folding and reading of names, as PostgreSQL does them.
public enum Identifier {
    /// The longest name the server keeps, in bytes (`NAMEDATALEN` less one).
    public static let maximumLength = 63

    /// Returns the name as it is written in SQL: in double quotes where it needs them, as by `quote_ident`.
    ///
    /// Which words need quotes is what PostgreSQL 15's own scanner says of them.
    public static func quote(_ name: String) -> String {
        isPlain(name) ? name : alwaysQuote(name)
    }

    /// Returns the name in double quotes.
    public static func alwaysQuote(_ name: String) -> String {
        var quoted = "\""
        for scalar in name.unicodeScalars {
            if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    /// Returns what the server makes of a name without quotes: ASCII letters in lower case, then ``truncate(_:)``.
    public static func fold(_ word: String) -> String {
        truncate(lowercase(word.utf8))
    }

    /// Returns the name shortened to ``maximumLength`` bytes at a character's end, as the server shortens it.
    public static func truncate(_ name: String) -> String {
        guard name.utf8.count > maximumLength else { return name }
        var end = name.utf8.index(name.utf8.startIndex, offsetBy: maximumLength)
        while name.utf8[end] & 0b1100_0000 == 0b1000_0000 { end = name.utf8.index(before: end) }
        return String(decoding: name.utf8[..<end], as: UTF8.self)
    }

    /// Reads a name of one or more parts, such as `app."Users".id`, as `parse_ident` does.
    ///
    /// - Parameter name: the parts with dots between them; blanks may stand around each part. Parts without quotes
    ///   are folded; none is truncated.
    /// - Returns: the parts as the server knows them; at least one.
    /// - Throws: ``SQLSyntaxError`` with code `invalid-name`, placed in the name itself.
    public static func parse(_ name: String) throws(SQLSyntaxError) -> [String] {
        var reader = NameReader(name)
        return try reader.read()
    }

    /// Whether the name needs no quotes.
    private static func isPlain(_ name: String) -> Bool {
        guard let first = name.utf8.first, !first.isDigit else { return false }
        var mayBeKeyword = true
        for byte in name.utf8 {
            guard byte &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_") || byte.isDigit else { return false }
            mayBeKeyword = mayBeKeyword && !byte.isDigit
        }
        return !mayBeKeyword || Keyword.isUsableAsName(name)
    }

    static func lowercase(_ utf8: some Collection<UInt8>) -> String {
        String(decoding: utf8.lazy.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}

/// Reads the parts of a qualified name.
private struct NameReader {
    private let name: String
    private let utf8: [UInt8]
    private var offset = 0

    init(_ name: String) {
        self.name = name
        utf8 = Array(name.utf8)
    }

    mutating func read() throws(SQLSyntaxError) -> [String] {
        var parts: [String] = []
        repeat {
            skipBlanks()
            parts.append(try readPart())
            skipBlanks()
        } while skipDot()
        guard offset == utf8.count else { throw .invalidName(name, at: offset, .textBehind) }
        return parts
    }

    private mutating func readPart() throws(SQLSyntaxError) -> String {
        guard offset < utf8.count else { throw .invalidName(name, at: offset, .missingPart) }
        if utf8[offset] == UInt8(ascii: "\"") { return try readQuotedPart() }
        guard utf8[offset].startsWord else { throw .invalidName(name, at: offset, .missingPart) }
        let word = utf8[offset...].prefix { $0.continuesWord }
        offset = word.endIndex
        return Identifier.lowercase(word)
    }

    private mutating func readQuotedPart() throws(SQLSyntaxError) -> String {
        let opening = offset
        var part: [UInt8] = []
        repeat {
            if offset > opening { part.append(UInt8(ascii: "\"")) }
            let text = utf8[(offset + 1)...].prefix { $0 != UInt8(ascii: "\"") }
            guard text.endIndex < utf8.count else { throw .invalidName(name, at: opening, .unclosedQuote) }
            part += text
            offset = text.endIndex + 1
        } while offset < utf8.count && utf8[offset] == UInt8(ascii: "\"")
        guard !part.isEmpty else { throw .invalidName(name, at: opening, .emptyPart) }
        return String(decoding: part, as: UTF8.self)
    }

    private mutating func skipDot() -> Bool {
        guard offset < utf8.count, utf8[offset] == UInt8(ascii: ".") else { return false }
        offset += 1
        return true
    }

    private mutating func skipBlanks() {
        while offset < utf8.count, [.space, .tab, .newline, .carriageReturn, .formFeed].contains(utf8[offset]) {
            offset += 1
        }
    }
}
