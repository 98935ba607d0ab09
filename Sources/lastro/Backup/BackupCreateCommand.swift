import ArgumentParser
import Backup

struct BackupCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Take a snapshot of the database, encrypted.",
        discussion: """
            The tables are locked against changes of the schema (not of rows) before the snapshot is taken, so that nothing \
            is missing from it. What the repository has already is not written again.

            EXAMPLES
              lastro backup create --repository /backups --recipient age1…
              lastro backup create --repository /backups --recipient age1… --full
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var repository: RepositoryOptions
    @OptionGroup var recipients: RecipientOptions

    @Option(help: ArgumentHelp("How many sessions read data at once (default: 4).", valueName: "count"))
    var jobs: Int = 4

    @Option(help: ArgumentHelp("The level of zstd, from 1 (default) to 19.", valueName: "level"))
    var compression: Int = 1

    @OptionGroup var keys: HostKeyOptions
    @OptionGroup var metrics: MetricsOptions
    @OptionGroup var hooks: HookOptions

    @Option(
        name: .customLong("yield"),
        help: ArgumentHelp("How long others may wait for the backup's locks before it gives up.", valueName: "duration")
    )
    var patience: Patience?

    @Option(help: ArgumentHelp("How long the backup may take.", valueName: "duration"))
    var maxDuration: Patience?

    @Option(
        help: ArgumentHelp(
            "Within which time each stored file that is not written again is read again (default: 30d).",
            valueName: "duration"
        )
    )
    var recheckWithin: Patience?

    @Flag(help: "Write everything, also what the repository has already.")
    var full = false

    func validate() throws {
        guard (1...64).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 64") }
        guard (1...19).contains(compression) else { throw ValidationError("--compression takes a level from 1 to 19") }
    }

    func run() async throws {
        let settings = try global.settings()
        let recipients = try recipients.required()
        let database = try await settings.database(.direct)
        let keys = try await keys.keys(of: database, writer: global.writer)
        let name = repository.repository
        let repository = try repository.opened()
        var creation = Creation(of: database, into: repository, for: recipients, keys: keys)
        creation.jobs = jobs
        creation.compressionLevel = compression
        creation.isFull = full
        if let recheckWithin { creation.recheckTime = recheckWithin.duration }
        creation.patienceOfOthers = patience?.duration
        creation.maximumDuration = maxDuration?.duration
        creation.note = { [writer = global.writer] in writer.note($0) }
        let snapshot = try await hooks.around(name, naming: \.id) {
            let snapshot = try await creation()
            await global.writer.noteFailure("the snapshot is there, and is not in backup_metadata") {
                _ = try await BackupRegister(of: name).record(snapshot, in: database)
            }
            try metrics.write(of: repository)
            return snapshot
        }
        try global.writer.write(CreationReport(snapshot))
    }
}

/// A snapshot that was taken.
struct CreationReport: Report {
    let id: String
    let time: String
    let database: String
    let bytes: Int
    let storedBytes: Int
    let addedBytes: Int

    init(_ snapshot: Snapshot) {
        id = snapshot.id
        time = snapshot.time
        database = snapshot.database
        bytes = snapshot.bytes
        storedBytes = snapshot.storedBytes
        addedBytes = snapshot.addedBytes
    }

    func text(style: TextStyle) -> String {
        "snapshot \(id) of \(database): \(bytes.byteWords), stored \(storedBytes.byteWords), new \(addedBytes.byteWords)"
    }
}
