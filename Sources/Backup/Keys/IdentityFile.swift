import COpenSSL
public import SystemPackage

/// A file of identities, as `age-keygen` writes it: a secret key a line, comments behind `#`.
public enum IdentityFile {
    /// More than a file of keys is ever long.
    private static let sizeLimit = 1 << 20

    /// Reads all identities of a file.
    ///
    /// - Parameters:
    ///   - path: where the file is.
    ///   - passphrase: what opens the file if it is itself encrypted, as by `age -p`; nil if there is none.
    /// - Returns: at least one identity.
    /// - Throws: ``BackupError`` if it cannot be read, or if a line is no identity that is supported.
    public static func read(_ path: FilePath, passphrase: SecretBytes? = nil) throws -> [AgeIdentity] {
        var bytes = [UInt8](repeating: 0, count: sizeLimit)
        defer { wipe(&bytes) }
        var count = 0
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            defer { try? file.close() }  // only read from: nothing is lost
            while count < bytes.count {
                let part = try bytes.withUnsafeMutableBytes {
                    try file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[count...]))
                }
                if part == 0 { break }
                count += part
            }
        } catch {
            throw BackupError.unreadableIdentities(path.string, error as? Errno ?? .ioError)
        }
        guard count < bytes.count else { throw BackupError.noIdentities(path.string) }
        if let passphrase, isEncrypted(bytes[..<count]) {
            let sink = SecretSink(size: sizeLimit)
            try AgeFile.decrypt(MemorySource(Array(bytes[..<count])), to: sink, with: [.passphrase(passphrase)])
            return try identities(in: sink.bytes, path: path.string)
        }
        return try identities(in: bytes[..<count], path: path.string)
    }

    private static func isEncrypted(_ text: ArraySlice<UInt8>) -> Bool {
        text.starts(with: AgeHeader.version.utf8) || text.starts(with: AgeArmor.begin)
    }

    static func identities(in text: ArraySlice<UInt8>, path: String) throws -> [AgeIdentity] {
        if isEncrypted(text) {
            throw BackupError.encryptedIdentities(path)
        }
        var identities: [AgeIdentity] = []
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
            guard let key = try AgeSecretKey(line) else {
                let isOther = line.starts(with: "AGE-SECRET-KEY-PQ-".utf8) || line.starts(with: "AGE-PLUGIN-".utf8)
                throw isOther
                    ? BackupError.unsupportedIdentity(path, line: index + 1)
                    : BackupError.malformedIdentity(path, line: index + 1)
            }
            identities.append(.secretKey(key))
        }
        guard !identities.isEmpty else { throw BackupError.noIdentities(path) }
        return identities
    }

    /// Writes a key to a new file that only its owner can read.
    ///
    /// The file is there whole or not at all, and one that is there is never overwritten.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - path: where the file is to be.
    ///   - time: when the key was made, for the comment on it.
    /// - Throws: ``BackupError`` if there is a file already, or if it cannot be written.
    public static func write(_ key: AgeSecretKey, to path: FilePath, madeAt time: String) throws {
        let text = text(of: key, madeAt: time)
        do {
            try text.withUnsafeBytes { try NewFile.write($0, to: path, permissions: .ownerReadWrite) }
        } catch Errno.fileExists {
            throw BackupError.keyFileExists(path.string)
        } catch let error as Errno {
            throw BackupError.unwritableKeyFile(path.string, error)
        }
    }

    /// The text of a key file.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - time: when the key was made.
    /// - Returns: the text, with its secret.
    public static func text(of key: AgeSecretKey, madeAt time: String) -> SecretBytes {
        let comments = "# created: \(time)\n# public key: \(key.publicKey)\n"
        let encoded = key.encoded
        return encoded.withUnsafeBytes { secret in
            SecretBytes(count: comments.utf8.count + secret.count + 1) { text in
                text.copyBytes(from: comments.utf8)
                UnsafeMutableRawBufferPointer(rebasing: text[comments.utf8.count...]).copyMemory(from: secret)
                text[text.count - 1] = UInt8(ascii: "\n")
            }
        }
    }
}

/// Takes a secret of a limited size, and wipes it in the end.
private final class SecretSink: ByteSink {
    private var buffer: [UInt8]
    private var count = 0

    init(size: Int) {
        buffer = [UInt8](repeating: 0, count: size)
    }

    deinit {
        wipe(&buffer)
    }

    var bytes: ArraySlice<UInt8> { buffer[..<count] }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard bytes.count <= buffer.count - count else { throw BackupError.noIdentities("the decrypted file") }
        buffer.withUnsafeMutableBytes { buffer in
            UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: bytes)
        }
        count += bytes.count
    }
}
