/// Other roles in the place of those that statements name: owners, grantees, and whom policies are for.
public struct RoleReplacement: Hashable, Sendable {
    private let roles: [String: String]

    /// Replaces roles by others.
    ///
    /// - Parameter roles: the new names by the old ones, both as the server knows them.
    public init(_ roles: [String: String]) {
        self.roles = roles
    }

    /// A script with the new names, quoted where they have to be.
    ///
    /// - Parameter sql: statements in the form that `pg_dump` writes.
    /// - Returns: the statements.
    /// - Throws: ``SQLSyntaxError`` if the text cannot be split into statements.
    public func applied(to sql: String) throws(SQLSyntaxError) -> String {
        guard !roles.isEmpty, roles.keys.contains(where: { sql.contains($0.replacing("\"", with: "\"\"")) }) else {
            return sql
        }
        let script = try SQLScript(sql)
        let bytes = Array(sql.utf8)
        var result: [UInt8] = []
        var copied = 0
        for statement in script.statements {
            for (range, text) in edits(in: statement) {
                result += bytes[copied..<range.lowerBound]
                result += text.utf8
                copied = range.upperBound
            }
        }
        return String(decoding: result + bytes[copied...], as: UTF8.self)
    }

    private func edits(in statement: SQLStatement) -> [(Range<Int>, String)] {
        let words = statement.leadingWords
        return statement.withLexer { lexer in
            var tokens: [Token] = []
            var depth = 0
            while let token = lexer.nextOrNil() {
                if token.kind == .openParenthesis { depth += 1 }
                if token.kind == .closeParenthesis { depth -= 1 }
                // What stands in parentheses are columns, arguments and expressions.
                if depth == 0 { tokens.append(token) }
            }
            return places(of: tokens, words, lexer).compactMap { index in
                guard let old = name(tokens[index], lexer), let new = roles[old] else { return nil }
                let isString = tokens[index].kind == .string
                return (tokens[index].range, isString ? StringLiteral.quote(new) : Identifier.quote(new))
            }
        }
    }

    /// Where roles stand in a statement.
    private func places(of tokens: [Token], _ words: [String], _ lexer: Lexer) -> [Int] {
        func index(behind keywords: String..., from start: Int = 0, last: Bool = false) -> Int? {
            let starts = tokens.indices.dropFirst(start).filter { at in
                at + keywords.count <= tokens.count
                    && keywords.enumerated().allSatisfy { lexer.isWord(tokens[at + $0], $1) }
            }
            return (last ? starts.last : starts.first).map { $0 + keywords.count }
        }
        /// Names with commas between them.
        func list(from start: Int?) -> [Int] {
            guard let start, start < tokens.count else { return [] }
            var places = [start]
            while let last = places.last, last + 2 < tokens.count, isComma(tokens[last + 1], lexer) {
                places.append(last + 2)
            }
            return places
        }
        switch words.first {
        case "GRANT", "REVOKE":
            let end = words[0] == "GRANT" ? index(behind: "TO", last: true) : index(behind: "FROM", last: true)
            let by = index(behind: "GRANTED", "BY", last: true)
            // `GRANT a TO b` is about two roles.
            let members = index(behind: "ON") == nil ? list(from: 1) : []
            return members + list(from: end) + (by.map { [$0] } ?? [])
        case "ALTER" where words.starts(with: ["ALTER", "DEFAULT", "PRIVILEGES"]):
            return list(from: index(behind: "FOR", "ROLE"))
                + list(from: index(behind: "TO", last: true) ?? index(behind: "FROM", last: true))
        case "ALTER":
            return index(behind: "OWNER", "TO", last: true).map { [$0] } ?? []
        case "CREATE" where words.starts(with: ["CREATE", "POLICY"]):
            return list(from: index(behind: "TO"))
        case "CREATE" where words.starts(with: ["CREATE", "SCHEMA"]):
            return index(behind: "AUTHORIZATION").map { [$0] } ?? []
        case "CREATE" where words.starts(with: ["CREATE", "USER", "MAPPING"]):
            return index(behind: "FOR").map { [$0] } ?? []
        case "SET" where words.starts(with: ["SET", "SESSION", "AUTHORIZATION"]):
            return [3]
        default:
            return []
        }
    }

    private func isComma(_ token: Token, _ lexer: Lexer) -> Bool {
        token.kind == .other && lexer.bytes[token.start] == UInt8(ascii: ",")
    }

    private func name(_ token: Token, _ lexer: Lexer) -> String? {
        let text = String(decoding: lexer.bytes[token.range], as: UTF8.self)
        switch token.kind {
        case .word: return Identifier.lowercase(text.utf8)
        case .quotedIdentifier: return String(text.dropFirst().dropLast()).replacing("\"\"", with: "\"")
        case .string: return String(text.dropFirst().dropLast()).replacing("''", with: "'")
        default: return nil
        }
    }
}
