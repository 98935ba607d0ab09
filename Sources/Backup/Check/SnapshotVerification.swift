import Synchronization

/// Checks that a snapshot is all there and is what was written.
public struct SnapshotVerification: Sendable {
    private let repository: Repository
    /// Who can decrypt it; without anybody, what is stored is checked and not what is in it.
    public var identities: [AgeIdentity] = []
    /// How many files are read at once.
    public var jobs = 4

    /// Makes ready to check snapshots.
    ///
    /// - Parameter repository: where they are.
    public init(of repository: Repository) {
        self.repository = repository
    }

    /// What was found out.
    public struct Result: Hashable, Sendable {
        /// The snapshot.
        public let snapshot: Snapshot
        /// Whether everything was decrypted and compared with the manifest.
        public let isFull: Bool
        /// Who signed the index.
        public let signer: String
        /// What is wrong, a sentence each; nothing if all is well.
        public let problems: [String]
    }

    /// Checks a snapshot.
    ///
    /// Without identities: the signature, and of each file that it is there, its size and its hash. With them also that
    /// everything can be decrypted and is what the manifest says, line by line.
    ///
    /// - Parameter name: the snapshot's name or the beginning of it; nil for the newest.
    /// - Returns: what was found out.
    /// - Throws: ``BackupError`` if there is no such snapshot, or if its index is not to be believed.
    public func callAsFunction(_ name: String? = nil) async throws -> Result {
        let signed = try repository.index(of: repository.snapshot(named: name))
        let problems = Mutex<[String]>([])
        try await inParallel(signed.index.files, jobs: jobs) { file in
            do {
                _ = try repository.bytes(of: file)
            } catch let error as BackupError where error.code == .damagedRepository {
                problems.withLock { $0.append(error.message) }
            }
        }
        var found = problems.withLock(\.self)
        if found.isEmpty, !identities.isEmpty { found = try await contentProblems(signed.index) }
        return Result(
            snapshot: Snapshot(signed.index),
            isFull: !identities.isEmpty,
            signer: signed.signer.description,
            problems: found.sorted()
        )
    }

    /// What is wrong with the content.
    private func contentProblems(_ index: SnapshotIndex) async throws -> [String] {
        let manifest = try Manifest.read(of: index, in: repository, with: identities)
        let reader = ChunkReader(of: index, in: repository, with: identities)
        let problems = Mutex<[String]>([])
        for chunk in manifest.schema + manifest.roles { _ = try reader.content(of: chunk) }
        try await inParallel(manifest.tables, jobs: jobs) { table in
            do {
                try Self.check(table, reader)
            } catch let error as BackupError {
                problems.withLock { $0.append("\(table.schema).\(table.name): \(error.message)") }
            }
        }
        do {
            if let objects = manifest.largeObjects { try Self.check(objects, reader) }
        } catch let error as BackupError {
            problems.withLock { $0.append("large objects: \(error.message)") }
        }
        return problems.withLock(\.self)
    }

    /// Reads the lines of large objects, and compares them.
    private static func check(_ objects: Manifest.LargeObjects, _ reader: ChunkReader) throws {
        let sum = LargeObjectSum()
        for chunk in objects.units.flatMap(\.chunks) { try forEachLine(of: chunk, reader) { sum.add($0) } }
        guard sum.entries.count == objects.count, sum.entries.digits == objects.entrySum,
            sum.content.digits == objects.contentSum
        else { throw BackupError.otherContent(rows: sum.entries.count, expected: objects.count) }
    }

    private static func forEachLine(
        of chunk: Manifest.Chunk,
        _ reader: ChunkReader,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) throws {
        try reader.content(of: chunk).withUnsafeBytes { content in
            var rest = content[...]
            while !rest.isEmpty {
                let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
                body(UnsafeRawBufferPointer(rebasing: rest[..<end]))
                rest = rest[end...]
            }
        }
    }

    /// Reads a table's lines, and compares them with what was read when the snapshot was taken.
    private static func check(_ table: Manifest.Table, _ reader: ChunkReader) throws {
        var sum = LineSum()
        for chunk in table.units.flatMap(\.chunks) {
            if table.form == .binary {
                try BinaryStream.forEachRow(of: reader.content(of: chunk)) { sum.add($0) }
            } else {
                try forEachLine(of: chunk, reader) { sum.add($0) }
            }
        }
        guard sum.count == table.rows, sum.digits == table.lineSum else {
            throw BackupError.otherContent(rows: sum.count, expected: table.rows)
        }
    }
}

extension Repository {
    /// The snapshots that are there, the oldest first, as far as it can be known without a key.
    ///
    /// - Returns: the snapshots; those whose index is not to be believed are named apart.
    /// - Throws: ``BackupError`` if the store cannot be read.
    public func list() throws -> (snapshots: [Snapshot], problems: [BackupError]) {
        var snapshots: [Snapshot] = []
        var problems: [BackupError] = []
        let drills = try drills()
        let deletions = try deletions()
        for (id, generation) in try generations().sorted(by: { $0.key < $1.key }) {
            do {
                let index = try index(of: id, generation: generation).index
                snapshots.append(Snapshot(index, drills: drills[id] ?? [], deletedAfter: deletions[id]))
            } catch let error as BackupError where error.code == .noSnapshot {
                continue  // it went meanwhile
            } catch let error as BackupError where error.code != .store {
                problems.append(error)
            }
        }
        return (snapshots, problems)
    }

    /// When each snapshot that is marked may be deleted.
    private func deletions() throws -> [SnapshotID: String] {
        try marks().map(\.mark).reduce(into: [:]) { times, mark in
            for id in mark.snapshots { times[id] = min(times[id] ?? mark.deletedAfter, mark.deletedAfter) }
        }
    }
}
