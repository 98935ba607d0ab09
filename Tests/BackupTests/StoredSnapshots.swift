import SystemPackage
import TestSupport

@testable import Backup

/// Snapshots made without a server: chunks and a manifest of given content, committed as `create` does.
struct StoredSnapshots {
    let store: any BackupStore
    let keys: HostKeys
    let key: AgeSecretKey
    let folder: TemporaryFolder

    init(in folder: TemporaryFolder, store: (any BackupStore)? = nil) throws {
        self.folder = folder
        self.store = store ?? FolderStore(FilePath(folder.file("r")))
        keys = try HostKeys.find(for: "app", at: HostKeys.Places(folder: FilePath(folder.file("keys"))))
        key = try .generate()
    }

    /// The same, seen through another store.
    init(of other: StoredSnapshots, in store: any BackupStore) throws {
        self.store = store
        folder = other.folder
        keys = other.keys
        key = other.key
    }

    var repository: Repository { Repository(in: store, trusted: [keys.signing.verificationKey]) }
    var identities: [AgeIdentity] { [.secretKey(key)] }

    /// A snapshot that was begun: what it referenced and wrote, before it has an index.
    struct Draft {
        var index: SnapshotIndex
        let earlier: EarlierSnapshot
        let notes: Notes
    }

    /// Writes the chunks and the manifest of a snapshot.
    func begin(
        _ chunks: [String],
        at time: Int,
        database: String = "app",
        system: String? = "1",
        recheck: Duration = .seconds(30 * 86_400)
    ) async throws -> Draft {
        let recipients = [AgeRecipient.publicKey(key.publicKey)]
        let name = try ChunkWriter.fingerprint(of: recipients, keys: keys)
        let notes = Notes()
        var search = EarlierSnapshot.Search(in: repository, keys: keys, now: time)
        search.recheckTime = recheck
        search.note = { notes.add($0) }
        let earlier = try await search(for: database, recipients: name, isFull: false)
        let id = try SnapshotID(time: Timestamp.text(time), after: earlier.newest?.id)
        let writer = try ChunkWriter(to: store, for: recipients, keys: keys, known: earlier.objects)
        let compressor = try ZstdCompressor(level: 1)
        for chunk in chunks { _ = try writer.write(Array(chunk.utf8), with: compressor) }
        let manifest = try content(2000).withUnsafeBytes { try compressor.frame(of: $0) }
        let file = MemorySink()
        try AgeFile.encrypt(MemorySource(manifest), to: file, for: recipients)
        try store.put(id.manifestName, file.bytes)
        let index = SnapshotIndex(
            id: id,
            time: Timestamp.text(time),
            database: database,
            system: system,
            seconds: 2,
            bytes: 0,
            addedBytes: writer.result.addedBytes,
            recipients: name,
            deduplicationKey: try keys.deduplicationFingerprint,
            manifest: StoredObject.File(name: id.manifestName, size: file.bytes.count, sha256: sha256(file.bytes)),
            objects: writer.result.objects
        )
        return Draft(index: index, earlier: earlier, notes: notes)
    }

    /// Makes a snapshot.
    @discardableResult
    func make(
        _ chunks: [String],
        at time: Int,
        database: String = "app",
        system: String? = "1"
    ) async throws -> SnapshotIndex {
        try commit(try await begin(chunks, at: time, database: database, system: system), at: time)
    }

    func commit(_ draft: Draft, at time: Int) throws -> SnapshotIndex {
        try SnapshotCommit(to: repository, signedWith: keys.signing, now: time)(draft.index)
    }

    func prune(_ retention: Retention, at time: Int, grace: Duration = .seconds(3600)) async throws -> Pruning.Result {
        var pruning = Pruning(of: repository, keeping: retention)
        pruning.grace = grace
        pruning.now = time
        return try await pruning(signedWith: keys.signing)
    }

    /// The names of snapshots that are there, all of whose files are what was written.
    func wholeSnapshots() async throws -> [SnapshotID] {
        var whole: [SnapshotID] = []
        for id in try repository.snapshots() {
            let problems = try await SnapshotVerification(of: repository)(id.description).problems
            if problems.isEmpty { whole.append(id) }
        }
        return whole
    }
}
