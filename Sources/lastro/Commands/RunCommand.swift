import ArgumentParser
import Migrator
import Postgres

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        _superCommandName: Lastro.name,
        abstract: "Migrate, then become another program: the first line of a container.",
        discussion: """
            Waits for the database, applies what is pending, and then replaces itself with COMMAND, which keeps the process \
            id and has its own streams, signals and exit status. Everything behind -- is COMMAND's. If the migration \
            fails, COMMAND is not started, and the status is that of `lastro migrate`; it is 127 if COMMAND is not there \
            and 126 if it cannot be executed, which is looked at first. Lastro itself writes to standard error only.

            EXAMPLES
              lastro run -- node server.js
              lastro run --wait 5min -- ./app --port 8080
              lastro run --verify-only -- ./app  start only if nothing is pending, changed or missing
              lastro run --verify-only --wait-for-migration 10min -- ./app
              lastro run --check-queries -- ./app
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: MigratorOptions
    @OptionGroup var running: RunOptions

    @Flag(help: "Migrate nothing: go on if nothing is pending, changed or missing, else exit with status 1.")
    var verifyOnly = false

    @Option(
        help: ArgumentHelp(
            "With --verify-only: how long to wait until another process has migrated.",
            valueName: "duration"
        )
    )
    var waitForMigration: Patience?

    @Flag(help: "Check the application's queries on the migrated database, and start nothing that would fail.")
    var checkQueries = false

    @OptionGroup var queries: QueryOptions

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("The program to become, with its arguments, behind --.", valueName: "command")
    )
    var command: [String] = []

    func validate() throws {
        if command.isEmpty { throw ValidationError("name the program to become behind --: lastro run -- COMMAND") }
        if waitForMigration != nil, !verifyOnly {
            throw ValidationError("--wait-for-migration is for --verify-only; --wait-lock waits for another runner")
        }
        if queries.queries != nil, !checkQueries { throw ValidationError("--queries is for --check-queries") }
    }

    func run() async throws {
        let replacement = try Replacement(command)
        // As the first process of a container it would not be ended by a signal that it does not catch.
        Interruptions.shared.arm()
        do {
            try await prepare()
        } catch is CancellationError {
            throw ProgramNotStarted()
        }
        try replacement.takeOver()
    }

    /// Sees to it that the database is as the program needs it.
    private func prepare() async throws {
        let settings = try global.settings(options, running)
        let database = try await settings.database(.direct)
        let writer = global.errorWriter
        let patience = options.wait?.duration ?? .seconds(60)
        try await PostgresConnection.waitForServer(at: database, upTo: patience) {
            writer.note("waiting up to \(Words.duration(patience)) for \(database.target.printableLine)")
        }
        var migrator = try await running.migrator(options, for: settings, database: database, writer: writer)
        // Behind a pooler that answers while its server does not.
        migrator.options.connectPatience = patience
        if verifyOnly {
            try await Verification(migrator: migrator, patience: waitForMigration?.duration).wait { pending in
                writer.note("waiting for another process to migrate: \(Words.count(pending, "migration")) pending")
            }
        } else {
            var reporter = RunReporter(writer: writer, words: .migrate)
            try await reporter.follow(migrator.migrate())
        }
        if checkQueries {
            let report = try await queries.check(
                on: database,
                settings: settings,
                options: options.options(for: settings)
            )
            // A program is about to run: what is well needs no words.
            if report.broken > 0 {
                try writer.write(report)
                throw Finding()
            }
        }
    }
}

/// A signal came while nothing was under way.
private struct ProgramNotStarted: Error, CustomStringConvertible {
    let description = """
        the command was interrupted
          state: nothing was under way; the program was not started
          next:  run it again
        """
}
