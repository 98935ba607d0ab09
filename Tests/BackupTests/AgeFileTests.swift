import SystemPackage
import TestSupport
import Testing

@testable import Backup

@Suite("An age file")
struct AgeFileTests {
    private let key: AgeSecretKey
    private var recipient: AgeRecipient { .publicKey(key.publicKey) }
    private var identity: AgeIdentity { .secretKey(key) }

    init() throws {
        key = try .generate()
    }

    @Test(
        "is decrypted to what was encrypted, whatever its length",
        arguments: [0, 1, 47, 48, 65_535, 65_536, 65_537, 131_072, 131_073, 3_000_000]
    )
    func comesBack(count: Int) throws {
        let content = content(count)
        for isArmored in [false, true] {
            let file = try encrypted(content, for: [recipient], isArmored: isArmored)
            let (released, error) = decrypted(file, with: [identity])
            #expect(error == nil)
            #expect(released == content)
        }
    }

    @Test("is for each of several recipients and for nobody else")
    func hasRecipients() throws {
        let others = try (0..<3).map { _ in try AgeSecretKey.generate() }
        let file = try encrypted([1, 2, 3], for: others.prefix(2).map { .publicKey($0.publicKey) } + [recipient])
        #expect(decrypted(file, with: [identity]).released == [1, 2, 3])
        #expect(decrypted(file, with: [.secretKey(others[2]), .secretKey(others[1])]).released == [1, 2, 3])
        let (released, error) = decrypted(file, with: [.secretKey(others[2])])
        #expect(released.isEmpty)
        #expect(error?.code == .noMatch)
    }

    @Test("is for a passphrase, which stands alone")
    func hasPassphrase() throws {
        let lock = AgeRecipient.passphrase(passphrase("correct horse"), workFactor: 10)
        let file = try encrypted([1, 2, 3], for: [lock])
        #expect(decrypted(file, with: [identity, .passphrase(passphrase("correct horse"))]).released == [1, 2, 3])
        let (released, error) = decrypted(file, with: [.passphrase(passphrase("wrong horse"))])
        #expect(released.isEmpty)
        #expect(error?.code == .noMatch)
        #expect(throws: BackupError.passphraseAmongRecipients()) { try encrypted([], for: [lock, recipient]) }
        #expect(throws: BackupError.noRecipients()) { try encrypted([], for: []) }
    }

    @Test("with a work factor above the limit is refused before anything is computed")
    func limitsWork() throws {
        let file = try encrypted([1], for: [.passphrase(passphrase("x"), workFactor: 12)])
        #expect(
            decrypted(file, with: [.passphrase(passphrase("x"), workFactorLimit: 11)]).error
                == .excessiveWorkFactor(12, limit: 11)
        )
    }

    @Test("that is cut off anywhere releases whole chunks and ends with an error")
    func noticesTruncation() throws {
        let content = content(200_000)
        let file = try encrypted(content, for: [recipient])
        let headerSize = file.count - content.count - 4 * ChaChaPoly.tagSize
        let boundaries = (0...3).map { headerSize + $0 * (AgePayload.chunkSize + ChaChaPoly.tagSize) }
        let cuts = (0..<headerSize) + boundaries.flatMap { [$0 - 1, $0, $0 + 1, $0 + 16, $0 + 17] } + [file.count - 1]
        for cut in cuts where cut < file.count {
            let (released, error) = decrypted(Array(file[..<cut]), with: [identity])
            #expect(error != nil, "cut at \(cut)")
            #expect(released.count % AgePayload.chunkSize == 0)
            #expect(content.starts(with: released))
        }
    }

    @Test("with a changed bit anywhere, or with more behind it, ends with an error")
    func noticesChanges() throws {
        let content = content(70_000)
        let file = try encrypted(content, for: [recipient])
        let headerSize = file.count - content.count - 2 * ChaChaPoly.tagSize
        for place in Array(0..<headerSize + 40) + Array(stride(from: headerSize, to: file.count, by: 997)) {
            var changed = file
            changed[place] ^= 1 << UInt8(place % 8)
            let (released, error) = decrypted(changed, with: [identity])
            #expect(error != nil, "changed at \(place)")
            #expect(released.isEmpty || released == Array(content[..<AgePayload.chunkSize]))
        }
        #expect(decrypted(file + [0], with: [identity]).error?.code == .damagedPayload)
    }

    @Test("holds its chunks in their order")
    func noticesSwaps() throws {
        let file = try encrypted(content(200_000), for: [recipient])
        let sealedSize = AgePayload.chunkSize + ChaChaPoly.tagSize
        let start = file.count - 200_000 - 4 * ChaChaPoly.tagSize
        let chunks = [0, 1].map { Array(file[start + $0 * sealedSize..<start + ($0 + 1) * sealedSize]) }
        let swapped = Array(file[..<start]) + chunks[1] + chunks[0] + file[(start + 2 * sealedSize)...]
        #expect(decrypted(swapped, with: [identity]) == ([], .damagedPayload("a chunk is not authentic")))
        let doubled = Array(file[..<start]) + chunks[0] + chunks[0] + file[(start + sealedSize)...]
        #expect(decrypted(doubled, with: [identity]).released.count == AgePayload.chunkSize)
    }
}

@Suite("Base64 and Bech32")
struct TextFormTests {
    @Test("Base64 has one spelling for each sequence of bytes")
    func base64IsCanonical() {
        forAll(
            generate: { generator in
                (0..<Int.random(in: 0...80, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator)
                }
            },
            holds: { bytes in
                [false, true].allSatisfy { Base64.decode(Base64.encode(bytes, padded: $0)[...], padded: $0) == bytes }
            }
        )
        for text in ["A", "AB", "AAB", "AA==", "A A", "AAA\n", "AA-_", "AAAAA"] {
            #expect(Base64.decode(Array(text.utf8)[...]) == nil, "\(text)")
        }
        for text in ["AA", "AAA", "AB==", "AAB=", "A===", "====", "AA=A", "AAAA="] {
            #expect(Base64.decode(Array(text.utf8)[...], padded: true) == nil, "\(text)")
        }
    }

    @Test("Bech32 notices each change of a character")
    func bech32HasChecksum() throws {
        let key = try AgeSecretKey.generate()
        let text = key.publicKey.description
        #expect(text.hasPrefix("age1") && text.utf8.count == 62)
        #expect(try AgePublicKey(text) == key.publicKey)
        for place in text.utf8.indices {
            let changed = text.replacing(at: place, with: text[place] == "q" ? "p" : "q")
            if changed != text { #expect(throws: BackupError.self, "\(changed)") { try AgePublicKey(changed) } }
        }
        let mixed = text.prefix(20).uppercased() + text.dropFirst(20)
        for other in ["", "age1", text.uppercased(), mixed, text + "q", " " + text] {
            #expect(throws: BackupError.self) { try AgePublicKey(other) }
        }
    }

    // The examples of BIP 173.
    @Test(
        "Bech32 reads what its specification calls valid, and nothing that it calls invalid",
        arguments: [
            ("A12UEL5L", true), ("a12uel5l", true), ("?1ezyfcl", true),
            ("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", true),
            ("split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", true),
            ("pzry9x0s0muk", false), ("1pzry9x0s0muk", false), ("x1b4n0q5v", false), ("li1dgmt3", false),
            ("A1G7SGD8", false), ("10a06t8", false), ("1qzzfhee", false),
        ]
    )
    func followsSpecification(text: String, isValid: Bool) {
        // The third example's groups make no whole bytes, nor do some others': that is looked at behind the checksum.
        if !isValid || text.count < 10 { #expect((Bech32.decode(text.utf8) != nil) == isValid) }
    }
}

extension String {
    fileprivate func replacing(at index: String.Index, with character: Character) -> String {
        self[..<index] + String(character) + self[self.index(after: index)...]
    }
}

@Suite("An identity file")
struct IdentityFileTests {
    @Test("comes back, is its owner's alone, and is never overwritten")
    func isWritten() async throws {
        try await withTemporaryFolder { folder in
            let key = try AgeSecretKey.generate()
            let path = FilePath(folder.file("key.txt"))
            try IdentityFile.write(key, to: path, madeAt: "2026-11-28T00:00:00Z")
            #expect(try path.stat().permissions == .ownerReadWrite)
            #expect(try folder.names == ["key.txt"])
            let file = try encrypted([7], for: [.publicKey(key.publicKey)])
            #expect(decrypted(file, with: try IdentityFile.read(path)).released == [7])
            let text = try folder.read("key.txt")
            #expect(throws: BackupError.keyFileExists(path.string)) {
                try IdentityFile.write(try .generate(), to: path, madeAt: "")
            }
            #expect(try folder.read("key.txt") == text)
            #expect(try folder.names == ["key.txt"])
        }
    }

    @Test("may have comments, empty lines and the line ends of Windows, and nothing that is no key")
    func isRead() throws {
        let key = try AgeSecretKey.generate()
        let line = key.encoded.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        func count(_ text: String) throws -> Int {
            try IdentityFile.identities(in: Array(text.utf8)[...], path: "k").count
        }
        #expect(try count("# made\r\n\r\n\(line)\r\n\(line)") == 2)
        for text in ["", "# \(line)\n", " \(line)\n", line.lowercased(), String(line.dropLast()), "\(line)\nx\n"] {
            #expect(throws: BackupError.self) { try count(text) }
        }
        #expect(throws: BackupError.unsupportedIdentity("k", line: 2)) { try count("\(line)\nAGE-SECRET-KEY-PQ-1QQQ") }
        #expect(throws: BackupError.encryptedIdentities("k")) { try count("age-encryption.org/v1\n") }
    }

    @Test("is not repeated where a recipient was asked for")
    func isKept() throws {
        let secret = try AgeSecretKey.generate().encoded.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        for text in [secret, secret.lowercased(), secret + "x"] {
            let error = #expect(throws: BackupError.self) { try AgePublicKey(text) }
            #expect(error?.description.lowercased().contains(secret.dropFirst(20).lowercased()) == false)
        }
    }
}
