/// Finds where statements end.
struct StatementSplitter {
    private let bytes: ArraySlice<UInt8>
    private var lexer: SQLLexer

    init(_ bytes: [UInt8]) {
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        lexer = SQLLexer(self.bytes)
    }

    mutating func statements() throws(SQLSyntaxError) -> [SQLStatement] {
        var statements: [SQLStatement] = []
        while let statement = try next() { statements.append(statement) }
        return statements
    }

    /// The next statement that is not empty; nil at the end.
    private mutating func next() throws(SQLSyntaxError) -> SQLStatement? {
        var shape = StatementShape()
        var start: Int?
        var end = lexer.offset
        while let token = try lexer.next() {
            if token.kind == .symbol, lexer.byte(at: token.range.lowerBound) == UInt8(ascii: ";"), shape.isComplete {
                guard let start else { continue }
                return try statement(start..<end, shape)
            }
            start = start ?? token.range.lowerBound
            end = token.range.upperBound
            shape.add(token, lexer)
        }
        guard let start else { return nil }
        if let open = shape.openParenthesis { throw .unterminated("parenthesis", at: open, in: bytes) }
        if let body = shape.openBody { throw .unterminated("BEGIN ATOMIC", at: body, in: bytes) }
        return try statement(start..<end, shape)
    }

    private mutating func statement(_ range: Range<Int>, _ shape: StatementShape) throws(SQLSyntaxError) -> SQLStatement
    {
        SQLStatement(range: range, copyData: shape.readsData ? copyData() : nil, bytes: bytes[range])
    }

    /// The lines behind a `COPY … FROM STDIN;` up to `\.`, as pg_dump writes them.
    private mutating func copyData() -> Range<Int> {
        var offset = lexer.offset
        while let byte = lexer.byte(at: offset), byte != UInt8(ascii: "\n") { offset += 1 }
        let start = min(offset + 1, bytes.endIndex)
        var line = start
        while line < bytes.endIndex {
            let end = bytes[line...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
            if bytes[line..<end].elementsEqual([0x5C, 0x2E]) || bytes[line..<end].elementsEqual([0x5C, 0x2E, 0x0D]) {
                lexer.move(to: end)
                return start..<line
            }
            line = min(end + 1, bytes.endIndex)
        }
        lexer.move(to: bytes.endIndex)
        return start..<bytes.endIndex
    }
}

/// What of a statement tells whether a semicolon ends it.
///
/// A semicolon does not, inside parentheses (a rule with several actions) and inside the body of a function in standard
/// SQL, `BEGIN ATOMIC … END`, where CASE has an END of its own.
private struct StatementShape {
    private(set) var openParenthesis: Int?
    private(set) var openBody: Int?
    /// Whether data follows: `COPY … FROM STDIN`.
    private(set) var readsData = false

    private var parentheses = 0
    private var bodies = 0
    private var words = 0
    private var isRoutine = false
    private var isCopy = false
    private var previous = Previous.other

    private enum Previous {
        case begin(Int)
        case from
        /// What follows is a name, whatever it looks like: behind AS and a point.
        case naming
        case other
    }

    var isComplete: Bool { parentheses == 0 && bodies == 0 }

    mutating func add(_ token: SQLLexer.Token, _ lexer: SQLLexer) {
        let before = previous
        previous = .other
        switch token.kind {
        case .symbol: addSymbol(lexer.byte(at: token.range.lowerBound), at: token.range.lowerBound)
        case .word: addWord(token.range, lexer, before: before)
        default: words += 100
        }
    }

    private mutating func addSymbol(_ symbol: UInt8?, at offset: Int) {
        words += 100
        switch symbol {
        case UInt8(ascii: "("):
            if parentheses == 0 { openParenthesis = offset }
            parentheses += 1
        case UInt8(ascii: ")"):
            parentheses = max(0, parentheses - 1)
            if parentheses == 0 { openParenthesis = nil }
        case UInt8(ascii: "."): previous = .naming
        default: break
        }
    }

    private mutating func addWord(_ range: Range<Int>, _ lexer: SQLLexer, before: Previous) {
        words += 1
        if words == 1 { isCopy = lexer.matches(range, "COPY") }
        // CREATE [OR REPLACE] FUNCTION | PROCEDURE
        if words <= 4, lexer.matches(range, "FUNCTION") || lexer.matches(range, "PROCEDURE") { isRoutine = true }
        if case .naming = before { return }
        switch range.count {
        case 2 where lexer.matches(range, "AS"): previous = .naming
        case 3 where bodies > 0 && lexer.matches(range, "END"):
            bodies -= 1
            if bodies == 0 { openBody = nil }
        case 4 where bodies > 0 && lexer.matches(range, "CASE"): bodies += 1
        case 4 where isCopy && parentheses == 0 && lexer.matches(range, "FROM"): previous = .from
        case 5 where isRoutine && lexer.matches(range, "BEGIN"): previous = .begin(range.lowerBound)
        case 5 where lexer.matches(range, "STDIN"): if case .from = before { readsData = true }
        case 6 where lexer.matches(range, "ATOMIC"):
            if case .begin(let offset) = before, bodies == 0 {
                bodies = 1
                openBody = offset
            }
        default: break
        }
    }
}
