/// Reads the tokens of SQL text one by one, without looking at what they mean (PostgreSQL manual, 4.1 Lexical Structure).
struct SQLLexer {
    /// What a token is.
    enum Kind {
        /// A keyword or a name without quotes.
        case word
        /// A name in quotes.
        case quotedName
        /// A string of any kind, with its quotes.
        case string
        /// A number or a parameter such as `$1`.
        case number
        /// One character of an operator or of punctuation.
        case symbol
    }

    struct Token {
        let kind: Kind
        let range: Range<Int>
    }

    private let bytes: ArraySlice<UInt8>
    private(set) var offset: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        offset = bytes.startIndex
    }

    /// Goes on from another place.
    mutating func move(to offset: Int) { self.offset = offset }

    func byte(at offset: Int) -> UInt8? { offset < bytes.endIndex ? bytes[offset] : nil }

    /// The next token behind blanks and comments; nil at the end.
    ///
    /// - Throws: ``SQLSyntaxError`` for a string, quoted name or comment that does not end, and for what only psql reads.
    mutating func next() throws(SQLSyntaxError) -> Token? {
        try skipBlanksAndComments()
        guard let first = byte(at: offset) else { return nil }
        let start = offset
        switch first {
        case UInt8(ascii: "'"):
            try skipString(from: start, knowsBackslash: false)
            return Token(kind: .string, range: start..<offset)
        case UInt8(ascii: "\""):
            try skipQuotedName(from: start)
            return Token(kind: .quotedName, range: start..<offset)
        case UInt8(ascii: "$"):
            return try dollar()
        case UInt8(ascii: "\\"):
            throw .metaCommand(bytes[offset...].prefix { !isBlank($0) }, at: offset, in: bytes)
        case 0:
            throw .nulCharacter(at: offset, in: bytes)
        case _ where isNameStart(first):
            return try word()
        case _ where isDigit(first):
            offset += 1
            while let byte = byte(at: offset), isDigit(byte) || isNameStart(byte) || byte == UInt8(ascii: ".") {
                offset += 1
            }
            return Token(kind: .number, range: start..<offset)
        default:
            offset += 1
            return Token(kind: .symbol, range: start..<offset)
        }
    }

    /// Whether a range holds a word, given in capitals.
    func matches(_ range: Range<Int>, _ word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { word in
            zip(range, word).allSatisfy { uppercased(bytes[$0]) == $1 }
        }
    }

    /// A word in capitals; only ASCII letters have them here, as in the server.
    func uppercased(_ range: Range<Int>) -> String {
        String(decoding: bytes[range].map(uppercased), as: UTF8.self)
    }

    private func uppercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte - 32 : byte
    }

    private mutating func skipBlanksAndComments() throws(SQLSyntaxError) {
        while let byte = byte(at: offset) {
            if isBlank(byte) {
                offset += 1
            } else if byte == UInt8(ascii: "-"), self.byte(at: offset + 1) == UInt8(ascii: "-") {
                while let byte = self.byte(at: offset), byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {
                    offset += 1
                }
            } else if byte == UInt8(ascii: "/"), self.byte(at: offset + 1) == UInt8(ascii: "*") {
                try skipBlockComment()
            } else {
                return
            }
        }
    }

    private mutating func skipBlockComment() throws(SQLSyntaxError) {
        let start = offset
        var depth = 0
        while let byte = byte(at: offset) {
            switch (byte, self.byte(at: offset + 1)) {
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                depth += 1
                offset += 2
            case (UInt8(ascii: "*"), UInt8(ascii: "/")):
                depth -= 1
                offset += 2
                if depth == 0 { return }
            default: offset += 1
            }
        }
        throw .unterminated("comment", at: start, in: bytes)
    }

    private mutating func word() throws(SQLSyntaxError) -> Token {
        let start = offset
        while let byte = byte(at: offset), isNamePart(byte) { offset += 1 }
        // A quote right behind one of these letters makes a string or a name of a special kind.
        let isPrefix = offset - start == 1
        switch (bytes[start] | 0x20, byte(at: offset)) {
        case (UInt8(ascii: "e"), UInt8(ascii: "'")) where isPrefix:
            try skipString(from: offset, knowsBackslash: true)
            return Token(kind: .string, range: start..<offset)
        case (UInt8(ascii: "b"), UInt8(ascii: "'")) where isPrefix,
            (UInt8(ascii: "x"), UInt8(ascii: "'")) where isPrefix,
            (UInt8(ascii: "n"), UInt8(ascii: "'")) where isPrefix:
            try skipString(from: offset, knowsBackslash: false)
            return Token(kind: .string, range: start..<offset)
        case (UInt8(ascii: "u"), UInt8(ascii: "&")) where isPrefix && byte(at: offset + 1) == UInt8(ascii: "'"):
            try skipString(from: offset + 1, knowsBackslash: false)
            return Token(kind: .string, range: start..<offset)
        case (UInt8(ascii: "u"), UInt8(ascii: "&")) where isPrefix && byte(at: offset + 1) == UInt8(ascii: "\""):
            try skipQuotedName(from: offset + 1)
            return Token(kind: .quotedName, range: start..<offset)
        default:
            return Token(kind: .word, range: start..<offset)
        }
    }

    private mutating func skipString(from quote: Int, knowsBackslash: Bool) throws(SQLSyntaxError) {
        offset = quote + 1
        while let byte = byte(at: offset) {
            offset += 1
            if byte == UInt8(ascii: "\\"), knowsBackslash {
                offset += 1
            } else if byte == UInt8(ascii: "'") {
                guard self.byte(at: offset) == UInt8(ascii: "'") else { return }
                offset += 1
            }
        }
        offset = bytes.endIndex
        throw .unterminated("string", at: quote, in: bytes)
    }

    private mutating func skipQuotedName(from quote: Int) throws(SQLSyntaxError) {
        offset = quote + 1
        while let byte = byte(at: offset) {
            offset += 1
            guard byte == UInt8(ascii: "\"") else { continue }
            guard self.byte(at: offset) == UInt8(ascii: "\"") else { return }
            offset += 1
        }
        throw .unterminated("quoted name", at: quote, in: bytes)
    }

    /// A dollar quote `$tag$…$tag$`, a parameter `$1`, or a lone `$`.
    private mutating func dollar() throws(SQLSyntaxError) -> Token {
        let start = offset
        offset += 1
        if let digit = byte(at: offset), isDigit(digit) {
            while let byte = byte(at: offset), isDigit(byte) { offset += 1 }
            return Token(kind: .number, range: start..<offset)
        }
        var end = offset
        if let first = byte(at: end), isNameStart(first) {
            while let byte = byte(at: end), isNamePart(byte), byte != UInt8(ascii: "$") { end += 1 }
        }
        guard byte(at: end) == UInt8(ascii: "$") else { return Token(kind: .symbol, range: start..<offset) }
        let delimiter = bytes[start...end]
        offset = end + 1
        while let byte = byte(at: offset) {
            if byte == UInt8(ascii: "$"), bytes[offset...].starts(with: delimiter) {
                offset += delimiter.count
                return Token(kind: .string, range: start..<offset)
            }
            offset += 1
        }
        throw .unterminated("dollar quote \(String(decoding: delimiter, as: UTF8.self))", at: start, in: bytes)
    }
}

func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (9...13).contains(byte) }

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

private func isNameStart(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_") || byte >= 0x80
}

private func isNamePart(_ byte: UInt8) -> Bool { isNameStart(byte) || isDigit(byte) || byte == UInt8(ascii: "$") }
