/// An `IF NOT EXISTS` of a statement, with what it is about, read without parsing.
public struct StatementGuard: Hashable, Sendable {
    /// What is left as it is if it is there.
    public enum Subject: Hashable, Sendable {
        /// A table, sequence or materialized view of this name.
        case relation(QualifiedName)
        /// An index of this name beside a table.
        case index(String, on: QualifiedName)
        /// A column of a table.
        case column(String, of: QualifiedName)
        /// A value of an enumeration.
        case enumValue(String, of: QualifiedName)
        /// A schema of this name.
        case schema(String)
        /// An extension of this name.
        case `extension`(String)
        /// Extended statistics of this name.
        case statistics(QualifiedName)
        /// A collation of this name.
        case collation(QualifiedName)
        /// A foreign server of this name.
        case server(String)
        /// The user mapping of a role, as it is written, for a server.
        case userMapping(String, server: String)
        /// Something else, or something whose name only the parser can read.
        case other
    }

    /// What is left as it is if it is there.
    public let subject: Subject
    /// Whether the object is one of the session's temporary ones.
    public let isTemporary: Bool

    /// Makes a guard.
    public init(subject: Subject, isTemporary: Bool) {
        self.subject = subject
        self.isTemporary = isTemporary
    }
}

extension SQLStatement {
    /// Every `IF NOT EXISTS` of a statement that makes or alters something.
    public var guards: [StatementGuard] {
        withLexer { lexer in
            var reader = GuardReader(lexer)
            return reader.read()
        }
    }

    /// The text of an element of a list, such as a column's definition, up to the comma or parenthesis that ends it.
    ///
    /// - Parameter offset: the byte where the element begins.
    /// - Returns: the text; empty for an offset that is not in the statement.
    public func element(at offset: Int) -> String {
        guard range.contains(offset) else { return "" }
        return source.withUnsafeBufferPointer { bytes in
            var lexer = Lexer(bytes, in: offset..<range.upperBound)
            var depth = 0
            var end = offset
            while let token = lexer.nextOrNil() {
                if token.kind == .openParenthesis || bytes[token.start] == UInt8(ascii: "[") { depth += 1 }
                if token.kind == .closeParenthesis || bytes[token.start] == UInt8(ascii: "]") { depth -= 1 }
                if depth < 0 || depth == 0 && token.kind == .other && bytes[token.start] == UInt8(ascii: ",") { break }
                end = token.end
            }
            return String(decoding: bytes[offset..<end], as: UTF8.self)
        }
    }
}

extension SQLStatement {
    /// The query of `CREATE TABLE … AS` and `CREATE MATERIALIZED VIEW`, without the `WITH DATA` behind it; nil for others.
    public var queryBehindAs: String? {
        withLexer { lexer in
            var depth = 0
            var start: Int?
            var tokens: [Token] = []
            while let token = lexer.nextOrNil() {
                if token.kind == .openParenthesis { depth += 1 }
                if token.kind == .closeParenthesis { depth -= 1 }
                if start != nil {
                    tokens.append(token)
                } else if depth == 0, token.is("AS", in: lexer.bytes) {
                    start = token.end
                }
            }
            guard let start, var end = tokens.last?.end, tokens.first?.is("EXECUTE", in: lexer.bytes) == false else {
                return nil
            }
            let words = tokens.suffix(3).map { $0.kind == .word ? lexer.uppercased($0) : "" }
            for ending in [["WITH", "NO", "DATA"], ["WITH", "DATA"]] where words.suffix(ending.count) == ending[...] {
                end = tokens[tokens.count - ending.count].start
            }
            return String(decoding: lexer.bytes[start..<end], as: UTF8.self)
        }
    }
}

/// Reads the guards of a statement, token by token.
private struct GuardReader {
    private var lexer: Lexer
    /// The keywords before the first name.
    private var words: [String] = []
    /// The name that the statement begins with, in ALTER.
    private var altered: QualifiedName?

    init(_ lexer: Lexer) {
        self.lexer = lexer
    }

    mutating func read() -> [StatementGuard] {
        guard let first = lexer.nextOrNil() else { return [] }
        if first.is("CREATE", in: lexer.bytes) { return readCreation() }
        return first.is("ALTER", in: lexer.bytes) ? readAlteration() : []
    }

    private mutating func readCreation() -> [StatementGuard] {
        while let token = lexer.nextOrNil(), token.kind == .word {
            guard token.is("IF", in: lexer.bytes), isGuard() else {
                words.append(lexer.uppercased(token))
                if words.count > 6 { return [] }
                continue
            }
            return [StatementGuard(subject: creationSubject(), isTemporary: isTemporary)]
        }
        return []
    }

    private var isTemporary: Bool { words.contains("TEMP") || words.contains("TEMPORARY") }

    private mutating func creationSubject() -> StatementGuard.Subject {
        if words == ["USER", "MAPPING"] { return userMapping() }
        guard let next = lexer.nextOrNil(), let name = lexer.name(beginningWith: next) else { return .other }
        switch words.last {
        case "TABLE", "SEQUENCE", "VIEW": return .relation(name)
        case "EXTENSION": return .extension(name.name)
        case "STATISTICS": return .statistics(name)
        case "COLLATION": return .collation(name)
        case "SERVER": return .server(name.name)
        case "SCHEMA": return next.is("AUTHORIZATION", in: lexer.bytes) ? .other : .schema(name.name)
        case "INDEX", "CONCURRENTLY":
            guard let on = lexer.nextOrNil(), on.is("ON", in: lexer.bytes), var table = lexer.nextOrNil() else {
                return .other
            }
            if table.is("ONLY", in: lexer.bytes) {
                guard let next = lexer.nextOrNil() else { return .other }
                table = next
            }
            return lexer.name(beginningWith: table).map { .index(name.name, on: $0) } ?? .other
        default: return .other
        }
    }

    private mutating func userMapping() -> StatementGuard.Subject {
        guard let word = lexer.nextOrNil(), word.is("FOR", in: lexer.bytes), let next = lexer.nextOrNil(),
            let role = lexer.name(beginningWith: next), let keyword = lexer.nextOrNil(),
            keyword.is("SERVER", in: lexer.bytes), let last = lexer.nextOrNil(),
            let server = lexer.name(beginningWith: last)
        else { return .other }
        return .userMapping(role.name, server: server.name)
    }

    private mutating func readAlteration() -> [StatementGuard] {
        var guards: [StatementGuard] = []
        var depth = 0
        while let token = lexer.nextOrNil() {
            switch token.kind {
            case .openParenthesis: depth += 1
            case .closeParenthesis: depth -= 1
            case .word where depth == 0 && token.is("IF", in: lexer.bytes) && isGuard():
                guards.append(StatementGuard(subject: alterationSubject(), isTemporary: false))
            case .word, .quotedIdentifier:
                readWord(token)
            default: break
            }
        }
        return guards
    }

    /// Takes the keywords before the altered object's name, and the name.
    private mutating func readWord(_ token: Token) {
        guard altered == nil else { return }
        let isKeyword = ["FOREIGN", "TABLE", "TYPE", "IF", "EXISTS", "ONLY"].contains {
            lexer.isWord(token, $0)
        }
        if isKeyword { words.append(lexer.uppercased(token)) } else { altered = lexer.name(beginningWith: token) }
    }

    private mutating func alterationSubject() -> StatementGuard.Subject {
        guard let altered, let next = lexer.nextOrNil() else { return .other }
        if words.contains("TYPE") {
            let text = String(decoding: lexer.bytes[next.range], as: UTF8.self)
            guard next.kind == .string, text.hasPrefix("'") else { return .other }
            return .enumValue(String(text.dropFirst().dropLast()).replacing("''", with: "'"), of: altered)
        }
        return lexer.name(beginningWith: next).map { .column($0.name, of: altered) } ?? .other
    }

    /// Whether NOT EXISTS comes next; if so, it is taken.
    private mutating func isGuard() -> Bool {
        var ahead = lexer
        guard let not = ahead.nextOrNil(), not.is("NOT", in: lexer.bytes), let exists = ahead.nextOrNil(),
            exists.is("EXISTS", in: lexer.bytes)
        else { return false }
        lexer = ahead
        return true
    }
}
