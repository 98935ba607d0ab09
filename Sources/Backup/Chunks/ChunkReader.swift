/// Reads chunks out of a repository: checks each against the index, decrypts it and checks it against the manifest.
struct ChunkReader: Sendable {
    let repository: Repository
    let identities: [AgeIdentity]
    private let objects: [String: StoredObject]

    init(of index: SnapshotIndex, in repository: Repository, with identities: [AgeIdentity]) {
        self.repository = repository
        self.identities = identities
        objects = Dictionary(index.objects.map { ($0.contentCode, $0) }) { first, _ in first }
    }

    /// The object that holds a chunk.
    func object(_ chunk: Manifest.Chunk) throws -> StoredObject {
        guard let object = objects[chunk.code] else { throw BackupError.missingObject(chunk.code) }
        return object
    }

    /// The content of a chunk, all of it authenticated.
    func content(of chunk: Manifest.Chunk) throws -> [UInt8] {
        let object = try object(chunk)
        let file = try repository.bytes(of: object.header) + repository.bytes(of: object.payload)
        let frame = MemorySink(capacity: file.count)
        try AgeFile.decrypt(MemorySource(file), to: frame, with: identities)
        let content = try ZstdDecompressor().bytes(in: frame.bytes, size: chunk.size)
        guard sha256(content) == chunk.sha256 else {
            throw BackupError.changedObject(object.payload.name, "does not hold what the manifest says")
        }
        return content
    }
}
