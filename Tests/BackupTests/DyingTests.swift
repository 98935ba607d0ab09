import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Backup

/// A store whose user dies before its n-th change: from then on nothing is changed any more.
private final class LastChanges: BackupStore {
    private let store: any BackupStore
    private let left: Mutex<Int>

    init(_ count: Int, of store: any BackupStore) {
        self.store = store
        left = Mutex(count)
    }

    struct Death: Error {}

    private func change() throws {
        try left.withLock { left in
            guard left > 0 else { throw Death() }
            left -= 1
        }
    }

    func put(_ name: String, _ bytes: UnsafeRawBufferPointer) throws {
        try change()
        try store.put(name, bytes)
    }

    func remove(_ name: String) throws {
        try change()
        try store.remove(name)
    }

    func get(_ name: String) throws -> [UInt8]? { try store.get(name) }
    func size(of name: String) throws -> Int? { try store.size(of: name) }
    func sizes(in folder: String) throws -> [String: Int] { try store.sizes(in: folder) }
    var description: String { store.description }
}

@Suite("Who dies before any change of a repository")
struct DyingTests {
    private let start = 20_000 * Timestamp.secondsADay

    /// Runs something that dies before its first change, its second one, and so on, until it gets through.
    ///
    /// - Returns: how many changes it made.
    private func dying(
        _ work: (StoredSnapshots, Repository) async throws -> Void,
        before: (StoredSnapshots) async throws -> Void,
        after: (StoredSnapshots) async throws -> Void
    ) async throws -> Int {
        var changes = 0
        while true {
            let isThrough = try await withTemporaryFolder { folder in
                let test = try StoredSnapshots(in: folder)
                try await before(test)
                var repository = test.repository
                repository = Repository(in: LastChanges(changes, of: test.store), trusted: repository.trusted)
                do {
                    try await work(test, repository)
                    try await after(test)
                    return true
                } catch is LastChanges.Death {
                    let whole = try await test.wholeSnapshots()
                    #expect(try whole == test.repository.snapshots() && !whole.isEmpty, "dead before change \(changes)")
                    try await work(test, test.repository)  // the next run
                    try await after(test)
                    return false
                }
            }
            if isThrough { return changes }
            changes += 1
        }
    }

    @Test("while pruning leaves whole snapshots, and the next run finishes")
    func prunes() async throws {
        var keepOne = Retention()
        keepOne.last = 1
        let changes = try await dying { [start] test, repository in
            var pruning = Pruning(of: repository, keeping: keepOne)
            pruning.grace = .seconds(3600)
            pruning.now = start + 4000
            _ = try await pruning(signedWith: test.keys.signing)
        } before: { test in
            try await test.make(["shared", "a"], at: start)
            try await test.make(["shared", "b"], at: start + 10)
            try await test.make(["shared", "c"], at: start + 20)
            _ = try await test.prune(keepOne, at: start + 30)
        } after: { test in
            // What is left behind by a dead run is marked by the next, and goes with the one behind it.
            _ = try await test.prune(keepOne, at: start + 40_000)
            let whole = try await test.wholeSnapshots()
            #expect(try whole.count == 1 && whole == test.repository.snapshots())
            #expect(try test.store.names(in: "objects").count == 4)
            #expect(try test.store.names(in: "snapshots").count == 2)
            #expect(try test.store.names(in: "prune").isEmpty)
        }
        // Of each index, manifest, header and payload, and the list; some are asked for twice.
        #expect(changes >= 2 * 4 + 1)
    }

    @Test("while rotating leaves whole snapshots, each for the one or the other key, and the next run finishes")
    func rotates() async throws {
        let new = try AgeSecretKey.generate()
        let changes = try await dying { test, repository in
            let rotation = Rotation(
                of: repository,
                with: test.identities,
                to: [.publicKey(new.publicKey)],
                signedWith: test.keys.signing,
                keys: HostKeys.Places(folder: FilePath(test.folder.file("keys")))
            )
            _ = try await rotation()
        } before: { test in
            try await test.make(["shared", "a"], at: start)
            try await test.make(["shared", "b"], at: start + 10)
        } after: { test in
            let whole = try await test.wholeSnapshots()
            #expect(whole.count == 2)
            for id in whole {
                let index = try test.repository.index(of: id).index
                for object in index.objects {
                    let bytes = try test.repository.bytes(of: object.header) + test.repository.bytes(of: object.payload)
                    #expect(decrypted(bytes, with: [.secretKey(new)]).error == nil)
                }
            }
        }
        #expect(changes == 3 + 2 * 2)  // a header for each chunk; a manifest and an index for each snapshot
    }

    @Test("while a snapshot is made leaves those that were there, and the next one is made")
    func creates() async throws {
        let changes = try await dying { [start] test, repository in
            let other = try StoredSnapshots(of: test, in: repository.store)
            let draft = try await other.begin(["shared", "b"], at: start + 10)
            _ = try other.commit(draft, at: start + 10)
        } before: { test in
            try await test.make(["shared", "a"], at: start)
        } after: { test in
            let whole = try await test.wholeSnapshots()
            #expect(whole.count == 2)
        }
        #expect(changes == 4)
    }
}
