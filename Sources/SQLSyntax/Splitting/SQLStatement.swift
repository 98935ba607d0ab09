/// One statement of a script: where it lies, and what can be said of it without parsing.
public struct SQLStatement: Sendable {
    /// The bytes from the first token to the last one, without the semicolon.
    public let range: Range<Int>
    /// The blanks and comments between the previous statement's end, or the beginning of the text, and this statement.
    public let leadingComments: Range<Int>
    /// The lines of data behind a `COPY … FROM STDIN`, without the line `\.` that ends them; nil for other statements.
    public let copyData: Range<Int>?
    /// Whether a semicolon ends the statement; only the last one of a text may lack it.
    public let isTerminated: Bool
    /// The script's text, so that a statement can be looked at by itself.
    let source: [UInt8]

    /// The statement's text, without the semicolon and without the data of a COPY.
    public var text: String { String(decoding: source[range], as: UTF8.self) }

    /// The data of a COPY as they are sent to the server; nil for other statements.
    public var copyLines: ArraySlice<UInt8>? { copyData.map { source[$0] } }

    /// The first words of the statement in upper case, at most six, up to the first token that is not a word.
    ///
    /// Comments and opening parentheses before the first word are skipped: `(SELECT 1)` begins with `SELECT`. A name
    /// without quotes is a word too, a quoted one is not.
    public var leadingWords: [String] {
        withLexer { lexer in
            var words: [String] = []
            while words.count < 6, let token = lexer.nextOrNil() {
                if words.isEmpty, token.kind == .openParenthesis { continue }
                guard token.kind == .word else { break }
                words.append(lexer.uppercased(token))
            }
            return words
        }
    }

    /// Whether the statement begins with these words, in any case.
    public func begins(with words: String...) -> Bool {
        withLexer { lexer in
            var isFirst = true
            for word in words {
                var token = lexer.nextOrNil()
                while isFirst, token?.kind == .openParenthesis { token = lexer.nextOrNil() }
                isFirst = false
                guard let token, lexer.isWord(token, word) else { return false }
            }
            return true
        }
    }

    /// Whether one of these words stands in the statement, in any case, outside of quotes and comments.
    public func contains(anyOf words: String...) -> Bool {
        withLexer { lexer in
            while let token = lexer.nextOrNil() {
                if words.contains(where: { lexer.isWord(token, $0) }) { return true }
            }
            return false
        }
    }

    /// Runs a closure with a lexer at the statement's beginning.
    func withLexer<Result>(_ body: (inout Lexer) -> Result) -> Result {
        source.withUnsafeBufferPointer { bytes in
            var lexer = Lexer(bytes, in: range)
            return body(&lexer)
        }
    }
}

extension Lexer {
    /// The next token of a text that has been split, and so is known to have no unterminated one.
    mutating func nextOrNil() -> Token? {
        try? next()  // an error would mean the end of the text, as nil does
    }

    /// The token's text with its ASCII letters in upper case.
    func uppercased(_ token: Token) -> String {
        // Called for every statement of a run: several times faster than decoding a mapped sequence.
        String(unsafeUninitializedCapacity: token.end - token.start) { buffer in
            for index in buffer.indices { buffer[index] = bytes[token.start + index].uppercased }
            return buffer.count
        }
    }

    /// Whether a token is this word, in any case.
    func isWord(_ token: Token, _ word: String) -> Bool {
        token.kind == .word && token.end - token.start == word.utf8.count
            && zip(bytes[token.range], word.utf8).allSatisfy { $0.uppercased == $1.uppercased }
    }
}
