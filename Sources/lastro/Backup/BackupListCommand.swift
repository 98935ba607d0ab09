import ArgumentParser
import Backup

struct BackupListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the snapshots of a repository; no key is needed."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var repository: RepositoryOptions

    func run() async throws {
        _ = try global.settings()
        let (snapshots, problems) = try repository.opened().list()
        try global.writer.write(ListReport(snapshots: snapshots.map(ListReport.Row.init)))
        for problem in problems { OutputWriter.report("\(problem)") }
        if !problems.isEmpty { throw Finding() }
    }
}

/// The snapshots of a repository.
struct ListReport: Report {
    struct Row: Encodable {
        let id: String
        let time: String
        let database: String
        let bytes: Int
        let storedBytes: Int
        let lastDrill: String?

        init(_ snapshot: Snapshot) {
            id = snapshot.id
            time = snapshot.time
            database = snapshot.database
            bytes = snapshot.bytes
            storedBytes = snapshot.storedBytes
            lastDrill = snapshot.lastDrill
        }

        enum CodingKeys: CodingKey {
            case id, time, database, bytes, storedBytes, lastDrill
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(time, forKey: .time)
            try container.encode(database, forKey: .database)
            try container.encode(bytes, forKey: .bytes)
            try container.encode(storedBytes, forKey: .storedBytes)
            // Always there, be it null: whoever reads it has not to ask whether it is.
            try container.encode(lastDrill, forKey: .lastDrill)
        }
    }

    let snapshots: [Row]

    func text(style: TextStyle) -> String {
        guard !snapshots.isEmpty else { return "there is no snapshot" }
        return snapshots.map { row in
            let drill = row.lastDrill.map { "drilled \($0)" } ?? "never drilled"
            return "\(row.id)  \(row.database)  \(row.bytes.byteWords), stored \(row.storedBytes.byteWords)  \(drill)"
        }.joined(separator: "\n")
    }
}
