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

    @Option(
        help: ArgumentHelp(
            "A level of zstd, from 1 to 19, or auto (default): fast, and harder where the store is slower than that.",
            valueName: "level"
        )
    )
    var compression: CompressionOption = .init(value: .automatic)

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

    @Option(
        help: ArgumentHelp(
            "How many bytes of the tables' text may be read in a second, such as 50MB.",
            valueName: "bytes"
        )
    )
    var maxRate: ByteRate?

    @Option(
        name: .customLong("copy-binary"),
        help: ArgumentHelp(
            "Read these tables in COPY's binary form, as table or schema.table, with * and ?; may be repeated.",
            valueName: "table"
        )
    )
    var binaryTables: [String] = []

    @Option(
        help: ArgumentHelp(
            "What is kept of roles: basic (default), or full, with rights over the server, settings and password hashes.",
            valueName: "which"
        )
    )
    var roles = Word(RolesOption.basic)

    @Flag(help: "Write everything, also what the repository has already.")
    var full = false

    func validate() throws {
        guard (1...64).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 64") }
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
        creation.compression = compression.value
        creation.isFull = full
        creation.hasFullRoles = roles.value == .full
        creation.binaryTables = binaryTables
        if let recheckWithin { creation.recheckTime = recheckWithin.duration }
        creation.patienceOfOthers = patience?.duration
        creation.maximumDuration = maxDuration?.duration
        creation.maximumRate = maxRate?.bytes
        let progress = BackupProgress(writer: global.writer)
        creation.note = { progress.note($0) }
        creation.showProgress = { progress.follow($0) }
        let snapshot = try await hooks.around(name, naming: \.id) {
            let snapshot = try await progress.shown { [creation] in try await creation() }
            await global.writer.noteFailure("the snapshot is there, and is not in backup_metadata") {
                _ = try await BackupRegister(of: name).record(snapshot, in: database)
            }
            try metrics.write(of: repository)
            return snapshot
        }
        try global.writer.write(CreationReport(snapshot))
    }
}

/// What a snapshot keeps of roles.
enum RolesOption: String, CaseIterable, Sendable {
    case basic, full
}

/// How hard to compress, on the command line.
struct CompressionOption: ExpressibleByArgument {
    let value: Compression

    init(value: Compression) {
        self.value = value
    }

    init?(argument: String) {
        if argument == "auto" {
            value = .automatic
        } else if let level = Int(argument), (1...19).contains(level) {
            value = .level(level)
        } else {
            return nil
        }
    }

    var defaultValueDescription: String { "auto" }
}

/// A snapshot that was taken.
struct CreationReport: Report {
    let id: String
    let time: String
    let database: String
    let bytes: Int
    let storedBytes: Int
    let addedBytes: Int
    let compression: String?

    init(_ snapshot: Snapshot) {
        id = snapshot.id
        time = snapshot.time
        database = snapshot.database
        bytes = snapshot.bytes
        storedBytes = snapshot.storedBytes
        addedBytes = snapshot.addedBytes
        compression = snapshot.compression
    }

    func text(style: TextStyle) -> String {
        "snapshot \(id) of \(database): \(bytes.byteWords), stored \(storedBytes.byteWords), new \(addedBytes.byteWords)"
            + (compression.map { ", compressed \($0)" } ?? "")
    }
}
