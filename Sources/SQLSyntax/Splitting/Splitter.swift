/// Finds the statements of a text: the semicolons outside of quotes, comments, parentheses and SQL function bodies.
struct Splitter {
    struct Parts {
        var statements: [SQLStatement] = []
        var header = 0..<0
        var trailer = 0..<0
    }

    private let source: [UInt8]
    private var lexer: Lexer
    private var parts = Parts()
    private var current = Progress()
    private var leadingStart = 0
    private var sawToken = false

    /// Splits a text.
    static func split(_ source: [UInt8]) throws(SplitFailure) -> Parts {
        let outcome = source.withUnsafeBufferPointer { bytes -> Result<Parts, SplitFailure> in
            var splitter = Splitter(source, bytes)
            do throws(SplitFailure) {
                try splitter.run()
                return .success(splitter.parts)
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private init(_ source: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>) {
        self.source = source
        // As psql does: a byte order mark is not part of the first word.
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        lexer = Lexer(bytes, in: start..<bytes.count)
        leadingStart = start
        parts.header = start..<bytes.count
    }

    private mutating func run() throws(SplitFailure) {
        // libpq and the parser take C strings, and would silently stop there. The smallest byte is found many at a time.
        if lexer.bytes.reduce(.max, min) == 0, let offset = lexer.bytes.firstIndex(of: 0) { throw .nul(at: offset) }
        while let token = try nextToken() {
            if !sawToken {
                sawToken = true
                parts.header = parts.header.lowerBound..<token.start
            }
            if token.kind == .backslash { throw .metaCommand(at: token.start) }
            if token.kind == .semicolon, current.isComplete {
                try finish(at: token)
            } else {
                try current.take(token, lexer.bytes)
            }
        }
        if let parenthesis = current.openParenthesis { throw .unclosedParenthesis(at: parenthesis) }
        if let body = current.bodyStart { throw .unclosedBody(at: body) }
        finish(copyData: nil, isTerminated: false)
        parts.trailer = leadingStart..<lexer.bytes.count
    }

    private mutating func nextToken() throws(SplitFailure) -> Token? {
        do {
            return try lexer.next()
        } catch {
            throw .unterminated(error)
        }
    }

    private mutating func finish(at semicolon: Token) throws(SplitFailure) {
        let data = current.readsCopyData ? try skipCopyData(behind: semicolon) : nil
        finish(copyData: data, isTerminated: true)
        leadingStart = lexer.offset
    }

    private mutating func finish(copyData: Range<Int>?, isTerminated: Bool) {
        if let range = current.range {
            parts.statements.append(
                SQLStatement(
                    range: range,
                    leadingComments: leadingStart..<range.lowerBound,
                    copyData: copyData,
                    isTerminated: isTerminated,
                    source: source
                )
            )
            leadingStart = range.upperBound
        }
        current = Progress()
    }

    /// Skips the lines behind a `COPY … FROM STDIN;` up to and including the line `\.`, as psql reads them.
    private mutating func skipCopyData(behind semicolon: Token) throws(SplitFailure) -> Range<Int> {
        let bytes = lexer.bytes
        let start = try startOfData(behind: semicolon)
        var line = start
        while line < bytes.count {
            let next = (bytes[line...].firstIndex(of: .newline) ?? bytes.count - 1) + 1
            if bytes[line] == UInt8(ascii: "\\"), isEndOfData(bytes[line..<next]) {
                lexer.skip(to: next)
                return start..<line
            }
            line = next
        }
        lexer.skip(to: bytes.count)
        return start..<bytes.count
    }

    private func startOfData(behind semicolon: Token) throws(SplitFailure) -> Int {
        let bytes = lexer.bytes
        var offset = semicolon.end
        while offset < bytes.count, bytes[offset] != .newline {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "-"), offset + 1 < bytes.count, bytes[offset + 1] == byte {
                offset = bytes[offset...].firstIndex(of: .newline) ?? bytes.count
            } else if byte == .space || byte == .tab || byte == .carriageReturn {
                offset += 1
            } else {
                // psql would run this behind the data, far from where it stands.
                throw .textBeforeCopyData(at: offset)
            }
        }
        return min(offset + 1, bytes.count)
    }

    private func isEndOfData(_ line: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        line.dropFirst().first == UInt8(ascii: ".")
            && line.dropFirst(2).allSatisfy { $0 == .carriageReturn || $0 == .newline }
    }
}

/// Why a text cannot be split, and where.
enum SplitFailure: Error {
    case unterminated(UnterminatedToken)
    case nul(at: Int)
    case metaCommand(at: Int)
    case unmatchedParenthesis(at: Int)
    case unclosedParenthesis(at: Int)
    case unclosedBody(at: Int)
    case textBeforeCopyData(at: Int)
}

/// How far the statement that is being read has come.
private struct Progress {
    private enum Form {
        case unknown, create, createOr, createOrReplace, routine, copy, other
    }

    private enum Previous {
        case begin, nestedBegin, atomic, semicolon, from, other
    }

    private(set) var range: Range<Int>?
    private(set) var depth = 0
    /// The offset of the outermost parenthesis that is open.
    private(set) var openParenthesis: Int?
    private(set) var readsCopyData = false
    /// The offset of the BEGIN whose body is being read.
    private(set) var bodyStart: Int?
    private var bodyDepth = 0
    private var form = Form.unknown
    private var previous = Previous.other
    private var previousStart = 0

    /// Whether a semicolon ends the statement here.
    var isComplete: Bool { depth == 0 && bodyDepth == 0 }

    mutating func take(_ token: Token, _ bytes: UnsafeBufferPointer<UInt8>) throws(SplitFailure) {
        range = (range?.lowerBound ?? token.start)..<token.end
        switch token.kind {
        case .openParenthesis:
            if depth == 0 { openParenthesis = token.start }
            depth += 1
        case .closeParenthesis:
            guard depth > 0 else { throw .unmatchedParenthesis(at: token.start) }
            depth -= 1
            if depth == 0 { openParenthesis = nil }
        case .word where form != .other:
            takeWord(token, bytes)
            return
        case .word:
            return
        default:
            break
        }
        if form != .routine, form != .copy { form = .other }
        previous = token.kind == .semicolon ? .semicolon : .other
    }

    private mutating func takeWord(_ token: Token, _ bytes: UnsafeBufferPointer<UInt8>) {
        switch form {
        case .unknown:
            form = token.is("CREATE", in: bytes) ? .create : token.is("COPY", in: bytes) ? .copy : .other
        case .create where token.is("OR", in: bytes):
            form = .createOr
        case .createOr:
            form = token.is("REPLACE", in: bytes) ? .createOrReplace : .other
        case .create, .createOrReplace:
            let isRoutine = token.is("FUNCTION", in: bytes) || token.is("PROCEDURE", in: bytes)
            form = isRoutine ? .routine : .other
        case .routine:
            takeRoutineWord(token, bytes)
        case .copy where depth == 0:
            // The grammar takes STDOUT for STDIN here, and the server reads from the client all the same.
            readsCopyData =
                readsCopyData
                || previous == .from && (token.is("STDIN", in: bytes) || token.is("STDOUT", in: bytes))
            previous = token.is("FROM", in: bytes) ? .from : .other
        case .copy, .other:
            break
        }
    }

    /// Follows BEGIN ATOMIC … END.
    ///
    /// In the grammar every statement of a body ends with a semicolon, so the END of the body is one behind a
    /// semicolon or behind ATOMIC. The END of a CASE, or a column called "end", never is.
    private mutating func takeRoutineWord(_ token: Token, _ bytes: UnsafeBufferPointer<UInt8>) {
        let word = previous
        let startsStatement =
            bodyDepth > 0 && (word == .semicolon || word == .atomic || word == .nestedBegin)
        previous = .other
        if startsStatement, token.is("END", in: bytes) {
            bodyDepth -= 1
            if bodyDepth == 0 { bodyStart = nil }
        } else if startsStatement, token.is("BEGIN", in: bytes) {
            previous = .nestedBegin
            bodyDepth += 1
        } else if token.is("BEGIN", in: bytes) {
            previous = .begin
            previousStart = token.start
        } else if word == .nestedBegin, token.is("ATOMIC", in: bytes) {
            previous = .atomic
        } else if word == .begin, token.is("ATOMIC", in: bytes), bodyDepth > 0 || depth == 0 {
            previous = .atomic
            bodyStart = bodyStart ?? previousStart
            bodyDepth += 1
        }
    }
}
