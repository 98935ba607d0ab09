import ArgumentParser
import Backup
import SystemPackage

struct BackupRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Make snapshots readable for other recipients.",
        discussion: """
            New headers and new, signed indexes are written; the encrypted data stays as it is. It needs a key that can read \
            the snapshots, and the key that signs.

            It does not revoke what somebody has: whoever could read a snapshot before, and kept a copy of its old headers or \
            of the keys in them, can still read that data, and so can who has a copy of the repository. To shut somebody out, \
            take a new snapshot with `create --full` for the new recipients, and prune the old ones.

            EXAMPLES
              lastro backup rotate --repository /backups --identity old.txt --recipient age1new…
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var repository: RepositoryOptions
    @OptionGroup var signing: SigningOptions

    @Option(
        name: .customLong("identity"),
        help: ArgumentHelp("A file of keys that decrypt now; may be repeated.", valueName: "file")
    )
    var identities: [String]

    @Option(
        name: .customLong("recipient"),
        help: ArgumentHelp("A public key that is to decrypt from now on; may be repeated.", valueName: "key")
    )
    var recipients: [String]

    @Option(
        help: ArgumentHelp("The file of the key that names chunks (default: the one in .lastro).", valueName: "file")
    )
    var dedupKey: String?

    @Option(help: ArgumentHelp("How many headers are written at once (default: 4).", valueName: "count"))
    var jobs: Int = 4

    @Argument(help: "Snapshots, or beginnings of their names (default: all).")
    var snapshots: [String] = []

    func validate() throws {
        guard (1...64).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 64") }
    }

    func run() async throws {
        _ = try global.settings()
        var rotation = Rotation(
            of: try repository.opened(),
            with: try identities.flatMap { try IdentityFile.read(FilePath($0)) },
            to: try recipients.map { AgeRecipient.publicKey(try AgePublicKey($0)) },
            signedWith: try signing.required(),
            keys: HostKeys.Places(deduplication: dedupKey.map { FilePath($0) })
        )
        rotation.jobs = jobs
        rotation.note = { [writer = global.writer] in writer.note($0) }
        let result = try await rotation(snapshots)
        try global.writer.write(RotationReport(result))
        if !result.rotated.isEmpty {
            global.writer.note(
                "this revokes nothing: whoever kept the old headers, or a copy of the repository, still reads that data. The "
                    + "old headers go with the next `prune --delete`; to shut somebody out, take a new snapshot with "
                    + "`create --full` and prune the old ones"
            )
        }
    }
}

/// What was rotated.
struct RotationReport: Report {
    let rotated: [String]
    let skipped: [String]
    let headers: Int

    init(_ result: Rotation.Result) {
        rotated = result.rotated
        skipped = result.skipped
        headers = result.headers
    }

    func text(style: TextStyle) -> String {
        (rotated.map { "rotated  \($0)" } + skipped.map { "as it was  \($0)" }
            + ["\(Words.count(headers, "header")) written"]).joined(separator: "\n")
    }
}
