import ArgumentParser
import Backup
import ProjectSettings
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The options of commands that decrypt.
struct IdentityOptions: ParsableArguments {
    @Option(
        name: .customLong("identity"),
        help: ArgumentHelp("A file of keys that decrypt; may be repeated.", valueName: "file")
    )
    var identities: [String] = []

    @Option(
        help: ArgumentHelp(
            "The environment variable that holds the passphrase, of the snapshot or of a file of keys.",
            valueName: "name"
        )
    )
    var passphraseEnv: String?

    /// Who decrypts; nobody if no option says so.
    func given() throws -> [AgeIdentity] {
        let passphrase = try passphraseEnv.map { try Passphrase.read(from: $0) }
        var identities = try identities.flatMap { try IdentityFile.read(FilePath($0), passphrase: passphrase) }
        if let passphrase { identities.append(.passphrase(passphrase)) }
        return identities
    }

    /// Who decrypts; at least one.
    func required() throws -> [AgeIdentity] {
        let identities = try given()
        guard !identities.isEmpty else {
            throw ConfigurationError("there is nothing to decrypt with", next: "give --identity or --passphrase-env")
        }
        return identities
    }
}

/// The options of commands that encrypt.
struct RecipientOptions: ParsableArguments {
    @Option(
        name: .customLong("recipient"),
        help: ArgumentHelp("A public key that can decrypt; may be repeated.", valueName: "key")
    )
    var recipients: [String] = []

    @Option(help: ArgumentHelp("The environment variable that holds a passphrase.", valueName: "name"))
    var passphraseEnv: String?

    /// Who can decrypt; at least one.
    func required() throws -> [AgeRecipient] {
        var recipients = try recipients.map { AgeRecipient.publicKey(try AgePublicKey($0)) }
        if let passphraseEnv { recipients.append(.passphrase(try Passphrase.read(from: passphraseEnv))) }
        guard !recipients.isEmpty else {
            throw ConfigurationError(
                "there is nobody to encrypt to",
                next: "give --recipient, or make a key with `lastro backup keygen`"
            )
        }
        return recipients
    }
}

extension Int {
    /// The number of bytes in units that people read.
    var byteWords: String {
        guard self >= 1000 else { return "\(self) B" }
        var value = Double(self)
        for unit in ["kB", "MB", "GB", "TB"] {
            value /= 1000
            if value < 1000 || unit == "TB" {
                let tenths = Int((value * 10).rounded())
                return value < 10 ? "\(tenths / 10).\(tenths % 10) \(unit)" : "\(Int(value.rounded())) \(unit)"
            }
        }
        return "\(self) B"
    }
}
