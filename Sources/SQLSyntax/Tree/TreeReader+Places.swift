/// Where the parts of a statement stand that the parser gives no place for, or only a beginning.
///
/// The words looked for are reserved: as names they are in quotes, so the first one found is the right one.
extension TreeReader {
    /// What stands in the parentheses behind a word, from a byte on; the word itself stands outside of parentheses.
    func parentheses(behind word: StaticString, from start: Int? = nil) -> Range<Int>? {
        var tokens = OuterTokens(statement, from: start ?? statement.range.lowerBound)
        var wasWord = false
        while let token = tokens.next() {
            if wasWord, tokens.isSymbol(token, "(") { return trimmed(token.range.upperBound..<tokens.endOfParentheses) }
            wasWord = token.kind == .word && tokens.lexer.matches(token.range, word)
        }
        return nil
    }

    /// What stands behind a word, to the end of the list's element, of the parentheses or of the statement around it.
    ///
    /// - Parameters:
    ///   - word: the word.
    ///   - start: the byte from which on it is looked for.
    ///   - end: the byte before which it ends, if nothing else ends it before.
    /// - Returns: its place in the script; nil if the word is not there, or nothing behind it.
    func rest(behind word: StaticString, from start: Int? = nil, before end: Int? = nil) -> Range<Int>? {
        var tokens = OuterTokens(statement, from: start ?? statement.range.lowerBound)
        var range: Range<Int>?
        while let token = tokens.next(), token.range.lowerBound < end ?? .max {
            if let begun = range {
                if tokens.isSymbol(token, ",") || tokens.isSymbol(token, ")") { break }
                let upper = max(token.range.upperBound, tokens.endOfElement)
                range = (begun.isEmpty ? token.range.lowerBound : begun.lowerBound)..<upper
            } else if token.kind == .word, tokens.lexer.matches(token.range, word) {
                range = token.range.upperBound..<token.range.upperBound
            }
        }
        return range.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The elements of the list that the statement is from a byte on, such as the commands of ALTER TABLE.
    func elements(from start: Int) -> [Range<Int>] {
        var tokens = OuterTokens(statement, from: start)
        var ranges: [Range<Int>] = []
        var isNew = true
        while let token = tokens.next() {
            if tokens.isSymbol(token, ",") {
                isNew = true
            } else if isNew || ranges.isEmpty {
                ranges.append(token.range.lowerBound..<tokens.endOfElement)
                isNew = false
            } else {
                ranges[ranges.count - 1] = ranges[ranges.count - 1].lowerBound..<tokens.endOfElement
            }
        }
        return ranges
    }

    private func trimmed(_ range: Range<Int>) -> Range<Int>? {
        guard let first = range.first(where: { !isBlank(statement.bytes[$0]) }) else { return nil }
        let last = range.last { !isBlank(statement.bytes[$0]) } ?? first
        return first..<last + 1
    }
}

/// The tokens of a statement that stand outside of parentheses and brackets; what is inside is stepped over.
private struct OuterTokens {
    private(set) var lexer: SQLLexer
    /// Where the token that was read ends, with the parentheses that it opens.
    private(set) var endOfElement = 0
    /// Where what is inside the parentheses ends that were just opened.
    private(set) var endOfParentheses = 0

    init(_ statement: SQLStatement, from start: Int) {
        lexer = SQLLexer(statement.bytes)
        lexer.move(to: start)
    }

    mutating func next() -> SQLLexer.Token? {
        guard let token = read() else { return nil }
        endOfElement = token.range.upperBound
        if isSymbol(token, "(") || isSymbol(token, "[") { skipToEnd() }
        return token
    }

    func isSymbol(_ token: SQLLexer.Token, _ symbol: Unicode.Scalar) -> Bool {
        token.kind == .symbol && lexer.byte(at: token.range.lowerBound) == UInt8(ascii: symbol)
    }

    private mutating func skipToEnd() {
        var depth = 1
        while depth > 0, let token = read() {
            if isSymbol(token, "(") || isSymbol(token, "[") { depth += 1 }
            if isSymbol(token, ")") || isSymbol(token, "]") { depth -= 1 }
            endOfParentheses = token.range.lowerBound
            endOfElement = token.range.upperBound
        }
    }

    private mutating func read() -> SQLLexer.Token? {
        (try? lexer.next()) ?? nil  // split before: no error left
    }
}
