import TestSupport

/// Changes SQL at random, with a liking for the bytes that quoting and splitting turn on.
struct Mutation {
    private static let pieces: [[UInt8]] =
        [
            "'", "\"", "$$", "$a$", "$", "\\", "/*", "*/", "--", "(", ")", ";", "\n", " ", "E'", "U&\"", "e'\\'", "[",
            "]", ",",
            "BEGIN ATOMIC", "END", ";END", "CASE", "COPY t FROM STDIN;\n", "\n\\.\n", "CREATE FUNCTION f() ", "é",
            "\u{FEFF}", "\0",
            "SELECT", "1", "a$b$", "\r", "UNION",
        ]
        .map { Array($0.utf8) } + [[0xFF], [0xC3], [0x80]]

    /// Makes up to eight changes to one of the texts, or joins two of them.
    static func mutant(of texts: [[UInt8]], using generator: inout SeededGenerator) -> [UInt8] {
        var text = excerpt(of: texts.randomElement(using: &generator) ?? [], using: &generator)
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
            let place = Int.random(in: 0...text.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0 where place < text.count:
                text[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1:
                let end = min(text.count, place + Int.random(in: 0..<20, using: &generator))
                text.removeSubrange(place..<end)
            case 2:
                let other = excerpt(of: texts.randomElement(using: &generator) ?? [], using: &generator)
                text.replaceSubrange(place..., with: other)
            default:
                text.insert(contentsOf: pieces.randomElement(using: &generator) ?? [], at: place)
            }
        }
        return text
    }

    private static func excerpt(of text: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        let start = Int.random(in: 0...text.count, using: &generator)
        let end = min(text.count, start + Int.random(in: 0..<600, using: &generator))
        return Array(text[start..<end])
    }
}
