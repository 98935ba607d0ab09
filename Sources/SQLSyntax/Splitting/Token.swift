/// One token of SQL, as far as splitting and looking for words need to know it.
struct Token {
    enum Kind: UInt8 {
        case word
        case quotedIdentifier
        case string
        case number
        case openParenthesis
        case closeParenthesis
        case semicolon
        case backslash
        case comment
        case other
    }

    let kind: Kind
    let start: Int
    let end: Int

    var range: Range<Int> { start..<end }

    /// Whether the token is this keyword, which is given in upper case, outside of quotes.
    @inline(__always)
    func `is`(_ keyword: StaticString, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard kind == .word, end - start == keyword.utf8CodeUnitCount else { return false }
        for index in 0..<keyword.utf8CodeUnitCount
        where bytes[start + index].uppercased != keyword.utf8Start[index] {
            return false
        }
        return true
    }
}

/// A text that ends inside a quote or a comment; the offset is that of its opening.
struct UnterminatedToken: Error {
    enum Kind {
        case string
        case quotedIdentifier
        case dollarQuote(tag: Range<Int>)
        case comment
    }

    let kind: Kind
    let opening: Int
}
