import Synchronization

/// Makes snapshots readable for other recipients: writes new headers and new indexes, and leaves payloads as they are.
///
/// Who could read them before still can, if they have kept the old headers or what these held.
public struct Rotation: Sendable {
    private let repository: Repository
    private let identities: [AgeIdentity]
    private let recipients: [AgeRecipient]
    private let signing: SigningKey
    private let places: HostKeys.Places
    /// How many headers are written at once.
    public var jobs = 4
    /// Is told what a user should know of.
    public var note: @Sendable (String) -> Void = { _ in }

    /// Makes ready to rotate.
    ///
    /// - Parameters:
    ///   - repository: what to rotate; what others have signed than those it trusts, and the key, is left alone.
    ///   - identities: who can read it now.
    ///   - recipients: who is to read it.
    ///   - signing: what signs the new indexes.
    ///   - places: where the keys are that name chunks; without them the next backup writes everything anew.
    public init(
        of repository: Repository,
        with identities: [AgeIdentity],
        to recipients: [AgeRecipient],
        signedWith signing: SigningKey,
        keys places: HostKeys.Places
    ) {
        var repository = repository
        repository.trusted = (repository.trusted ?? []).union([signing.verificationKey])
        self.repository = repository
        self.identities = identities
        self.recipients = recipients
        self.signing = signing
        self.places = places
    }

    /// What was done.
    public struct Result: Hashable, Sendable {
        /// Snapshots that have the new recipients now.
        public internal(set) var rotated: [String] = []
        /// Those that had them already, or are to be deleted.
        public internal(set) var skipped: [String] = []
        /// How many headers were written.
        public internal(set) var headers = 0
    }

    /// Rotates snapshots, the newest first.
    ///
    /// - Parameter names: the snapshots, or beginnings of their names; all if there are none.
    /// - Returns: what was done.
    /// - Throws: ``BackupError``; a snapshot has its new index or is as it was, and the next run goes on from there.
    public func callAsFunction(_ names: [String] = []) async throws -> Result {
        guard !recipients.isEmpty else { throw BackupError.noRecipients() }
        let all = names.isEmpty ? try repository.snapshots() : try names.map { try repository.snapshot(named: $0) }
        let marked = Set(try repository.marks().flatMap(\.mark.snapshots))
        let headers = NewHeaders()
        var result = Result()
        for id in Set(all).sorted(by: >) {
            let old = try repository.index(of: id).index
            let name = try recipientsName(for: old)
            if marked.contains(id) || old.recipients == name {
                result.skipped.append(id.description)
                continue
            }
            let index = try await rotated(old, recipients: name, headers)
            _ = try SnapshotCommit(to: repository, signedWith: signing)(index)
            result.rotated.append(id.description)
        }
        result.headers = headers.count
        return result
    }

    /// What the set of recipients is called, as the host that makes the backups calls it if we have its key.
    private func recipientsName(for index: SnapshotIndex) throws -> String {
        if let key = try HostKeys.deduplicationKey(for: index.database, at: places) {
            let keys = HostKeys(deduplication: key, signing: signing, madeFiles: [])
            if try keys.deduplicationFingerprint == index.deduplicationKey {
                return try ChunkWriter.fingerprint(of: recipients, keys: keys)
            }
        }
        note("the deduplication key of \(index.database) is not here: its next backup writes everything anew")
        return hexadecimal(try randomBytes(8))
    }

    private func rotated(_ old: SnapshotIndex, recipients name: String, _ headers: NewHeaders) async throws
        -> SnapshotIndex
    {
        let objects = Mutex<[StoredObject]>([])
        try await inParallel(old.objects, jobs: jobs) { object in
            var new = object
            new.header = try headers.header(for: object, recipients: name) {
                try write(headerFor: object, recipients: name)
            }
            objects.withLock { $0.append(new) }
        }
        var index = old
        let generation = try nextGeneration(of: old.id)
        index.generation = generation
        index.recipients = name
        index.objects = objects.withLock(\.self)
        index.manifest = try writeManifest(of: old, generation: generation)
        return index
    }

    /// A number that no file of the snapshot has, be it one that a killed run has left.
    private func nextGeneration(of id: SnapshotID) throws -> Int {
        let names = Set(try repository.store.names(in: id.folder))
        var generation = 2
        while names.contains(id.indexName(generation: generation))
            || names.contains(id.manifestName(generation: generation))
        {
            generation += 1
        }
        return generation
    }

    private func write(headerFor object: StoredObject, recipients name: String) throws -> StoredObject.File {
        let header = try AgeHeader(reading: BufferedReader(MemorySource(try repository.bytes(of: object.header))))
        let bytes = try AgeFile.header(fileKey: AgeFile.fileKey(in: header, with: identities), for: recipients).encoded
        let base = object.payload.name.split(separator: ".")[0]
        let file = StoredObject.File(
            name: "\(base)-\(hexadecimal(try randomBytes(4))).\(name).header",
            size: bytes.count,
            sha256: sha256(bytes)
        )
        try repository.store.put(file.name, bytes)
        return file
    }

    /// The manifest's file is a whole one: what stands behind its header is copied.
    private func writeManifest(of old: SnapshotIndex, generation: Int) throws -> StoredObject.File {
        let bytes = try repository.bytes(of: old.manifest)
        let header = try AgeHeader(reading: BufferedReader(MemorySource(bytes)))
        let fileKey = try AgeFile.fileKey(in: header, with: identities)
        let new = try AgeFile.header(fileKey: fileKey, for: recipients).encoded + bytes.dropFirst(header.encoded.count)
        let name = old.id.manifestName(generation: generation)
        try repository.store.put(name, new)
        return StoredObject.File(name: name, size: new.count, sha256: sha256(new))
    }

    /// Headers that were written, so that what snapshots share they share afterwards.
    private final class NewHeaders: Sendable {
        private let files = Mutex<[String: StoredObject.File]>([:])

        var count: Int { files.withLock(\.count) }

        func header(
            for object: StoredObject,
            recipients: String,
            write: () throws -> StoredObject.File
        ) throws -> StoredObject.File {
            let key = object.payload.name + "." + recipients
            if let file = files.withLock({ $0[key] }) { return file }
            let file = try write()
            files.withLock { $0[key] = file }
            return file
        }
    }
}
