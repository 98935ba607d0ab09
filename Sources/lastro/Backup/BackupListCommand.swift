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
        let newestDrill: NewestDrill?
        let deletedAfter: String?

        init(_ snapshot: Snapshot) {
            id = snapshot.id
            time = snapshot.time
            database = snapshot.database
            bytes = snapshot.bytes
            storedBytes = snapshot.storedBytes
            lastDrill = snapshot.lastDrill
            newestDrill = snapshot.newestDrill.map(NewestDrill.init)
            deletedAfter = snapshot.deletedAfter
        }

        enum CodingKeys: CodingKey {
            case id, time, database, bytes, storedBytes, lastDrill, newestDrill, deletedAfter
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
            try container.encode(newestDrill, forKey: .newestDrill)
            try container.encode(deletedAfter, forKey: .deletedAfter)
        }
    }

    let snapshots: [Row]

    func text(style: TextStyle) -> String {
        guard !snapshots.isEmpty else { return "there is no snapshot" }
        return snapshots.map { row in
            let line =
                "\(row.id)  \(row.database)  \(row.bytes.byteWords), stored \(row.storedBytes.byteWords)  "
                + NewestDrill.words(row.newestDrill, lastPassed: row.lastDrill)
            return line + (row.deletedAfter.map { "  goes after \($0)" } ?? "")
        }.joined(separator: "\n")
    }
}

/// What came of a snapshot's newest drill.
struct NewestDrill: Encodable {
    let time: String
    let result: String
    let failure: String?

    init(_ drill: DrillSummary) {
        time = drill.time
        result = drill.outcome.rawValue
        failure = drill.failure
    }

    enum CodingKeys: CodingKey {
        case time, result, failure
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(time, forKey: .time)
        try container.encode(result, forKey: .result)
        try container.encode(failure, forKey: .failure)
    }

    /// What came of a snapshot's drills, in words.
    static func words(_ newest: NewestDrill?, lastPassed: String?) -> String {
        guard let newest else { return "never drilled" }
        if newest.result == "passed" { return "drilled \(newest.time)" }
        let passed = lastPassed.map { "passed \($0)" } ?? "never passed"
        let failure = newest.failure.map { " (\($0))" } ?? ""
        return "drill \(newest.result) \(newest.time)\(failure), \(passed)"
    }
}
