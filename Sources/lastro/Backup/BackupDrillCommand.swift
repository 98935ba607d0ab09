import ArgumentParser
import Backup

struct BackupDrillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Restore a snapshot on a private server, compare it, and throw it away.",
        discussion: """
            Rows and schema have to be what was backed up. A drill that passed is recorded in the repository, with the time \
            that the restore took. What the snapshot holds runs as a role without special rights; owners and privileges are \
            not looked at.

            EXIT STATUS
              0  the snapshot was restored and is what was backed up
              4  it was not
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var repository: RepositoryOptions
    @OptionGroup var identity: IdentityOptions

    @Option(help: ArgumentHelp("How many sessions load data at once (default: 4).", valueName: "count"))
    var jobs: Int = 4

    @Argument(help: "The snapshot, or the beginning of its name (default: the newest).")
    var snapshot: String?

    func validate() throws {
        guard (1...64).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 64") }
    }

    func run() async throws {
        _ = try global.settings()
        var drill = Drill(of: try repository.opened(), with: try identity.required())
        drill.jobs = jobs
        try global.writer.write(DrillReport(try await drill(snapshot)))
    }
}

/// What a drill has shown.
struct DrillReport: Report {
    let id: String
    let time: String
    let seconds: Double
    let tables: Int
    let rows: Int

    init(_ result: Drill.Result) {
        id = result.restoration.snapshot.id
        time = result.time
        let (seconds, attoseconds) = result.duration.components
        self.seconds = Double(seconds) + (Double(attoseconds) / 1e16).rounded() / 100
        tables = result.restoration.tables
        rows = result.restoration.rows
    }

    func text(style: TextStyle) -> String {
        "snapshot \(id) passed: \(Words.count(tables, "table")) and \(Words.count(rows, "row")) restored in "
            + "\(seconds) s, all as they were backed up"
    }
}
