import SourceText
import Testing

@Suite("A line index")
struct LineIndexTests {
    @Test(
        "places a byte in its line and column",
        arguments: [
            ("", 0, 1, 1), ("ab", 1, 1, 2), ("ab", 2, 1, 3), ("a\nb", 1, 1, 2), ("a\nb", 2, 2, 1),
            ("a\r\nb", 3, 2, 1), ("a\rb", 2, 2, 1), ("é\nü x", 6, 2, 3), ("a\n", 2, 2, 1), ("a", 99, 1, 2),
        ]
    )
    func placesBytes(text: String, offset: Int, line: Int, column: Int) {
        #expect(LineIndex(text).position(ofByte: offset) == SourcePosition(line: line, column: column))
    }

    @Test("counts characters as the server does, in Unicode scalars from 1")
    func countsScalars() {
        let index = LineIndex("sélect 'é🙂'\nfrom t")
        #expect(index.position(ofCharacter: 1) == SourcePosition(line: 1, column: 1))
        #expect(index.position(ofCharacter: 11) == SourcePosition(line: 1, column: 11))
        #expect(index.position(ofCharacter: 13) == SourcePosition(line: 2, column: 1))
        #expect(index.byteOffset(ofCharacter: 3) == 3)
    }

    @Test("finds the byte of each place that it gives")
    func findsBytes() {
        let text = "sélect 'é🙂'\r\nfrom\rt\n\n"
        let index = LineIndex(text)
        for offset in 0...text.unicodeScalars.count {
            let byte = text.unicodeScalars.prefix(offset).reduce(0) { $0 + UTF8.width($1) }
            #expect(index.byteOffset(of: index.position(ofByte: byte)) == byte)
        }
        #expect(index.byteOffset(of: SourcePosition(line: 1, column: 99)) == 18)
        #expect(index.byteOffset(of: SourcePosition(line: 99, column: 1)) == text.utf8.count)
    }

    @Test("counts in lines of any length")
    func countsInLongLines() {
        let text = String(repeating: "aé🙂", count: 1_000) + "\n" + String(repeating: "🙂", count: 256) + "x"
        let index = LineIndex(text)
        var (byte, line, column) = (0, 1, 1)
        for scalar in text.unicodeScalars {
            #expect(index.position(ofByte: byte) == SourcePosition(line: line, column: column))
            byte += UTF8.width(scalar)
            (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
        }
        #expect(index.position(ofByte: byte) == SourcePosition(line: line, column: column))
        #expect(LineIndex(String(repeating: "b", count: 1024)).position(ofByte: 1024).column == 1025)
    }

    @Test("prints a location the way editors open it")
    func printsLocations() {
        let position = SourcePosition(line: 42, column: 34)
        #expect("\(SourceLocation(file: "a.sql", position: position))" == "a.sql:42:34")
        #expect("\(SourceLocation(file: "a.sql"))" == "a.sql")
    }
}
