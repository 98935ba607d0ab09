import ArgumentParser
import Backup

struct BackupVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that a snapshot is all there and is what was written.",
        discussion: """
            Without --full no key is needed: the signature is checked, and of each file its size and its hash. With it \
            everything is decrypted and compared with the manifest too. Only a drill shows that it can be restored.

            EXAMPLES
              lastro backup verify --repository /backups
              lastro backup verify --repository /backups --full --identity key.txt 20260114T030000Z

            EXIT STATUS
              0  all is as it was written
              1  something is missing, or was changed
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var repository: RepositoryOptions
    @OptionGroup var identity: IdentityOptions

    @Flag(help: "Decrypt everything, and compare it with the manifest.")
    var full = false

    @Flag(help: "Read no more than what can be checked without a key, as without --full.")
    var quick = false

    @Option(help: ArgumentHelp("How many files are read at once (default: 4).", valueName: "count"))
    var jobs: Int = 4

    @Argument(help: "The snapshot, or the beginning of its name (default: the newest).")
    var snapshot: String?

    func validate() throws {
        if full && quick { throw ValidationError("--full and --quick exclude each other") }
        guard (1...64).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 64") }
    }

    func run() async throws {
        _ = try global.settings()
        var verification = SnapshotVerification(of: try repository.opened())
        if full { verification.identities = try identity.required() }
        verification.jobs = jobs
        do {
            let report = VerificationReport(try await verification(snapshot))
            try global.writer.write(report)
            if !report.problems.isEmpty { throw Finding() }
        } catch let error as BackupError where error.isAboutRepository {
            OutputWriter.report("\(error)")
            throw Finding()
        }
    }
}

/// What a verification has found out.
struct VerificationReport: Report {
    let id: String
    let isFull: Bool
    let signer: String
    let problems: [String]

    init(_ result: SnapshotVerification.Result) {
        id = result.snapshot.id
        isFull = result.isFull
        signer = result.signer
        problems = result.problems
    }

    func text(style: TextStyle) -> String {
        guard problems.isEmpty else {
            return (problems + ["snapshot \(id) is damaged: keep it for inspection, and use another"]).joined(
                separator: "\n"
            )
        }
        let what =
            isFull ? "everything was decrypted and is what the manifest says" : "all files are as they were written"
        return "snapshot \(id): \(what); signed by \(signer)"
    }
}
