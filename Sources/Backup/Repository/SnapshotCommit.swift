/// Makes a snapshot exist: writes its index, the last of its files, when everything that it names is there to stay.
struct SnapshotCommit: Sendable {
    private let repository: Repository
    private let signing: SigningKey
    private let now: Int

    /// Makes ready to write an index.
    init(to repository: Repository, signedWith signing: SigningKey, now: Int = Timestamp.now) {
        self.repository = repository
        self.signing = signing
        self.now = now
    }

    /// Writes an index.
    ///
    /// Files that somebody has marked for deletion meanwhile are copied under names of their own first. If something goes
    /// between the last look and the index, the index is taken away again.
    ///
    /// - Parameter index: what to write.
    /// - Returns: what was written.
    /// - Throws: ``BackupError``; then there is no new index.
    func callAsFunction(_ index: SnapshotIndex) throws -> SnapshotIndex {
        var index = index
        let marked = try repository.markedFiles()
        index.objects = try index.objects.map { object in
            var object = object.files.contains { marked.contains($0.name) } ? try copy(object) : object
            object.checked = object.checked ?? now / Timestamp.secondsADay
            return object
        }
        index.objects.sort { $0.payload.name < $1.payload.name }
        try checkPresence(of: index)
        let name = index.id.indexName(generation: index.generation ?? 1)
        try repository.store.put(name, SignedIndex.encode(index, signedWith: signing))
        do {
            try checkPresence(of: index)
        } catch {
            try repository.store.remove(name)
            throw error
        }
        return index
    }

    private func checkPresence(of index: SnapshotIndex) throws {
        let sizes = try repository.store.sizes(in: "objects")
        for file in index.objects.flatMap(\.files) where sizes[file.name] != file.size {
            throw BackupError.missingObject(file.name)
        }
        guard try repository.store.size(of: index.manifest.name) == index.manifest.size else {
            throw BackupError.missingObject(index.manifest.name)
        }
    }

    /// Writes an object's files once more, under names that nobody has marked.
    private func copy(_ object: StoredObject) throws -> StoredObject {
        let header = try repository.bytes(of: object.header)
        let payload = try repository.bytes(of: object.payload)
        let base = try StoredObject.newName(code: object.contentCode)
        let ending = object.header.name.split(separator: "/").last?.split(separator: ".").dropFirst().joined(
            separator: "."
        )
        var copy = object
        copy.header.name = "\(base).\(ending ?? "header")"
        copy.payload.name = base + ".payload"
        try repository.store.put(copy.header.name, header)
        try repository.store.put(copy.payload.name, payload)
        return copy
    }
}

extension StoredObject {
    /// What an object's files are called, without their endings.
    ///
    /// A name is never used twice, whatever an earlier run has left: so nothing has ever to be overwritten.
    static func newName(code: String) throws -> String {
        "objects/\(code.prefix(2))/\(code)-\(hexadecimal(try randomBytes(4)))"
    }
}
