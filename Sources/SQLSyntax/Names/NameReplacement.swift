/// One name in the place of another one, wherever a text of SQL has it as a name.
///
/// Strings are left as they are, but for those that are read as a name: `'public.jobs_id_seq'::regclass`.
public struct NameReplacement: Hashable, Sendable {
    /// Where a name stands.
    public enum Place: Hashable, Sendable {
        /// In front of a dot, and behind none: a schema.
        case schema
        /// Behind no dot: an object with its schema.
        case object
        /// In front of no dot or parenthesis: a column.
        case column
    }

    /// Whether it is for the name of a schema.
    public var isForSchema: Bool { place == .schema }

    private let old: [String]
    private let new: [String]
    private let place: Place

    /// Replaces a name of one or more parts.
    public init(_ old: [String], by new: [String], as place: Place) {
        self.old = old
        self.new = new
        self.place = place
    }

    /// A text with the new name, quoted where it has to be.
    public func applied(to sql: String) -> String {
        guard let last = old.last, sql.contains(last.replacing("\"", with: "\"\"")) else { return sql }
        let bytes = Array(sql.utf8)
        var result: [UInt8] = []
        var copied = 0
        for (range, text) in edits(in: bytes) {
            result += bytes[copied..<range.lowerBound]
            result += text.utf8
            copied = range.upperBound
        }
        return copied == 0 ? sql : String(decoding: result + bytes[copied...], as: UTF8.self)
    }

    private func edits(in bytes: [UInt8]) -> [(Range<Int>, String)] {
        bytes.withUnsafeBufferPointer { buffer in
            let tokens = Self.tokens(of: buffer)
            let text = new.map(Identifier.quote).joined(separator: ".")
            var edits: [(Range<Int>, String)] = []
            for index in tokens.indices {
                if let end = end(ofNameAt: index, tokens, buffer) {
                    edits.append((tokens[index].start..<tokens[end].end, text))
                } else if let inner = name(inStringAt: index, tokens, buffer) {
                    let replaced = applied(to: inner)
                    if replaced != inner { edits.append((tokens[index].range, StringLiteral.quote(replaced))) }
                }
            }
            return edits
        }
    }

    private static func tokens(of bytes: UnsafeBufferPointer<UInt8>) -> [Token] {
        var lexer = Lexer(bytes, in: 0..<bytes.count)
        var tokens: [Token] = []
        while let token = lexer.nextOrNil() { tokens.append(token) }
        return tokens
    }

    /// The last token of the old name, if it begins at a token and stands where it should.
    private func end(ofNameAt index: Int, _ tokens: [Token], _ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        func isDot(_ index: Int) -> Bool {
            tokens.indices.contains(index) && tokens[index].kind == .other
                && bytes[tokens[index].start] == UInt8(ascii: ".")
        }
        var next = index
        for (number, part) in old.enumerated() {
            if number > 0 {
                guard isDot(next) else { return nil }
                next += 1
            }
            guard tokens.indices.contains(next), Self.name(tokens[next], bytes) == part else { return nil }
            next += 1
        }
        let opens = tokens.indices.contains(next) && tokens[next].kind == .openParenthesis
        let fits =
            switch place {
            case .schema: isDot(next) && !isDot(index - 1)
            case .object: !isDot(index - 1)
            // Behind ON and REFERENCES a list opens behind a table: with a schema, and so behind a dot.
            case .column: !isDot(next) && !opens
            }
        return fits ? next - 1 : nil
    }

    private static func name(_ token: Token, _ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        let text = String(decoding: bytes[token.range], as: UTF8.self)
        switch token.kind {
        case .word: return Identifier.lowercase(text.utf8)
        case .quotedIdentifier where text.hasPrefix("\""):
            return String(text.dropFirst().dropLast()).replacing("\"\"", with: "\"")
        default: return nil
        }
    }

    /// What stands in a string that is cast to a name of an object.
    private func name(inStringAt index: Int, _ tokens: [Token], _ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        guard place != .column, tokens[index].kind == .string, bytes[tokens[index].start] == UInt8(ascii: "'"),
            index + 3 < tokens.count, tokens[index + 3].kind == .word,
            String(decoding: bytes[tokens[index + 1].start..<tokens[index + 3].end], as: UTF8.self).hasPrefix("::reg")
        else { return nil }
        let text = String(decoding: bytes[tokens[index].range], as: UTF8.self)
        return String(text.dropFirst().dropLast()).replacing("''", with: "'")
    }
}
