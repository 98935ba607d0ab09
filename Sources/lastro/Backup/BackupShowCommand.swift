import ArgumentParser
import Backup

struct BackupShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what a snapshot holds: without a key its size, with one its tables."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var repository: RepositoryOptions
    @OptionGroup var identity: IdentityOptions

    @Argument(help: "The snapshot, or the beginning of its name (default: the newest).")
    var snapshot: String?

    func run() async throws {
        _ = try global.settings()
        let identities = try identity.given()
        try global.writer.write(ShowReport(try repository.opened().description(of: snapshot, with: identities)))
    }
}

/// What a snapshot holds.
struct ShowReport: Report {
    struct Table: Encodable {
        let schema: String
        let name: String
        let rows: Int
        let bytes: Int
    }

    struct Migrations: Encodable {
        let table: String
        let count: Int
        let last: String?
    }

    let id: String
    let time: String
    let database: String
    let bytes: Int
    let storedBytes: Int
    let addedBytes: Int
    let chunks: Int
    let signer: String
    let lastDrill: String?
    let newestDrill: NewestDrill?
    let serverVersion: String?
    let logPosition: String?
    let migrations: Migrations?
    let tables: [Table]?

    init(_ description: SnapshotDescription) {
        id = description.snapshot.id
        time = description.snapshot.time
        database = description.snapshot.database
        bytes = description.snapshot.bytes
        storedBytes = description.snapshot.storedBytes
        addedBytes = description.snapshot.addedBytes
        chunks = description.snapshot.objectCount
        signer = description.signer
        lastDrill = description.snapshot.lastDrill
        newestDrill = description.snapshot.newestDrill.map(NewestDrill.init)
        serverVersion = description.serverVersion
        logPosition = description.logPosition
        migrations = description.migrations.map { Migrations(table: $0.table, count: $0.count, last: $0.last) }
        tables = description.tables?.map { Table(schema: $0.schema, name: $0.name, rows: $0.rows, bytes: $0.bytes) }
    }

    func text(style: TextStyle) -> String {
        var lines = [
            "snapshot \(id) of \(database), taken \(time)",
            "\(bytes.byteWords) in \(Words.count(chunks, "chunk")), stored \(storedBytes.byteWords), new \(addedBytes.byteWords)",
            "signed by \(signer)",
            NewestDrill.words(newestDrill, lastPassed: lastDrill),
        ]
        if let serverVersion {
            lines.append("PostgreSQL \(serverVersion)\(logPosition.map { ", log at \($0)" } ?? "")")
        }
        if let migrations {
            let last = migrations.last.map { ", the last of them \($0)" } ?? ""
            lines.append("\(Words.count(migrations.count, "migration")) applied\(last) (\(migrations.table))")
        }
        for table in tables ?? [] {
            lines.append("\(table.schema).\(table.name)  \(Words.count(table.rows, "row"))  \(table.bytes.byteWords)")
        }
        return lines.joined(separator: "\n")
    }
}
