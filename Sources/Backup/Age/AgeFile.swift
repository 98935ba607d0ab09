import COpenSSL

/// Encrypting to age files, and decrypting them, of whatever size.
public enum AgeFile {
    static let fileKeySize = 16

    /// Encrypts everything from a source.
    ///
    /// - Parameters:
    ///   - source: what to encrypt.
    ///   - sink: where the age file goes; if an error is thrown, what went there is no whole file.
    ///   - recipients: who can decrypt it.
    ///   - isArmored: whether the file is to be text.
    /// - Throws: ``BackupError``, and what source and sink throw.
    public static func encrypt(
        _ source: some ByteSource,
        to sink: some ByteSink,
        for recipients: [AgeRecipient],
        isArmored: Bool = false
    ) throws {
        let armor = isArmored ? ArmorWriter(to: sink) : nil
        let sealer = try sealer(to: armor ?? sink, for: recipients)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer {
            OPENSSL_cleanse(buffer.baseAddress, buffer.count)
            buffer.deallocate()
        }
        while case let count = try source.read(into: buffer), count > 0 {
            try sealer.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        try sealer.finish()
        try armor?.finish()
    }

    /// Decrypts a file and passes its content on, chunk by chunk as each is authenticated.
    ///
    /// - Parameters:
    ///   - source: the age file, armored or not.
    ///   - sink: where the content goes; if an error is thrown, what went there is the beginning of the content.
    ///   - identities: who decrypts it; each is tried.
    /// - Throws: ``BackupError``, and what source and sink throw.
    public static func decrypt(
        _ source: some ByteSource,
        to sink: some ByteSink,
        with identities: [AgeIdentity]
    ) throws {
        let opener = try opener(of: BufferedReader(source), with: identities)
        while let chunk = try opener.nextChunk() { try sink.write(chunk) }
    }

    /// Writes a header with a new file key, and makes ready for the content.
    static func sealer(to sink: any ByteSink, for recipients: [AgeRecipient]) throws -> PayloadSealer {
        let fileKey = try SecretBytes(randomCount: fileKeySize)
        let header = try header(fileKey: fileKey, for: recipients)
        let nonce = try randomBytes(AgePayload.nonceSize)
        try (header.encoded + nonce).withUnsafeBytes { try sink.write($0) }
        return try PayloadSealer(key: AgePayload.key(fileKey: fileKey, nonce: nonce), to: sink)
    }

    /// Wraps a file key for each recipient.
    static func header(fileKey: SecretBytes, for recipients: [AgeRecipient]) throws -> AgeHeader {
        guard !recipients.isEmpty else { throw BackupError.noRecipients() }
        guard recipients.count == 1 || !recipients.contains(where: \.isPassphrase) else {
            throw BackupError.passphraseAmongRecipients()
        }
        return try AgeHeader(recipients.map { try $0.wrap(fileKey) }, fileKey: fileKey)
    }

    /// Reads the header, and makes ready for the content.
    static func opener(of reader: BufferedReader, with identities: [AgeIdentity]) throws -> PayloadOpener {
        var reader = reader
        if try AgeArmor.begins(reader) { reader = BufferedReader(ArmorReader(reader)) }
        let fileKey = try fileKey(in: AgeHeader(reading: reader), with: identities)
        var nonce = [UInt8](repeating: 0, count: AgePayload.nonceSize)
        let count = try nonce.withUnsafeMutableBytes { try reader.readFully(into: $0) }
        guard count == nonce.count else { throw BackupError.malformedHeader("the file ends in the nonce behind it") }
        return try PayloadOpener(key: AgePayload.key(fileKey: fileKey, nonce: nonce), from: reader)
    }

    /// Finds the file key with one of the identities, and checks the header with it.
    static func fileKey(in header: AgeHeader, with identities: [AgeIdentity]) throws -> SecretBytes {
        let hasPassphrase = header.stanzas.contains { $0.type == PassphraseStanza.type }
        guard !hasPassphrase || header.stanzas.count == 1 else {
            throw BackupError.malformedHeader("a passphrase stands among other recipients")
        }
        for identity in identities {
            for stanza in header.stanzas {
                guard let fileKey = try identity.unwrap(stanza) else { continue }
                guard try header.isAuthentic(for: fileKey) else {
                    throw BackupError.malformedHeader("it is not authentic: it was changed")
                }
                return fileKey
            }
        }
        throw BackupError.noMatch(isForPassphrase: hasPassphrase)
    }
}
