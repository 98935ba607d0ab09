import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import Backup

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The public test vectors of age (C2SP, CCTV), where their folder is named.
@Suite("The age test vectors")
struct AgeVectorTests {
    @Test("give the stated result, but for post-quantum keys, which are refused")
    func giveTheStatedResult() async throws {
        guard let folder = ProcessInfo.processInfo.environment["LASTRO_AGE_CORPUS"] else {
            print("the age test vectors are not tested: LASTRO_AGE_CORPUS names no folder of them")
            return
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(names.count >= 100)
        for name in names {
            let vector = try await AgeVector(reading: folder + "/" + name)
            try check(vector, name)
        }
    }

    private func check(_ vector: AgeVector, _ name: String) throws {
        let identityText = Array(vector["identity"].joined(separator: "\n").utf8)
        if vector["identity"].contains(where: { $0.contains("-PQ-") }) {
            #expect(throws: BackupError.self, "\(name)") {
                try IdentityFile.identities(in: identityText[...], path: name)
            }
            return
        }
        var identities = vector["passphrase"].map { AgeIdentity.passphrase(passphrase($0)) }
        if !identityText.isEmpty { identities += try IdentityFile.identities(in: identityText[...], path: name) }
        let (released, error) = result(of: vector, identities)
        let expected: [String: [BackupError.Code]] = [
            "success": [], "no match": [.noMatch], "armor failure": [.malformedArmor],
            "header failure": [.malformedHeader, .excessiveWorkFactor], "payload failure": [.damagedPayload],
        ]
        let codes = try #require(vector["expect"].first.flatMap { expected[$0] })
        // Without an identity that could be asked, a header that is well-formed has nobody to find it at fault.
        #expect(
            error.map { codes.contains($0.code) } ?? codes.isEmpty,
            "\(name): \(error.map { "\($0)" } ?? "success")"
        )
        if let digest = vector["payload"].first {
            #expect(sha256(released) == digest, "\(name)")
        } else {
            #expect(released.isEmpty, "\(name)")
        }
    }

    private func result(of vector: AgeVector, _ identities: [AgeIdentity]) -> ([UInt8], BackupError?) {
        // What is known to be armored is read as such, whatever it begins with.
        guard vector["armored"] == ["yes"] else { return decrypted(vector.file, with: identities) }
        let sink = MemorySink()
        do {
            let reader = BufferedReader(ArmorReader(BufferedReader(SmallReads(vector.file))))
            let opener = try AgeFile.opener(of: reader, with: identities)
            while let chunk = try opener.nextChunk() { sink.write(chunk) }
            return (sink.bytes, nil)
        } catch {
            return (sink.bytes, error as? BackupError)
        }
    }
}

/// A vector: what is said of a file, and the file.
private struct AgeVector {
    private var facts: [String: [String]] = [:]
    let file: [UInt8]

    init(reading path: String) async throws {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        let newline = UInt8(ascii: "\n")
        let end = try #require(bytes.indices.dropLast().first { bytes[$0] == newline && bytes[$0 + 1] == newline })
        for line in String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: ": ", maxSplits: 1).map(String.init)
            facts[parts[0], default: []].append(parts.count > 1 ? parts[1] : "")
        }
        let body = Array(bytes[(end + 2)...])
        file = facts["compressed"] == ["zlib"] ? try await inflated(body) : body
    }

    subscript(name: String) -> [String] { facts[name] ?? [] }
}

private func inflated(_ bytes: [UInt8]) async throws -> [UInt8] {
    try await run(
        "python3",
        "-c",
        "import sys, zlib; sys.stdout.buffer.write(zlib.decompress(sys.stdin.buffer.read()))",
        input: bytes
    ).output
}
