import ArgumentParser
import Postgres
import StudyPlatform

/// Fills a migrated database of the study platform with rows.
@main
struct SeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed",
        abstract: "Fill a migrated database of the study platform with deterministic rows."
    )

    @Option(help: ArgumentHelp("The database, as a URL or a conninfo string.", valueName: "url"))
    var database: String

    @Option(help: "1 gives some 2,700 rows in 85 tables, 1000 some 2.6 million.")
    var factor = 1

    @Flag(help: "Leave a database alone that has users.")
    var ifEmpty = false

    func run() async throws {
        if ifEmpty {
            let isEmpty = try await withPostgresConnection(to: ConnectionSettings(database)) { connection in
                try await connection.query("SELECT NOT EXISTS (SELECT FROM users)").single.decode(Bool.self)
            }
            guard isEmpty else { return print("there are rows already") }
        }
        let rows = try await Seed(factor: factor).load(into: ConnectionSettings(database))
        print("\(rows) rows")
    }
}
