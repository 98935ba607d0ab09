/// What was deleted.
public struct Deletion: Hashable, Sendable {
    /// Snapshots that are gone.
    public internal(set) var snapshots: [String] = []
    /// How many files are gone.
    public internal(set) var fileCount = 0
    /// Snapshots that were marked and stay, since they are needed by now.
    public internal(set) var spared: [String] = []
}

extension Pruning {
    /// Deletes what was marked long enough ago and is still not needed.
    ///
    /// Each list is gone when all is done that it says; a run that was killed is gone on with by the next.
    func deleteMarked() throws -> Deletion {
        var deletion = Deletion()
        for signed in try repository.marks() {
            let due = Timestamp.seconds(signed.mark.deletedAfter) ?? .max
            if due <= now { try carryOut(signed.mark, &deletion) }
        }
        return deletion
    }

    private func carryOut(_ mark: PruneMark, _ deletion: inout Deletion) throws {
        // All indexes are read again, now: a backup that had begun before the list was written may need what it names.
        let contents = try RepositoryContents(of: repository)
        let spared = spared(among: mark.snapshots, contents)
        let going = Set(mark.snapshots).subtracting(spared)
        let staying = contents.items.map(\.index).filter { !going.contains($0.id) }
        let unneeded = contents.unneeded(when: staying)
        // Without their indexes they do not exist; what follows is rubbish.
        for id in going.sorted() {
            let indexes = contents.sizes.keys.compactMap { name in
                SnapshotID.index(named: name).flatMap { $0.id == id ? $0.generation : nil }
            }
            for generation in indexes.sorted() { try repository.store.remove(id.indexName(generation: generation)) }
        }
        for id in going.sorted() {
            for name in contents.sizes.keys where name.hasPrefix(id.folder + "/") { try repository.store.remove(name) }
            for name in try repository.store.names(in: "drills/\(id)") { try repository.store.remove(name) }
        }
        let files = mark.files.filter { unneeded.contains($0) }
        for file in files { try repository.store.remove(file) }
        try repository.store.remove(mark.name)
        deletion.snapshots += going.map(\.description).sorted()
        deletion.spared += spared.map(\.description).sorted()
        deletion.fileCount += files.count
    }

    /// Those that have become the last good ones since they were marked.
    private func spared(among marked: [SnapshotID], _ contents: RepositoryContents) -> Set<SnapshotID> {
        let marked = Set(marked)
        var spared: Set<SnapshotID> = []
        let origins = Dictionary(grouping: contents.items) { "\($0.index.database)\n\($0.index.system ?? "")" }
        for items in origins.values {
            let good = items.filter { $0.problem == nil }.map(\.index.id)
            if good.contains(where: { !marked.contains($0) }) { continue }
            if let newest = good.max() { spared.insert(newest) }
        }
        return spared
    }
}
