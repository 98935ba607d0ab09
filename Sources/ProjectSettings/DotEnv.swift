/// The variables of a `.env` file.
///
/// A line is `NAME=value` or `export NAME=value`. A value without quotes ends at the line's end or at ` #`; `'…'` is
/// taken as it stands; `"…"` knows `\n`, `\t`, `\r`, `\"`, `\\` and `\$`. Quoted values may go over several lines. `$` is
/// a character like any other, so that passwords need no care.
package struct DotEnv {
    /// The values by name.
    package private(set) var values: [String: String] = [:]
    /// The line of each variable.
    package private(set) var lines: [String: Int] = [:]

    /// Reads a file's text.
    ///
    /// - Throws: ``ConfigurationError`` naming the line that cannot be read, without its value.
    package init(_ text: String, file: String) throws(ConfigurationError) {
        var scanner = Scanner(text)
        while let line = scanner.startOfEntry() {
            var name = scanner.name()
            if name == "export", scanner.peek == " " {
                scanner.skipBlanks()
                name = scanner.name()
            }
            scanner.skipBlanks()
            guard !name.isEmpty, scanner.take("=") else { throw .malformedDotEnv(file: file, line: line) }
            scanner.skipBlanks()
            guard let value = scanner.value() else { throw .unterminatedDotEnvValue(name, file: file, line: line) }
            guard scanner.endsEntry() else { throw .malformedDotEnv(file: file, line: line) }
            values[name] = value
            lines[name] = line
        }
    }

    private struct Scanner {
        private var rest: ArraySlice<Character>
        private var line = 1

        init(_ text: String) {
            // `\r\n` is one Character, and a line end of its own.
            let text = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
            rest = text.map { $0 == "\r\n" || $0 == "\r" ? "\n" : $0 }[...]
        }

        var peek: Character? { rest.first }

        /// Skips blank lines and comments; the number of the line with the next entry, nil at the end.
        mutating func startOfEntry() -> Int? {
            while let character = peek {
                if character == "#" { skipLine() } else if character.isWhitespace { _ = next() } else { return line }
            }
            return nil
        }

        mutating func name() -> String {
            var name = ""
            while let character = peek, character.isLetter || character.isNumber || "_.-".contains(character) {
                name.append(character)
                _ = next()
            }
            return name
        }

        mutating func skipBlanks() {
            while peek == " " || peek == "\t" { _ = next() }
        }

        mutating func take(_ character: Character) -> Bool {
            guard peek == character else { return false }
            _ = next()
            return true
        }

        /// A value; nil if its quote does not end.
        mutating func value() -> String? {
            if take("'") { return quoted(until: "'", escapes: [:]) }
            if take("\"") {
                return quoted(
                    until: "\"",
                    escapes: ["n": "\n", "t": "\t", "r": "\r", "\"": "\"", "\\": "\\", "$": "$"]
                )
            }
            var value = ""
            while let character = peek, character != "\n" {
                if character == "#", value.last.map({ $0 == " " || $0 == "\t" }) ?? true { break }
                value.append(character)
                _ = next()
            }
            while let last = value.last, last.isWhitespace { value.removeLast() }
            return value
        }

        /// Whether nothing but a comment follows on the line.
        mutating func endsEntry() -> Bool {
            skipBlanks()
            guard let character = peek, character != "\n" else { return true }
            guard character == "#" else { return false }
            skipLine()
            return true
        }

        private mutating func quoted(until quote: Character, escapes: [Character: Character]) -> String? {
            var value = ""
            while let character = next() {
                if character == quote { return value }
                if character == "\\", let escaped = peek, let meaning = escapes[escaped] {
                    value.append(meaning)
                    _ = next()
                } else {
                    value.append(character)
                }
            }
            return nil
        }

        private mutating func skipLine() {
            while let character = peek, character != "\n" { _ = next() }
        }

        private mutating func next() -> Character? {
            let character = rest.popFirst()
            if character == "\n" { line += 1 }
            return character
        }
    }
}
