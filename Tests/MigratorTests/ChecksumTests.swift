import Testing

@testable import Migrator

@Suite("A checksum")
struct ChecksumTests {
    @Test("is the SHA-256 of the content, with the version of the algorithm")
    func isSHA256() {
        let checksum = Checksum(of: Array("abc".utf8))
        #expect("\(checksum)" == "v1:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(checksum.short == "ba7816bf")
    }

    @Test(
        "is the same for every line ending and with a byte order mark",
        arguments: ["a\r\nb\r\n", "a\rb\r", "\u{FEFF}a\nb\n", "\u{FEFF}a\r\nb\n"]
    )
    func ignoresLineEndings(text: String) {
        #expect(Checksum(of: Array(text.utf8)) == Checksum(of: Array("a\nb\n".utf8)))
    }

    @Test("differs for another content", arguments: ["a\nb", "a\n\nb\n", "a \nb\n", "A\nb\n", ""])
    func differs(text: String) {
        #expect(Checksum(of: Array(text.utf8)) != Checksum(of: Array("a\nb\n".utf8)))
    }

    @Test("is read back from the history, unless its algorithm is unknown")
    func isReadBack() {
        let checksum = Checksum(of: [])
        #expect(Checksum("\(checksum)") == checksum)
        #expect(Checksum("v9:abc") == nil)
        #expect(Checksum("") == nil)
    }

    @Test("is aligned no further than the frames of asynchronous functions are, nor is what holds it")
    func alignment() {
        #expect(MemoryLayout<Checksum>.alignment <= 16)
        #expect(MemoryLayout<Migration>.alignment <= 16)
        #expect(MemoryLayout<HistoryEntry>.alignment <= 16)
    }
}
