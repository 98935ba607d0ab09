import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Backup

@Suite("Pruning a repository")
struct PruningTests {
    private let day = Timestamp.secondsADay
    private let start = 20_000 * Timestamp.secondsADay

    private var keepOne: Retention {
        var retention = Retention()
        retention.last = 1
        return retention
    }

    @Test("marks first, deletes when the time is over, and leaves alone what is still needed")
    func deletesInTwoSteps() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let first = try await test.make(["shared", "old"], at: start)
            let second = try await test.make(["shared", "new"], at: start + day)
            #expect(second.objects.contains { object in first.objects.contains { $0.payload == object.payload } })
            var pruning = Pruning(of: test.repository, keeping: keepOne)
            pruning.now = start + day
            let before = try test.store.sizes(in: ".").keys.filter { !$0.hasPrefix("./tmp/") }.sorted()
            let plan = try pruning.plan()
            #expect(plan.going.map(\.id) == [first.id.description] && plan.kept.map(\.id) == [second.id.description])
            #expect(plan.fileCount == 4)  // header and payload of one chunk, manifest, index
            #expect(try test.store.sizes(in: ".").keys.filter { !$0.hasPrefix("./tmp/") }.sorted() == before)

            let marked = try await test.prune(keepOne, at: start + day)
            #expect(marked.deletedAfter == Timestamp.text(start + day + 3600) && marked.deleted.snapshots.isEmpty)
            #expect(try test.repository.list().snapshots.map(\.deletedAfter) == [marked.deletedAfter, nil])
            #expect(try await test.wholeSnapshots() == [first.id, second.id])
            // Before its time nothing goes, and nothing is marked twice.
            let early = try await test.prune(keepOne, at: start + day + 3599)
            #expect(early.deletedAfter == nil && early.deleted.fileCount == 0)
            let late = try await test.prune(keepOne, at: start + day + 3600)
            #expect(late.deleted.snapshots == [first.id.description] && late.deletedAfter == nil)
            #expect(try await test.wholeSnapshots() == [second.id])
            #expect(try test.store.names(in: "objects").count == 4)
            #expect(try test.store.names(in: "prune").isEmpty && test.store.names(in: first.id.folder).isEmpty)
        }
    }

    @Test("takes no snapshot for damaged to which a rotation gave new headers while it listed")
    func listsBesideRotation() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let first = try await test.make(["a"], at: start)
            let second = try await test.make(["b"], at: start + day)
            let new = try AgeSecretKey.generate()
            let rotation = Rotation(
                of: test.repository,
                with: test.identities,
                to: [.publicKey(new.publicKey)],
                signedWith: test.keys.signing,
                keys: HostKeys.Places(folder: FilePath(folder.file("keys")))
            )
            let slow = try SlowListing(of: test.store)
            _ = try await rotation()
            var all = keepOne
            all.last = 9
            let repository = Repository(in: slow, trusted: [test.keys.signing.verificationKey])
            let plan = try Pruning(of: repository, keeping: all).plan()
            #expect(plan.kept.map(\.id) == [first.id.description, second.id.description])
            #expect(plan.going.isEmpty && plan.kept.allSatisfy { $0.reasons == ["last"] }, "\(plan.kept)")
        }
    }

    /// A store of which the first list was begun before something was written.
    private final class SlowListing: BackupStore {
        private let store: any BackupStore
        private let early: [String: [String: Int]]
        private let hasListed = Atomic(false)

        init(of store: any BackupStore) throws {
            self.store = store
            early = ["objects": try store.sizes(in: "objects"), "snapshots": try store.sizes(in: "snapshots")]
        }

        func sizes(in folder: String) throws -> [String: Int] {
            if let sizes = early[folder], !hasListed.exchange(true, ordering: .relaxed) { return sizes }
            return try store.sizes(in: folder)
        }

        func put(_ name: String, _ bytes: UnsafeRawBufferPointer) throws { try store.put(name, bytes) }
        func get(_ name: String) throws -> [UInt8]? { try store.get(name) }
        func size(of name: String) throws -> Int? { try store.size(of: name) }
        func remove(_ name: String) throws { try store.remove(name) }
        var description: String { store.description }
    }

    @Test("takes back what was marked")
    func unmarks() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let first = try await test.make(["a"], at: start)
            let second = try await test.make(["b"], at: start + day)
            _ = try await test.prune(keepOne, at: start + day)
            let taken = try Pruning(of: test.repository, keeping: keepOne).unmark()
            #expect(taken.snapshots == 1 && taken.files == 4)
            var all = keepOne
            all.last = 9
            let result = try await test.prune(all, at: start + 9 * day)
            #expect(result.deleted.fileCount == 0 && result.deletedAfter == nil)
            #expect(try await test.wholeSnapshots() == [first.id, second.id])
        }
    }

    @Test("takes the later of two drills of one second, whatever their files are called")
    func ordersDrills() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let index = try await test.make(["a"], at: start)
            for round in 1...12 {
                let outcome: DrillOutcome = round.isMultiple(of: 2) ? .passed : .failed
                try test.repository.record(
                    DrillRecord(snapshot: index.id, time: "2026-01-01T00:00:00Z", seconds: 1, rows: 0, result: outcome)
                )
                let drills = try test.repository.drills()[index.id] ?? []
                #expect(drills.count == round)
                #expect(Snapshot(index, drills: drills).newestDrill?.outcome == outcome)
            }
        }
    }

    @Test("counts no snapshot that is damaged, that failed its drill, or whose index is another's")
    func countsGoodOnes() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let good = try await test.make(["a"], at: start)
            let flipped = try await test.make(["b"], at: start + day)
            let short = try await test.make(["c"], at: start + 2 * day)
            let failed = try await test.make(["d"], at: start + 3 * day)
            let foreign = try await test.make(["e"], at: start + 4 * day)
            // A bit of one, the end of another.
            let name = flipped.objects[0].payload.name
            var bytes = try #require(try test.store.get(name))
            bytes[20] ^= 1
            try test.store.remove(name)
            try test.store.put(name, bytes)
            try test.store.remove(short.objects[0].header.name)
            try test.repository.record(
                DrillRecord(snapshot: failed.id, time: "2026-01-01T00:00:00Z", seconds: 1, rows: 0, result: .failed)
            )
            try test.store.remove(foreign.id.indexName)
            try test.store.put(foreign.id.indexName, SignedIndex.encode(foreign, signedWith: .generate()))

            let notes = Notes()
            var pruning = Pruning(of: test.repository, keeping: keepOne)
            pruning.now = start + 5 * day
            pruning.note = { notes.add($0) }
            let plan = try await pruning(signedWith: test.keys.signing).plan
            // What is damaged behind the last good one is kept too: it may be all there is of its day.
            #expect(plan.going.isEmpty)
            #expect(
                plan.kept.map(\.id) == [good, flipped, short, failed].map(\.id.description)
                    && plan.kept[0].reasons == ["last"] && plan.kept[3].reasons.first == "its last drill failed"
            )
            #expect(plan.unbelieved.map(\.code) == [.untrusted])
            #expect(try test.store.names(in: "prune").isEmpty)
            // Without anything to delete nothing had to be read: the flipped bit was not looked for.
            let last = try await test.make(["f"], at: start + 6 * day)
            pruning.now = start + 6 * day
            let next = try await pruning(signedWith: test.keys.signing).plan
            #expect(next.kept.map(\.id) == [last.id.description])
            #expect(next.going.count == 4)
            let files = Set(next.files)
            #expect(foreign.files.allSatisfy { !files.contains($0.name) })
        }
    }

    @Test("reads the one that is to remain, and goes back to an older one if it is damaged")
    func verifiesWhatRemains() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            _ = try await test.make(["0"], at: start - day)
            let good = try await test.make(["a"], at: start)
            let flipped = try await test.make(["b"], at: start + day)
            let name = flipped.objects[0].payload.name
            var bytes = try #require(try test.store.get(name))
            bytes[20] ^= 1
            try test.store.remove(name)
            try test.store.put(name, bytes)
            let notes = Notes()
            var pruning = Pruning(of: test.repository, keeping: keepOne)
            pruning.now = start + day
            pruning.note = { notes.add($0) }
            let plan = try await pruning(signedWith: test.keys.signing).plan
            #expect(plan.kept.map(\.id) == [good.id.description, flipped.id.description] && plan.going.count == 1)
            #expect(notes.all.count == 1 && notes.all[0].contains(name))
        }
    }

    @Test(
        "keeps the last good one of each database, and of the one before an upgrade; the clock may have been set back"
    )
    func keepsLastGoodOnes() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let other = try await test.make(["o"], at: start, database: "other")
            _ = try await test.make(["a"], at: start + 9 * day, system: "15")
            let before = try await test.make(["b"], at: start + 10 * day, system: "15")
            // After the upgrade the new host's clock is behind.
            _ = try await test.make(["c"], at: start + 2 * day, system: "18")
            _ = try await test.make(["d"], at: start + 3 * day, system: "18")
            let newest = try await test.make(["e"], at: start + day, system: "18")
            #expect(newest.id > before.id)
            let plan = try await test.prune(keepOne, at: start + 11 * day).plan
            #expect(plan.kept.map(\.id) == [other, before, newest].map(\.id.description))
            #expect(plan.kept.map(\.reasons) == [["last"], ["the last good one"], ["last"]])
            #expect(plan.going.count == 3)
        }
    }

    @Test("prunes the rest when one is kept for ever, and says why it is")
    func keepsNamed() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let pinned = try await test.make(["a"], at: start)
            let middle = try await test.make(["b"], at: start + day)
            _ = try await test.make(["c"], at: start + 2 * day)
            var retention = keepOne
            retention.named = [String(pinned.id.description.prefix(8))]
            let plan = try await test.prune(retention, at: start + 2 * day).plan
            #expect(plan.going.map(\.id) == [middle.id.description] && plan.kept[0].reasons == ["named"])
            retention.named = ["19"]
            await #expect(throws: BackupError.noSnapshot("19")) { try await test.prune(retention, at: start + 2 * day) }
        }
    }

    @Test("deletes nothing while an index cannot be read at all")
    func refusesOpaqueIndexes() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            _ = try await test.make(["a"], at: start)
            let damaged = try await test.make(["b"], at: start + day)
            _ = try await test.make(["c"], at: start + 2 * day)
            let bytes = try #require(try test.store.get(damaged.id.indexName))
            try test.store.remove(damaged.id.indexName)
            try test.store.put(damaged.id.indexName, Array(bytes.dropLast(100)))
            let error = await #expect(throws: BackupError.self) { try await test.prune(keepOne, at: start + 3 * day) }
            #expect(error == .opaqueIndex(damaged.id.indexName))
        }
    }

    @Test("takes away what a killed backup has left, but not what one under way has written")
    func takesLeftovers() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let first = try await test.make(["a"], at: start)
            _ = try await test.begin(["left"], at: start + 10)
            let underWay = try await test.begin(["a", "mine"], at: start + 20)
            let marked = try await test.prune(keepOne, at: start + 30)
            #expect(marked.plan.fileCount == 6 && marked.plan.going.isEmpty)
            // Its own files were marked, so it commits copies of them.
            let committed = try test.commit(underWay, at: start + 40)
            #expect(Set(committed.objects.map(\.contentCode)) == Set(underWay.index.objects.map(\.contentCode)))
            let deleted = try await test.prune(keepOne, at: start + 30 + 3600).deleted
            #expect(deleted.fileCount == 5)  // the manifest of what is under way is needed by now
            #expect(try await test.wholeSnapshots() == [first.id, committed.id])
        }
    }

    @Test("and a backup in whatever order of steps leave every snapshot whole", arguments: 0..<4)
    func racesWithBackups(order: Int) async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            _ = try await test.make(["a", "b"], at: start)
            // Only the next backup would need "a" again.
            _ = try await test.make(["b"], at: start + 10)
            var all = keepOne
            all.last = 9
            switch order {
            case 0:
                // The backup begins when all is marked: nothing that is to go is referenced.
                _ = try await test.prune(keepOne, at: start + 20)
                let draft = try await test.begin(["a", "b"], at: start + 30)
                #expect(draft.index.addedBytes > 0)
                _ = try await test.prune(keepOne, at: start + 20 + 3600)
                _ = try test.commit(draft, at: start + 4000)
            case 1:
                // It began before, and is through before the time is over.
                let draft = try await begunOnOld(test)
                _ = try await test.prune(keepOne, at: start + 20)
                _ = try test.commit(draft, at: start + 30)
                _ = try await test.prune(all, at: start + 20 + 3600)
            case 2:
                // It began before, and takes longer than the time: it is refused, since what it needs is gone.
                let draft = try await begunOnOld(test)
                _ = try await test.prune(keepOne, at: start + 20)
                _ = try await test.prune(keepOne, at: start + 20 + 3600)
                #expect(throws: BackupError.self) { try test.commit(draft, at: start + 4000) }
            default:
                // Both have ended before anything is marked.
                let draft = try await begunOnOld(test)
                _ = try test.commit(draft, at: start + 20)
                _ = try await test.prune(keepOne, at: start + 30)
                _ = try await test.prune(keepOne, at: start + 30 + 3600)
            }
            #expect(try await test.wholeSnapshots() == test.repository.snapshots())
            #expect(try test.repository.snapshots().isEmpty == false)
        }
    }

    /// A backup that references what only the older snapshot has.
    private func begunOnOld(_ test: StoredSnapshots) async throws -> StoredSnapshots.Draft {
        var draft = try await test.begin(["b"], at: start + 15)
        let oldest = try test.repository.index(of: test.repository.snapshots()[0]).index
        draft.index.objects = oldest.objects
        return draft
    }

    @Test("wants a grace that is longer than the longest backup")
    func wantsGrace() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            _ = try await test.make(["a"], at: start)
            let error = await #expect(throws: BackupError.self) {
                try await test.prune(keepOne, at: start, grace: .seconds(2))
            }
            #expect(error?.isUsage == true)
        }
    }

    @Test("believes a list of what is to go only with a signature that it trusts, under its own name")
    func believesSignedMarks() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let only = try await test.make(["a"], at: start)
            func plant(_ mark: PruneMark, _ name: String, _ key: SigningKey) throws {
                try test.store.put(name, SignedText.encode(mark, label: PruneMark.label, signedWith: key))
            }
            let time = Timestamp.text(start)
            let forged = PruneMark(
                name: try PruneMark.newName(time: time),
                time: time,
                deletedAfter: time,
                snapshots: [],
                files: only.files.map(\.name)
            )
            try plant(forged, forged.name, .generate())
            try plant(forged, try PruneMark.newName(time: time), test.keys.signing)
            #expect(try test.repository.marks().isEmpty)
            let deletion = try await test.prune(keepOne, at: start + day).deleted
            #expect(deletion.fileCount == 0)
            #expect(try await test.wholeSnapshots() == [only.id])
            // Even a true one deletes neither what is needed nor the last good one.
            let genuine = PruneMark(
                name: try PruneMark.newName(time: time),
                time: time,
                deletedAfter: time,
                snapshots: [only.id],
                files: only.files.map(\.name)
            )
            try plant(genuine, genuine.name, test.keys.signing)
            let spared = try await test.prune(keepOne, at: start + day).deleted
            #expect(spared.spared == [only.id.description] && spared.fileCount == 0)
            #expect(try await test.wholeSnapshots() == [only.id])
        }
    }
}
