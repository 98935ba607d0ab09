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

    @Flag(help: "Switch the schedules among the rows off, but for the one whose name is the back end's too.")
    var withoutSchedules = false

    func run() async throws {
        if ifEmpty {
            let isEmpty = try await withPostgresConnection(to: ConnectionSettings(database)) { connection in
                try await connection.query("SELECT NOT EXISTS (SELECT FROM users)").single.decode(Bool.self)
            }
            guard isEmpty else { return print("there are rows already") }
        }
        let rows = try await Seed(factor: factor).load(into: ConnectionSettings(database))
        if withoutSchedules {
            try await withPostgresConnection(to: ConnectionSettings(database)) { connection in
                _ = try await connection.query(
                    "UPDATE job_schedule SET enabled = name = 'backup', next_run_at = NULL"
                )
            }
        }
        print("\(rows) rows")
    }
}
