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
        abstract: "Restore a snapshot into a new database, in the place of one, or parts of it into one that is there.",
        discussion: """
            A new database is built under another name, every table is compared with what was backed up, and then it gets its \
            name. With --tables, --into-schema or --data-only the database may be there: what goes into it goes in one \
            transaction. Roles that are missing are made, without a password; those that are there are left as they are. What \
            runs that were killed have left on the server is done away with, or finished.

            EXAMPLES
              lastro backup restore --repository /backups --identity key.txt --database postgresql:///app_restored
              lastro backup restore --repository /backups --identity key.txt --database … 20260114T030000Z
              lastro backup restore … --database postgresql:///app --replace            the old one is kept as app_before_…
              lastro backup restore … --database postgresql:///app --tables orders --into-schema rescued
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var repository: RepositoryOptions
    @OptionGroup var identity: IdentityOptions
    @OptionGroup var selection: RestoreSelection

    @Option(help: ArgumentHelp("How many sessions load data at once (default: 4).", valueName: "count"))
    var jobs: Int = 4

    @Argument(help: "The snapshot, or the beginning of its name (default: the newest).")
    var snapshot: String?

    func validate() throws {
        guard (1...64).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 64") }
    }

    func run() async throws {
        keepFreedMemory()
        let settings = try global.settings()
        let database = try await settings.database(.direct)
        var restoration = Restoration(
            from: try repository.opened(),
            with: try identity.required(),
            to: database
        )
        restoration.jobs = jobs
        restoration.options = try selection.options()
        restoration.note = { [writer = global.writer] in writer.note($0) }
        let start = Date().formatted(.iso8601)
        let result = try await restoration(snapshot)
        if !result.isPartial { try await record(result, begunAt: start, in: database) }
        try global.writer.write(RestorationReport(result))
        if !result.schemaIsEqual {
            global.writer.note("the schema reads other than that of the original: `lastro diff` shows how")
        }
    }

    private func record(
        _ result: Restoration.Result,
        begunAt start: String,
        in database: ConnectionSettings
    ) async throws {
        await global.writer.noteFailure("the database is restored, and that is not in its restore_history") {
            _ = try await BackupRegister(of: repository.repository).recordRestore(
                of: result.snapshot,
                begunAt: start,
                in: database.with(database: result.database)
            )
        }
    }
}

/// What was restored.
struct RestorationReport: Report {
    let id: String
    let database: String
    let tables: Int
    let rows: Int
    /// Null where something was left out, so that it could not be compared.
    let schemaIsEqual: Bool?
    /// The database that was replaced.
    let keptAs: String?

    init(_ result: Restoration.Result) {
        id = result.snapshot.id
        database = result.database
        tables = result.tables
        rows = result.rows
        schemaIsEqual = result.isPartial ? nil : result.schemaIsEqual
        keptAs = result.previous
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(id, forKey: .id)
        try container.encode(database, forKey: .database)
        try container.encode(tables, forKey: .tables)
        try container.encode(rows, forKey: .rows)
        try container.encode(schemaIsEqual, forKey: .schemaIsEqual)
        try container.encode(keptAs, forKey: .keptAs)
    }

    private enum Keys: String, CodingKey {
        case id, database, tables, rows, schemaIsEqual, keptAs
    }

    func text(style: TextStyle) -> String {
        let amount = "\(Words.count(tables, "table")), \(Words.count(rows, "row")), all as they were backed up"
        if let keptAs {
            return "snapshot \(id) is restored as \(database): \(amount)\nthe old one is kept as \(keptAs)"
        }
        let what =
            schemaIsEqual == nil
            ? "of snapshot \(id) restored in \(database)" : "snapshot \(id) is restored as \(database)"
        return "\(what): \(amount)"
    }
}
