import SystemPackage
import TestSupport
import Testing

@testable import Backup

@Suite("Rotating recipients")
struct RotationTests {
    private let day = Timestamp.secondsADay
    private let start = 20_000 * Timestamp.secondsADay

    private func rotation(
        _ test: StoredSnapshots,
        to key: AgeSecretKey,
        from identities: [AgeIdentity]? = nil,
        signedWith signing: SigningKey? = nil,
        keys: String = "keys"
    ) -> Rotation {
        Rotation(
            of: test.repository,
            with: identities ?? test.identities,
            to: [.publicKey(key.publicKey)],
            signedWith: signing ?? test.keys.signing,
            keys: HostKeys.Places(folder: FilePath(test.folder.file(keys)))
        )
    }

    private func canRead(_ id: SnapshotID, _ test: StoredSnapshots, with key: AgeSecretKey) throws -> Bool {
        let index = try test.repository.index(of: id).index
        for files in [[index.manifest]] + index.objects.map(\.files) {
            let bytes = try files.reduce(into: []) { $0 += try test.repository.bytes(of: $1) }
            let result = decrypted(bytes, with: [.secretKey(key)])
            guard result.error == nil else {
                #expect(result.error?.code == .noMatch)
                return false
            }
        }
        return true
    }

    @Test("gives every snapshot new headers and a new index, and leaves payloads as they are")
    func rotates() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let first = try await test.make(["a", "b"], at: start)
            let second = try await test.make(["a", "c"], at: start + day)
            let payloads = try test.store.sizes(in: "objects").filter { $0.key.hasSuffix(".payload") }
            let new = try AgeSecretKey.generate()
            let result = try await rotation(test, to: new)()
            #expect(result.rotated == [second.id.description, first.id.description] && result.headers == 3)
            for id in [first.id, second.id] {
                #expect(try canRead(id, test, with: new) && !canRead(id, test, with: test.key))
            }
            #expect(try test.store.sizes(in: "objects").filter { $0.key.hasSuffix(".payload") } == payloads)
            #expect(try await test.wholeSnapshots() == [first.id, second.id])
            // Again there is nothing to do; back again is possible.
            #expect(try await rotation(test, to: new, from: [.secretKey(new)])().skipped.count == 2)
            #expect(try await rotation(test, to: test.key, from: [.secretKey(new)])().rotated.count == 2)
            #expect(try canRead(first.id, test, with: test.key))
            // The name of the recipients is the one that `create` gives: nothing has to be written anew.
            #expect(try await test.make(["a", "c"], at: start + 2 * day).addedBytes == 0)
        }
    }

    @Test("leaves old headers and indexes to be pruned")
    func isPruned() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let only = try await test.make(["a", "b"], at: start)
            let new = try AgeSecretKey.generate()
            _ = try await rotation(test, to: new)()
            var retention = Retention()
            retention.last = 5
            #expect(try await test.prune(retention, at: start + 10).plan.fileCount == 4)
            let deleted = try await test.prune(retention, at: start + 10 + 3600).deleted
            #expect(deleted.fileCount == 4)
            #expect(
                try test.store.names(in: only.id.folder).sorted() == [
                    only.id.indexName(generation: 2), only.id.manifestName(generation: 2),
                ]
            )
            #expect(try canRead(only.id, test, with: new))
            #expect(try await test.wholeSnapshots() == [only.id])
        }
    }

    @Test("needs a key that reads, and signs nothing that somebody else has signed")
    func needsKeys() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let only = try await test.make(["a"], at: start)
            let new = try AgeSecretKey.generate()
            let wrong = await #expect(throws: BackupError.self) {
                try await rotation(test, to: new, from: [.secretKey(.generate())])()
            }
            #expect(wrong?.code == .noMatch)
            #expect(try test.repository.index(of: only.id).index.generation == nil)
            // With a key of its own and the host's as a trusted one, and without the host's key that names chunks.
            let own = try SigningKey.generate()
            let notes = Notes()
            var other = rotation(test, to: new, signedWith: own, keys: "none")
            other.note = { notes.add($0) }
            #expect(try await other().rotated.count == 1)
            #expect(notes.all == ["the deduplication key of app is not here: its next backup writes everything anew"])
            let strange = await #expect(throws: BackupError.self) { try await rotation(test, to: test.key)() }
            #expect(strange?.code == .untrusted)
        }
    }

    @Test("goes on where it was killed")
    func goesOn() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let only = try await test.make(["a"], at: start)
            try test.store.put(only.id.manifestName(generation: 2), [1])  // killed before the index
            let new = try AgeSecretKey.generate()
            _ = try await rotation(test, to: new)()
            #expect(try test.repository.index(of: only.id).index.generation == 3)
            #expect(try canRead(only.id, test, with: new))
        }
    }

    @Test("is undone by nobody who renames indexes")
    func noticesRenaming() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let only = try await test.make(["a"], at: start)
            _ = try await rotation(test, to: .generate())()
            let old = try #require(try test.store.get(only.id.indexName))
            try test.store.put(only.id.indexName(generation: 3), old)
            let error = #expect(throws: BackupError.self) { try test.repository.index(of: only.id) }
            #expect(error?.code == .untrusted)
        }
    }
}
