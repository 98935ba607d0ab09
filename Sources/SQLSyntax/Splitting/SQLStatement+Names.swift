extension SQLStatement {
    /// The first name behind the statement's leading keywords, read without parsing; nil where something else stands there.
    ///
    /// - Parameter keywords: the words, in upper case, that may stand before the name.
    /// - Returns: the name.
    public func name(behindLeading keywords: Set<String>) -> QualifiedName? {
        withLexer { lexer in
            while let token = lexer.nextOrNil() {
                if token.kind == .word, keywords.contains(lexer.uppercased(token)) { continue }
                return lexer.name(beginningWith: token)
            }
            return nil
        }
    }

    /// The names that stand directly behind one of these keywords anywhere in the statement, read without parsing.
    public func names(behind keywords: StaticString...) -> [QualifiedName] {
        withLexer { lexer in
            var names: [QualifiedName] = []
            while let token = lexer.nextOrNil() {
                guard keywords.contains(where: { token.is($0, in: lexer.bytes) }), let next = lexer.nextOrNil() else {
                    continue
                }
                if let name = lexer.name(beginningWith: next) { names.append(name) }
            }
            return names
        }
    }
}

extension Lexer {
    /// The name of one or more parts that begins with a token.
    mutating func name(beginningWith token: Token) -> QualifiedName? {
        var parts: [String] = []
        var token = token
        while let part = part(token) {
            parts.append(part)
            var ahead = self
            guard let dot = ahead.nextOrNil(), dot.kind == .other, bytes[dot.start] == UInt8(ascii: ".") else { break }
            guard let next = ahead.nextOrNil() else { break }
            self = ahead
            token = next
        }
        return parts.isEmpty ? nil : QualifiedName(parts: parts)
    }

    private func part(_ token: Token) -> String? {
        guard token.kind == .word || token.kind == .quotedIdentifier else { return nil }
        let text = String(decoding: bytes[token.range], as: UTF8.self)
        // U&"…" is read by nobody here.
        return (try? Identifier.parse(text))?.first.map(Identifier.truncate)
    }
}
