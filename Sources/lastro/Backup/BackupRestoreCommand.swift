import ArgumentParser
import Backup
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct BackupRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Restore a snapshot into a database that does not exist yet.",
        discussion: """
            The database is built under another name, every table is compared with what was backed up, and then it gets its \
            name. Roles that are missing are made, without a password; those that are there are left as they are.

            EXAMPLES
              lastro backup restore --repository /backups --identity key.txt --database postgresql:///app_restored
              lastro backup restore --repository /backups --identity key.txt --database … 20260114T030000Z
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var repository: RepositoryOptions
    @OptionGroup var identity: IdentityOptions

    @Option(help: ArgumentHelp("How many sessions load data at once (default: 4).", valueName: "count"))
    var jobs: Int = 4

    @Flag(help: "Leave out owners and privileges: everything belongs to who restores.")
    var noOwner = false

    @Argument(help: "The snapshot, or the beginning of its name (default: the newest).")
    var snapshot: String?

    func validate() throws {
        guard (1...64).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 64") }
    }

    func run() async throws {
        let settings = try global.settings()
        let database = try await settings.database(.direct)
        var restoration = Restoration(
            from: try repository.opened(),
            with: try identity.required(),
            to: database
        )
        restoration.jobs = jobs
        restoration.keepsOwners = !noOwner
        let start = Date().formatted(.iso8601)
        let result = try await restoration(snapshot)
        await global.writer.noteFailure("the database is restored, and that is not in its restore_history") {
            _ = try await BackupRegister(of: repository.repository).recordRestore(
                of: result.snapshot,
                begunAt: start,
                in: database.with(database: result.database)
            )
        }
        try global.writer.write(RestorationReport(result))
        if !result.schemaIsEqual {
            global.writer.note("the schema reads other than that of the original: `lastro diff` shows how")
        }
    }
}

/// What was restored.
struct RestorationReport: Report {
    let id: String
    let database: String
    let tables: Int
    let rows: Int
    let schemaIsEqual: Bool

    init(_ result: Restoration.Result) {
        id = result.snapshot.id
        database = result.database
        tables = result.tables
        rows = result.rows
        schemaIsEqual = result.schemaIsEqual
    }

    func text(style: TextStyle) -> String {
        "snapshot \(id) is restored as \(database): \(Words.count(tables, "table")), \(Words.count(rows, "row")), "
            + "all as they were backed up"
    }
}
