extension SQLStatement {
    /// Whether the parser may be let at the statement.
    ///
    /// It descends into its own tree by recursion, and ends the process where the stack ends: on 8 MiB at some 1,400
    /// subqueries inside each other, or a sum of 4,000 terms, which bears 2.9 kB for a word. Nobody writes that; some program
    /// may.
    var isShallow: Bool { bytes.count <= mostLevels || levels <= mostLevels }

    /// The levels that the tree can have at most, counted in words and symbols.
    ///
    /// On its way down a path goes into one of the parentheses and one of a list's elements, and past the queries of a UNION.
    private var levels: Int {
        var open = [Levels()]
        var lexer = SQLLexer(bytes)
        while let token = (try? lexer.next()) ?? nil {  // split before: no error left
            let last = open.count - 1
            switch (token.kind, lexer.byte(at: token.range.lowerBound)) {
            case (.symbol, UInt8(ascii: "(")), (.symbol, UInt8(ascii: "[")):
                open[last].element += 1
                open.append(Levels())
            case (.symbol, UInt8(ascii: ")")), (.symbol, UInt8(ascii: "]")):
                guard last > 0 else { continue }
                let inside = open.removeLast().total
                open[last - 1].inside = max(open[last - 1].inside, inside)
            case (.symbol, UInt8(ascii: ",")), (.symbol, UInt8(ascii: ";")):
                open[last].endElement()
            case (.word, _) where isSetOperation(token, lexer):
                open[last].endElement()
                open[last].queries += 1
            case (.word, _), (.symbol, _):
                open[last].element += 1
            default: continue
            }
        }
        return open.reversed().reduce(0) { inside, level in max(level.total, level.queries + level.element + inside) }
    }
}

private let mostLevels = 1000

/// What was counted between two parentheses.
private struct Levels {
    var queries = 0
    var element = 0
    var inside = 0
    private var most = 0

    var total: Int { queries + max(most, element + inside) }

    mutating func endElement() {
        most = max(most, element + inside)
        element = 0
        inside = 0
    }
}

private func isSetOperation(_ token: SQLLexer.Token, _ lexer: SQLLexer) -> Bool {
    switch token.range.count {
    case 5: lexer.matches(token.range, "UNION")
    case 6: lexer.matches(token.range, "EXCEPT")
    case 9: lexer.matches(token.range, "INTERSECT")
    default: false
    }
}
