import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import Backup

@Suite("Files of age and of Lastro")
struct AgeInteroperationTests {
    @Test("are read by the other", arguments: [0, 1, 65_536, 200_000])
    func areExchanged(count: Int) async throws {
        try await withTemporaryFolder { folder in
            let content = content(count)
            let key = try AgeSecretKey.generate()
            let path = folder.file("key.txt")
            try IdentityFile.write(key, to: FilePath(path), madeAt: "2026-11-28T00:00:00Z")
            let known = try await run("age-keygen", "-y", path)
            #expect(String(decoding: known.output, as: UTF8.self) == "\(key.publicKey)\n")
            for isArmored in [false, true] {
                let ours = try encrypted(content, for: [.publicKey(key.publicKey)], isArmored: isArmored)
                let opened = try await run("age", "--decrypt", "--identity", path, input: ours)
                #expect(opened.status.isSuccess, "\(opened.errors)")
                #expect(opened.output == content)
                let arguments = ["--recipient", "\(key.publicKey)"] + (isArmored ? ["--armor"] : [])
                let theirs = try await run("age", arguments, input: content)
                #expect(decrypted(theirs.output, with: [.secretKey(key)]) == (content, nil))
            }
        }
    }

    @Test("may be for keys that age-keygen made")
    func takesForeignKeys() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.file("key.txt")
            #expect(try await run("age-keygen", "--output", path).status.isSuccess)
            let recipient = String(decoding: try await run("age-keygen", "-y", path).output.dropLast(), as: UTF8.self)
            let ours = try encrypted([1, 2, 3], for: [.publicKey(try AgePublicKey(recipient))])
            #expect(try await run("age", "--decrypt", "--identity", path, input: ours).output == [1, 2, 3])
            #expect(decrypted(ours, with: try IdentityFile.read(FilePath(path))).released == [1, 2, 3])
        }
    }
}
