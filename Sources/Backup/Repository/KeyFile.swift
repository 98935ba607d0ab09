public import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A file of keys that its owner alone can read: one that signs, one that names chunks, or both.
struct KeyFile: Sendable {
    private static let deduplicationPart = "lastro-deduplication-key-"

    var signing: SigningKey?
    var deduplication: SecretBytes?

    init(signing: SigningKey? = nil, deduplication: SecretBytes? = nil) {
        self.signing = signing
        self.deduplication = deduplication
    }

    /// Reads a file; nil if there is none.
    init?(readingIfThere path: FilePath) throws {
        do {
            try self.init(reading: path)
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch let error as Errno {
            throw BackupError.unusableHostKeys(path.string, .problem(error))
        }
    }

    private init(reading path: FilePath) throws {
        var bytes = [UInt8](repeating: 0, count: 4096)
        defer { wipe(&bytes) }
        let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        let count = try file.closeAfter { try bytes.withUnsafeMutableBytes { try file.read(into: $0) } }
        self.init()
        for line in bytes[..<count].split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") {
            if let key = try SigningKey(line), signing == nil {
                signing = key
            } else if let decoded = Bech32.decode(line), decoded.readable.lowercased() == Self.deduplicationPart,
                decoded.bytes.count == 32, deduplication == nil
            {
                var secret = decoded.bytes
                defer { wipe(&secret) }
                deduplication = SecretBytes(copying: secret)
            } else {
                throw BackupError.unusableHostKeys(path.string, .otherLine)
            }
        }
    }

    /// Reads a file, or makes it.
    static func readOrMake(_ path: FilePath, _ make: () throws -> KeyFile) throws -> (file: KeyFile, isNew: Bool) {
        if let file = try KeyFile(readingIfThere: path) { return (file, false) }
        let file = try make()
        // Else another process was faster: its key is the one.
        return try file.write(to: path) ? (file, true) : readOrMake(path, make)
    }

    /// Writes a new file.
    ///
    /// - Returns: whether it was written; false if there is one, which stays as it is.
    func write(to path: FilePath) throws -> Bool {
        do {
            try makeFolders(path.removingLastComponent())
            try text.withUnsafeBytes { try NewFile.write($0, to: path, permissions: .ownerReadWrite) }
            return true
        } catch Errno.fileExists {
            return false
        } catch let error as Errno {
            throw BackupError.unusableHostKeys(path.string, .problem(error))
        }
    }

    /// The file's text, with its secrets.
    var text: SecretBytes {
        var lines: [SecretBytes] = []
        if let deduplication {
            lines.append(SecretBytes(copying: "# Names chunks by their content, and decrypts nothing.\n".utf8))
            let text = deduplication.withUnsafeBytes { Bech32.encode($0, behind: Self.deduplicationPart).uppercased() }
            lines.append(SecretBytes(copying: (text + "\n").utf8))
        }
        if let signing {
            let comment = "# Signs snapshots, and decrypts nothing.\n# verification key: \(signing.verificationKey)\n"
            lines.append(SecretBytes(copying: comment.utf8))
            lines.append(signing.encoded)
            lines.append(SecretBytes(copying: [UInt8(ascii: "\n")]))
        }
        return SecretBytes(count: lines.reduce(0) { $0 + $1.count }) { text in
            var end = 0
            for line in lines {
                line.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: text[end...]).copyMemory(from: $0) }
                end += line.count
            }
        }
    }
}

extension SigningKey {
    /// The text of a file that holds the key, for `--sign-with`.
    public var fileText: SecretBytes { KeyFile(signing: self).text }

    /// Writes the key to a new file that only its owner can read.
    ///
    /// - Parameter path: where the file is to be.
    /// - Throws: ``BackupError`` if there is a file already, or if it cannot be written.
    public func write(to path: FilePath) throws {
        guard try KeyFile(signing: self).write(to: path) else { throw BackupError.signingKeyExists(path.string) }
    }
}

/// Makes a folder for its owner alone, and those above it.
private func makeFolders(_ path: FilePath) throws(Errno) {
    if path.isEmpty || path.withPlatformString({ mkdir($0, 0o700) }) == 0 || errno == EEXIST { return }
    guard errno == ENOENT else { throw Errno(rawValue: errno) }
    try makeFolders(path.removingLastComponent())
    try makeFolders(path)
}
