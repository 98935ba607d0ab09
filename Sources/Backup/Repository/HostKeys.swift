public import SystemPackage

/// What the host that makes backups keeps for itself: the key that names chunks by their content, and the key that signs.
///
/// Neither decrypts anything. If the first is lost, the next backup writes everything anew; if the second is, the new one has
/// to be made known to whoever checks signatures.
public struct HostKeys: Sendable {
    let deduplication: SecretBytes
    /// Signs indexes.
    public let signing: SigningKey
    /// The files that were made just now, since there were none.
    public let madeFiles: [String]

    /// Where the keys of a host are.
    public struct Places: Hashable, Sendable {
        /// The file of the key that signs; nil for the one in the folder.
        public var signing: FilePath?
        /// The file of the key that names chunks; nil for the database's own in the folder.
        public var deduplication: FilePath?
        /// Where files are that no path was given for.
        public var folder: FilePath

        /// Takes files, none of which has to be there.
        ///
        /// - Parameters:
        ///   - signing: the file of the key that signs; nil for the one in the folder.
        ///   - deduplication: the file of the key that names chunks; nil for the database's own in the folder.
        ///   - folder: where files are that no path was given for.
        public init(signing: FilePath? = nil, deduplication: FilePath? = nil, folder: FilePath = ".lastro") {
            self.signing = signing
            self.deduplication = deduplication
            self.folder = folder
        }

        /// Earlier releases kept both keys in one file, for all databases.
        var shared: FilePath { folder.appending("backup.keys") }
    }

    /// Finds the keys for a database, or makes those that are not there.
    ///
    /// - Parameters:
    ///   - database: the database's name.
    ///   - places: where the keys are.
    /// - Returns: the keys.
    /// - Throws: ``BackupError`` if a file does not hold what it has to, or cannot be made.
    public static func find(for database: String, at places: Places) throws -> HostKeys {
        let shared = try KeyFile(readingIfThere: places.shared)
        var made: [String] = []
        var signing = places.signing == nil ? shared?.signing : nil
        if signing == nil {
            let (key, file) = try Self.signingKey(at: places)
            signing = key
            made += file
        }
        var deduplication = places.deduplication == nil ? shared?.deduplication : nil
        if deduplication == nil {
            let path = places.deduplication ?? places.folder.appending("deduplication-\(fileName(for: database)).key")
            let (file, isNew) = try KeyFile.readOrMake(path) {
                KeyFile(deduplication: try SecretBytes(randomCount: 32))
            }
            guard let key = file.deduplication else {
                throw BackupError.unusableHostKeys(path.string, .noDeduplication)
            }
            deduplication = key
            if isNew { made.append(path.string) }
        }
        guard let signing, let deduplication else { preconditionFailure("both were found or made") }
        return HostKeys(deduplication: deduplication, signing: signing, madeFiles: made)
    }

    /// Finds the key that signs, for who signs without naming chunks.
    ///
    /// - Parameters:
    ///   - places: where the keys are.
    ///   - isMade: whether a key is made if there is none.
    /// - Returns: the key, and the file that was made for it.
    /// - Throws: ``BackupError`` if the file does not hold one, or cannot be made.
    public static func signingKey(
        at places: Places,
        making isMade: Bool = true
    ) throws -> (key: SigningKey, madeFiles: [String]) {
        if places.signing == nil, let key = try KeyFile(readingIfThere: places.shared)?.signing { return (key, []) }
        let path = places.signing ?? places.folder.appending("signing.key")
        // One that was named is one that others trust: a new one in its place would be refused by them.
        if places.signing != nil || !isMade {
            guard let file = try KeyFile(readingIfThere: path) else {
                throw BackupError.noSigningKey(path.string)
            }
            guard let key = file.signing else { throw BackupError.unusableHostKeys(path.string, .noSigning) }
            return (key, [])
        }
        let (file, isNew) = try KeyFile.readOrMake(path) { KeyFile(signing: try .generate()) }
        guard let key = file.signing else { throw BackupError.unusableHostKeys(path.string, .noSigning) }
        return (key, isNew ? [path.string] : [])
    }

    /// Finds the key that names the chunks of a database; nil if the host has none.
    static func deduplicationKey(for database: String, at places: Places) throws -> SecretBytes? {
        let path = places.deduplication ?? places.folder.appending("deduplication-\(fileName(for: database)).key")
        if places.deduplication == nil, let key = try KeyFile(readingIfThere: places.shared)?.deduplication {
            return key
        }
        return try KeyFile(readingIfThere: path)?.deduplication
    }

    /// A database's name as a part of a file's.
    private static func fileName(for database: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-".utf8)
        return database.utf8.map { byte in
            plain.contains(byte) ? String(UnicodeScalar(byte)) : "%" + hexadecimal([byte])
        }.joined()
    }

    /// What tells this deduplication key from another.
    var deduplicationFingerprint: String {
        get throws { hexadecimal(try KeyDerivation.hmac(Array("key".utf8), key: deduplication).prefix(8)) }
    }
}
