import ArgumentParser
import Migrator
import Postgres
import ProjectSettings

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The command line: parses arguments, runs one subcommand, and turns its end into an exit status.
@main
enum Program {
    static func main() {
        StandardStreams.claim()
        let arguments = Array(CommandLine.arguments.dropFirst())
        if let migration = PlainMigration(arguments) {
            begin(migration)
        } else {
            // Now, while this is the thread that the program began on: others block signals.
            Replacement.noteSignalMask()
            begin(arguments)
        }
        // A thread that ends loads the library that unwinds stacks, and a main actor that has no thread any more starts one.
        while true { pause() }
    }

    private static func begin(_ migration: PlainMigration) {
        // Not on the main actor, which this thread is.
        Task.detached {
            // Two threads are there before the library is loaded, for while it is, no other can be started: one to wait for it,
            // and one to read the folder.
            Task.detached {}
            PostgresLibrary.begin { Checksum.prepare() }
            await run(migration.run)
        }
    }

    private static func begin(_ arguments: [String]) {
        // Behind the look at the streams: a library that is opened would take the place of one that is closed.
        PostgresLibrary.begin()
        do {
            // On this thread: while a library is loaded, no other thread can be started, and the first step of anything
            // asynchronous would wait for that.
            nonisolated(unsafe) let command = try Lastro.parse(arguments)
            Task.detached {
                nonisolated(unsafe) var asynchronous = command as? any AsyncParsableCommand
                nonisolated(unsafe) var synchronous = command
                await run {
                    if asynchronous != nil {
                        try await asynchronous?.run()
                    } else {
                        try synchronous.run()
                    }
                }
            }
        } catch {
            Lastro.end(with: error)
        }
    }

    private static func run(_ body: @escaping @Sendable () async throws -> Void) async {
        do {
            try await Interruptions.shared.run(body)
            Lastro.end(.done)
        } catch {
            Lastro.end(with: error)
        }
    }
}

/// The root of the commands.
struct Lastro: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Carries a PostgreSQL schema from the pull request to production.",
        discussion: """
            EXAMPLES
              lastro init                        start a project: migrations/, lastro.yaml
              lastro new add phone to users      make the next migration
              lastro status                      where each migration stands
              lastro migrate                     apply what is pending
              lastro migrate --check             exit status 1 if anything is pending (CI)

            The database is taken from --database, DATABASE_URL, the PG* variables, .env or lastro.yaml, in that order; \
            `lastro doctor` says which one it was.

            EXIT STATUS
              0  done, or nothing to report
              1  a check found something
              2  the command line or the configuration is wrong
              3  no database could be reached
              4  a migration failed, or the result could not be written
            """,
        version: lastroVersion,
        subcommands: [
            InitCommand.self, NewCommand.self, StatusCommand.self, MigrateCommand.self, UndoCommand.self,
            VerifyCommand.self, BaselineCommand.self, MarkCommand.self, RepairCommand.self, AdoptCommand.self,
            SquashCommand.self, LintCommand.self, InspectCommand.self, DiffCommand.self, DriftCommand.self,
            QueriesCommand.self, BackupCommand.self, RunCommand.self, DevCommand.self, DoctorCommand.self,
        ]
    )

    /// What a subcommand that is parsed by itself stands under; the parser then spares itself the look for a request of
    /// completions, which the root answers, and a twelfth of a run that has nothing to do.
    static let name = "lastro"

    /// The command that the arguments name.
    ///
    /// A subcommand that stands first is parsed by itself: to go through the root takes twice as long. What is not a
    /// plain call (help, a mistake) goes through the root all the same, which has the right words for it.
    fileprivate static func parse(_ arguments: [String]) throws -> any ParsableCommand {
        let subcommand = configuration.subcommands.first { $0.configuration.commandName == arguments.first }
        if let subcommand, subcommand.configuration.subcommands.isEmpty,
            let command = try? subcommand.parseAsRoot(Array(arguments.dropFirst())), type(of: command) == subcommand
        {
            return command
        }
        return try parseAsRoot(arguments)
    }
}
