import ArgumentParser
import Backup
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct BackupKeygenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make a key that decrypts backups.",
        discussion: """
            The file is that of `age-keygen`. Keep it away from the database's host, and a copy of it in another place: \
            without it nobody can read what was encrypted to it. The host needs the public key only, which is printed.

            EXAMPLES
              lastro backup keygen --output key.txt
              lastro backup keygen | age --passphrase > key.age      the key never touches the disk in clear text
              lastro backup keygen --signing --output signing.key    a key that signs, for --sign-with
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp(
            "The file to make, readable for its owner only (default: standard output).",
            valueName: "file"
        )
    )
    var output: String?

    @Flag(help: "Make a key that signs snapshots, and decrypts nothing; what checks its signatures is printed.")
    var signing = false

    func run() async throws {
        _ = try global.settings()
        if signing { return try makeSigningKey() }
        let key = try AgeSecretKey.generate()
        let time = Date().formatted(.iso8601)
        if let output {
            try IdentityFile.write(key, to: FilePath(output), madeAt: time)
            try global.writer.write(KeyReport(recipient: key.publicKey.description, file: output))
        } else {
            try IdentityFile.text(of: key, madeAt: time).write(to: FileSink(.standardOutput))
            global.writer.note("public key: \(key.publicKey)")
        }
    }
}

extension BackupKeygenCommand {
    private func makeSigningKey() throws {
        let key = try SigningKey.generate()
        if let output {
            try key.write(to: FilePath(output))
            try global.writer.write(SigningKeyReport(verificationKey: key.verificationKey.description, file: output))
        } else {
            try key.fileText.write(to: FileSink(.standardOutput))
            global.writer.note("verification key: \(key.verificationKey)")
        }
    }
}

/// A key that signs and was made.
struct SigningKeyReport: Report {
    let verificationKey: String
    let file: String

    func text(style: TextStyle) -> String { verificationKey }
}

/// A key that was made.
struct KeyReport: Report {
    let recipient: String
    let file: String

    func text(style: TextStyle) -> String { recipient }
}
