import ArgumentParser
import Backup
import SystemPackage

struct BackupDecryptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decrypt",
        abstract: "Decrypt standard input to standard output.",
        discussion: """
            Only what was authenticated is written: if the input is damaged, what was written is the beginning of the \
            content, and the exit status is 4.

            EXAMPLES
              lastro backup decrypt --identity key.txt < dump.age > dump
              PASSPHRASE=… lastro backup decrypt --passphrase-env PASSPHRASE < notes.age
            """
    )

    @OptionGroup var global: GlobalOptions

    @OptionGroup var identity: IdentityOptions

    func run() async throws {
        _ = try global.settings()
        try AgeFile.decrypt(FileSource(.standardInput), to: FileSink(.standardOutput), with: try identity.required())
    }
}
