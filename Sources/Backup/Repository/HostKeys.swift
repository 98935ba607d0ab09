public import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the host that makes backups keeps for itself: the key that names chunks by their content, and the key that signs.
///
/// Neither decrypts anything. If the first is lost, the next backup writes everything anew; if the second is, the new one has
/// to be made known to whoever checks signatures.
public struct HostKeys: Sendable {
    let deduplication: SecretBytes
    /// Signs indexes.
    public let signing: SigningKey
    /// Whether they were made just now.
    public let areNew: Bool

    private static let deduplicationPart = "lastro-deduplication-key-"

    /// Reads the keys in a file, or makes them if there is none.
    ///
    /// - Parameter path: the file, which only its owner can read.
    /// - Returns: the keys.
    /// - Throws: ``BackupError`` if the file is not theirs, or cannot be made.
    public static func ofHost(at path: FilePath) throws -> HostKeys {
        do {
            return try HostKeys(reading: path)
        } catch Errno.noSuchFileOrDirectory {
            let keys = HostKeys(deduplication: try SecretBytes(randomCount: 32), signing: try .generate(), areNew: true)
            do {
                try makeFolders(path.removingLastComponent())
                try keys.text.withUnsafeBytes { try NewFile.write($0, to: path, permissions: .ownerReadWrite) }
                return keys
            } catch Errno.fileExists {
                // Another process was faster: its keys are the ones.
                return try ofHost(at: path)
            } catch let error as Errno {
                throw BackupError.unusableHostKeys(path.string, "\(error)")
            }
        } catch let error as Errno {
            throw BackupError.unusableHostKeys(path.string, "\(error)")
        }
    }

    private init(deduplication: SecretBytes, signing: SigningKey, areNew: Bool) {
        self.deduplication = deduplication
        self.signing = signing
        self.areNew = areNew
    }

    private init(reading path: FilePath) throws {
        var bytes = [UInt8](repeating: 0, count: 4096)
        defer { wipe(&bytes) }
        let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        let count = try file.closeAfter { try bytes.withUnsafeMutableBytes { try file.read(into: $0) } }
        let lines = bytes[..<count].split(separator: UInt8(ascii: "\n")).filter { $0.first != UInt8(ascii: "#") }
        guard lines.count == 2, let signing = try SigningKey(lines[1]), let decoded = Bech32.decode(lines[0]),
            decoded.readable.lowercased() == Self.deduplicationPart, decoded.bytes.count == 32
        else { throw BackupError.unusableHostKeys(path.string, "it does not hold them") }
        var secret = decoded.bytes
        defer { wipe(&secret) }
        self.init(deduplication: SecretBytes(copying: secret), signing: signing, areNew: false)
    }

    private var text: SecretBytes {
        let comment = """
            # Keys of Lastro's backups. They decrypt nothing. The first names chunks by their content; the second signs.
            # verification key: \(signing.verificationKey)

            """
        let first = deduplication.withUnsafeBytes { Bech32.encode($0, behind: Self.deduplicationPart).uppercased() }
        let second = signing.encoded.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        return SecretBytes(copying: (comment + first + "\n" + second + "\n").utf8)
    }

    /// What tells this deduplication key from another.
    var deduplicationFingerprint: String {
        get throws { hexadecimal(try KeyDerivation.hmac(Array("key".utf8), key: deduplication).prefix(8)) }
    }
}

/// Makes a folder for its owner alone, and those above it.
private func makeFolders(_ path: FilePath) throws(Errno) {
    if path.isEmpty || path.withPlatformString({ mkdir($0, 0o700) }) == 0 || errno == EEXIST { return }
    guard errno == ENOENT else { throw Errno(rawValue: errno) }
    try makeFolders(path.removingLastComponent())
    try makeFolders(path)
}
