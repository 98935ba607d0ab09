/// Reads tokens after the server's own lexical rules, with `standard_conforming_strings` on.
///
/// PostgreSQL manual, 4.1 "Lexical Structure"; where it is silent, the server's `scan.l`. Operators are read a
/// character at a time: nothing here depends on where one ends, and a comment may begin inside one.
struct Lexer {
    let bytes: UnsafeBufferPointer<UInt8>
    /// Whether comments are tokens too, instead of being skipped.
    let yieldsComments: Bool
    private(set) var offset: Int
    private let end: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>, yieldsComments: Bool = false) {
        self.bytes = bytes
        self.yieldsComments = yieldsComments
        offset = range.lowerBound
        end = range.upperBound
    }

    /// Continues behind a text that is not SQL, such as the data of a COPY.
    mutating func skip(to offset: Int) {
        self.offset = offset
    }

    /// The next token, or nil at the end of the text.
    mutating func next() throws(UnterminatedToken) -> Token? {
        while offset < end {
            let start = offset
            let byte = bytes[start]
            switch byte {
            case .space, .tab, .newline, .carriageReturn, .formFeed, .verticalTab:
                offset += 1
            case UInt8(ascii: "-") where peek(1) == UInt8(ascii: "-"):
                skipLineComment()
                if yieldsComments { return Token(kind: .comment, start: start, end: offset) }
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
                try skipBlockComment()
                if yieldsComments { return Token(kind: .comment, start: start, end: offset) }
            default:
                let kind = try readToken(beginningWith: byte)
                return Token(kind: kind, start: start, end: offset)
            }
        }
        return nil
    }

    private mutating func readToken(beginningWith byte: UInt8) throws(UnterminatedToken) -> Token.Kind {
        switch byte {
        case UInt8(ascii: "'"):
            try skipQuoted(by: byte, opening: offset)
            return .string
        case UInt8(ascii: "\""):
            try skipQuoted(by: byte, opening: offset)
            return .quotedIdentifier
        case UInt8(ascii: "$"):
            return try readDollar()
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            // Letters as well, for 1e5, 0x1F and 1_000; what else they could be, no release accepts.
            while let byte = peek(0), byte.continuesWord, byte != UInt8(ascii: "$") { offset += 1 }
            return .number
        case UInt8(ascii: "("):
            offset += 1
            return .openParenthesis
        case UInt8(ascii: ")"):
            offset += 1
            return .closeParenthesis
        case UInt8(ascii: ";"):
            offset += 1
            return .semicolon
        case UInt8(ascii: "\\"):
            offset += 1
            return .backslash
        case let byte where byte.startsWord:
            return try readWord(beginningWith: byte)
        default:
            offset += 1
            return .other
        }
    }

    private mutating func readWord(beginningWith first: UInt8) throws(UnterminatedToken) -> Token.Kind {
        let start = offset
        var next = start + 1
        while next < end, bytes[next].continuesWord { next += 1 }
        offset = next
        // B'…', X'…' and N'…' need no rule: a word of one letter, then a string.
        guard offset == start + 1, let following = peek(0) else { return .word }
        switch (first | 0x20, following) {
        case (UInt8(ascii: "e"), UInt8(ascii: "'")):
            try skipEscapeString(opening: start)
            return .string
        case (UInt8(ascii: "u"), UInt8(ascii: "&")) where peek(1) == UInt8(ascii: "'"):
            offset += 1
            try skipQuoted(by: UInt8(ascii: "'"), opening: start)
            return .string
        case (UInt8(ascii: "u"), UInt8(ascii: "&")) where peek(1) == UInt8(ascii: "\""):
            offset += 1
            try skipQuoted(by: UInt8(ascii: "\""), opening: start)
            return .quotedIdentifier
        default:
            return .word
        }
    }

    /// The byte so many places on, or nil behind the end.
    func peek(_ distance: Int) -> UInt8? {
        offset + distance < end ? bytes[offset + distance] : nil
    }
}

extension Lexer {
    /// Skips a quoted text, with its quotes; a doubled quote reads as an end and a new beginning, to the same effect.
    private mutating func skipQuoted(by quote: UInt8, opening: Int) throws(UnterminatedToken) {
        repeat {
            offset += 1
            while offset < end, bytes[offset] != quote { offset += 1 }
            guard offset < end else {
                offset = opening
                let isString = quote == UInt8(ascii: "'")
                throw UnterminatedToken(kind: isString ? .string : .quotedIdentifier, opening: opening)
            }
            offset += 1
        } while peek(0) == quote
    }

    private mutating func skipEscapeString(opening: Int) throws(UnterminatedToken) {
        repeat {
            offset += 1
            while offset < end, bytes[offset] != UInt8(ascii: "'") {
                offset += bytes[offset] == UInt8(ascii: "\\") ? 2 : 1
            }
            guard offset < end else {
                offset = opening
                throw UnterminatedToken(kind: .string, opening: opening)
            }
            offset += 1
            if let continuation = continuation() { offset = continuation }
        } while peek(0) == UInt8(ascii: "'")
    }

    /// Where a string constant goes on after white space with a newline in it.
    ///
    /// Of interest only for E'…', whose backslashes escape in every part of it; any other string's next part reads
    /// as a string of its own, to the same effect.
    private func continuation() -> Int? {
        var ahead = self
        var sawNewline = false
        while let byte = ahead.peek(0) {
            switch byte {
            case .newline, .carriageReturn:
                sawNewline = true
                ahead.offset += 1
            case .space, .tab, .formFeed, .verticalTab:
                ahead.offset += 1
            case UInt8(ascii: "-") where ahead.peek(1) == UInt8(ascii: "-"):
                ahead.skipLineComment()
            case UInt8(ascii: "'") where sawNewline:
                return ahead.offset
            default:
                return nil
            }
        }
        return nil
    }

    /// Reads $tag$…$tag$, a parameter such as $1, or a lone dollar sign.
    private mutating func readDollar() throws(UnterminatedToken) -> Token.Kind {
        let start = offset
        offset += 1
        if let byte = peek(0), byte.isDigit {
            while let byte = peek(0), byte.isDigit { offset += 1 }
            return .other
        }
        var tagEnd = offset
        if tagEnd < end, bytes[tagEnd].startsWord {
            while tagEnd < end, bytes[tagEnd].continuesWord, bytes[tagEnd] != UInt8(ascii: "$") { tagEnd += 1 }
        }
        guard tagEnd < end, bytes[tagEnd] == UInt8(ascii: "$") else { return .other }
        let delimiter = bytes[start...tagEnd]
        offset = tagEnd + 1
        while offset < end {
            if bytes[offset] == UInt8(ascii: "$"), bytes[offset..<end].starts(with: delimiter) {
                offset += delimiter.count
                return .string
            }
            offset += 1
        }
        offset = start
        throw UnterminatedToken(kind: .dollarQuote(tag: start..<tagEnd + 1), opening: start)
    }

    private mutating func skipLineComment() {
        while offset < end, bytes[offset] != .newline, bytes[offset] != .carriageReturn { offset += 1 }
    }

    private mutating func skipBlockComment() throws(UnterminatedToken) {
        let start = offset
        var depth = 0
        repeat {
            switch (peek(0), peek(1)) {
            case (nil, _):
                offset = start
                throw UnterminatedToken(kind: .comment, opening: start)
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                depth += 1
                offset += 2
            case (UInt8(ascii: "*"), UInt8(ascii: "/")):
                depth -= 1
                offset += 2
            default:
                offset += 1
            }
        } while depth > 0
    }
}

extension UInt8 {
    static let tab = UInt8(ascii: "\t")
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let formFeed: UInt8 = 0x0C
    /// White space since PostgreSQL 16; never valid outside quotes before.
    static let verticalTab: UInt8 = 0x0B

    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    /// Whether an unquoted word can begin with this byte: letters, underscore, and every part of a non-ASCII letter.
    var startsWord: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 || self == UInt8(ascii: "_") || self >= 0x80 }

    var continuesWord: Bool { startsWord || isDigit || self == UInt8(ascii: "$") }

    /// The byte as the server folds a keyword: ASCII letters only.
    var uppercased: UInt8 { self &- UInt8(ascii: "a") < 26 ? self & ~0x20 : self }
}
