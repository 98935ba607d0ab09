import ArgumentParser
import Backup
import Postgres
import ProjectSettings

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct BackupDrillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Restore a snapshot on a private server, compare it, and throw it away.",
        discussion: """
            Every table is read again, and rows and schema have to be what was backed up; no statement of --check may fail or \
            give a false. What came of it is recorded in the repository, with the time that the restore took. What the \
            snapshot holds runs as a role without special rights; on the server of --scratch as the role that is given there. \
            Owners and privileges are not looked at.

            EXIT STATUS
              0  the snapshot was restored and is what was backed up
              1  with --partial: something was left out; the rest is what was backed up
              2  the server lacks something that the snapshot needs, or its role may not make an object
              4  it was not restored, or to something else
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var repository: RepositoryOptions
    @OptionGroup var identity: IdentityOptions
    @OptionGroup var metrics: MetricsOptions

    @Option(help: ArgumentHelp("How many sessions load data at once (default: 4).", valueName: "count"))
    var jobs: Int = 4

    @Option(help: ArgumentHelp("A server to restore on, in place of a private one.", valueName: "url"))
    var scratch: String?

    @Option(
        name: .customLong("check"),
        help: ArgumentHelp("Statements that have to hold in the restored database; may be repeated.", valueName: "file")
    )
    var checks: [String] = []

    @Option(
        help: ArgumentHelp("Schemas in which functions and views find unqualified names.", valueName: "schema,…")
    )
    var searchPath: String?

    @Flag(
        help: "Leave out what the server lacks or its role may not make, and what needs it; such a drill does not pass."
    )
    var partial = false

    @Argument(help: "The snapshot, or the beginning of its name (default: the newest).")
    var snapshot: String?

    func validate() throws {
        guard (1...64).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 64") }
    }

    func run() async throws {
        keepFreedMemory()
        _ = try global.settings()
        let repository = try repository.opened()
        var drill = Drill(of: repository, with: try identity.required())
        drill.jobs = jobs
        drill.searchPath = searchPath?.split(separator: ",").map(String.init) ?? []
        drill.scratch = try scratch.map { try ConnectionSettings($0) }
        drill.isPartialAllowed = partial
        drill.checks = try checks.map { try check(in: $0) }
        drill.note = { [writer = global.writer] in writer.note($0) }
        let result: Drill.Result
        do {
            result = try await drill(snapshot)
        } catch {
            try metrics.write(of: repository)
            throw error
        }
        try metrics.write(of: repository)
        try global.writer.write(DrillReport(result))
        if result.outcome != .passed { throw Finding() }
    }

    private func check(in file: String) throws -> DrillCheck {
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(filePath: file))
        } catch {
            throw ConfigurationError("--check \(file) cannot be read", next: "name a file of SQL")
        }
        return try DrillCheck(utf8: Array(bytes), file: file)
    }
}

/// What a drill has shown.
struct DrillReport: Report {
    let id: String
    let time: String
    let result: String
    let seconds: Double
    let tables: Int
    let rows: Int
    let missing: [String]

    init(_ drill: Drill.Result) {
        id = drill.restoration.snapshot.id
        time = drill.time
        result = drill.outcome.rawValue
        // A sum of the parts would print as 1.8399999999999999.
        seconds = (drill.duration / .milliseconds(10)).rounded() / 100
        tables = drill.restoration.tables
        rows = drill.restoration.rows
        missing = drill.missing
    }

    func text(style: TextStyle) -> String {
        let amount = "\(Words.count(tables, "table")) and \(Words.count(rows, "row")) restored in \(seconds) s"
        guard result == "passed" else {
            return "snapshot \(id) was drilled in part, without \(missing.joined(separator: ", ")): \(amount)"
        }
        return "snapshot \(id) passed: \(amount), all as they were backed up"
    }
}
