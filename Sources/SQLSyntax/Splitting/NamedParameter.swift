/// A `:name` in a statement, outside of quotes, comments and casts.
public struct NamedParameter: Hashable, Sendable {
    /// The name, in lower case and without the colon.
    public let name: String
    /// The bytes of the script from the colon to the name's end.
    public let range: Range<Int>
    /// The operator directly before the colon, such as `>=`; empty if there is none.
    public let comparison: String
    /// The bytes from the beginning of that operator to the name's end.
    public let comparisonRange: Range<Int>
}

extension SQLStatement {
    /// The statement's named parameters, in order.
    public var namedParameters: [NamedParameter] {
        withLexer { lexer in
            var parameters: [NamedParameter] = []
            var operatorStart: Int?
            var previous: Token?
            while let token = lexer.nextOrNil() {
                defer { previous = token }
                if token.kind == .other, lexer.bytes[token.start] != UInt8(ascii: ":") {
                    let continues = previous?.kind == .other && previous?.end == token.start
                    operatorStart = continues ? operatorStart ?? token.start : token.start
                    continue
                }
                guard token.kind == .word, let colon = previous, colon.kind == .other, colon.end == token.start,
                    lexer.bytes[colon.start] == UInt8(ascii: ":"),
                    colon.start == range.lowerBound || lexer.bytes[colon.start - 1] != UInt8(ascii: ":")
                else {
                    if token.kind != .other { operatorStart = nil }
                    continue
                }
                let start = operatorStart ?? colon.start
                let between = lexer.bytes[start..<colon.start].filter { $0 > UInt8(ascii: " ") }
                parameters.append(
                    NamedParameter(
                        name: lexer.uppercased(token).lowercased(),
                        range: colon.start..<token.end,
                        comparison: String(decoding: between, as: UTF8.self),
                        comparisonRange: start..<token.end
                    )
                )
                operatorStart = nil
            }
            return parameters
        }
    }
}
