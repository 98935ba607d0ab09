/// What a repository keeps, and what goes.
public struct PrunePlan: Hashable, Sendable {
    /// A snapshot with the reasons for what becomes of it.
    public struct Item: Hashable, Sendable {
        /// The snapshot's name.
        public let id: String
        /// The database that it is of.
        public let database: String
        /// Why: the rules that keep it, or what is wrong with it.
        public let reasons: [String]
    }

    /// Those that are kept.
    public let kept: [Item]
    /// Those that go.
    public let going: [Item]
    /// Those whose index is not to be believed: they count for nothing, and nothing of theirs is deleted.
    public let unbelieved: [BackupError]
    /// How many files go.
    public let fileCount: Int
    /// Their size.
    public let bytes: Int

    let snapshots: [SnapshotID]
    let files: [String]
    /// Of each database of each cluster the newest that is kept and good.
    let newest: [SnapshotID]
}

/// What a repository holds, as far as it matters for what is deleted.
struct RepositoryContents: Sendable {
    /// A snapshot with its newest index.
    struct Item: Sendable {
        var index: SnapshotIndex
        /// What is wrong with it; nil if nothing is known to be.
        var problem: String?
    }

    /// All files with their sizes.
    let sizes: [String: Int]
    /// Snapshots whose index we believe, the oldest first.
    let items: [Item]
    let unbelieved: [BackupError]
    /// Files that belong to snapshots whose index we do not believe.
    let foreignFiles: Set<String>
    let foreignSnapshots: Set<SnapshotID>

    /// Reads all indexes.
    ///
    /// - Throws: ``BackupError``, also if there is an index of which cannot be told what it needs.
    init(of repository: Repository) throws {
        let store = repository.store
        // Listing takes long where there is much. An index is written behind what it needs, so indexes are listed first: what one of
        // these names and the second list lacks is missing, and not just new.
        let indexes = try store.sizes(in: "snapshots")
        let drills = try repository.drills()
        sizes = try store.sizes(in: "objects").merging(indexes) { one, _ in one }
        var items: [Item] = []
        var unbelieved: [BackupError] = []
        var foreignFiles: Set<String> = []
        var foreignSnapshots: Set<SnapshotID> = []
        for (id, generation) in repository.generations(among: indexes.keys).sorted(by: { $0.key < $1.key }) {
            do {
                let index = try repository.index(of: id, generation: generation).index
                items.append(
                    Item(index: index, problem: Self.problem(of: index, sizes: sizes, drills: drills[id] ?? []))
                )
            } catch let error as BackupError where error.code == .noSnapshot {
                continue  // it went meanwhile
            } catch let error as BackupError where error.code != .store {
                unbelieved.append(error)
                foreignSnapshots.insert(id)
                foreignFiles.formUnion(try Self.files(of: id, generation: generation, in: repository))
            }
        }
        self.items = items
        self.unbelieved = unbelieved
        self.foreignFiles = foreignFiles
        self.foreignSnapshots = foreignSnapshots
    }

    private static func problem(of index: SnapshotIndex, sizes: [String: Int], drills: [DrillRecord]) -> String? {
        if drills.max(by: { $0.precedes($1) })?.outcome == .failed { return "its last drill failed" }
        let wrong = index.files.filter { sizes[$0.name] != $0.size }
        guard let first = wrong.first else { return nil }
        return wrong.count == 1
            ? "\(first.name) is missing or cut off"
            : "\(wrong.count) files are missing or cut off, \(first.name) among them"
    }

    /// What an index names that somebody else may have signed.
    private static func files(of id: SnapshotID, generation: Int, in repository: Repository) throws -> [String] {
        let name = id.indexName(generation: generation)
        let whoever = Repository(in: repository.store)
        do {
            return try whoever.index(of: id, generation: generation).index.files.map(\.name)
        } catch let error as BackupError where error.code != .store && error.code != .noSnapshot {
            // Damaged or forged: it may name what another snapshot does not.
            throw BackupError.opaqueIndex(name)
        }
    }

    /// Files that nothing needs: not the snapshots that stay, and not those whose index we do not believe.
    func unneeded(when staying: [SnapshotIndex]) -> Set<String> {
        var needed = foreignFiles
        let folders = Set(foreignSnapshots.map(\.folder))
        for index in staying {
            needed.formUnion(index.files.map(\.name))
            needed.insert(index.id.indexName(generation: index.generation ?? 1))
        }
        return Set(sizes.keys.filter { !needed.contains($0) && !folders.contains(folder(of: $0)) })
    }

    private func folder(of name: String) -> String {
        name.split(separator: "/").dropLast().joined(separator: "/")
    }
}

extension PrunePlan {
    /// Plans.
    ///
    /// - Parameters:
    ///   - contents: what there is.
    ///   - retention: which snapshots are kept.
    ///   - damaged: snapshots that were found to be damaged, with how.
    ///   - marks: what is to be deleted already.
    ///   - now: what time it is, in seconds.
    init(
        _ contents: RepositoryContents,
        _ retention: Retention,
        damaged: [SnapshotID: String] = [:],
        marks: [PruneMark],
        now: Int
    ) {
        let marked = Set(marks.flatMap(\.snapshots))
        let items = contents.items.filter { !marked.contains($0.index.id) }.map { item in
            var item = item
            item.problem = item.problem ?? damaged[item.index.id]
            return item
        }
        let good = items.filter { $0.problem == nil }
        var reasons: [SnapshotID: [String]] = [:]
        for (_, ofDatabase) in Dictionary(grouping: good, by: \.index.database) {
            let candidates = ofDatabase.map { Retention.Candidate(id: $0.index.id, time: $0.index.time) }
            reasons.merge(retention.kept(among: candidates, now: now)) { one, _ in one }
        }
        // After an upgrade or a move, a database of the same name is another one.
        var newest: [String: SnapshotID] = [:]
        for item in good {
            let origin = "\(item.index.database)\n\(item.index.system ?? "")"
            newest[origin] = max(newest[origin] ?? item.index.id, item.index.id)
        }
        for id in newest.values where reasons[id] == nil { reasons[id] = ["the last good one"] }
        var kept: [Item] = []
        var going: [Item] = []
        var staying: [SnapshotIndex] = []
        for item in items {
            let index = item.index
            let isLater = newest["\(index.database)\n\(index.system ?? "")"].map { $0 > index.id } ?? false
            var why = reasons[index.id] ?? []
            if let problem = item.problem {
                if !isLater { why.append("nothing newer is good") }
                if retention.isNamed(index.id) { why.append("named") }
                if why.isEmpty {
                    going.append(Item(id: index.id.description, database: index.database, reasons: [problem]))
                    continue
                }
                why.insert(problem, at: 0)
            } else if why.isEmpty {
                going.append(Item(id: index.id.description, database: index.database, reasons: []))
                continue
            }
            kept.append(Item(id: index.id.description, database: index.database, reasons: why))
            staying.append(index)
        }
        self.kept = kept
        self.going = going
        unbelieved = contents.unbelieved
        let goingNames = Set(going.map(\.id))
        snapshots = items.map(\.index.id).filter { goingNames.contains($0.description) }
        let markedFiles = Set(marks.flatMap(\.files))
        files = contents.unneeded(when: staying).subtracting(markedFiles)
            .filter { name in !marked.contains { name.hasPrefix($0.folder + "/") } }.sorted()
        fileCount = files.count
        bytes = files.reduce(0) { $0 + (contents.sizes[$1] ?? 0) }
        self.newest = newest.values.sorted()
    }
}
