/// Snapshots in a store, and the files that they are made of (docs/backup-format.md).
public struct Repository: Sendable {
    let store: any BackupStore
    /// Who may have signed an index; nil for whoever it names.
    public var trusted: Set<VerificationKey>?

    /// Takes a repository in a store; an empty one is made with its first snapshot.
    ///
    /// - Parameters:
    ///   - store: the store.
    ///   - trusted: who may have signed an index; nil for whoever it names.
    public init(in store: any BackupStore, trusted: Set<VerificationKey>? = nil) {
        self.store = store
        self.trusted = trusted
    }

    /// The snapshots that are there, the oldest first.
    func snapshots() throws -> [SnapshotID] { try generations().keys.sorted() }

    /// The number of each snapshot's newest index.
    func generations() throws -> [SnapshotID: Int] {
        try generations(among: store.names(in: "snapshots"))
    }

    /// The number of each snapshot's newest index, as files' names tell.
    func generations(among names: some Sequence<String>) -> [SnapshotID: Int] {
        names.compactMap { SnapshotID.index(named: $0) }.reduce(into: [:]) { newest, found in
            newest[found.id] = max(newest[found.id] ?? 0, found.generation)
        }
    }

    /// The newest index of a snapshot, when its signature was checked.
    func index(of id: SnapshotID) throws -> SignedIndex {
        guard let generation = try generations(among: store.names(in: id.folder))[id] else {
            throw BackupError.noSnapshot(id.description)
        }
        return try index(of: id, generation: generation)
    }

    /// An index of a snapshot, when its signature was checked.
    func index(of id: SnapshotID, generation: Int) throws -> SignedIndex {
        guard let bytes = try store.get(id.indexName(generation: generation)) else {
            throw BackupError.noSnapshot(id.description)
        }
        return try SignedIndex(reading: bytes, of: id, generation: generation, trusted: trusted)
    }

    /// A snapshot by its name, or by the beginning of it; the newest if there is none.
    func snapshot(named name: String?) throws -> SnapshotID {
        let all = try snapshots()
        guard let name else {
            guard let newest = all.last else { throw BackupError.noSnapshots(in: store.description) }
            return newest
        }
        let fitting = all.filter { $0.description.hasPrefix(name) }
        guard fitting.count == 1 else {
            throw fitting.isEmpty ? BackupError.noSnapshot(name) : BackupError.ambiguousSnapshot(name, fitting)
        }
        return fitting[0]
    }

    /// A file's bytes, when it is what the index says.
    func bytes(of file: StoredObject.File) throws -> [UInt8] {
        guard let bytes = try store.get(file.name) else { throw BackupError.missingObject(file.name) }
        guard bytes.count == file.size else {
            throw BackupError.changedObject(file.name, "has \(bytes.count) bytes in place of \(file.size)")
        }
        guard sha256(bytes) == file.sha256 else {
            throw BackupError.changedObject(file.name, "is not what was written")
        }
        return bytes
    }
}
