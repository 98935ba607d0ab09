import SystemPackage
import TestSupport
import Testing

@testable import Backup

@Suite("What an earlier snapshot has")
struct EarlierSnapshotTests {
    private let day = Timestamp.secondsADay
    private let start = 20_000 * Timestamp.secondsADay

    /// Changes a file of the store, as whoever can write to it may.
    private func replace(_ name: String, in test: StoredSnapshots, with bytes: [UInt8]) throws {
        try test.store.remove(name)
        try test.store.put(name, bytes)
    }

    @Test("is referenced as the newest index says that we signed, not as the store does")
    func believesSignedIndexes() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let first = try await test.make(["a", "b"], at: start)
            // Somebody puts another object in the place of one, with an index of his own that vouches for it.
            let forger = try StoredSnapshots(in: folder, store: test.store)
            let forged = try await forger.begin(["evil"], at: start + 5).index.objects[0]
            var index = first
            index.id = try SnapshotID(time: Timestamp.text(start + 6))
            index.manifest.name = index.id.manifestName
            index.objects = index.objects.map { object in
                StoredObject(header: forged.header, payload: forged.payload, checked: object.checked)
            }
            try test.store.put(index.id.indexName, SignedIndex.encode(index, signedWith: .generate()))
            let second = try await test.make(["a", "b"], at: start + 10)
            #expect(second.objects == first.objects && second.addedBytes == 0)
        }
    }

    @Test("is written anew where it is missing, cut off or of another key")
    func noticesMissing() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let first = try await test.make(["a", "b", "c"], at: start)
            try test.store.remove(first.objects[0].payload.name)
            try replace(first.objects[1].header.name, in: test, with: [1, 2])
            let draft = try await test.begin(["a", "b", "c"], at: start + 10)
            #expect(draft.earlier.objects == [first.objects[2]])
            #expect(draft.notes.all.count == 1 && draft.notes.all[0].contains("2 of 3 chunks are missing or cut off"))
            _ = try test.commit(draft, at: start + 10)
            #expect(try await test.wholeSnapshots() == [draft.index.id])

            try folder.delete("keys/deduplication-app.key")
            let later = try StoredSnapshots(in: folder)
            let anew = try await later.begin(["a", "b", "c"], at: start + 20)
            #expect(anew.earlier.objects.isEmpty)
            #expect(anew.notes.all == ["the key that names chunks is another than before: everything is written anew"])
        }
    }

    @Test("is read again in time, and written anew when its bytes are no longer what was signed")
    func readsAgain() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let first = try await test.make(["a", "b"], at: start)
            let name = first.objects[0].payload.name
            var bytes = try #require(try test.store.get(name))
            bytes[bytes.count / 2] ^= 4
            try replace(name, in: test, with: bytes)
            // The size is right, and it is not due yet.
            let early = try await test.begin(["a", "b"], at: start + 60)
            #expect(early.index.objects == first.objects && early.notes.all.isEmpty)
            let late = try await test.begin(["a", "b"], at: start + 31 * day)
            #expect(late.notes.all.count == 1 && late.notes.all[0].hasPrefix("\(name) is not what was written"))
            #expect(late.earlier.objects.map(\.checked) == [(start + 31 * day) / day])
            let healed = try test.commit(late, at: start + 31 * day)
            #expect(healed.objects.count == 2 && !healed.objects.contains { $0.payload.name == name })
            #expect(try await test.wholeSnapshots() == [healed.id])
        }
    }
}
