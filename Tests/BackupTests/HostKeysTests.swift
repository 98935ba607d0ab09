import SystemPackage
import TestSupport
import Testing

@testable import Backup

@Suite("The host's keys")
struct HostKeysTests {
    @Test("are made once, for their owner alone: one that signs, and one a database that names chunks")
    func areMadeOnce() async throws {
        try await withTemporaryFolder { folder in
            let places = HostKeys.Places(folder: FilePath(folder.file("a/b")))
            let made = try HostKeys.find(for: "app", at: places)
            #expect(made.madeFiles == [folder.file("a/b/signing.key"), folder.file("a/b/deduplication-app.key")])
            let read = try HostKeys.find(for: "app", at: places)
            #expect(read.madeFiles.isEmpty)
            #expect(read.signing.verificationKey == made.signing.verificationKey)
            #expect(try read.deduplicationFingerprint == made.deduplicationFingerprint)
            for file in made.madeFiles { #expect(try FilePath(file).stat().permissions == .ownerReadWrite) }
            let other = try HostKeys.find(for: "../ä", at: places)
            #expect(other.madeFiles == [folder.file("a/b/deduplication-%2e%2e%2f%c3%a4.key")])
            #expect(other.signing.verificationKey == made.signing.verificationKey)
            #expect(try other.deduplicationFingerprint != made.deduplicationFingerprint)
            let key = "\(made.signing.verificationKey)"
            #expect(VerificationKey(key) == made.signing.verificationKey && key.hasPrefix("lastro1"))
        }
    }

    @Test("are read from the one file in which earlier releases kept both")
    func readsSharedFile() async throws {
        try await withTemporaryFolder { folder in
            let both = KeyFile(signing: try .generate(), deduplication: try SecretBytes(randomCount: 32))
            let places = HostKeys.Places(folder: FilePath(folder.file("k")))
            #expect(try both.write(to: places.shared))
            let found = try HostKeys.find(for: "app", at: places)
            #expect(found.madeFiles.isEmpty && found.signing.verificationKey == both.signing?.verificationKey)
            #expect(
                try HostKeys.find(for: "other", at: places).deduplicationFingerprint == found.deduplicationFingerprint
            )
            #expect(try HostKeys.signingKey(at: places).key.verificationKey == found.signing.verificationKey)
            // Named files come first, and either may be that one.
            var named = places
            named.deduplication = FilePath(folder.file("d"))
            let own = try HostKeys.find(for: "app", at: named)
            #expect(own.madeFiles == [folder.file("d")])
            named.folder = FilePath(folder.file("elsewhere"))
            named.signing = places.shared
            named.deduplication = places.shared
            #expect(try HostKeys.find(for: "app", at: named).deduplicationFingerprint == found.deduplicationFingerprint)
        }
    }

    @Test("are refused where a file holds something else, and not made anew where one was named that signs")
    func areRefused() async throws {
        try await withTemporaryFolder { folder in
            var places = HostKeys.Places(folder: FilePath(folder.file("k")))
            places.signing = FilePath(folder.file("none"))
            let absent = #expect(throws: BackupError.self) { try HostKeys.find(for: "app", at: places) }
            #expect(absent?.message.hasPrefix("there is no key that signs in ") == true)
            try folder.write("nothing", to: "other")
            places.signing = FilePath(folder.file("other"))
            #expect(throws: BackupError.self) { try HostKeys.find(for: "app", at: places) }
            // A key that signs is none that names chunks.
            try SigningKey.generate().write(to: FilePath(folder.file("signing")))
            places.signing = FilePath(folder.file("signing"))
            places.deduplication = FilePath(folder.file("signing"))
            let wrong = #expect(throws: BackupError.self) { try HostKeys.find(for: "app", at: places) }
            #expect(wrong?.message.hasSuffix("it holds no deduplication key") == true)
            let again = #expect(throws: BackupError.self) {
                try SigningKey.generate().write(to: FilePath(folder.file("signing")))
            }
            #expect(again?.isUsage == true)
        }
    }
}
