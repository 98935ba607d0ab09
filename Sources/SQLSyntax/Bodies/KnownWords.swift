/// The text of a routine or block in words that the parser of PL/pgSQL can read without a catalog.
///
/// It knows no fields of rows, no cursors, and little of what a function takes and gives. What these words stand for is
/// neither a table nor a column, so other words of the same length take their places: `r.x := 1` becomes `r   := 1`, and
/// `OPEN c FOR SELECT …` becomes `SELECT …`. Lines and the texts of all other statements stay what they are.
struct KnownWords {
    private(set) var bytes: [UInt8]
    /// The variables of loops that the text no longer names.
    private(set) var variables: Set<String> = []
    private var tokens: [Token] = []
    private var hasChanged = false

    /// The text in other words; nil where there is nothing to change, or where the body is not in dollar quotes.
    init?(_ statement: SQLStatement) {
        bytes = Array(statement.text.utf8)
        let start = statement.range.lowerBound
        let dollar = UInt8(ascii: "$")
        let quotes = statement.tokens.map { ($0.range.lowerBound - start)..<($0.range.upperBound - start) }
        guard let body = quotes.first(where: { $0.count > 3 && bytes[$0].first == dollar && bytes[$0].last == dollar }),
            let tag = bytes[body].dropFirst().firstIndex(of: dollar)
        else { return nil }
        let inner = (tag + 1)..<(body.upperBound - (tag + 1 - body.lowerBound))
        guard inner.lowerBound < inner.upperBound else { return nil }
        tokens = bytes.withUnsafeBufferPointer { buffer in
            var lexer = Lexer(buffer, in: inner)
            var tokens: [Token] = []
            while let token = lexer.nextOrNil() { tokens.append(token) }
            return tokens
        }
        replace()
        guard hasChanged else { return nil }
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    private mutating func replace() {
        let words = tokens.map { $0.kind == .word ? Identifier.lowercase(bytes[$0.range]) : "" }
        func has(_ place: Int, _ word: String) -> Bool { words.indices.contains(place) && words[place] == word }
        let labels = Set(
            tokens.indices.dropFirst(2).filter { isSign($0 - 1, "<") && isSign($0 - 2, "<") }.map { name($0) }
        )
        let cursors = Set(
            tokens.indices.filter { place in
                has(place, "cursor") || has(place, "refcursor")
            }.compactMap { place in place > 0 ? name(place - 1) : nil }
        )
        let beginnings: Set = ["begin", "then", "else", "loop"]
        for place in tokens.indices {
            let before = place - 1
            let begins =
                place > 0
                && (tokens[before].kind == .semicolon || beginnings.contains(words[before])
                    || isSign(before, ">") && place > 2 && isSign(before - 1, ">"))
            switch words[place] {
            case "open" where begins: open(place, words)
            case "close" where begins: nothing(place)
            case "fetch" where begins, "move" where begins: nothing(place)
            case "return" where begins && has(place + 1, "next") && isSemicolon(place + 2): nothing(place)
            case "alias" where has(place + 1, "for"):
                if let end = tokens[place...].firstIndex(where: { $0.kind == .semicolon }) {
                    put("int", place..<end)
                }
            case "for" where begins: loop(place, words, cursors)
            case "into" where !has(before, "insert") && !has(before, "merge"):
                var next = has(place + 1, "strict") ? place + 2 : place + 1
                while let end = dropFields(at: next, labels), isSign(end, ",") { next = end + 1 }
            default:
                guard begins, let end = fields(at: place, labels), isSign(end, "=") || isSign(end, ":") else {
                    continue
                }
                _ = dropFields(at: place, labels)
            // An element of a field is a part of it.
            }
        }
    }

    // MARK: Targets

    /// The place behind a name with fields and elements; nil where none stands.
    private func fields(at start: Int, _ labels: Set<String>) -> Int? {
        guard isName(start) else { return nil }
        var place = start + 1
        while place < tokens.count {
            if isSign(place, "."), isName(place + 1) {
                place += 2
            } else if isSign(place, "["), let end = tokens[place...].indices.first(where: { isSign($0, "]") }) {
                place = end + 1
            } else {
                break
            }
        }
        return place
    }

    /// Leaves of a name only the variable, behind the label that may stand before it.
    private mutating func dropFields(at start: Int, _ labels: Set<String>) -> Int? {
        guard let end = fields(at: start, labels) else { return nil }
        var first = start + 1
        if labels.contains(name(start)), isSign(first, "."), isName(first + 1) { first += 2 }
        // An element of a variable that is an array is known.
        if first < end, isSign(first, ".") { put("", first..<end) }
        return end
    }

    // MARK: Statements

    private mutating func nothing(_ start: Int) {
        guard let end = tokens[start...].firstIndex(where: { $0.kind == .semicolon }) else { return }
        put("NULL", start..<end)
    }

    private mutating func open(_ start: Int, _ words: [String]) {
        guard let end = tokens[start...].firstIndex(where: { $0.kind == .semicolon }) else { return }
        guard let place = words[start..<end].firstIndex(of: "for"), place <= start + 4 else { return nothing(start) }
        put("", start..<(place + 1))
    }

    /// `FOR r IN c LOOP`, where c is a cursor.
    private mutating func loop(_ start: Int, _ words: [String], _ cursors: Set<String>) {
        guard isName(start + 1), words.indices.contains(start + 3), words[start + 2] == "in",
            cursors.contains(name(start + 3)), let end = words[start...].firstIndex(of: "loop")
        else { return }
        variables.insert(name(start + 1))
        put("WHILE true", start..<end)
    }

    // MARK: Tokens

    private func isName(_ place: Int) -> Bool {
        tokens.indices.contains(place) && [.word, .quotedIdentifier].contains(tokens[place].kind)
    }

    private func name(_ place: Int) -> String {
        let token = tokens[place]
        if token.kind == .word { return Identifier.lowercase(bytes[token.range]) }
        return String(decoding: bytes[token.range].dropFirst().dropLast(), as: UTF8.self)
    }

    private func isSign(_ place: Int, _ sign: Character) -> Bool {
        tokens.indices.contains(place) && tokens[place].kind == .other && bytes[tokens[place].start] == sign.asciiValue
    }

    private func isSemicolon(_ place: Int) -> Bool {
        tokens.indices.contains(place) && tokens[place].kind == .semicolon
    }

    /// Puts a word in the place of tokens, and blanks in that of the rest; lines stay.
    private mutating func put(_ word: String, _ places: Range<Int>) {
        guard let first = places.first, let last = places.last else { return }
        let range = tokens[first].start..<tokens[last].end
        guard word.utf8.count <= range.count else { return }
        for offset in range where bytes[offset] != UInt8(ascii: "\n") { bytes[offset] = UInt8(ascii: " ") }
        // A word that a line's end would cut is left out: the text stays unreadable, as it was.
        let place = range.lowerBound..<(range.lowerBound + word.utf8.count)
        guard !bytes[place].contains(UInt8(ascii: "\n")) else { return }
        bytes.replaceSubrange(place, with: Array(word.utf8))
        hasChanged = true
    }
}
