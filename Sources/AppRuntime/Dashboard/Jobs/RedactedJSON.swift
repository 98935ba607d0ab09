/// JSON for people to read: indented, and without the values whose names say that they are secret.
///
/// It walks along the text, so that numbers stay as they were written and a text that was cut off is shown up to there.
struct RedactedJSON {
    private let redaction: Redaction
    private var rest: Substring.UTF8View
    private var result = ""
    private var depth = 0

    /// The text of a value.
    ///
    /// - Parameters:
    ///   - json: JSON as the server writes it.
    ///   - redaction: what is masked.
    /// - Returns: the text.
    static func text(_ json: String, _ redaction: Redaction) -> String {
        var walk = RedactedJSON(redaction: redaction, rest: json[...].utf8)
        walk.value()
        return walk.result
    }

    private init(redaction: Redaction, rest: Substring.UTF8View) {
        self.redaction = redaction
        self.rest = rest
    }

    private mutating func skipBlanks() { rest = rest.drop { [9, 10, 13, 32].contains($0) } }

    private mutating func next(is byte: Character) -> Bool {
        skipBlanks()
        guard let first = rest.first, first == byte.asciiValue else { return false }
        rest = rest.dropFirst()
        return true
    }

    private mutating func value(isHidden: Bool = false) {
        skipBlanks()
        if isHidden {
            skipValue()
            result += "\"***\""
        } else if next(is: "{") {
            members("}") { walk in
                let name = walk.string()
                _ = walk.next(is: ":")
                walk.result += "\"\(name)\": "
                walk.value(isHidden: walk.redaction.hides(name))
            }
        } else if next(is: "[") {
            members("]") { $0.value() }
        } else if rest.first == UInt8(ascii: "\"") {
            result += "\"\(redaction(string()))\""
        } else {
            result += scalar()
        }
    }

    private mutating func members(_ end: Character, _ member: (inout RedactedJSON) -> Void) {
        let begin = end == "}" ? "{" : "["
        guard !next(is: end) else {
            result += begin + String(end)
            return
        }
        // Nobody reads what lies deeper, and a walk without end would take the stack with it.
        guard depth < 60 else {
            rest = rest.dropFirst(rest.count)
            result += "…"
            return
        }
        result += begin
        depth += 1
        repeat {
            result += "\n" + String(repeating: "  ", count: depth)
            member(&self)
            skipBlanks()
            if rest.first == UInt8(ascii: ",") { result += "," }
        } while next(is: ",")
        depth -= 1
        if next(is: end) { result += "\n" + String(repeating: "  ", count: depth) + String(end) }
    }

    /// What stands between quotation marks, as it is written there.
    private mutating func string() -> String {
        guard next(is: "\"") else { return "" }
        var isEscaped = false
        let end = rest.firstIndex { byte in
            if isEscaped {
                isEscaped = false
                return false
            }
            isEscaped = byte == UInt8(ascii: "\\")
            return byte == UInt8(ascii: "\"")
        }
        let text = String(decoding: rest[..<(end ?? rest.endIndex)], as: UTF8.self)
        rest = end.map { rest[rest.index(after: $0)...] } ?? rest[rest.endIndex...]
        return text
    }

    private mutating func scalar() -> String {
        let end = rest.firstIndex { [44, 93, 125, 9, 10, 13, 32].contains($0) } ?? rest.endIndex
        let text = String(decoding: rest[..<end], as: UTF8.self)
        rest = rest[end...]
        return text
    }

    private mutating func skipValue() {
        var silent = RedactedJSON(redaction: Redaction(), rest: rest)
        silent.depth = depth
        silent.value()
        rest = silent.rest
    }
}
