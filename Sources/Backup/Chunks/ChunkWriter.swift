import Synchronization

/// Writes chunks into a repository: compresses each, encrypts it, and stores it unless it is there.
///
/// One is shared by all workers of a backup.
final class ChunkWriter: Sendable {
    private let store: any BackupStore
    private let recipients: [AgeRecipient]
    private let recipientsName: String
    private let keys: HostKeys
    private let state: Mutex<State>

    private struct State {
        /// What an index whose signature was checked says is there, by the code of the content.
        var known: [String: StoredObject]
        var used: [String: StoredObject] = [:]
        var rawBytes = 0
        var addedBytes = 0
    }

    /// Makes ready to write.
    ///
    /// - Parameters:
    ///   - store: where to.
    ///   - recipients: who can decrypt it.
    ///   - keys: the host's keys.
    ///   - known: objects for the same recipients that an index vouches for.
    /// - Throws: ``BackupError`` if libcrypto refuses the keys.
    init(to store: any BackupStore, for recipients: [AgeRecipient], keys: HostKeys, known: [StoredObject]) throws {
        self.store = store
        self.recipients = recipients
        self.keys = keys
        recipientsName = try Self.fingerprint(of: recipients, keys: keys)
        state = Mutex(State(known: Dictionary(known.map { ($0.contentCode, $0) }) { _, newer in newer }))
    }

    /// What tells sets of recipients apart for who has the host's key, and tells nobody else who they are.
    static func fingerprint(of recipients: [AgeRecipient], keys: HostKeys) throws -> String {
        let names = recipients.map { recipient in
            switch recipient {
            case .publicKey(let key): key.description
            case .passphrase(let passphrase, _): passphrase.withUnsafeBytes { sha256(Array($0)) }
            }
        }
        let text = Array(("recipients\n" + Set(names).sorted().joined(separator: "\n")).utf8)
        return hexadecimal(try KeyDerivation.hmac(text, key: keys.deduplication).prefix(8))
    }

    /// The objects that were written or referenced, and what they amount to.
    var result: (objects: [StoredObject], rawBytes: Int, addedBytes: Int) {
        state.withLock { state in
            (state.used.values.sorted { $0.payload.name < $1.payload.name }, state.rawBytes, state.addedBytes)
        }
    }

    /// What became of a chunk.
    struct Written: Sendable {
        /// What the manifest says of it.
        let chunk: Manifest.Chunk
        /// What was added to the repository; 0 if it is there already.
        var storedBytes = 0
        /// How long the store took.
        var storing = Duration.zero
    }

    /// Stores a chunk.
    ///
    /// - Returns: what the manifest says of it, and what was done.
    func write(_ bytes: UnsafeRawBufferPointer, with compressor: ZstdCompressor) throws -> Written {
        let digest = digest(bytes)
        let code = hexadecimal(try KeyDerivation.hmac(digest, key: keys.deduplication))
        let chunk = Manifest.Chunk(code: code, size: bytes.count, sha256: hexadecimal(digest))
        let isThere = state.withLock { state in
            state.rawBytes += bytes.count
            if state.used[code] != nil { return true }
            guard let object = state.known[code] else { return false }
            state.used[code] = object
            return true
        }
        if isThere { return Written(chunk: chunk) }
        let (object, storing) = try compressor.withFrame(of: bytes) { try store($0, code: code) }
        state.withLock { state in
            // Two workers may have met the same content at once: one of both is as good as the other.
            state.used[code] = object
            state.addedBytes += object.size
        }
        return Written(chunk: chunk, storedBytes: object.size, storing: storing)
    }

    /// Stores content of any size, in chunks.
    func write(_ bytes: [UInt8], with compressor: ZstdCompressor) throws -> [Manifest.Chunk] {
        let size = 4 << 20
        return try bytes.withUnsafeBytes { bytes in
            try stride(from: 0, to: bytes.count, by: size).map { start in
                try write(UnsafeRawBufferPointer(rebasing: bytes[start...].prefix(size)), with: compressor).chunk
            }
        }
    }

    private func store(_ frame: UnsafeRawBufferPointer, code: String) throws -> (StoredObject, Duration) {
        let fileKey = try SecretBytes(randomCount: AgeFile.fileKeySize)
        let header = try AgeFile.header(fileKey: fileKey, for: recipients).encoded
        let nonce = try randomBytes(AgePayload.nonceSize)
        let payload = MemorySink(capacity: frame.count + (frame.count >> 10) + 64)
        nonce.withUnsafeBytes { payload.write($0) }
        let sealer = try PayloadSealer(key: AgePayload.key(fileKey: fileKey, nonce: nonce), to: payload)
        try sealer.write(frame)
        try sealer.finish()
        let name = try StoredObject.newName(code: code)
        var storing = Duration.zero
        let object = StoredObject(
            header: try put(header, name: name + ".\(recipientsName).header", &storing),
            payload: try put(payload.bytes, name: name + ".payload", &storing)
        )
        return (object, storing)
    }

    private func put(_ bytes: [UInt8], name: String, _ storing: inout Duration) throws -> StoredObject.File {
        let start = ContinuousClock.now
        try store.put(name, bytes)
        storing += .now - start
        return StoredObject.File(name: name, size: bytes.count, sha256: sha256(bytes))
    }
}
