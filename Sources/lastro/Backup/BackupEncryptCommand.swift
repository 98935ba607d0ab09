import ArgumentParser
import Backup
import SystemPackage

struct BackupEncryptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encrypt",
        abstract: "Encrypt standard input to standard output.",
        discussion: """
            EXAMPLES
              lastro backup encrypt --recipient age1… < dump > dump.age
              PASSPHRASE=… lastro backup encrypt --passphrase-env PASSPHRASE --armor < notes > notes.age
            """
    )

    @OptionGroup var global: GlobalOptions

    @OptionGroup var recipients: RecipientOptions

    @Flag(help: "Write text (base64) in place of bytes.")
    var armor = false

    func run() async throws {
        _ = try global.settings()
        try AgeFile.encrypt(
            FileSource(.standardInput),
            to: FileSink(.standardOutput),
            for: try recipients.required(),
            isArmored: armor
        )
    }
}
