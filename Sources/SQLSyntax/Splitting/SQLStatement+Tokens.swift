/// A token of a statement: a word, a name in quotes, a constant, a sign.
public struct StatementToken: Hashable, Sendable {
    /// The bytes of the script.
    public let range: Range<Int>
    /// The word in upper case; nil for anything else, also for a name in quotes.
    public let word: String?
    /// The sign, as `,` or `(`; nil for words, names, constants.
    public let sign: Character?
    /// How many parentheses are open around it; a parenthesis counts as outside of itself.
    public let depth: Int
}

extension SQLStatement {
    /// The statement's tokens in their order, without comments.
    public var tokens: [StatementToken] {
        withLexer { lexer in
            var tokens: [StatementToken] = []
            var depth = 0
            while let token = lexer.nextOrNil() {
                if token.kind == .closeParenthesis { depth = max(0, depth - 1) }
                let isSign =
                    switch token.kind {
                    case .openParenthesis, .closeParenthesis, .other: true
                    default: false
                    }
                tokens.append(
                    StatementToken(
                        range: token.range,
                        word: token.kind == .word ? lexer.uppercased(token) : nil,
                        sign: isSign ? Character(Unicode.Scalar(lexer.bytes[token.start])) : nil,
                        depth: depth
                    )
                )
                if token.kind == .openParenthesis { depth += 1 }
            }
            return tokens
        }
    }
}
