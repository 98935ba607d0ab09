import TestSupport
import Testing

@testable import Backup

/// The rounds of all tests here together are 100,000, in the long form a million.
private func rounds(_ count: Int) -> Int { isLongTest ? count * 10 : count }

@Suite("Whatever an age file holds")
struct AgeMutationTests {
    private let key: AgeSecretKey

    init() throws {
        key = try .generate()
    }

    @Test("its header is read as what was written, or refused")
    func readsAnyHeader() throws {
        let fileKey = try SecretBytes(randomCount: 16)
        let recipients: [AgeRecipient] = [.publicKey(key.publicKey), .publicKey(try AgeSecretKey.generate().publicKey)]
        let headers = try [
            AgeFile.header(fileKey: fileKey, for: recipients),
            AgeFile.header(fileKey: fileKey, for: [.passphrase(passphrase("x"), workFactor: 1)]),
            AgeHeader([AgeStanza([Array("grease".utf8), [33]], body: content(100))], fileKey: fileKey),
        ]
        let texts = headers.map(\.encoded)
        forAll(
            count: rounds(50_000),
            generate: { Mutant.of(texts, using: &$0) },
            holds: { text in
                let reader = BufferedReader(MemorySource(text), bufferSize: 256)
                let header: AgeHeader
                do {
                    header = try AgeHeader(reading: reader)
                } catch let error as BackupError {
                    return error.code == .malformedHeader
                }
                // There is one way to write a header: what was read is written the same, and only ours is authentic.
                guard text.starts(with: header.encoded) else { return false }
                return try headers.contains(header) || !header.isAuthentic(for: fileKey)
            }
        )
    }

    @Test("its armor gives the bytes that were armored, or the beginning of them and an error")
    func readsAnyArmor() throws {
        let bytes = content(150)
        let sink = MemorySink()
        let writer = ArmorWriter(to: sink)
        try bytes.withUnsafeBytes { try writer.write($0) }
        try writer.finish()
        let text = sink.bytes
        forAll(
            count: rounds(24_000),
            generate: { Mutant.of([text], using: &$0) },
            holds: { text in
                let (released, error) = everything(
                    from: ArmorReader(BufferedReader(MemorySource(text), bufferSize: 256))
                )
                if let error { return (error as? BackupError)?.code == .malformedArmor }
                // Every text that is accepted is the one spelling of its bytes, line ends and outer white space apart.
                let again = MemorySink()
                let writer = ArmorWriter(to: again)
                try released.withUnsafeBytes { try writer.write($0) }
                try writer.finish()
                return normalised(text) == normalised(again.bytes)
            }
        )
    }

    @Test("its content is released as far as it is authentic")
    func readsAnyStream() throws {
        // Small chunks, so that changes meet all of their borders.
        let size = 64
        let key = try SecretBytes(randomCount: 32)
        let contents = [0, 1, 63, 64, 65, 128, 200].map(content)
        let streams = try contents.map { content in
            let sink = MemorySink()
            let sealer = try PayloadSealer(key: key, to: sink, chunkSize: size)
            try content.withUnsafeBytes { try sealer.write($0) }
            try sealer.finish()
            return sink.bytes
        }
        forAll(
            count: rounds(24_000),
            generate: { Mutant.of(streams, using: &$0) },
            holds: { stream in
                let reader = BufferedReader(MemorySource(stream), bufferSize: 256)
                let (released, error) = everything(from: try PayloadOpener(key: key, from: reader, chunkSize: size))
                guard let error else { return streams.contains(stream) && contents.contains(released) }
                return (error as? BackupError)?.code == .damagedPayload
                    && contents.contains { $0.starts(with: released) }
            }
        )
    }

    @Test("the whole file is decrypted to its beginning, or refused")
    func readsAnyFile() throws {
        let content = content(500)
        let files = try [false, true].map {
            try encrypted(content, for: [.publicKey(key.publicKey)], isArmored: $0)
        }
        forAll(
            count: rounds(2_000),
            generate: { Mutant.of(files, using: &$0) },
            holds: { file in
                let (released, error) = decrypted(file, with: [.secretKey(key)])
                return released == content || (released.isEmpty && error != nil)
            }
        )
    }

    private func everything(from source: some ByteSource) -> (released: [UInt8], error: (any Error)?) {
        var released: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 100)
        do {
            while case let count = try buffer.withUnsafeMutableBytes({ try source.read(into: $0) }), count > 0 {
                released += buffer[..<count]
            }
            return (released, nil)
        } catch {
            return (released, error)
        }
    }

    private func normalised(_ text: [UInt8]) -> [UInt8] {
        let trimmed = text.drop { AgeArmor.isWhitespace($0) }
        let end = trimmed.lastIndex { !AgeArmor.isWhitespace($0) }.map { $0 + 1 } ?? trimmed.startIndex
        return trimmed[..<end].filter { $0 != UInt8(ascii: "\r") }
    }
}

/// A text that was changed at random.
private enum Mutant {
    private static let pieces: [[UInt8]] =
        ["\n", "\r\n", " ", "-> ", "---", "--- ", "=", "X25519 ", "scrypt ", "0", "A", "AGE", "age", "\0", "é"]
        .map { Array($0.utf8) }

    static func of(_ texts: [[UInt8]], using generator: inout SeededGenerator) -> [UInt8] {
        var text = texts.randomElement(using: &generator) ?? []
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let place = Int.random(in: 0...text.count, using: &generator)
            let end = min(text.count, place + Int.random(in: 0...90, using: &generator))
            switch Int.random(in: 0..<7, using: &generator) {
            case 0, 1:
                if place < text.count { text[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator) }
            case 2: text.removeSubrange(place..<end)
            case 3: text.removeSubrange(place...)
            case 4: text.insert(contentsOf: text[place..<end], at: Int.random(in: 0...text.count, using: &generator))
            case 5:
                let other = texts.randomElement(using: &generator) ?? []
                text.replaceSubrange(place..., with: other[min(place, other.count)...])
            default: text.insert(contentsOf: pieces.randomElement(using: &generator) ?? [], at: place)
            }
        }
        return text
    }
}
