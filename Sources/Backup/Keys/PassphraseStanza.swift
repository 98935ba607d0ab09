/// Wrapping a file's key with a passphrase (age v1, "The scrypt recipient type").
enum PassphraseStanza {
    static let type = "scrypt"
    private static let saltSize = 16
    private static let label = Array("age-encryption.org/v1/scrypt".utf8)

    static func wrap(_ fileKey: SecretBytes, for passphrase: SecretBytes, workFactor: Int) throws -> AgeStanza {
        let salt = try randomBytes(saltSize)
        let wrapKey = try KeyDerivation.scrypt(passphrase, salt: label + salt, workFactor: workFactor)
        return AgeStanza(
            [Array(type.utf8), Base64.encode(salt), Array(String(workFactor).utf8)],
            body: try ChaChaPoly.seal(fileKey, withOneTimeKey: wrapKey)
        )
    }

    static func unwrap(
        _ stanza: AgeStanza,
        with passphrase: SecretBytes,
        workFactorLimit: Int
    ) throws -> SecretBytes? {
        guard stanza.type == type else { return nil }
        guard stanza.arguments.count == 3, let salt = Base64.decode(stanza.arguments[1][...]), salt.count == saltSize,
            let workFactor = workFactor(stanza.arguments[2])
        else { throw BackupError.malformedHeader("the passphrase's part has malformed arguments") }
        guard stanza.body.count == AgeFile.fileKeySize + ChaChaPoly.tagSize else {
            throw BackupError.malformedHeader("the passphrase's part has a body of \(stanza.body.count) bytes")
        }
        guard workFactor <= workFactorLimit else {
            throw BackupError.excessiveWorkFactor(workFactor, limit: workFactorLimit)
        }
        let wrapKey = try KeyDerivation.scrypt(passphrase, salt: label + salt, workFactor: workFactor)
        return try ChaChaPoly.open(stanza.body, withOneTimeKey: wrapKey)
    }

    /// A decimal number from 1 on without a sign or leading zeros.
    private static func workFactor(_ text: [UInt8]) -> Int? {
        guard let first = text.first, first != UInt8(ascii: "0"), text.count <= 9,
            text.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(String(decoding: text, as: UTF8.self))
    }
}
