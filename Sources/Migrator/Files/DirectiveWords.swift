import SourceText

/// A word of a line with its place.
struct Word {
    let text: String
    let position: SourcePosition

    var located: Directives.Located<String> { Directives.Located(value: text, position: position) }
}

/// Gives the words of a line one after the other.
struct LineReader {
    private var remaining: Substring
    private(set) var position: SourcePosition

    init(text: String, line: Int, column: Int) {
        remaining = text[...]
        while let last = remaining.last, last.isWhitespace { remaining.removeLast() }
        position = SourcePosition(line: line, column: column)
    }

    mutating func next() -> Word? {
        skip(remaining.prefix { $0.isWhitespace })
        guard !remaining.isEmpty else { return nil }
        let word = Word(text: String(remaining.prefix { !$0.isWhitespace }), position: position)
        skip(remaining.prefix { !$0.isWhitespace })
        return word
    }

    /// All that is left of the line.
    var rest: Word? {
        mutating get {
            skip(remaining.prefix { $0.isWhitespace })
            return remaining.isEmpty ? nil : Word(text: String(remaining), position: position)
        }
    }

    private mutating func skip(_ text: Substring) {
        remaining.removeFirst(text.count)
        position = SourcePosition(line: position.line, column: position.column + text.unicodeScalars.count)
    }
}

extension Duration {
    /// Reads a duration as a number with its unit: `500ms`, `2s`, `10min`, `1h`, `1d`; nil for anything else.
    init?(text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits) else { return nil }
        let factor: Int64
        switch text.dropFirst(digits.count) {
        case "ms": factor = 1
        case "s": factor = 1000
        case "min": factor = 60_000
        case "h": factor = 3_600_000
        case "d": factor = 86_400_000
        default: return nil
        }
        let (milliseconds, overflows) = number.multipliedReportingOverflow(by: factor)
        guard !overflows else { return nil }
        self = .milliseconds(milliseconds)
    }
}
